# ctest: timeout=600 labels=hosts
"""Headless Chromium: the example's page, and what the loader makes of other answers of a server."""

import hashlib
import json
import re
import shutil
import unittest

import browser
import host_case

WASM = {".wasm": "application/wasm", ".mjs": "text/javascript"}
PAGE = """<!doctype html><pre id="output"></pre><link rel="icon" href="data:,">
<script type="importmap">{"imports": {"wasmpack-loader": "./loader/index.js"}}</script>
"""
MODULE = """
import {instantiate} from 'wasmpack-loader';
let streamed = 0;
const compileStreaming = WebAssembly.compileStreaming;
WebAssembly.compileStreaming = (response) => { ++streamed; return compileStreaming(response); };
const result = {};
const attempt = async (name, source, options) => {
  streamed = 0;
  try {
    const bundle = await instantiate(source, options);
    result[name] = [streamed, bundle.kernels.registered()];
  } catch (error) {
    result[name] = [streamed, error.message];
  }
};
const here = (name) => new URL(name, location);
await attempt('url', here('kernels.wasm'));
await attempt('response', await fetch('kernels.wasm'));
await attempt('promise', fetch('kernels.wasm'));
await attempt('other type', here('kernels.bin'));
await attempt('no type', here('kernels.none'));
await attempt('page', here('page.wasm'));
await attempt('absent', here('absent.wasm'));
await attempt('not a bundle', here('empty.wasm'));
const bytes = await (await fetch('kernels.wasm')).arrayBuffer();
await attempt('bytes', bytes);
await attempt('module', await WebAssembly.compile(bytes));
await attempt('lazy', bytes, {initialize: false});
const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
result.sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
document.getElementById('output').append(JSON.stringify(result));
"""


class Browser(host_case.HostTest):
    def make_site(self):
        """The folder of the page's commands."""
        self.check_page("browser.md", code=["browser/index.html", "browser/page.mjs"])
        return self.folder / "site"

    def test_page(self):
        with browser.serve(self.make_site(), WASM) as site:
            output, console = site.read_output("index.html", "page.mjs")
        self.assertEqual(console, [])
        self.assertEqual(output, host_case.expected_output())

    def test_answers_of_servers(self):
        folder = self.make_site()
        (folder / "test.html").write_text(PAGE)
        (folder / "test.mjs").write_text(MODULE)
        for name in ("kernels.bin", "kernels.none"):
            shutil.copy(folder / "kernels.wasm", folder / name)
        (folder / "page.wasm").write_text("<!doctype html><p>not found</p>")
        (folder / "empty.wasm").write_bytes(b"\0asm\1\0\0\0")
        types = {"page.wasm": "text/html", ".bin": "application/octet-stream", ".none": "", **WASM}
        with browser.serve(folder, types) as site:
            output, console = site.read_output("test.html", "test.mjs")
        result = json.loads(output)
        self.assertEqual(result.pop("sha256"), self.before)
        self.assertEqual(result, {
            "url": [1, 2], "response": [1, 2], "promise": [1, 2],  # compiled while they come in; constructors ran once
            "other type": [0, 2], "no type": [0, 2], "bytes": [0, 2], "module": [0, 2],
            "lazy": [0, 2],  # the first kernel ran them
            "page": [0, f"{site.address}/page.wasm (text/html): not a WebAssembly module"],
            "absent": [0, f"{site.address}/absent.wasm (text/html;charset=utf-8): HTTP status 404"],
            "not a bundle": [1, "not a bundle of wasmpack"],
        })
        self.assertEqual([line for line in console if not re.search("404", line)], [])
        self.assertEqual(hashlib.sha256((folder / "kernels.wasm").read_bytes()).hexdigest(), self.before)


if __name__ == "__main__":
    unittest.main()
