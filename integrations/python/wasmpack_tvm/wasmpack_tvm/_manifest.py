"""Writes the parts of a manifest (docs/manifest.md) that belong to an exported library."""

import json
import pathlib


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # JSON's escapes are TOML's, but it leaves DEL as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_value(str(key))} = {_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(entry) for entry in value) + "]"
    raise TypeError(f"a manifest has no value like {value!r}")


def table(header, entries):
    """A table; what is None is left out, and `_` of a key becomes `-`."""
    lines = [header]
    lines += [f"{key.replace('_', '-')} = {_value(value)}" for key, value in entries.items() if value is not None]
    return "\n".join(lines) + "\n"


def write_param(name, tensor, folder, number):
    """Writes the bytes of a tensor (numpy's, TVM's, or what has a numpy()) into `folder`: the entries of its [[param]] but
    its place."""
    array = tensor.numpy() if hasattr(tensor, "numpy") else tensor
    if not hasattr(array, "tobytes") or not hasattr(array, "dtype"):
        raise TypeError(f"param {name}: {type(tensor).__name__} is no array")
    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    path = pathlib.Path(folder) / f"param{number}.bin"
    path.write_bytes(array.tobytes())
    return path, {"dtype": array.dtype.name, "shape": [int(length) for length in array.shape]}
