"""Parses what obj2yaml prints: block maps and lists, flow lists, scalars on one line. Scalars stay strings."""


def _scalar(text):
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].strip()
        return [_scalar(part) for part in inner.split(",")] if inner else []
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "surrogateescape")
    return text


def parse(text):
    lines, pending = [], ""
    for line in text.splitlines():
        if line.startswith(("---", "...", "#")) or not line.strip():
            continue
        if pending:
            line, pending = pending + " " + line.strip(), ""
        if line.count("[") > line.count("]") and line.rstrip().endswith(","):
            pending = line  # a flow list goes on
            continue
        lines.append((len(line) - len(line.lstrip()), line.strip()))
    value, _ = _block(lines, 0, 0)
    return value


def _block(lines, at, indent):
    if lines[at][1].startswith("- "):
        result = []
        while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
            inner = indent + 2
            rest = lines[at][1][2:].strip()
            if ": " in rest or rest.endswith(":"):
                lines[at] = inner, rest
                value, at = _block(lines, at, inner)
            else:
                value, at = _scalar(rest), at + 1
            result.append(value)
        return result, at
    result = {}
    while at < len(lines) and lines[at][0] == indent and not lines[at][1].startswith("- "):
        key, _, rest = lines[at][1].partition(":")
        at += 1
        if rest.strip():
            result[key] = _scalar(rest)
        elif at < len(lines) and (lines[at][0] > indent or (lines[at][0] == indent and lines[at][1].startswith("- "))):
            result[key], at = _block(lines, at, lines[at][0])
        else:
            result[key] = ""
    return result, at
