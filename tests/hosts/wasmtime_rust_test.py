# ctest: timeout=1800 labels=hosts
"""wasmtime through its crate. The first build takes minutes; what it makes stays in the cache, outside build/."""

import os
import unittest

import debian_rust
import host_case
from lib import registries

OLDEST = (1, 86)  # what the crate needs: rust-version of Cargo.toml


class WasmtimeRust(host_case.HostTest):
    FOLDER = host_case.BUILD / "tests-hosts" / "rust"

    def skip(self, reason):
        registries.skip(reason)
        self.skipTest(reason)

    def test_page(self):
        manifest = (self.folder / "rust/Cargo.toml").read_text()
        self.assertIn('rust-version = "%d.%d"' % OLDEST, manifest)
        # Built as the page says, with the folders of the cache; then the page's command finds nothing to do.
        try:
            os.environ.update(debian_rust.find(OLDEST))
            command = ["cargo", "build", "--quiet", "--locked", "--manifest-path", "rust/Cargo.toml"]
            built = registries.run_cargo(command, "hosts-rust", cwd=self.folder)
        except registries.Unreachable as error:
            self.skip(str(error))
        self.assertEqual(built.returncode, 0, built.stderr)
        cached = registries.cargo_environment("hosts-rust")
        for name in ("CARGO_HOME", "CARGO_TARGET_DIR"):
            os.environ[name] = cached[name]
        printed = self.check_page("wasmtime-rust.md", code=["rust/src/main.rs", "rust/Cargo.toml"])
        self.assertEqual(printed, host_case.expected_output())


if __name__ == "__main__":
    unittest.main()
