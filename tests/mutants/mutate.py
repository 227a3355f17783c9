"""Damages wasm files and archives, mostly where their structure is."""

import functools

from lib import ar, wasm


def mutate(original, rng):
    data = bytearray(original)
    kind = rng.randrange(10)
    if kind <= 3:  # flips, most of them where the structure is
        for _ in range(rng.choice((1, 1, 1, 2, 4, 12))):
            at = rng.randrange(len(data)) if rng.random() < 0.5 else place_of_structure(original, rng)
            data[at] = rng.choice((data[at] ^ (1 << rng.randrange(8)), rng.randrange(256), 0xFF, 0x80, 0x7F, 0))
    elif kind == 4:  # truncation
        del data[rng.randrange(len(data)):]
    elif kind == 5:  # a longer LEB128: the section sizes no longer fit, or the value overflows
        at = place_of_structure(original, rng)
        extra = rng.choice((1, 3, 4, 9))
        if data[at] < 0x80:
            data[at] |= 0x80
            data[at + 1:at + 1] = b"\x80" * (extra - 1) + rng.choice((b"\0", b"\x01", b"\x0f", b"\x7f"))
    elif kind == 6:  # sections swapped, doubled or dropped
        sections = split_sections(data)
        if len(sections) > 2:
            a, b = rng.randrange(1, len(sections)), rng.randrange(1, len(sections))
            what = rng.randrange(3)
            if what == 0:
                sections[a], sections[b] = sections[b], sections[a]
            elif what == 1:
                sections.insert(b, sections[a])
            else:
                del sections[a]
        data = bytearray(b"".join(sections))
    elif kind == 7:  # a piece doubled or dropped
        at, size = rng.randrange(len(data)), rng.randrange(1, 40)
        if rng.random() < 0.5:
            data[at:at] = data[at:at + size]
        else:
            del data[at:at + size]
    elif kind == 8:  # one field of a relocation, symbol or segment replaced by a number that is often too large
        at = place_of_structure(original, rng)
        value = rng.choice((0, 1, 127, 128, 16384, 2**31 - 1, 2**31, 2**32 - 1, 2**35, 2**63))
        encoded = bytearray()
        while True:
            encoded.append((value & 0x7F) | (0x80 if value > 0x7F else 0))
            value >>= 7
            if not value:
                break
        data[at:at + rng.choice((1, len(encoded)))] = encoded
    else:  # bytes of one place copied to another
        at, to, size = rng.randrange(len(data)), rng.randrange(len(data)), rng.randrange(1, 64)
        data[to:to + size] = data[at:at + size]
    return bytes(data)


def split_sections(data):
    """The magic and each section of an object, headers included; an archive is one piece."""
    data, pieces, at = bytes(data), [bytes(data[:8])], 8
    if not data.startswith(b"\0asm"):
        return [data]
    try:
        while at < len(data):
            size, content = wasm.uleb(data, at + 1)
            pieces.append(data[at:content + size])
            at = content + size
    except IndexError:
        pieces.append(data[at:])
    return pieces


@functools.cache
def structure(data):
    """Where there is neither code nor data: (start, end) of headers, index sections, `linking`, `reloc.*`."""
    if data.startswith(ar.MAGIC):
        # Everything around the members' contents, and each member's beginning.
        places, at = [(0, 8)], 8
        while at + 60 <= len(data):
            size = int(data[at + 48:at + 58])
            index = data[at:at + 1] in b"/_" or data[at:at + 3] == b"#1/"
            places.append((at, min(at + 60 + (size if index and size < 4000 else 40), len(data))))
            at += 60 + size + (size & 1)
        return places
    sections = wasm.Wasm(data).sections
    return [(s.start, s.end) for s in sections
            if s.id not in (10, 11) and not s.name.startswith(".debug") and s.end > s.start] + [(0, 40)]


def place_of_structure(data, rng):
    start, end = rng.choice(structure(data))
    return rng.randrange(start, min(end, len(data)))
