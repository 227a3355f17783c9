"""A folder served on loopback, and what a page of it becomes in headless Chromium."""

import contextlib
import functools
import html
import http.server
import re
import subprocess
import tempfile
import threading

TIMEOUT = 240  # seconds; a busy machine starts a browser slowly


class _Handler(http.server.SimpleHTTPRequestHandler):
    types = {}

    def guess_type(self, path):
        for suffix, content_type in self.types.items():
            if str(path).endswith(suffix):
                return content_type
        return super().guess_type(path)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve(folder, types):
    """The address of a server of `folder`; `types` are content types by the end of the name."""
    handler = type("Handler", (_Handler,), {"types": types})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def read_output(address):
    """(text of the page's element `output` once its modules ran, lines of the console)."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking", "--no-first-run",
             "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom", address],
            capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False)
    found = re.search(r'<pre id="output">(.*?)</pre>', done.stdout, re.DOTALL)
    if done.returncode != 0 or not found:
        raise RuntimeError(f"chromium: exit code {done.returncode}\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    return html.unescape(found[1]), re.findall(r"CONSOLE[^\]]*\] (.*)", done.stderr)
