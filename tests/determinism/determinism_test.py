# ctest: timeout=300
"""One hash of the output whatever the number of threads, the folder, the output's name, TMPDIR, the environment and the
order in which files were created; for objects and archives."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import unittest

from lib import corpus, tools

OPTIONS = {
    "plain": [],
    "sealed": ["--keep-global-symbol=run"],
    "prefixed": ["--prefix-symbols=p_", "--init-guard"],
    "gc": ["--gc", "--keep-global-symbol=run"],
    "stripped": ["--strip-debug"],
}


class DeterminismTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def hashes(self, inputs, options, archive):
        """The hash of the output under every variation, as {variation: hash}."""
        suffix = ".a" if archive else ".o"
        found = {}

        def link(variation, output, inputs, *more, **run):
            tools.run([tools.WASMPACK, "link", *options, *more, *inputs, "-o", output], **run)
            with open(os.path.join(run.get("cwd", "."), output), "rb") as f:
                found[variation] = hashlib.sha256(f.read()).hexdigest()

        base = os.path.join(self.folder, "out" + suffix)
        for threads in (1, 2, 8):
            link(f"threads {threads}", base, inputs, f"--threads={threads}")
        link("again", base, inputs)
        # The member of an archive is named after the archive, so its name stays; the folder need not.
        other = os.path.join(self.folder, "a folder/deep" if archive else "a folder")
        os.makedirs(other, exist_ok=True)
        link("folder", os.path.join(other, "out" + suffix), inputs)
        if not archive:
            link("name", os.path.join(self.folder, "another name.wasm"), inputs)
        scratch = os.path.join(self.folder, "scratch")
        os.makedirs(scratch, exist_ok=True)
        link("TMPDIR", base, inputs, env={**os.environ, "TMPDIR": scratch})
        link("environment", base, inputs, env={"PATH": "/nowhere", "LC_ALL": "C", "TZ": "Asia/Tokyo", "HOME": "/"})
        # Copies elsewhere, made in reverse order, older than the originals.
        copies = os.path.join(self.folder, "copies")
        shutil.rmtree(copies, ignore_errors=True)
        os.makedirs(copies)
        names = {}
        for i, path in reversed(list(enumerate(inputs))):
            names[i] = f"{i}.{os.path.basename(path)}"
            shutil.copyfile(path, os.path.join(copies, names[i]))
            os.utime(os.path.join(copies, names[i]), (i + 1, i + 1))
        relative = [names[i] for i in range(len(inputs))]
        link("relative names", "out" + suffix, relative, cwd=copies)
        with open(os.path.join(copies, "words"), "w") as f:
            f.write("\n".join(relative))
        link("response file", "out" + suffix, ["@words"], cwd=copies)
        link("umask", base, inputs, umask=0o077)
        return found

    def test_one_hash(self):
        for name in ("cxx-clang22-types", "c-clang14-g", "wasi-cxx-g", "threads-clang22", "lib-libc", "lib-libc++abi",
                     "rlib-alloc"):
            entry = corpus.find(name)
            for label, options in OPTIONS.items():
                if entry.run != "host" and any("=run" in o for o in options):
                    continue
                for archive in (False, True):
                    with self.subTest(name, options=label, archive=archive):
                        found = self.hashes(entry.inputs, options, archive)
                        self.assertEqual(len(set(found.values())), 1, found)

    def test_many_objects_and_threads(self):
        """Enough work for every parallel loop to start its threads."""
        entry = corpus.find("rlib-all")
        output = os.path.join(self.folder, "all.o")
        found = set()
        for threads in (1, 2, 8, 3, 8, 2):
            tools.run([tools.WASMPACK, "link", f"--threads={threads}", *entry.inputs, "-o", output])
            with open(output, "rb") as f:
                found.add(hashlib.sha256(f.read()).hexdigest())
        self.assertEqual(len(found), 1)

    def test_standard_input_and_output_name_by_default(self):
        path = corpus.find("cxx-clang22").inputs[0]
        with open(path, "rb") as f:
            data = f.read()
        subprocess.run([tools.WASMPACK, "link", "-", "-o", os.path.join(self.folder, "stdin.o")], input=data, check=True)
        done = tools.run([tools.WASMPACK, "link", path], cwd=self.folder)
        self.assertIn("linked.o", done.stdout)
        with open(os.path.join(self.folder, "stdin.o"), "rb") as a, open(os.path.join(self.folder, "linked.o"), "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_the_order_of_inputs_matters_and_nothing_else(self):
        """The check above is not blind: another order gives other bytes."""
        inputs = corpus.find("c-clang22").inputs
        outputs = []
        for order in (inputs, inputs[::-1]):
            tools.link(order, os.path.join(self.folder, "out.o"))
            with open(os.path.join(self.folder, "out.o"), "rb") as f:
                outputs.append(f.read())
        self.assertNotEqual(*outputs)


if __name__ == "__main__":
    unittest.main()
