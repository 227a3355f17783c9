"""Reads and writes ar archives, independently of wasmpack and of LLVM (SysV/GNU and BSD names)."""

MAGIC = b"!<arch>\n"


def entries(data):
    """Every entry of the archive, the index and the name table included: (name, data)."""
    if not data.startswith(MAGIC):
        raise ValueError("not an archive")
    at, names = len(MAGIC), b""
    while at + 60 <= len(data):
        header = data[at:at + 60]
        if header[58:60] != b"`\n":
            raise ValueError(f"bad member header at {at}")
        size = int(header[48:58])
        name, body = header[:16].rstrip(b" "), data[at + 60:at + 60 + size]
        if name == b"//":
            names = body
        elif name.startswith(b"#1/"):
            length = int(name[3:])
            name, body = body[:length].rstrip(b"\0"), body[length:]
        elif name.startswith(b"/") and name[1:].isdigit():
            start = int(name[1:])
            name = names[start:names.index(b"\n", start)].rstrip(b"/")
        elif name not in (b"/", b"//", b"/SYM64/"):
            name = name.removesuffix(b"/")
        yield name.decode(), body
        at += 60 + size + (size & 1)


def members(data):
    """The members without the index and the name table."""
    for name, body in entries(data):
        if name not in ("/", "//", "/SYM64/") and not name.startswith("__.SYMDEF"):
            yield name, body


def write(path, files):
    """A plain archive without an index; files: (name, bytes), names of at most 15 bytes."""
    with open(path, "wb") as out:
        out.write(MAGIC)
        for name, body in files:
            if len(name) > 15:
                raise ValueError(f"name too long for this writer: {name}")
            out.write(f"{name + '/':16}{0:<12}{0:<6}{0:<6}{'644':8}{len(body):<10}`\n".encode())
            out.write(body + (b"\n" if len(body) & 1 else b""))
