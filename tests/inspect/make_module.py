"""Finished modules byte by byte, with any names, for tests of what becomes of names."""


def uleb(value):
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def text(value):
    encoded = value if isinstance(value, bytes) else value.encode()
    return uleb(len(encoded)) + encoded


def section(number, content):
    return bytes([number]) + uleb(len(content)) + content


def vector(entries):
    return uleb(len(entries)) + b"".join(entries)


def custom(name, content=b""):
    return section(0, text(name) + content)


def make_module(functions, exports=(), imports=(), calls=(), customs=()):
    """A module of ()->() functions: `functions` are their names (None: no name), `calls` pairs (caller, callee),
    `exports` pairs (name, function), `imports` pairs (module, name) of functions, which come first in the index
    space; `customs` names of empty custom sections. Indices count all functions."""
    first = len(imports)
    bodies = []
    for i in range(len(functions)):
        code = b"\x00" + b"".join(b"\x10" + uleb(callee) for caller, callee in calls if caller == first + i) + b"\x0b"
        bodies.append(uleb(len(code)) + code)
    names = [uleb(first + i) + text(name) for i, name in enumerate(functions) if name is not None]
    return b"".join([
        b"\0asm\1\0\0\0",
        section(1, vector([b"\x60\0\0"])),
        section(2, vector([text(module) + text(name) + b"\0\0" for module, name in imports])) if imports else b"",
        section(3, vector([b"\0"] * len(functions))),
        section(7, vector([text(name) + b"\0" + uleb(index) for name, index in exports])) if exports else b"",
        section(10, vector(bodies)),
        *[custom(name) for name in customs],
        custom("name", section(1, vector(names))),
    ])
