# ctest: timeout=300 labels=hosts
"""OCI layouts: against the specifications, through skopeo, and to and from a registry on loopback."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tarfile
import unittest

from lib import oci
from packager.bundles import WASMPACK, BundleTest, library

VISIBLE = '__attribute__((visibility("default"))) '
PACKAGE = """schema = 1
[package]
name = "vision"
version = "1.2.0"
description = "Kernels for images, größer"
license = "Apache-2.0"
authors = ["A. Person <a@example.org>", "B"]
source = "https://example.org/vision"
homepage = "https://example.org"
revision = "abc123"
"""
PREFIX = "org.opencontainers.image."


class OciTest(BundleTest):
    def setUp(self):
        super().setUp()
        self.compile("k", VISIBLE + "int add(int a, int b) { return a + b; }")
        self.write("k.toml", PACKAGE + library("k"))

    def wasmpack(self, *arguments, code=0, **environment):
        """(stdout, stderr)"""
        base = {key: value for key, value in os.environ.items() if key != "SOURCE_DATE_EPOCH"}
        done = subprocess.run([WASMPACK, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, timeout=60,
                              env={**base, **environment}, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout, done.stderr

    def pack_layout(self, layout="lay", *options, **environment):
        """The digest that is printed."""
        out, err = self.wasmpack("pack", "k.toml", "--oci", layout, *options, **environment)
        self.assertEqual(err, "")
        self.assertRegex(out, r"\Adigest: sha256:[0-9a-f]{64}\n\Z")
        return out.split()[1]

    def check(self, layout="lay", code=0):
        """What `oci check --json` says."""
        out, err = self.wasmpack("oci", "check", layout, "--json", code=code)
        self.assertEqual(err, "")
        return json.loads(out)

    def list_files(self, layout="lay"):
        folder = self.folder / layout
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Layout(OciTest):
    def test_it_is_what_the_specifications_say(self):
        digest = self.pack_layout("lay", "-o", "k.wasm")
        found_digest, manifest, config, module = oci.read_layout(self.folder / "lay")["latest"]
        self.assertEqual(found_digest, digest)
        self.assertEqual(module, (self.folder / "k.wasm").read_bytes())
        self.assertEqual(len(self.list_files()), 5)
        authors = "A. Person <a@example.org>, B"
        self.assertEqual(manifest["annotations"], {
            PREFIX + "title": "vision", PREFIX + "version": "1.2.0", PREFIX + "description": "Kernels for images, größer",
            PREFIX + "licenses": "Apache-2.0", PREFIX + "authors": authors, PREFIX + "source": "https://example.org/vision",
            PREFIX + "url": "https://example.org", PREFIX + "revision": "abc123"})
        self.assertEqual(manifest["layers"][0]["annotations"], {PREFIX + "title": "vision.wasm"})
        self.assertEqual((config["author"], config["created"]), (authors, "1970-01-01T00:00:00Z"))

    def test_a_package_without_texts(self):
        self.write("k.toml", 'schema = 1\npackage = { name = "@x/y z", version = "0.1.0" }\n' + library("k"))
        self.pack_layout()
        _, manifest, config, _ = oci.read_layout(self.folder / "lay")["latest"]
        self.assertEqual(manifest["annotations"], {PREFIX + "title": "@x/y z", PREFIX + "version": "0.1.0"})
        self.assertEqual(manifest["layers"][0]["annotations"], {PREFIX + "title": "-x-y-z.wasm"})
        self.assertNotIn("author", config)

    def test_the_same_bytes_everywhere(self):
        digest = self.pack_layout("lay", TZ="UTC+9", LANG="tr_TR.UTF-8")
        elsewhere = self.folder / "a" / "deeper folder"
        elsewhere.mkdir(parents=True)
        for name in ("k.o", "k.toml"):
            shutil.copy(self.folder / name, elsewhere)
        done = subprocess.run([WASMPACK, "pack", "k.toml", "--oci", "x", "-o", "m"], cwd=elsewhere, capture_output=True, text=True,
                              check=True, timeout=60)
        self.assertEqual(done.stdout, f"digest: {digest}\n")
        self.assertEqual(self.list_files(elsewhere / "x"), self.list_files())
        self.assertEqual(self.pack_layout("lay", TMPDIR=str(elsewhere)), digest)  # over itself
        self.assertEqual(self.list_files(elsewhere / "x"), self.list_files())

    def test_the_time_comes_from_source_date_epoch_only(self):
        self.pack_layout("lay", SOURCE_DATE_EPOCH="1700000000")
        _, manifest, config, _ = oci.read_layout(self.folder / "lay")["latest"]
        self.assertEqual(config["created"], "2023-11-14T22:13:20Z")
        self.assertEqual(manifest["annotations"][PREFIX + "created"], "2023-11-14T22:13:20Z")
        before = self.list_files()
        for wrong in ("yesterday", "-1", "1.5", "253402300800", "99999999999999999999"):
            _, err = self.wasmpack("pack", "k.toml", "--oci", "lay", code=2, SOURCE_DATE_EPOCH=wrong)
            self.assertIn(f"SOURCE_DATE_EPOCH is '{wrong}', not a number of seconds since 1970", err)
            self.wasmpack("oci", "write", "k.o", "lay", code=2, SOURCE_DATE_EPOCH=wrong)
        self.assertEqual(self.list_files(), before)

    def test_several_tags_in_one_layout(self):
        first = self.pack_layout("lay", "--oci-tag", "1.2.0")
        self.write("k.toml", PACKAGE.replace("1.2.0", "1.3.0") + library("k"))
        second = self.pack_layout("lay", "--oci-tag", "kernels/1.3.0+a@b:c--d")
        legacy = self.pack_layout("lay", "--oci-tag=old", "--oci-media-types=legacy")
        artifacts = oci.read_layout(self.folder / "lay", types=("cncf", "legacy"))
        self.assertEqual({tag: found[0] for tag, found in artifacts.items()},
                         {"1.2.0": first, "kernels/1.3.0+a@b:c--d": second, "old": legacy})
        self.assertEqual(artifacts["old"][3], artifacts["kernels/1.3.0+a@b:c--d"][3])
        self.assertEqual([found["media_types"] for found in self.check()["artifacts"]], ["cncf", "cncf", "legacy"])
        # A tag that is there moves, in its place; what it named stays.
        self.assertEqual(self.pack_layout("lay", "--oci-tag", "1.2.0"), second)
        found = self.check()
        self.assertEqual([(x["tag"], x["digest"]) for x in found["artifacts"]],
                         [("1.2.0", second), ("kernels/1.3.0+a@b:c--d", second), ("old", legacy)])
        self.assertEqual([(x["severity"], x["id"]) for x in found["problems"]], [("warning", "oci-unused-blob")] * 3)

    def test_entries_of_others_stay(self):
        self.pack_layout()
        path = self.folder / "lay" / "index.json"
        index = json.loads(path.read_bytes())
        image = {"mediaType": "application/vnd.example+json", "digest": index["manifests"][0]["digest"],
                 "size": index["manifests"][0]["size"], "data": "e30=", "urls": ["https://example.org/x"]}
        index["manifests"].insert(0, image)
        index["annotations"] = {"a": "b"}
        path.write_text(json.dumps(index, indent=3))
        self.pack_layout("lay", "--oci-tag", "2")
        after = json.loads(path.read_bytes())
        self.assertEqual(after["manifests"][:2], index["manifests"])
        self.assertEqual(after["annotations"], {"a": "b"})
        self.assertEqual(len(after["manifests"]), 3)

    def test_two_runs_at_once_lose_nothing(self):
        processes = [subprocess.Popen([WASMPACK, "pack", "k.toml", "--oci", "lay", "--oci-tag", f"v{number}"], cwd=self.folder,
                                      stdout=subprocess.DEVNULL) for number in range(8)]
        self.assertEqual([process.wait(60) for process in processes], [0] * 8)
        self.assertEqual(set(oci.read_layout(self.folder / "lay")), {f"v{number}" for number in range(8)})

    def test_killed_at_any_moment(self):
        self.pack_layout("old")
        shutil.copy(self.folder / "k.o", self.folder / "l.o")
        self.write("k.toml", PACKAGE.replace("1.2.0", "1.3.0") + library("k"))
        for milliseconds in range(1, 70, 4):
            shutil.rmtree(self.folder / "lay", ignore_errors=True)
            shutil.copytree(self.folder / "old", self.folder / "lay")
            for layout in ("lay", "new"):
                process = subprocess.Popen([WASMPACK, "pack", "k.toml", "--oci", layout, "--oci-tag", "1.3.0"], cwd=self.folder,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    process.wait(milliseconds / 1000)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGTERM)
                    process.wait(20)
                self.assertEqual([name for name in (self.list_files(layout) if (self.folder / layout).exists() else [])
                                  if ".tmp" in name], [])
            self.assertIn("latest", [found["tag"] for found in self.check()["artifacts"]])
            if (self.folder / "new" / "index.json").exists():
                oci.read_layout(self.folder / "new")
                shutil.rmtree(self.folder / "new")
            # else the next run goes on from what is there
        self.wasmpack("pack", "k.toml", "--oci", "new")
        self.check("new")


class Pack(OciTest):
    def test_the_depfile_names_the_module_or_the_index(self):
        self.pack_layout("lay", "-o", "k.wasm", "--depfile", "d")
        self.assertEqual((self.folder / "d").read_text().splitlines()[0], "k.wasm: \\")
        self.pack_layout("lay", "--depfile", "d")
        self.assertEqual((self.folder / "d").read_text().splitlines()[0], "lay/index.json: \\")
        self.assertFalse((self.folder / "vision.wasm").exists())

    def test_without_a_manifest(self):
        out, _ = self.wasmpack("pack", "k.o", "--oci", "lay", "--oci-tag", "t")
        _, manifest, _, module = oci.read_layout(self.folder / "lay")["t"]
        self.assertEqual(manifest["annotations"], {PREFIX + "title": "k", PREFIX + "version": "0.0.0"})
        self.write("m.wasm", "")
        (self.folder / "m.wasm").write_bytes(module)
        self.run_tool("wasm-validate", "m.wasm")
        self.assertEqual(out, f"digest: {oci.read_layout(self.folder / 'lay')['t'][0]}\n")

    def test_what_is_refused_leaves_nothing(self):
        self.write("full/file", "")
        self.write("one/index.json", "{}")
        self.write("bad/oci-layout", '{"imageLayoutVersion":"2.0.0"}')
        (self.folder / "link" / "blobs").mkdir(parents=True)
        (self.folder / "link" / "blobs" / "sha256").symlink_to(self.folder / "full")
        self.pack_layout("damaged")
        self.write("damaged/index.json", '{"schemaVersion":2,"manifests":[{}]}')
        self.pack_layout("void")
        self.write("void/index.json", "")
        before = self.list_files(self.folder)
        for layout, message in (
                ("full", "this folder is not empty and no OCI layout: it has no index.json"),
                ("one", "this folder is not empty and no OCI layout: it has no oci-layout"),
                ("k.o", "it is a file; an OCI layout is a folder"),
                ("none/lay", "the folder cannot be made: No such file or directory"),
                ("bad", "the layout's version is '2.0.0', known is 1.0.0"),
                ("link", "it is a symbolic link, where a layout has a folder"),
                ("damaged", "manifests[0] has no `mediaType`"),
                ("void", "it is not JSON")):
            for more in ((), ("-o", "new.wasm", "--depfile", "d")):
                out, err = self.wasmpack("pack", "k.toml", "--oci", layout, *more, code=1)
                self.assertIn(message, err)
                self.assertEqual(out, "")
                self.assertEqual(self.list_files(self.folder), before, layout)

    def test_nothing_is_written_when_another_output_cannot_be(self):
        folders = sorted(path for path in self.folder.rglob("*"))
        for option in ("-o", "--map", "--depfile"):
            self.wasmpack("pack", "k.toml", "--oci", "lay", option, "none/x", code=1)
            self.assertEqual(sorted(path for path in self.folder.rglob("*")), folders)
        # A file that cannot be finished: the layout comes behind it.
        for option in ("-o", "--map", "--depfile"):
            _, err = self.wasmpack("pack", "k.toml", "--oci", "lay", option, "/dev/full", code=1)
            self.assertIn("No space left on device", err)
            self.assertEqual(sorted(path for path in self.folder.rglob("*")), folders)
        self.wasmpack("pack", "k.toml", "--oci", "lay", "-o", "lay/index.json", code=2)
        self.wasmpack("pack", "k.toml", "--oci", "lay", "-o", "-", code=2)
        self.wasmpack("pack", "--init", "k.o", "--oci", "lay", code=2)
        self.wasmpack("pack", "k.toml", "--oci", "lay", "-n")
        self.assertEqual(sorted(path for path in self.folder.rglob("*")), folders)

    def test_wrong_options(self):
        for tag in ("", ".x", "x/", "a..b", "a---b", "ä", "a b"):
            _, err = self.wasmpack("pack", "k.toml", "--oci", "lay", "--oci-tag", tag, code=2)
            self.assertIn(f"'{tag}' is no tag", err)
        _, err = self.wasmpack("pack", "k.toml", "--oci", "lay", "--oci-media-types", "new", code=2)
        self.assertIn("'new' is none of cncf, legacy", err)
        for option in (("--oci-tag", "x"), ("--oci-media-types", "legacy")):
            _, err = self.wasmpack("pack", "k.toml", "-o", "k.wasm", *option, code=2)
            self.assertIn(f"{option[0]} requires --oci", err)
        self.assertFalse((self.folder / "k.wasm").exists())

    def test_external_params_are_not_in_the_artifact(self):
        (self.folder / "w.bin").write_bytes(b"abcdefgh")
        self.write("k.toml", PACKAGE + library("k") +
                   '[[param]]\nname = "w"\npath = "w.bin"\ndtype = "int8"\nshape = [8]\nembed = "external"\n')
        _, err = self.wasmpack("pack", "k.toml", "--oci", "lay", code=1)
        self.assertIn("an OCI artifact holds the module only: the param file 'w.bin' is not in it", err)
        self.assertFalse((self.folder / "lay").exists())
        _, err = self.wasmpack("pack", "k.toml", "--oci", "lay", "-o", "k.wasm")
        self.assertIn("warning: lay: an OCI artifact holds the module only", err)


class Write(OciTest):
    def test_a_bundle_gets_the_artifact_that_pack_makes(self):
        digest = self.pack_layout("lay", "-o", "k.wasm")
        out, _ = self.wasmpack("oci", "write", "k.wasm", "again")
        self.assertEqual(out, f"digest: {digest}\n")
        self.assertEqual(self.list_files("again"), self.list_files())
        self.wasmpack("oci", "write", "k.wasm", "again", "--tag", "old", "--media-types", "legacy")
        self.assertEqual(set(oci.read_layout(self.folder / "again", types=("cncf", "legacy"))), {"latest", "old"})

    def test_any_core_module(self):
        self.write("m.wat", '(module (func (export "f")))')
        self.run_tool("wat2wasm", "m.wat", "-o", "m.wasm")
        self.wasmpack("oci", "write", "m.wasm", "lay")
        _, manifest, _, module = oci.read_layout(self.folder / "lay")["latest"]
        self.assertEqual(manifest["annotations"], {PREFIX + "title": "m"})
        self.assertEqual(module, (self.folder / "m.wasm").read_bytes())

    def test_what_is_no_core_module_is_refused(self):
        (self.folder / "component.wasm").write_bytes(b"\0asm\x0d\0\1\0")
        (self.folder / "short.wasm").write_bytes(b"\0asm")
        for name in ("k.o", "k.c", "component.wasm", "short.wasm", "none.wasm"):
            self.wasmpack("oci", "write", name, "lay", code=2)
        self.assertFalse((self.folder / "lay").exists())

    def test_what_is_no_layout(self):
        self.pack_layout("lay", "-o", "k.wasm")
        for path in ("k.o", ".", "/dev/null"):
            _, err = self.wasmpack("oci", "write", "k.wasm", path, code=2)  # as `oci check` says
            self.assertIn("[oci-not-a-layout]", err)

    def test_a_damaged_blob_is_mended(self):
        self.pack_layout("lay", "-o", "k.wasm")
        before = self.list_files()
        for name in before:
            if name.startswith("blobs"):
                (self.folder / "lay" / name).write_bytes(b"x" * len(before[name]))
                self.check(code=1)
                self.wasmpack("oci", "write", "k.wasm", "lay")
                self.assertEqual(self.list_files(), before)
        self.check()


class Check(OciTest):
    def test_what_it_prints(self):
        digest = self.pack_layout("lay")
        out, err = self.wasmpack("oci", "check", "lay")
        module = oci.read_layout(self.folder / "lay")["latest"][3]
        self.assertEqual(err, "")
        self.assertIn("lay: OCI layout, 1 artifact, 3 sound blobs of ", out)
        self.assertIn(f"  latest  {digest}\n", out)
        self.assertIn(f"vision.wasm, {len(module)} bytes, {oci.digest(module)}\n", out)
        found = self.check()
        self.assertEqual((found["ok"], found["problems"], found["blobs"]), (True, [], 3))
        self.assertEqual(found["artifacts"][0]["layers"][0]["title"], "vision.wasm")

    def test_what_is_no_layout(self):
        for path in ("none", "k.o", ".", "/dev/null"):
            self.wasmpack("oci", "check", path, code=2)
        self.wasmpack("oci", code=2)
        self.wasmpack("oci", "chek", "lay", code=2)

    def test_every_single_change_of_a_byte_is_found(self):
        self.pack_layout()
        for name, data in self.list_files().items():
            if not name.startswith("blobs"):
                continue
            for at in (0, len(data) // 2, len(data) - 1):
                (self.folder / "lay" / name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
                self.assertIn("oci-blob", [problem["id"] for problem in self.check(code=1)["problems"]])
            (self.folder / "lay" / name).write_bytes(data)
        self.check()

    def test_a_pipe_is_not_waited_for(self):
        self.pack_layout()
        (self.folder / "lay" / "index.json").unlink()
        os.mkfifo(self.folder / "lay" / "index.json")
        self.assertEqual(self.check(code=1)["problems"][0]["id"], "oci-unsafe-file")


class Skopeo(OciTest):
    def test_round_trips(self):
        for types in ("cncf", "legacy"):
            digest = self.pack_layout("lay", "--oci-tag", types, "--oci-media-types", types)
        artifacts = oci.read_layout(self.folder / "lay", types=("cncf", "legacy"))
        source = f"oci:{self.folder}/lay:"
        for types in ("cncf", "legacy"):
            digest, manifest, _, module = artifacts[types]
            oci.skopeo("copy", source + types, f"oci:{self.folder}/{types}-layout:there")
            found = self.check(f"{types}-layout")
            self.assertEqual([(x["tag"], x["digest"]) for x in found["artifacts"]], [("there", digest)])
            self.assertEqual(oci.blob_path(self.folder / f"{types}-layout", oci.digest(module)).read_bytes(), module)

            oci.skopeo("copy", source + types, f"dir:{self.folder}/{types}-dir")
            self.assertEqual(oci.digest((self.folder / f"{types}-dir" / "manifest.json").read_bytes()), digest)
            name = oci.digest(module).removeprefix("sha256:")
            self.assertEqual((self.folder / f"{types}-dir" / name).read_bytes(), module)

            oci.skopeo("copy", source + types, f"oci-archive:{self.folder}/{types}.tar:there")
            with tarfile.open(self.folder / f"{types}.tar") as archive:
                self.assertEqual(archive.extractfile(f"blobs/sha256/{name}").read(), module)
                self.assertEqual(oci.digest(archive.extractfile(f"blobs/sha256/{digest[7:]}").read()), digest)
            raw = oci.skopeo("inspect", "--raw", source + types).stdout
            self.assertEqual(json.loads(raw), manifest)

    def test_pushed_to_a_registry_and_pulled(self):
        digests = {types: self.pack_layout("lay", "--oci-tag", types, "--oci-media-types", types) for types in ("cncf", "legacy")}
        module = oci.read_layout(self.folder / "lay", types=("cncf", "legacy"))["cncf"][3]
        with oci.start_registry() as registry:
            for types, digest in digests.items():
                remote = f"docker://{registry}/kernels/vision"
                oci.skopeo("copy", f"oci:{self.folder}/lay:{types}", f"{remote}:{types}")
                raw = oci.skopeo("inspect", "--raw", f"{remote}:{types}").stdout
                self.assertEqual(oci.digest(raw.encode()), digest)
                # By its digest, as one pins it.
                oci.skopeo("copy", f"{remote}@{digest}", f"oci:{self.folder}/pulled-{types}:1")
                found = self.check(f"pulled-{types}")
                self.assertEqual([x["digest"] for x in found["artifacts"]], [digest])
                self.assertEqual(found["problems"], [])
                pulled = oci.blob_path(self.folder / f"pulled-{types}", found["artifacts"][0]["layers"][0]["digest"])
                self.assertEqual(pulled.read_bytes(), module)


class Example(OciTest):
    def test_the_readme_of_the_example(self):
        root = pathlib.Path(os.environ["WASMPACK_SOURCE_DIR"])
        shutil.copytree(root / "examples" / "oci", self.folder / "oci")
        text = (root / "examples" / "oci" / "README.md").read_text(encoding="utf-8")
        blocks = [block.split("```")[0] for block in text.split("```sh\n")[1:]]
        self.assertGreater(len(blocks), 1)
        with oci.start_registry() as registry:
            environment = {**os.environ, "PATH": f"{pathlib.Path(WASMPACK).parent}:{os.environ['PATH']}", "REGISTRY": registry}
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", "\n".join(blocks)], cwd=self.folder / "oci", timeout=120,
                                  env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("the module is the one that was packed\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
