"""OCI layouts for the tests: an independent reader of what the specifications say, skopeo, and a registry on loopback."""

import contextlib
import hashlib
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
TYPES = {"cncf": ("application/vnd.wasm.config.v0+json", "application/wasm"),
         "legacy": ("application/vnd.wasm.config.v1+json", "application/vnd.wasm.content.layer.v1+wasm")}
REF_NAME = "org.opencontainers.image.ref.name"
TAG = re.compile(r"[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*(?:/[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)*")


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def blob_path(layout, name):
    return pathlib.Path(layout) / "blobs" / "sha256" / name.removeprefix("sha256:")


def read_blob(layout, descriptor):
    data = blob_path(layout, descriptor["digest"]).read_bytes()
    if (digest(data), len(data)) != (descriptor["digest"], descriptor["size"]):
        raise AssertionError(f"{descriptor} names {len(data)} bytes with {digest(data)}")
    return data


def read_compact(data):
    """JSON as wasmpack writes it: no blanks, keys sorted."""
    value = json.loads(data)
    if json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode() != data:
        raise AssertionError(f"not compact with sorted keys: {data[:200]}")
    return value


def read_layout(layout, types=("cncf",)):
    """{tag: (manifest's digest, manifest, config, module)} of a layout that wasmpack made alone, all of it held against the
    image spec 1.0 and the CNCF's Wasm OCI Artifact layout."""
    layout = pathlib.Path(layout)
    assert sorted(path.name for path in layout.iterdir()) == ["blobs", "index.json", "oci-layout"]
    assert json.loads((layout / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    index = read_compact((layout / "index.json").read_bytes())
    assert index["schemaVersion"] == 2 and index["mediaType"] == INDEX
    artifacts = {}
    for entry in index["manifests"]:
        assert entry["mediaType"] == MANIFEST
        tag = entry["annotations"][REF_NAME]
        assert TAG.fullmatch(tag) and tag not in artifacts, tag
        manifest = read_compact(read_blob(layout, entry))
        assert manifest["schemaVersion"] == 2 and manifest["mediaType"] == MANIFEST
        assert all(isinstance(value, str) for value in manifest["annotations"].values())
        assert len(manifest["layers"]) == 1, "readers refuse any other number of layers"
        media_types = (manifest["config"]["mediaType"], manifest["layers"][0]["mediaType"])
        assert media_types in [TYPES[name] for name in types], media_types
        config = read_compact(read_blob(layout, manifest["config"]))
        assert (config["architecture"], config["os"]) == ("wasm", "wasip1")
        assert config["layerDigests"] == [manifest["layers"][0]["digest"]]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", config["created"])
        assert set(config) <= {"architecture", "author", "created", "layerDigests", "os"}
        artifacts[tag] = (entry["digest"], manifest, config, read_blob(layout, manifest["layers"][0]))
    return artifacts


def skopeo(*arguments, check=True):
    """skopeo without a policy file, and without TLS on loopback."""
    command, *rest = map(str, arguments)
    insecure = ["--tls-verify=false"] if command == "inspect" else ["--src-tls-verify=false", "--dest-tls-verify=false"]
    done = subprocess.run(["skopeo", "--insecure-policy", command, *insecure, *rest], capture_output=True, text=True,
                          timeout=120, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"skopeo {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


@contextlib.contextmanager
def start_registry():
    """"127.0.0.1:PORT" of Debian's docker-registry with an empty store; it ends with the block."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for _ in range(5):
            with socket.socket() as probe:  # another program may take the port in between: then once more
                probe.bind(("127.0.0.1", 0))
                address = f"127.0.0.1:{probe.getsockname()[1]}"
            (folder / "config.yml").write_text(
                f"version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\n"
                f"storage:\n  filesystem:\n    rootdirectory: {folder}/store\nhttp:\n  addr: {address}\n")
            with open(folder / "log", "wb") as log:
                process = subprocess.Popen(["docker-registry", "serve", folder / "config.yml"], stdout=log, stderr=log)
            try:
                if _wait_until_ready(process, address):
                    yield address
                    return
            finally:
                process.terminate()
                process.wait(20)
        raise AssertionError((folder / "log").read_text(errors="replace"))


def _wait_until_ready(process, address):
    for _ in range(300):
        if process.poll() is not None:
            return False
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{address}/v2/", timeout=5) as answer:
            return answer.status == 200
        time.sleep(0.1)
    return False
