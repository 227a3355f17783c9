"""Facts of relocatable objects in which every index is resolved to names and content, so that two objects that
mean the same compare equal however they number things. `expected_facts` derives what a lossless relocatable link of
some inputs must contain from the inputs alone, by the rules of Linking.md: first comdat of a name wins, strong beats
weak, first weak wins."""

import bisect
import hashlib
from collections import Counter, namedtuple

from . import wasm
from .wasm import EXPLICIT_NAME, EXPORTED, HIDDEN, LOCAL, NO_STRIP, RELOCATIONS, TLS, UNDEFINED, WEAK, WIDTH, ABSOLUTE

STRING_SECTIONS = (".debug_str", ".debug_str.dwo", ".debug_line_str")
# Made anew by any linker, or dropped by design (.llvmbc and .llvmcmd describe one compilation).
MADE_ANEW = ("linking", "name", "producers", "target_features", ".llvmbc", ".llvmcmd")
ANY = "(anything)"
# What lld puts for code that is not there: -2 in .debug_ranges and .debug_loc, else -1.
TOMBSTONES = (0xFFFFFFFF, 0xFFFFFFFE)
FLAGS = WEAK | HIDDEN | EXPORTED | NO_STRIP | TLS | ABSOLUTE

Function = namedtuple("Function", "names signature digest size relocations comdat")
Data = namedtuple("Data", "name align flags symbols digest size relocations comdat")
Defined = namedtuple("Defined", "kind flags what")


def digest(data):
    return hashlib.blake2b(data, digest_size=6).hexdigest()


class View:
    """One object with names instead of indices. `discarded` are comdat names another object already provides;
    `bases` gives, per custom section key, the bytes that precede this object's part in the output."""

    def __init__(self, obj, discarded=frozenset(), coarse=False):
        self.obj = obj
        self.coarse = coarse  # data by symbol, not by segment: for linkers that join segments
        self.dead_functions, self.dead_segments, self.dead_sections = set(), set(), set()
        self.comdat_of = {}  # (comdat kind, index) -> name
        for comdat in obj.comdats:
            for kind, index in comdat.entries:
                self.comdat_of[kind, index] = comdat.name
                if comdat.name in discarded:
                    {0: self.dead_segments, 1: self.dead_functions, 5: self.dead_sections}[kind].add(index)
        self.masked_code = self._masked(getattr(obj, "code_position", None))
        self.masked_data = self._masked(getattr(obj, "data_position", None))
        imported = obj.imported[0]
        self.function_digests = [digest(self.masked_code[a:b]) for a, b in obj.code]
        self.segment_digests = [digest(self.masked_data[s.start:s.end]) for s in obj.segments]
        self.function_symbols, self.segment_symbols = {}, {}
        for i, symbol in enumerate(obj.symbols):
            if not symbol.flags & UNDEFINED:
                if symbol.kind == 0 and symbol.index >= imported:
                    self.function_symbols.setdefault(symbol.index, []).append(i)
                elif symbol.kind == 1 and not symbol.flags & ABSOLUTE:
                    self.segment_symbols.setdefault(symbol.index, []).append(i)
        self.bases = {}
        self._descriptions = [None] * len(obj.symbols)
        self._strings = {}  # position -> content of a string section

    def _masked(self, position):
        if position is None:
            return b""
        content = bytearray(self.obj.content(position))
        zeros = (b"", b"", b"", b"", b"\0" * 4, b"\0" * 5, b"", b"", b"\0" * 8, b"", b"\0" * 10)
        for kind, offset, _, _ in self.obj.relocations.get(position, ()):
            width = WIDTH[kind]
            content[offset:offset + width] = zeros[width]
        return bytes(content)

    def is_dead(self, symbol):
        """Defined in a discarded comdat: such a symbol is a mere reference to the other copy."""
        if symbol.flags & UNDEFINED:
            return False
        dead = {0: self.dead_functions, 1: self.dead_segments, 3: self.dead_sections}.get(symbol.kind)
        return dead is not None and symbol.index in dead and not symbol.flags & ABSOLUTE

    def describe(self, index):
        """What a relocation against symbol `index` means: a global's name, a local's name and content."""
        known = self._descriptions[index]
        if known is not None:
            return known
        symbol = self.obj.symbols[index]
        imported = self.obj.imported
        text = symbol.name
        if symbol.flags & LOCAL and not symbol.flags & UNDEFINED:
            if self.is_dead(symbol):
                text = ANY
            elif symbol.kind == 0:
                text = f"~{symbol.name}#{self.function_digests[symbol.index - imported[0]]}"
            elif symbol.kind == 1 and self.coarse:
                text = f"~{symbol.name}#{self.symbol_digest(symbol)}"
            elif symbol.kind == 1 and not symbol.flags & ABSOLUTE:
                segment = self.obj.segments[symbol.index]
                text = f"~{symbol.name}#{segment.name}#{self.segment_digests[symbol.index]}+{symbol.offset}"
            else:
                text = f"~{symbol.name}"
        self._descriptions[index] = text
        return text

    def symbol_digest(self, symbol):
        if symbol.flags & ABSOLUTE:
            return "absolute"
        start = self.obj.segments[symbol.index].start + symbol.offset
        return digest(self.masked_data[start:start + symbol.size])

    def section_key(self, position):
        return self.obj.sections[position].name, self.comdat_of.get((5, position))

    def describe_relocation(self, relocation, base):
        kind, offset, index, addend = relocation
        label = RELOCATIONS[kind][0]
        if kind == 6:
            return offset - base, label, self.obj.types[index].hex(), 0
        if kind == 9:
            target = self.obj.symbols[index].index
            section, comdat = self.section_key(target)
            if target in self.dead_sections:
                return offset - base, label, ANY, 0
            if section in STRING_SECTIONS:
                content = self._strings.get(target)
                if content is None:
                    content = self._strings[target] = self.obj.content(target)
                return offset - base, label, content[addend:content.find(b"\0", addend)], 0
            return offset - base, label, (section, comdat), addend + self.bases.get((section, comdat), 0)
        return offset - base, label, self.describe(index), addend

    def relocations_in(self, position, ranges):
        """The described relocations of each (start, end) range of a section, ranges in order."""
        relocations = self.obj.relocations.get(position, [])
        offsets = [r[1] for r in relocations]
        for start, end in ranges:
            first = bisect.bisect_left(offsets, start)
            last = bisect.bisect_left(offsets, end, first)
            yield tuple(self.describe_relocation(r, start) for r in relocations[first:last])

    # ---- chunks ----

    def functions(self):
        obj, imported = self.obj, self.obj.imported[0]
        ranges = [(a, b) for a, b in obj.code]
        described = self.relocations_in(getattr(obj, "code_position", None), ranges)
        for i, relocations in enumerate(described):
            index = imported + i
            names = tuple(sorted((obj.symbols[s].name, bool(obj.symbols[s].flags & LOCAL))
                                 for s in self.function_symbols.get(index, ())))
            yield index, Function(names, obj.types[obj.function_types[i]].hex(), self.function_digests[i],
                                  ranges[i][1] - ranges[i][0], relocations, self.comdat_of.get((1, index)))

    def data(self):
        obj = self.obj
        ranges = [(s.start, s.end) for s in obj.segments]
        described = self.relocations_in(getattr(obj, "data_position", None), ranges)
        for i, relocations in enumerate(described):
            segment = obj.segments[i]
            symbols = tuple(sorted((obj.symbols[s].name, bool(obj.symbols[s].flags & LOCAL), obj.symbols[s].offset,
                                    obj.symbols[s].size) for s in self.segment_symbols.get(i, ())))
            yield i, Data(segment.name, segment.align, segment.flags, symbols, self.segment_digests[i],
                          segment.end - segment.start, relocations, self.comdat_of.get((0, i)))

    def data_symbols(self):
        """Every data symbol with its own bytes and the relocations in them; for `coarse`."""
        obj = self.obj
        for index, symbols in sorted(self.segment_symbols.items()):
            segment = obj.segments[index]
            live = sorted((obj.symbols[s] for s in symbols), key=lambda s: s.offset)
            ranges = [(segment.start + s.offset, segment.start + s.offset + s.size) for s in live]
            for symbol, relocations in zip(live, self.relocations_in(obj.data_position, ranges)):
                yield index, (symbol.name, bool(symbol.flags & LOCAL), symbol.size, self.symbol_digest(symbol),
                              relocations)

    def define(self, symbol):
        """What a defined global symbol stands for, comparable between objects."""
        obj = self.obj
        if symbol.kind == 0:
            index = symbol.index - obj.imported[0]
            if index < 0:
                return "imported"
            return obj.types[obj.function_types[index]].hex(), self.function_digests[index]
        if symbol.kind == 1:
            if symbol.flags & ABSOLUTE:
                return "absolute", symbol.offset, symbol.size
            if self.coarse:
                return self.symbol_digest(symbol), symbol.size
            return obj.segments[symbol.index].name, self.segment_digests[symbol.index], symbol.offset, symbol.size
        extern = wasm.EXTERN_OF_KIND[symbol.kind]
        index = symbol.index - obj.imported[extern]
        return {1: obj.tables, 3: obj.globals, 4: obj.tags}[extern][index]

    def import_facts(self, symbol):
        entry = None
        if symbol.kind != 1:
            entry = self.obj.import_of(wasm.EXTERN_OF_KIND[symbol.kind], symbol.index)
        if entry is None:
            return "data"
        # The size of the table is the linker's business.
        type_ = entry.type[:1].hex() if entry.kind == 1 else entry.type.hex()
        return entry.module, entry.field, type_

    def exports(self):
        obj = self.obj
        for export in obj.exports:
            if export.kind == 0:
                names = tuple(sorted(obj.symbols[s].name for s in self.function_symbols.get(export.index, ())))
                imported = obj.import_of(0, export.index)
                yield export.name, "function", names or (imported.field if imported else "?",)
            else:
                yield export.name, wasm.EXTERN_NAMES[export.kind], ""

    def custom_sections(self):
        """(key, position, content with the relocated fields blanked) in file order, without the dead ones."""
        for position, section in enumerate(self.obj.sections):
            if section.id == 0 and section.name not in MADE_ANEW and not section.name.startswith("reloc."):
                if position not in self.dead_sections:
                    yield self.section_key(position), position, self._masked(position)

    def comdat_entry(self, kind, index):
        if kind == 1:
            names = tuple(sorted(self.obj.symbols[s].name for s in self.function_symbols.get(index, ())))
            return "function", names, self.function_digests[index - self.obj.imported[0]]
        if kind == 0:
            return "data", self.obj.segments[index].name, self.segment_digests[index]
        if kind == 5:
            return "section", self.obj.sections[index].name, digest(self._masked(index))
        return wasm.COMDAT_KINDS[kind], index


class Facts:
    """The comparable facts of one object, or of what a link of several must give."""

    def __init__(self):
        self.functions, self.data = Counter(), Counter()
        self.data_symbols = Counter()   # only of coarse facts
        self.segment_flags = Counter()  # likewise: (symbol, local, flags of its segment)
        self.optional_functions, self.optional_data = Counter(), Counter()  # lost to a strong definition
        self.symbols = {}     # global name -> Defined, or Undefined facts
        self.undefined = {}   # name -> (kind, flags, import)
        self.optional_undefined = set()
        self.locals = Counter()
        self.exports = Counter()
        self.init = []        # (priority, description), in the order they run
        self.comdats = {}
        self.custom = {}      # key -> (masked content, relocations)
        self.features = set()
        self.producers = set()


def prefix_bases(views):
    sizes = {}
    for view in views:
        view.bases = {}
        for key, position, content in view.custom_sections():
            # Several sections of one key in one object: references name each by its symbol, so keep the first base.
            view.bases.setdefault(key, sizes.get(key, 0))
            sizes[key] = sizes.get(key, 0) + len(content)


def expected_facts(objects, coarse=False):
    """What a lossless link of `objects`, in that order, must contain. With one object: its own facts."""
    facts = Facts()
    seen, views = set(), []
    for obj in objects:
        views.append(View(obj, frozenset(c.name for c in obj.comdats if c.name in seen), coarse))
        seen.update(c.name for c in obj.comdats)
    prefix_bases(views)

    # The owner of each global name: strong beats weak, else the first.
    owners = {}
    for view in views:
        for symbol in view.obj.symbols:
            if symbol.flags & (LOCAL | UNDEFINED) or symbol.kind == 3 or view.is_dead(symbol):
                continue
            owner = owners.get(symbol.name)
            if owner is None or (owner[1].flags & WEAK and not symbol.flags & WEAK):
                owners[symbol.name] = view, symbol
    for label, (view, symbol) in owners.items():
        facts.symbols[label] = Defined(wasm.KIND_NAMES[symbol.kind], symbol.flags & FLAGS, view.define(symbol))

    referenced = set()
    for view in views:
        obj = view.obj

        def is_lost(symbols):
            """Every symbol of this chunk is a global that another object's definition replaced."""
            return bool(symbols) and all(
                not obj.symbols[s].flags & LOCAL and owners.get(obj.symbols[s].name, (view,))[0] is not view
                for s in symbols)

        for index, function in view.functions():
            if index in view.dead_functions:
                continue
            lost = is_lost(view.function_symbols.get(index, ()))
            names = tuple(n for n in function.names if n[1] or owners[n[0]][0] is view)
            (facts.optional_functions if lost else facts.functions)[function._replace(names=names)] += 1
            if not lost:
                referenced.update(r[2] for r in function.relocations)
        for index, segment in view.data():
            if index in view.dead_segments:
                continue
            lost = is_lost(view.segment_symbols.get(index, ()))
            symbols = tuple(s for s in segment.symbols if s[1] or owners[s[0]][0] is view)
            (facts.optional_data if lost else facts.data)[segment._replace(symbols=symbols)] += 1
            if not lost:
                referenced.update(r[2] for r in segment.relocations)
        if coarse:
            for index, symbol in view.data_symbols():
                if index not in view.dead_segments and (symbol[1] or owners[symbol[0]][0] is view):
                    facts.data_symbols[symbol] += 1
                    facts.segment_flags[symbol[0], symbol[1], obj.segments[index].flags] += 1
        for key, position, content in view.custom_sections():
            old, relocations = facts.custom.setdefault(key, (bytearray(), []))
            base = -len(old)
            relocations.extend(view.describe_relocation(r, base) for r in obj.relocations.get(position, ()))
            old += content
        for export in view.exports():
            if export[1] != "function" or not export[2] or any(owners.get(n, (None,))[0] is view for n in export[2]):
                facts.exports[export] += 1
        for comdat in obj.comdats:
            if comdat.name not in facts.comdats:
                facts.comdats[comdat.name] = comdat.flags, Counter(view.comdat_entry(*e) for e in comdat.entries)
        for priority, symbol in obj.init_functions:
            if not view.is_dead(obj.symbols[symbol]):
                facts.init.append((priority, view.describe(symbol)))
        facts.features.update(obj.features)
        facts.producers.update((f, v) for f, v, _ in obj.producers)
        for symbol in obj.symbols:
            if symbol.flags & LOCAL and symbol.kind != 3 and not view.is_dead(symbol):
                facts.locals[wasm.KIND_NAMES[symbol.kind], symbol.name] += 1
    facts.init.sort(key=lambda entry: entry[0])

    for view in views:
        for symbol in view.obj.symbols:
            if symbol.flags & UNDEFINED and symbol.name not in owners:
                kind = wasm.KIND_NAMES[symbol.kind]
                old = facts.undefined.get(symbol.name)
                weak = symbol.flags & WEAK
                # A strong reference anywhere makes the result a strong one.
                if old is None or (old[1] and not weak):
                    facts.undefined[symbol.name] = kind, bool(weak), view.import_facts(symbol)
    facts.optional_undefined = {n for n in facts.undefined if n not in referenced}
    return facts


def own_facts(obj, coarse=False):
    return expected_facts([obj], coarse)


# ---- Comparison ----

def _counter_difference(what, expected, actual, optional, out, show):
    missing, extra = expected - actual, actual - expected
    extra = extra - optional
    for label, difference in (("missing", missing), ("unexpected", extra)):
        for entry, count in list(difference.items())[:show]:
            out.append(f"{what} {label} ({count}x): {_short(entry)}")
        if len(difference) > show:
            out.append(f"{what} {label}: {len(difference) - show} more")


def _short(entry):
    text = str(entry)
    return text if len(text) < 600 else text[:600] + " ..."


def _same_relocation(a, b):
    return a == b or (a[:2] == b[:2] and ANY in (a[2], b[2]))


def _without_any(relocations, offsets):
    return [r for r in relocations if r[0] not in offsets]


def compare_custom(expected, actual, out, show):
    for key in expected.keys() | actual.keys():
        if key[0] in STRING_SECTIONS:
            continue  # merged or concatenated: what it holds is compared where it is referred to
        if key[0].startswith("metadata.code."):
            continue  # merged entry by entry: compare_metadata
        if key not in expected or key not in actual:
            if not (expected.get(key) or actual.get(key))[0]:
                continue
            out.append(f"custom section {key} {'missing' if key in expected else 'unexpected'}")
            continue
        (content, relocations), (own_content, own_relocations) = expected[key], actual[key]
        free = {r[0] for r in relocations if r[2] == ANY}
        if free and len(content) == len(own_content):
            # References to what a discarded comdat held: the linker may resolve them to a tombstone at once.
            own_content = bytearray(own_content)
            wrong = set()
            for at in free:
                field = bytes(own_content[at:at + 4])
                if int.from_bytes(field, "little") not in (0, *TOMBSTONES):
                    wrong.add(field.hex())
                own_content[at:at + 4] = b"\0\0\0\0"
            if wrong:
                out.append(f"custom section {key}: references to discarded functions hold {sorted(wrong)[:5]}")
        if content != own_content:
            at = next((i for i, (a, b) in enumerate(zip(content, own_content)) if a != b), min(len(content),
                                                                                              len(own_content)))
            out.append(f"custom section {key}: content differs at {at:#x} (sizes {len(content)}, {len(own_content)})")
        wrong = 0
        left, right = _without_any(relocations, free), _without_any(own_relocations, free)
        if len(left) != len(right):
            out.append(f"custom section {key}: {len(right)} relocations, expected {len(left)}")
            left, right = left[:len(right)], right[:len(left)]
        for a, b in zip(left, right):
            if not _same_relocation(a, b):
                wrong += 1
                if wrong <= show:
                    out.append(f"custom section {key}: relocation {b}, expected {a}")


def compare(expected, actual, show=5, ignore=()):
    """Differences as a list of sentences; empty if the two mean the same."""
    out = []
    if "functions" not in ignore:
        _counter_difference("function", expected.functions, actual.functions, expected.optional_functions, out, show)
    if "data" not in ignore:
        _counter_difference("segment", expected.data, actual.data, expected.optional_data, out, show)
    if "symbols" not in ignore:
        for label in sorted(expected.symbols.keys() | actual.symbols.keys()):
            a, b = expected.symbols.get(label), actual.symbols.get(label)
            if a != b:
                out.append(f"symbol {label}: {b}, expected {a}")
    for label in sorted(expected.undefined.keys() | actual.undefined.keys()):
        a, b = expected.undefined.get(label), actual.undefined.get(label)
        if a != b and not (b is None and label in expected.optional_undefined) and not (
                a is None and label == "__indirect_function_table"):  # clang 14 has no symbol for its table
            out.append(f"undefined symbol {label}: {b}, expected {a}")
    if "exports" not in ignore:
        _counter_difference("export", expected.exports, actual.exports, Counter(), out, show)
    if expected.init != actual.init:
        out.append(f"init functions: {_short(actual.init)}, expected {_short(expected.init)}")
    if "comdats" not in ignore:
        for label in sorted(expected.comdats.keys() | actual.comdats.keys()):
            a, b = expected.comdats.get(label), actual.comdats.get(label)
            if a != b:
                out.append(f"comdat {label}: {_short(b)}, expected {_short(a)}")
    if "custom" not in ignore:
        compare_custom(expected.custom, actual.custom, out, show)
    if "features" not in ignore and expected.features != actual.features:
        out.append(f"features: {sorted(actual.features)}, expected {sorted(expected.features)}")
    if "producers" not in ignore and (expected.producers | {("processed-by", "wasmpack")}
                                      != actual.producers | {("processed-by", "wasmpack")}):
        out.append(f"producers: {sorted(actual.producers)}, expected {sorted(expected.producers)}")
    if len(out) > 40:
        out = out[:40] + [f"... {len(out) - 40} more differences"]
    return out


# ---- What the relocated fields hold ----

def check_sites(obj):
    """Every relocated field holds the provisional value that its relocation implies (LLVM writes them so, and its
    linker warns where it is not so); relocations are in order and inside one chunk. Returns sentences."""
    out = []
    slots = {}
    for _, expr, functions in obj.elements:
        base, _ = wasm.sleb(expr, 1)
        for i, function in enumerate(functions):
            slots.setdefault(function, base + i)
    addresses = [wasm.sleb(s.expr, 1)[0] if s.expr else 0 for s in obj.segments]
    for position, relocations in obj.relocations.items():
        content = obj.content(position)
        section = obj.sections[position]
        if section.id == 10:
            chunks = [(a, b) for a, b in obj.code]
        elif section.id == 11:
            chunks = [(s.start, s.end) for s in obj.segments]
        else:
            chunks = [(0, len(content))]
        starts = [a for a, _ in chunks]
        last = -1
        for kind, offset, index, addend in relocations:
            label, width, _, target = RELOCATIONS[kind]
            where = f"{obj.label}: {section.name}+{offset:#x} {label}"
            if offset <= last:
                out.append(f"{where}: not in order")
            last = offset
            chunk = bisect.bisect_right(starts, offset) - 1
            if chunk < 0 or offset + width > chunks[chunk][1]:
                out.append(f"{where}: not inside a chunk")
                continue
            field = content[offset:offset + width]
            if width in (5, 10):
                if any(not b & 0x80 for b in field[:-1]) or field[-1] & 0x80:
                    out.append(f"{where}: field {field.hex()} is not padded")
                    continue
                value = (wasm.sleb if "SLEB" in label else wasm.uleb)(field, 0)[0]
            else:
                value = int.from_bytes(field, "little")
            if kind == 6:
                wanted = index
            else:
                symbol = obj.symbols[index]
                undefined = symbol.flags & UNDEFINED
                if target == "function" or (target in ("global", "tag", "table") and symbol.kind not in (0, 1)):
                    wanted = symbol.index
                elif target == "table slot":
                    if undefined and symbol.flags & WEAK and symbol.index not in slots:
                        continue
                    wanted = slots.get(symbol.index)
                    if wanted is None:
                        out.append(f"{where}: function {symbol.name} has no slot in the table")
                        continue
                    if "REL" in label:
                        continue
                elif target == "memory":
                    if undefined or kind in (11, 17, 21, 23, 25):
                        continue
                    wanted = (symbol.offset if symbol.flags & ABSOLUTE else addresses[symbol.index] + symbol.offset) + addend
                elif target == "function offset":
                    if symbol.index < obj.imported[0]:
                        continue
                    wanted = obj.code[symbol.index - obj.imported[0]][0] + addend
                elif target == "section":
                    wanted = addend
                else:
                    continue  # GOT entries
            bits = 64 if width in (8, 10) else 32
            if (value - wanted) % (1 << bits):
                out.append(f"{where}: field holds {value}, the relocation means {wanted}")
        if len(out) > 20:
            break
    return out
