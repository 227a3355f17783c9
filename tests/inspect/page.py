"""The page of `inspect --html` in headless Chromium: what it becomes there, and how it looks."""

import html.parser
import pathlib
import re
import struct
import subprocess
import tempfile
import zlib

TIMEOUT = 240  # seconds; a busy machine starts a browser slowly
VOID = {"meta", "link", "input", "br", "hr", "img"}


class Element:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children = tag, attributes, []

    def walk(self):
        """This element and all below, in document order."""
        queue = [self]
        while queue:
            at = queue.pop()
            yield at
            queue.extend(reversed([child for child in at.children if isinstance(child, Element)]))

    def text(self):
        return "".join(child if isinstance(child, str) else child.text() for child in self.children)

    def classes(self):
        return self.attributes.get("class", "").split()

    def find_all(self, tag=None, cls=None):
        return [e for e in self.walk() if (tag is None or e.tag == tag) and (cls is None or cls in e.classes())]

    def by_id(self, name):
        found, = [e for e in self.walk() if e.attributes.get("id") == name]
        return found

    def rows(self):
        """Of a table: the texts of its body's cells."""
        return [[cell.text() for cell in row.find_all("td")] for row in self.find_all("tr") if row.find_all("td")]


class _Parser(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        made = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        for i in range(len(self.open) - 1, 0, -1):
            if self.open[i].tag == tag:
                del self.open[i:]
                return

    def handle_data(self, data):
        self.open[-1].children.append(data)


def parse(text):
    parser = _Parser()
    parser.feed(text)
    parser.close()
    return parser.root


def _browse(*options):
    """Chromium with a profile of its own, without any network: names resolve to nothing."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
             "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking", "--no-first-run",
             "--enable-logging=stderr", "--virtual-time-budget=10000", *options],
            capture_output=True, timeout=TIMEOUT, check=False)
    # What the page's script, or the browser on its behalf, says in the console: errors, refusals of the policy.
    console = re.findall(r"CONSOLE[^\]]*\] (.*)", done.stderr.decode(errors="replace"))
    return done, console


def open_page(path, fragment=""):
    """The page's elements after its script ran, and the lines of the console."""
    done, console = _browse("--window-size=1280,2000", "--dump-dom", f"file://{path}{fragment}")
    if done.returncode != 0 or not done.stdout:
        raise RuntimeError(f"chromium: exit code {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
    return parse(done.stdout.decode()), console


def take_screenshot(path, fragment, width, height, *options):
    """Width, height and rows of pixels (bytes, three or four a pixel)."""
    with tempfile.TemporaryDirectory() as folder:
        picture = pathlib.Path(folder, "page.png")
        done, _ = _browse(*options, f"--window-size={width},{height}", f"--screenshot={picture}",
                          f"file://{path}{fragment}")
        if not picture.exists():
            raise RuntimeError(f"chromium took no picture\n{done.stderr.decode(errors='replace')[-2000:]}")
        return read_png(picture.read_bytes())


def read_png(data):
    """Of an 8-bit RGB or RGBA picture that is not interlaced: width, height, bytes a pixel, rows."""
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at, packed, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", data[at + 8:at + 8 + size])
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + size]
        at += 12 + size
    width, height, depth, colour, _, _, interlace = header
    if depth != 8 or colour not in (2, 6) or interlace:
        raise ValueError(f"PNG of another kind: {header}")
    step = 3 if colour == 2 else 4
    raw, rows, above = zlib.decompress(packed), [], bytes(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        row = _unfilter(raw[start], bytearray(raw[start + 1:start + 1 + width * step]), above, step)
        rows.append(row)
        above = row
    return width, height, step, rows


def _unfilter(kind, row, above, step):
    if kind == 0:
        return bytes(row)
    for i, value in enumerate(row):
        left = row[i - step] if i >= step else 0
        up = above[i]
        corner = above[i - step] if i >= step else 0
        if kind == 1:
            value += left
        elif kind == 2:
            value += up
        elif kind == 3:
            value += (left + up) // 2
        else:
            guess = left + up - corner
            near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
            value += near[2]
        row[i] = value & 0xFF
    return bytes(row)
