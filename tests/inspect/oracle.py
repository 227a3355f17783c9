"""What wasm-objdump and llvm-readobj say about wasm files, brought into the shapes of `inspect --json`; and the way to
run inspect. Neither program shares code with wasmpack."""

import json
import re
import subprocess

from lib import tools

READOBJ = "llvm-readobj-22"

# Linking.md, "Symbol Table Subsection" and "Segment Info Subsection".
SYMBOL_FLAGS = {"weak": 0x1, "local": 0x2, "hidden": 0x4, "undefined": 0x10, "exported": 0x20, "explicit_name": 0x40,
                "no_strip": 0x80, "tls": 0x100, "absolute": 0x200}
SECTION_NAMES = {"Type": "TYPE", "Import": "IMPORT", "Function": "FUNCTION", "Table": "TABLE", "Memory": "MEMORY",
                 "Global": "GLOBAL", "Export": "EXPORT", "Start": "START", "Elem": "ELEM", "DataCount": "DATACOUNT",
                 "Code": "CODE", "Data": "DATA", "Tag": "TAG"}
KINDS = {"func": "function", "global": "global", "memory": "memory", "table": "table", "tag": "tag"}
COMDAT_KINDS = {"func": "function", "segment": "data"}


def inspect(*arguments, check=True, **more):
    """Facts are asked for here, so findings do not fail."""
    done = subprocess.run([tools.WASMPACK, "inspect", "--fail-on=never", *map(str, arguments)], capture_output=True, timeout=120, **more)
    if check and done.returncode != 0:
        raise tools.Failure(f"exit code {done.returncode}: inspect {arguments}\n{done.stderr.decode()[:2000]}")
    return done


def judge(*arguments, **more):
    """The same where the exit code is the answer: breaks and collisions."""
    return subprocess.run([tools.WASMPACK, "inspect", *map(str, arguments)], capture_output=True, timeout=120, check=False,
                          **more)


def inspect_json(*paths):
    """One dict for each file or archive member, without those of archives themselves."""
    facts = [json.loads(line) for line in inspect("--json", *paths).stdout.splitlines()]
    return [fact for fact in facts if fact["kind"] != "archive"]


# ---- llvm-readobj -----------------------------------------------------------------------------------


def readobj(path):
    """For each object of an object or archive: sections, symbols, init functions, and segments with sizes."""
    text = tools.run([READOBJ, "--sections", "--symbols", path]).stdout
    for part in re.split(r"^\n?File: ", text, flags=re.MULTILINE)[1:]:
        yield _readobj_file(part)


def _readobj_file(text):
    sections, symbols, segments, init = [], [], [], []
    entry = None
    in_flags = False
    for line in text.split("\n"):
        word = line.strip()
        if word in ("Section {", "Symbol {", "Segment {"):
            entry = {}
            {"Section {": sections, "Symbol {": symbols, "Segment {": segments}[word].append(entry)
        elif match := re.fullmatch(r"(\d+) \(priority=(\d+)\)", word):
            init.append((int(match[1]), int(match[2])))
        elif match := re.fullmatch(r"Flags \[ \((0x[0-9A-F]+)\)", word):
            entry["Flags"] = int(match[1], 16)
            in_flags = True
        elif word == "]" and in_flags:
            in_flags = False
        elif entry is not None and not in_flags and (match := re.fullmatch(r"(\w+): ?(.*)", word)):
            entry[match[1]] = match[2]
    return {"sections": sections, "symbols": symbols, "segments": segments, "init": init}


# ---- wasm-objdump -----------------------------------------------------------------------------------


def objdump(paths):
    """path -> facts; of files that wasm-objdump gives up on only the reason, under "error"."""
    files = {}
    for start in range(0, len(paths), 200):
        some = [str(path) for path in paths[start:start + 200]]
        done = tools.run(["wasm-objdump", "-h", "-x", *some], check=False)
        # Each file begins with its name, without the folder.
        parts = re.split(r"^[^\n]*:\tfile format wasm 0x1$", done.stdout, flags=re.MULTILINE)[1:]
        if done.returncode != 0 and len(some) > 1:  # one by one, to see whose error it was
            for path in some:
                files.update(objdump([path]))
        elif done.returncode != 0:
            files[some[0]] = {"error": done.stderr.strip()}
        else:
            files.update((path, _objdump_file(text)) for path, text in zip(some, parts, strict=True))
    return files


def _type_text(text):
    """wasm-objdump's "(i32, i32) -> nil" as "(i32,i32)->()"."""
    return text.replace("nil", "()").replace(" ", "")


def _limits_text(text):
    limits = re.search(r"initial=(\d+)(?: max=(\d+))?", text)
    words = f"{limits[1]}..{limits[2] or ''}"
    return words + (" i64" if " i64" in text else "") + (" shared" if " shared" in text else "")


def _import_type(kind, text, types):
    if kind in ("func", "tag"):
        return types[int(re.search(r"sig=(\d+)", text)[1])]
    if kind == "global":
        value, mutable = re.search(r"\] (\S+) mutable=(\d)", text).groups()
        return ("mut " if mutable == "1" else "") + value
    if kind == "table":
        return re.search(r"type=(\S+)", text)[1] + " " + _limits_text(text)
    return _limits_text(text)


def _objdump_file(text):
    facts = {"sections": [], "imports": [], "exports": [], "functions": {}, "segments": [], "comdats": [],
             "relocations": [], "features": []}
    types = {}
    part = ""
    for line in text.split("\n"):
        if match := re.fullmatch(r" *(\w+) start=0x(\w+) end=0x\w+ \(size=0x(\w+)\) (?:\w+: \d+|\"(.*)\")", line):
            name = match[4] if match[4] is not None else SECTION_NAMES[match[1]]
            facts["sections"].append((name, int(match[2], 16), int(match[3], 16)))
        elif match := re.match(r"(\w+)(?:\[\d+\])?:$", line):
            part = match[1]
        elif match := re.match(r"  - (segment info|symbol table|comdat groups|init functions) ", line):
            part = match[1]
        elif match := re.match(r"  - relocations for section: \d+ \((.*)\) \[(\d+)\]", line):
            part = "relocations"
            facts["relocations"].append((SECTION_NAMES.get(match[1], match[1]), int(match[2])))
        elif part == "Type" and (match := re.match(r" - type\[(\d+)\] (.*)", line)):
            types[int(match[1])] = _type_text(match[2])
        elif part == "Import" and (match := re.match(r" - (\w+)\[\d+\].* <- (.*)", line)):
            facts["imports"].append((KINDS[match[1]], match[2], _import_type(match[1], line, types)))
            if match[1] == "func":
                facts["functions"][len(facts["functions"])] = facts["imports"][-1][2]
        elif part == "Function" and (match := re.match(r" - func\[(\d+)\] sig=(\d+)", line)):
            facts["functions"][int(match[1])] = types[int(match[2])]
        elif part == "Export" and (match := re.match(r" - (\w+)\[(\d+)\].* -> \"(.*)\"", line)):
            facts["exports"].append((KINDS[match[1]], int(match[2]), match[3]))
        elif part == "segment info" and (match := re.match(r"   - \d+: (.*) p2align=(\d+) \[ (.*)\]", line)):
            facts["segments"].append((match[1], 1 << int(match[2]), match[3].lower().replace("unknown_flags=0x4", "retain").split()))
        elif part == "comdat groups" and (match := re.match(r"   - (.*): \[count=\d+\]", line)):
            facts["comdats"].append((match[1], []))
        elif part == "comdat groups" and (match := re.match(r"    - (\w+)\[(\d+)\]", line)):
            facts["comdats"][-1][1].append((COMDAT_KINDS[match[1]], int(match[2])))
        elif match := re.match(r"  - \[(.)\] (.*)", line):
            facts["features"].append((match[1], match[2]))
    return facts
