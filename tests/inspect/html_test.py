# ctest: timeout=1500 labels=browser serial=1
"""`inspect --html`: the page in headless Chromium. What it shows is compared with the text and the JSON of the same
file; hostile names must stay text; nothing may come from elsewhere."""

import base64
import hashlib
import json
import pathlib
import re
import tempfile
import unittest

import make_module
import oracle
import page
from lib import tools

KERNELS = """
volatile int runs, order;  // else clang runs the constructors itself
static void note(int digit) { ++runs; order = order * 10 + digit; }
__attribute__((constructor(300))) static void third(void) { note(3); }
__attribute__((constructor(100))) static void first(void) { note(1); }
__attribute__((constructor(200))) static void second(void) { note(2); }
__attribute__((export_name("runs"))) int get_runs(void) { return runs; }
__attribute__((export_name("order"))) int get_order(void) { return order; }
"""

HOSTILE = [
    "</script><img src=x onerror=alert(1)>", '"><svg/onload=document.title=1>', "<!--<script>", "]]>", "&lt;b&gt;",
    "\u202egpj.exe\u202c", "a\u0000b\u0007\u001b[31m\u007f", "\u2028alert(1)\u2029", "javascript:alert(1)", "${1}`",
    "\u200bzero", "' onmouseover='x",
]

# A copy of the page gets these lines behind its script, and the policy their hash.
CLICKS = """
addEventListener("load", () => {
  const steps = [
    () => mapCells.find((cell) => cell.node.name === "CODE").element.click(),
    () => { find("map-info").dataset.zoomed = find("map-trail").textContent; },
    () => mapCells[0].element.focus(),
    () => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true})),
    () => { find("map-info").dataset.moved = String(document.activeElement !== mapCells[0].element); },
    () => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true})),
    () => { find("map-info").dataset.back = find("map-trail").textContent; },
    () => { find("search").value = "ord"; find("search").dispatchEvent(new Event("input")); },
    () => { find("map-info").dataset.address = location.hash; },
  ];
  const next = () => { if (steps.length > 0) { steps.shift()(); setTimeout(next, 50); } };
  next();
});
"""


def hash_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.holder.name)
        (cls.folder / "k.c").write_text(KERNELS)
        cls.object = cls.folder / "k.o"
        cls.module = cls.folder / "k.wasm"
        tools.run(["clang-22", "--target=wasm32", "-O1", "-fno-inline", "-c", cls.folder / "k.c", "-o", cls.object])
        tools.final([cls.object], cls.module, "--no-entry", whole=False)
        cls.page = cls.make("k.html", cls.module)
        cls.dom, cls.console = page.open_page(cls.page)

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def make(cls, name, *files, check=True):
        output = cls.folder / name
        cls.done = oracle.inspect("--html", output, *files, check=check)
        return output

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    # ---- what it shows ----

    def test_summary_and_findings(self):
        facts, = oracle.inspect_json(self.module)
        self.assertEqual(self.console, [])
        self.assertEqual(self.dom.by_id("name").text(), str(self.module))
        self.assertIn(f"{self.module.stat().st_size} bytes", self.dom.by_id("kind").text())
        answer, = self.dom.by_id("summary").find_all(cls="answer")
        self.assertIn("again", answer.classes())
        self.assertIn("3, run AGAIN at every call of `runs` and `order`", answer.text())
        shown = [e.text() for e in self.dom.by_id("finding-list").find_all("article")]
        self.assertEqual(len(shown), len(facts["findings"]))
        for text, finding in zip(shown, facts["findings"]):
            self.assertIn(finding["id"], text)
            self.assertIn(finding["message"], text)
            self.assertIn("Fix: " + finding["help"], text)
        self.assertIn("ctor-rerun", shown[0])

    def test_the_chain_is_drawn(self):
        nodes = [(node.classes()[1:], node.find_all("text")[0].text())
                 for node in self.dom.by_id("chain-picture").find_all("g", "node")]
        self.assertEqual(nodes, [
            (["host", "neutral"], "host"), (["chain", "again"], "__wasm_call_ctors"),
            (["wrapper", "again"], "runs"), (["wrapper", "again"], "order"),
            (["constructor", "again"], "0: first"), (["constructor", "again"], "1: second"),
            (["constructor", "again"], "2: third")])
        self.assertEqual(len(self.dom.by_id("chain-picture").find_all("path", "edge")), 2 + 2 + 3)

    def test_the_map_has_all_bytes(self):
        cells = self.dom.by_id("map").find_all("div", "cell")
        labels = [cell.attributes["aria-label"] for cell in cells]
        sections = [name for name, _, _ in oracle.objdump([self.module])[str(self.module)]["sections"]]
        for name in sections:
            self.assertTrue(any(label.startswith(name) for label in labels), f"no cell of {name}: {labels}")
        sizes = [int(size.replace(",", "")) for _, size, _ in self.dom.by_id("map-table").rows()]
        self.assertEqual(sum(sizes), self.module.stat().st_size)

    def test_zoom_by_the_address(self):
        data = json.loads(self.dom.by_id("file-0").text())
        position, = [i for i, child in enumerate(data["sizes"]["children"]) if child["name"] == "CODE"]
        dom, console = page.open_page(self.page, f"#map={position}")
        self.assertEqual(console, [])
        self.assertEqual([step.text() for step in dom.by_id("map-trail").find_all("li")], ["k.wasm", "CODE"])
        code = {name: int(size.replace(",", "")) for name, size, _ in dom.by_id("map-table").rows()}
        library = next(i for i, child in enumerate(data["sizes"]["children"][position]["children"])
                       if child["name"] == "[other]")
        deeper, _ = page.open_page(self.page, f"#map={position}.{library}")
        functions = [name for name, _, _ in deeper.by_id("map-table").rows()]
        for function in ("get_runs", "first", "note"):
            self.assertIn(function, functions)
        (_, start, size), = [s for s in oracle.objdump([self.module])[str(self.module)]["sections"] if s[0] == "CODE"]
        self.assertLessEqual(0, sum(code.values()) - size)
        self.assertLessEqual(sum(code.values()) - size, 6)  # its id and size field

    def test_search_by_the_address(self):
        dom, console = page.open_page(self.page, "#q=RUNS&kind=export")
        self.assertEqual(console, [])
        self.assertEqual([row[:2] for row in dom.by_id("search-table").rows()], [["export", "runs"]])
        self.assertEqual(dom.by_id("search-count").text(), "1 of 3")
        everything = [row[1] for row in self.dom.by_id("search-table").rows()]
        for name in ("memory", "runs", "order"):
            self.assertIn(name, everything)

    def test_mouse_and_keyboard(self):
        text = self.page.read_text()
        script = text[text.rindex("<script>") + len("<script>"):text.rindex("</script>")]
        driven = self.folder / "driven.html"
        driven.write_text(text.replace(hash_of(script), hash_of(script + CLICKS)).replace(
            "</script>\n</body>", CLICKS + "</script>\n</body>"))
        dom, console = page.open_page(driven)
        self.assertEqual(console, [])
        info = dom.by_id("map-info").attributes
        self.assertEqual(info.get("data-zoomed"), "k.wasmCODE")
        self.assertEqual(info.get("data-moved"), "true")
        self.assertEqual(info.get("data-back"), "k.wasm")
        self.assertEqual(info.get("data-address"), "#q=ord")
        self.assertIn("order", [row[1] for row in dom.by_id("search-table").rows()])

    def test_several_files(self):
        bad = self.write("bad.wasm", b"not wasm at all")
        path = self.make("several.html", self.module, bad, self.object, check=False)
        self.assertEqual(self.done.returncode, 2)
        dom, console = page.open_page(path, "#file=1")
        self.assertEqual(console, [])
        self.assertEqual(dom.by_id("name").text(), str(self.object))
        self.assertEqual([row[:2] for row in dom.by_id("file-table").rows()],
                         [[str(self.module), "module"], [str(self.object), "object"]])
        self.assertIn(str(bad), dom.by_id("problems").text())
        priorities = [node.find_all("title")[0].text() for node in dom.by_id("chain-picture").find_all("g", "constructor")]
        self.assertRegex(priorities[0], r"0: first\n.*priority 100")

    # ---- hostile names ----

    def test_names_stay_text(self):
        first = len(HOSTILE)
        names = ["__wasm_call_ctors", *HOSTILE]
        data = make_module.make_module(
            names, exports=[("_initialize", first)] + [(name, first + 1 + i) for i, name in enumerate(HOSTILE)],
            imports=[(name, name) for name in HOSTILE], calls=[(first, first + 1 + i) for i in range(len(HOSTILE))],
            customs=[name + "!" for name in HOSTILE])
        path = self.make("hostile.html", self.write("hostile.wasm", data))
        # What the browser's parser sees before any script runs.
        self.assertEqual(len(page.parse(path.read_text()).find_all("script")), 3)
        dom, console = page.open_page(path)
        self.assertEqual(console, [])
        self.assertEqual([e.text() for e in dom.find_all("title")][0], f"wasmpack inspect: {path.with_suffix('.wasm')}")
        allowed = {e.tag for e in self.dom.walk()}
        self.assertEqual({e.tag for e in dom.walk()} - allowed, set())
        self.assertEqual(len(dom.find_all("script")), 3)
        for element in dom.walk():
            for attribute in element.attributes:
                self.assertFalse(attribute.startswith("on"), f"{element.tag} {attribute}")
            if element.tag in ("script", "style"):
                continue
            for child in element.children:
                if isinstance(child, str):
                    self.assertNotRegex(child, "[\x00-\x08\x0b-\x1f\x7f\u200b\u2028\u2029\u202a-\u202e]")
        shown = [row[1] for row in dom.by_id("search-table").rows()]
        self.assertEqual(shown.count("</script><img src=x onerror=alert(1)>"), 3)  # export, import, function
        self.assertIn(r"\u{202e}gpj.exe\u{202c}", shown)
        self.assertIn("&lt;b&gt;", shown)
        drawn = [node.find_all("title")[0].text() for node in dom.by_id("chain-picture").find_all("g", "constructor")]
        self.assertIn("0: </script><img src=x onerror=alert(1)>", drawn[0])
        self.assertEqual(len(drawn), len(HOSTILE))

    def test_bytes_that_are_no_text(self):
        data = make_module.make_module([b"\xff\xfe<b>"], exports=[(b"x\x80<i>", 0)])
        dom, console = page.open_page(self.make("bytes.html", self.write("bytes.wasm", data)))
        self.assertEqual(console, [])
        self.assertIn(r"x\x80<i>", [row[1] for row in dom.by_id("search-table").rows()])

    # ---- nothing from elsewhere ----

    def test_the_policy_allows_this_script_and_style_only(self):
        text = self.page.read_text()
        policy, = [e.attributes["content"] for e in page.parse(text).find_all("meta")
                   if e.attributes.get("http-equiv") == "Content-Security-Policy"]
        script = text[text.rindex("<script>") + len("<script>"):text.rindex("</script>")]
        style = text[text.index("<style>") + len("<style>"):text.index("</style>")]
        self.assertEqual(policy, "default-src 'none'; base-uri 'none'; form-action 'none'; "
                                 f"script-src {hash_of(script)}; style-src {hash_of(style)}")
        self.assertLess(text.index("Content-Security-Policy"), text.index("<style>"))

    def test_no_external_resource(self):
        text = self.page.read_text()
        addresses = set(re.findall(r"\w+://[^\"'\s<]*", text))
        self.assertEqual(addresses, {"http://www.w3.org/2000/svg"})  # a name, which nobody fetches
        self.assertNotRegex(text, r"(?i)\b(src|href|action|srcset|poster)\s*=|url\((?!#arrow)|@import|innerHTML|eval\(")

    # ---- how it looks ----

    def test_screenshot(self):
        backgrounds = {}
        for scheme, options in (("light", []), ("dark", ["--force-dark-mode"])):
            width, height, step, rows = page.take_screenshot(self.page, "", 1000, 700, *options)
            self.assertEqual((width, height), (1000, 700))
            colours = {row[x * step:x * step + 3] for row in rows[::2] for x in range(0, width, 2)}
            self.assertGreater(len(colours), 50, f"{scheme}: nearly empty")
            backgrounds[scheme] = sum(rows[2][:3])
        self.assertGreater(backgrounds["light"], 3 * 200)
        self.assertLess(backgrounds["dark"], 3 * 60)

    # ---- limits, and the file itself ----

    def test_a_large_file_is_cut_and_says_so(self):
        count = 30000
        data = make_module.make_module([f"function_{i}" for i in range(count)], exports=[("f", 0)])
        path = self.make("large.html", self.write("large.wasm", data))
        self.assertLess(path.stat().st_size, 8 << 20)
        dom, console = page.open_page(path, "#q=function_77")
        self.assertEqual(console, [])
        self.assertIn("of 30,000 functions this page has 20,000", dom.by_id("summary").text())
        self.assertLessEqual(len(dom.by_id("search-table").rows()), 200)
        self.assertRegex(dom.by_id("search-count").text(), r"^[\d,]+ of 20,001")
        self.assertLess(len(dom.by_id("map").find_all("div", "cell")), 10000)

        def total(node):
            return sum(map(total, node["children"])) if "children" in node else node["size"]

        sizes = json.loads(dom.by_id("file-0").text())["sizes"]
        self.assertEqual((sizes["size"], total(sizes)), (len(data), len(data)))
        rest = re.findall(r'"count":(\d+),"name":"smaller ones"', path.read_text())
        self.assertGreaterEqual(sum(map(int, rest)), count - 20000)

    def test_long_names_are_cut(self):
        data = make_module.make_module(["n" * 1_000_000] * 4, exports=[("e" * 1_000_000, 0)])
        path = self.make("long.html", self.write("long.wasm", data))
        self.assertLess(path.stat().st_size, 1 << 20)
        self.assertIn("... (1000000 bytes)", path.read_text())

    def test_the_same_facts_give_the_same_bytes(self):
        again = self.make("again.html", self.module)
        self.assertEqual(again.read_bytes(), self.page.read_bytes())
        to_stdout = oracle.inspect("--html", "-", self.module)
        self.assertEqual(to_stdout.stdout, self.page.read_bytes())

    def test_whole_or_not_at_all(self):
        kept = self.write("kept.html", b"as it was")
        done = oracle.inspect("--html", kept, self.module, check=False,
                              preexec_fn=lambda: __import__("resource").setrlimit(
                                  __import__("resource").RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(kept.read_bytes(), b"as it was")
        done = oracle.inspect("--html", self.folder / "no" / "folder.html", self.module, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"folder.html", done.stderr)

    def test_standard_output_holds_one_thing(self):
        for options in (["--html", "-", "--json"], ["--html", "-", "--dot", "-"]):
            done = oracle.inspect(*options, self.module, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""), options)


if __name__ == "__main__":
    unittest.main()
