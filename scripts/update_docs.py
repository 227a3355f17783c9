#!/usr/bin/env python3
"""Writes anew what the documentation has from the command's tables: docs/checks.md and the tables of docs/manifest.md.

usage: scripts/update_docs.py [COMMAND]     COMMAND: the wasmpack to ask, by default the one in build/"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bin/wasmpack"
    ask = lambda *words: subprocess.run([command, *words], capture_output=True, text=True, check=True).stdout
    (ROOT / "docs/checks.md").write_text(ask("inspect", "--list-checks=markdown"))
    page = ROOT / "docs/manifest.md"
    text = page.read_text()
    for table in ask("pack", "--list-keys=markdown").split("\n\n"):
        mark = table.split("\n")[0]
        if mark not in text:
            sys.exit(f"{page} has no line {mark}")
        text = re.sub(re.escape(mark) + r"\n(\|.*\n)*", lambda _, table=table: table.strip() + "\n", text)
    page.write_text(text)


if __name__ == "__main__":
    main()
