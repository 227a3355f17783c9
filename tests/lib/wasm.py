"""A reader of wasm objects and modules for the tests: written from Linking.md and the core specification alone,
and checked against LLVM's readers (tests/differential/reader_test.py). Knows nothing of wasmpack."""

from collections import namedtuple

SECTION_NAMES = {1: "TYPE", 2: "IMPORT", 3: "FUNCTION", 4: "TABLE", 5: "MEMORY", 6: "GLOBAL", 7: "EXPORT", 8: "START",
                 9: "ELEM", 10: "CODE", 11: "DATA", 12: "DATACOUNT", 13: "TAG"}
KIND_NAMES = {0: "function", 1: "data", 2: "global", 3: "section", 4: "tag", 5: "table"}
EXTERN_NAMES = {0: "function", 1: "table", 2: "memory", 3: "global", 4: "tag"}
EXTERN_OF_KIND = {0: 0, 2: 3, 4: 4, 5: 1}
COMDAT_KINDS = {0: "data", 1: "function", 2: "global", 3: "tag", 4: "table", 5: "section"}

WEAK, LOCAL, HIDDEN, UNDEFINED, EXPORTED, EXPLICIT_NAME, NO_STRIP, TLS, ABSOLUTE = (
    1, 2, 4, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200)

# id: (name, width of the field, has an addend, what it refers to)
RELOCATIONS = {
    0: ("FUNCTION_INDEX_LEB", 5, False, "function"), 1: ("TABLE_INDEX_SLEB", 5, False, "table slot"),
    2: ("TABLE_INDEX_I32", 4, False, "table slot"), 3: ("MEMORY_ADDR_LEB", 5, True, "memory"),
    4: ("MEMORY_ADDR_SLEB", 5, True, "memory"), 5: ("MEMORY_ADDR_I32", 4, True, "memory"),
    6: ("TYPE_INDEX_LEB", 5, False, "type"), 7: ("GLOBAL_INDEX_LEB", 5, False, "global"),
    8: ("FUNCTION_OFFSET_I32", 4, True, "function offset"), 9: ("SECTION_OFFSET_I32", 4, True, "section"),
    10: ("TAG_INDEX_LEB", 5, False, "tag"), 11: ("MEMORY_ADDR_REL_SLEB", 5, True, "memory"),
    12: ("TABLE_INDEX_REL_SLEB", 5, False, "table slot"), 13: ("GLOBAL_INDEX_I32", 4, False, "global"),
    14: ("MEMORY_ADDR_LEB64", 10, True, "memory"), 15: ("MEMORY_ADDR_SLEB64", 10, True, "memory"),
    16: ("MEMORY_ADDR_I64", 8, True, "memory"), 17: ("MEMORY_ADDR_REL_SLEB64", 10, True, "memory"),
    18: ("TABLE_INDEX_SLEB64", 10, False, "table slot"), 19: ("TABLE_INDEX_I64", 8, False, "table slot"),
    20: ("TABLE_NUMBER_LEB", 5, False, "table"), 21: ("MEMORY_ADDR_TLS_SLEB", 5, True, "memory"),
    22: ("FUNCTION_OFFSET_I64", 8, True, "function offset"), 23: ("MEMORY_ADDR_LOCREL_I32", 4, True, "memory"),
    24: ("TABLE_INDEX_REL_SLEB64", 10, False, "table slot"), 25: ("MEMORY_ADDR_TLS_SLEB64", 10, True, "memory"),
    26: ("FUNCTION_INDEX_I32", 4, False, "function"),
}
WIDTH = [RELOCATIONS[i][1] for i in range(27)]
HAS_ADDEND = [RELOCATIONS[i][2] for i in range(27)]

Section = namedtuple("Section", "id name start end")  # content: behind the name of a custom section
Import = namedtuple("Import", "module field kind type")  # type: a signature, or the encoded type
Symbol = namedtuple("Symbol", "kind flags name index offset size")
Segment = namedtuple("Segment", "init_flags expr start end name align flags")  # within the section's content
Export = namedtuple("Export", "name kind index")
Comdat = namedtuple("Comdat", "name flags entries")


def uleb(data, at):
    result = data[at]
    at += 1
    if result < 0x80:
        return result, at
    result &= 0x7F
    shift = 7
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7


def sleb(data, at):
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (result - (1 << shift) if byte & 0x40 else result), at


def name(data, at):
    length, at = uleb(data, at)
    return data[at:at + length].decode("utf-8", "surrogateescape"), at + length


def value_type(data, at):
    start = at
    at += 1
    if data[start] in (0x63, 0x64):
        _, at = sleb(data, at)
    return data[start:at], at


def limits(data, at):
    start = at
    flags = data[at]
    _, at = uleb(data, at + 1)
    if flags & 1:
        _, at = uleb(data, at)
    if flags & 8:
        _, at = uleb(data, at)
    return data[start:at], at


def const_expr(data, at):
    """The bytes of a constant expression with its end."""
    start = at
    while True:
        op = data[at]
        at += 1
        if op == 0x0B:
            return data[start:at], at
        if op in (0x41, 0x42, 0xD0):
            _, at = sleb(data, at)
        elif op in (0x23, 0xD2):
            _, at = uleb(data, at)
        elif op == 0x43:
            at += 4
        elif op == 0x44:
            at += 8
        elif op == 0xFD:
            at += 17
        elif op not in (0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E):
            raise ValueError(f"constant expression with opcode {op:#x}")


class Wasm:
    """One file. Index spaces are plain lists: `imports` per kind first, then the definitions."""

    def __init__(self, data, label=""):
        if data[:8] != b"\0asm\1\0\0\0":
            raise ValueError(f"{label}: not a wasm binary")
        self.data, self.label = data, label
        self.sections, self.types, self.imports, self.exports = [], [], [], []
        self.function_types, self.tables, self.memories, self.globals, self.tags = [], [], [], [], []
        self.elements, self.start, self.data_count = [], None, None
        self.code, self.segments = [], []
        self.symbols, self.init_functions, self.comdats = [], [], []
        self.has_linking = False
        self.features, self.producers, self.names = [], [], {}
        self.relocations = {}  # section position -> [(kind, offset, index, addend)]
        self.imported = [0] * 5
        self._segment_info = []
        pending = []
        at = 8
        while at < len(data):
            section_id = data[at]
            size, at = uleb(data, at + 1)
            end, label_, start = at + size, SECTION_NAMES.get(section_id, "?"), at
            if section_id == 0:
                label_, start = name(data, at)
            self.sections.append(Section(section_id, label_, start, end))
            position = len(self.sections) - 1
            if section_id == 0:
                if label_ == "linking":
                    self._read_linking(start, end)
                elif label_.startswith("reloc."):
                    pending.append(position)
                elif label_ == "target_features":
                    self._read_features(start)
                elif label_ == "producers":
                    self._read_producers(start)
                elif label_ == "name":
                    self._read_names(start, end)
            else:
                reader = getattr(self, f"_read_{label_.lower()}", None)
                if reader:
                    reader(start)
            at = end
        for position in pending:
            self._read_relocations(position)
        self.segments = [s._replace(name=i[0], align=i[1], flags=i[2])
                         for s, i in zip(self.segments, self._segment_info)] + self.segments[len(self._segment_info):]

    # ---- sections ----

    def content(self, position):
        section = self.sections[position]
        return self.data[section.start:section.end]

    def find(self, section_name):
        for i, section in enumerate(self.sections):
            if section.name == section_name:
                return i
        return None

    def _read_type(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            start = at
            if self.data[at] != 0x60:
                raise ValueError(f"{self.label}: type form {self.data[at]:#x}")
            at += 1
            for _ in range(2):
                n, at = uleb(self.data, at)
                for _ in range(n):
                    _, at = value_type(self.data, at)
            self.types.append(self.data[start:at])

    def _read_import(self, at):
        d = self.data
        count, at = uleb(d, at)
        for _ in range(count):
            module, at = name(d, at)
            field, at = name(d, at)
            kind = d[at]
            at += 1
            if kind == 0:
                index, at = uleb(d, at)
                type_ = self.types[index]
            elif kind == 1:
                element, at = value_type(d, at)
                lim, at = limits(d, at)
                type_ = element + lim
            elif kind == 2:
                type_, at = limits(d, at)
            elif kind == 3:
                value, at = value_type(d, at)
                type_ = value + d[at:at + 1]
                at += 1
            elif kind == 4:
                index, at = uleb(d, at + 1)
                type_ = self.types[index]
            else:
                raise ValueError(f"{self.label}: import kind {kind}")
            self.imports.append(Import(module, field, kind, type_))
            self.imported[kind] += 1

    def _read_function(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            index, at = uleb(self.data, at)
            self.function_types.append(index)

    def _read_table(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            if self.data[at] == 0x40:
                raise ValueError(f"{self.label}: table with initializer")
            element, at = value_type(self.data, at)
            lim, at = limits(self.data, at)
            self.tables.append(element + lim)

    def _read_memory(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            lim, at = limits(self.data, at)
            self.memories.append(lim)

    def _read_global(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            value, at = value_type(self.data, at)
            mutable = self.data[at:at + 1]
            expr, at = const_expr(self.data, at + 1)
            self.globals.append((value + mutable, expr))

    def _read_tag(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            index, at = uleb(self.data, at + 1)
            self.tags.append(self.types[index])

    def _read_export(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            field, at = name(self.data, at)
            kind = self.data[at]
            index, at = uleb(self.data, at + 1)
            self.exports.append(Export(field, kind, index))

    def _read_start(self, at):
        self.start, _ = uleb(self.data, at)

    def _read_datacount(self, at):
        self.data_count, _ = uleb(self.data, at)

    def _read_elem(self, at):
        """Active segments of function indices only: all that linkers write. [(table, expr, functions)]"""
        d = self.data
        count, at = uleb(d, at)
        for _ in range(count):
            flags, at = uleb(d, at)
            table = 0
            if flags not in (0, 2):
                raise ValueError(f"{self.label}: element segment with flags {flags}")
            if flags == 2:
                table, at = uleb(d, at)
            expr, at = const_expr(d, at)
            if flags == 2:
                at += 1
            n, at = uleb(d, at)
            functions = []
            for _ in range(n):
                index, at = uleb(d, at)
                functions.append(index)
            self.elements.append((table, expr, functions))

    def _read_code(self, at):
        base = at
        count, at = uleb(self.data, at)
        for _ in range(count):
            size, body = uleb(self.data, at)
            self.code.append((body - base, body - base + size))
            at = body + size
        self.code_position = len(self.sections) - 1

    def _read_data(self, at):
        d, base = self.data, at
        count, at = uleb(d, at)
        for i in range(count):
            flags, at = uleb(d, at)
            expr = b""
            if flags == 2:
                _, at = uleb(d, at)
            if flags != 1:
                expr, at = const_expr(d, at)
            size, at = uleb(d, at)
            self.segments.append(Segment(flags, expr, at - base, at - base + size, "", 0, 0))
            at += size
        self.data_position = len(self.sections) - 1

    # ---- custom sections ----

    def _read_linking(self, at, end):
        d = self.data
        self.has_linking = True
        version, at = uleb(d, at)
        if version != 2:
            raise ValueError(f"{self.label}: linking version {version}")
        while at < end:
            kind = d[at]
            size, at = uleb(d, at + 1)
            stop = at + size
            count, at = uleb(d, at)
            if kind == 5:
                for _ in range(count):
                    label, at = name(d, at)
                    align, at = uleb(d, at)
                    flags, at = uleb(d, at)
                    self._segment_info.append((label, align, flags))
            elif kind == 6:
                for _ in range(count):
                    priority, at = uleb(d, at)
                    symbol, at = uleb(d, at)
                    self.init_functions.append((priority, symbol))
            elif kind == 7:
                for _ in range(count):
                    label, at = name(d, at)
                    flags, at = uleb(d, at)
                    n, at = uleb(d, at)
                    entries = []
                    for _ in range(n):
                        entry_kind = d[at]
                        index, at = uleb(d, at + 1)
                        entries.append((entry_kind, index))
                    self.comdats.append(Comdat(label, flags, entries))
            elif kind == 8:
                at = self._read_symbols(count, at)
            else:
                raise ValueError(f"{self.label}: linking subsection {kind}")
            if kind != 8 and at != stop:
                raise ValueError(f"{self.label}: linking subsection {kind} ends at {at}, not at {stop}")
            at = stop

    def _read_symbols(self, count, at):
        d, symbols = self.data, self.symbols
        by_kind = {k: [i for i in self.imports if i.kind == k] for k in range(5)}
        for _ in range(count):
            kind = d[at]
            flags, at = uleb(d, at + 1)
            offset = size = 0
            if kind == 1:
                label, at = name(d, at)
                index = None
                if not flags & UNDEFINED:
                    index, at = uleb(d, at)
                    offset, at = uleb(d, at)
                    size, at = uleb(d, at)
            elif kind == 3:
                index, at = uleb(d, at)
                label = self.sections[index].name
            else:
                index, at = uleb(d, at)
                if flags & UNDEFINED and not flags & EXPLICIT_NAME:
                    label = by_kind[EXTERN_OF_KIND[kind]][index].field
                else:
                    label, at = name(d, at)
            symbols.append(Symbol(kind, flags, label, index, offset, size))
        return at

    def _read_relocations(self, position):
        d = self.data
        at, end = self.sections[position].start, self.sections[position].end
        target, at = uleb(d, at)
        count, at = uleb(d, at)
        entries = self.relocations.setdefault(target, [])
        if entries:
            raise ValueError(f"{self.label}: two relocation sections for section {target}")
        has_addend = HAS_ADDEND
        append = entries.append
        for _ in range(count):
            kind = d[at]
            offset, at = uleb(d, at + 1)
            index, at = uleb(d, at)
            addend = 0
            if has_addend[kind]:
                addend, at = sleb(d, at)
            append((kind, offset, index, addend))
        if at != end:
            raise ValueError(f"{self.label}: {self.sections[position].name} ends at {at}, not at {end}")

    def _read_features(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            prefix = chr(self.data[at])
            label, at = name(self.data, at + 1)
            self.features.append((prefix, label))

    def _read_producers(self, at):
        count, at = uleb(self.data, at)
        for _ in range(count):
            field, at = name(self.data, at)
            n, at = uleb(self.data, at)
            for _ in range(n):
                value, at = name(self.data, at)
                version, at = name(self.data, at)
                self.producers.append((field, value, version))

    def _read_names(self, at, end):
        """Function names of the name section."""
        d = self.data
        while at < end:
            kind = d[at]
            size, at = uleb(d, at + 1)
            stop = at + size
            if kind == 1:
                count, at = uleb(d, at)
                for _ in range(count):
                    index, at = uleb(d, at)
                    label, at = name(d, at)
                    self.names[index] = label
            at = stop

    # ---- index spaces ----

    def function_type(self, index):
        imported = self.imported[0]
        if index < imported:
            return [i for i in self.imports if i.kind == 0][index].type
        return self.types[self.function_types[index - imported]]

    def import_of(self, kind, index):
        if not hasattr(self, "_imports_of"):
            self._imports_of = {k: [i for i in self.imports if i.kind == k] for k in range(5)}
        return self._imports_of[kind][index] if index < self.imported[kind] else None


def padded_mask(body):
    """A function body of a finished module with every padded 5- or 10-byte LEB128 blanked: those are the fields
    that the linker filled in. Returns bytes of the same length."""
    out = bytearray(body)
    at, size = 0, len(body)
    while at < size:
        if body[at] & 0x80:
            run = at
            while run < size and body[run] & 0x80:
                run += 1
            length = run - at + 1
            if length >= 5:
                start = run - 9 if length >= 10 else run - 4
                out[start:run + 1] = b"\0" * (run + 1 - start)
            at = run + 1
        else:
            at += 1
    return bytes(out)


def read(path):
    with open(path, "rb") as f:
        return Wasm(f.read(), str(path))
