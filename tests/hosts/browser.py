"""A folder served on loopback, and what a page of it prints in headless Chromium.

The page's module is imported once more by a script that the server adds to the page: that waits for the module's end,
however slow the machine is, and sends back the text of the element `output`.
"""

import contextlib
import functools
import http.server
import json
import os
import queue
import re
import signal
import subprocess
import tempfile
import threading
import time

TIMEOUT = 240  # seconds; a busy machine starts a browser slowly
REPORT = """
<script type="module">
let failure = '';
try { await import('./MODULE'); } catch (error) { failure = String(error.stack); }
await fetch('/report', {method: 'POST', body: JSON.stringify([document.getElementById('output').textContent, failure])});
</script>
"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    types, reports = {}, None

    def guess_type(self, path):
        for suffix, content_type in self.types.items():
            if str(path).endswith(suffix):
                return content_type
        return super().guess_type(path)

    def do_GET(self):
        page, _, module = self.path.partition("?report=")
        if not module:
            super().do_GET()
            return
        with open(self.translate_path(page), "rb") as file:
            body = file.read() + REPORT.replace("MODULE", module).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.reports.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Site:
    """`address`, and read_output of the site's pages."""

    def __init__(self, address, reports):
        self.address, self.reports = address, reports

    def read_output(self, page, module):
        """(text of the page's element `output` when `module` has ended, lines of the console)."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                 "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking",
                 "--no-first-run", "--enable-logging=stderr", f"{self.address}/{page}?report={module}"],
                stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)
            try:
                report = self._wait_for_report(process)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            log.seek(0)
            text = log.read()
        if report is None:
            raise RuntimeError(f"the page {page} did not report in {TIMEOUT} s or before Chromium ended\n{text[-3000:]}")
        output, failure = json.loads(report)
        if failure:
            raise RuntimeError(f"{module}: {failure}")
        return output, re.findall(r"CONSOLE[^\]]*\] (.*)", text)

    def _wait_for_report(self, process):
        """What the page sent, None if it was silent for TIMEOUT or the browser ended without a word."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            ended = process.poll() is not None  # before the look: what was sent by then is there
            try:
                return self.reports.get(timeout=0.5)
            except queue.Empty:
                if ended:
                    return None
        return None


@contextlib.contextmanager
def serve(folder, types):
    """A Site of `folder`; `types` are content types by the end of the name."""
    reports = queue.Queue()
    handler = type("Handler", (_Handler,), {"types": types, "reports": reports})
    bound = functools.partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), bound) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Site(f"http://127.0.0.1:{server.server_port}", reports)
        finally:
            server.shutdown()
