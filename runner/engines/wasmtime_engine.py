"""Calls kernels for `wasmpack run --engine wasmtime`. runner/engine_protocol.h has what is read and answered."""

import sys

# `python3 -c` looks for modules in the current folder first, whose files are not ours to run.
sys.path[:] = [folder for folder in sys.path if folder not in ("", ".")]

import importlib.metadata
import struct
import threading
import time

try:
    import wasmtime
except ImportError:
    sys.exit(3)

NONE = 0xFFFFFFFF
PAGE = 65536
TABLE_ELEMENTS = 1 << 20
# Under --imports zero. A libc asks for its preopened folders until there is no other: with zeros it would do so for ever.
ASKED_FOR_EVER, NO_FILE = "wasi_snapshot_preview1.fd_prestat_get", 8


class Failure(Exception):
    def __init__(self, kind, message, place=NONE):
        super().__init__(message)
        self.kind, self.place = kind, place


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def u32(self):
        self.at += 4
        return struct.unpack_from("<I", self.data, self.at - 4)[0]

    def sized(self):
        size = self.u32()
        self.at += size
        return self.data[self.at - size:self.at]

    def text(self):
        return self.sized().decode("utf-8", "replace")

    def list(self, read):
        return [read() for _ in range(self.u32())]


def describe(error):
    """The part of wasmtime's text that says what happened: the last line of its chain of causes."""
    text = str(error)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in reversed(lines):
        if "wasm trap: " in line:
            return line.split("wasm trap: ")[1][:400]
    return (lines[0] if lines else type(error).__name__)[:400]


def find_place(error):
    """The innermost function of wasm, by its index."""
    frames = getattr(error, "frames", None)
    return frames[0].func_index if frames else NONE


class Bundle:
    def __init__(self, engine, module, call, settings):
        self.engine, self.call, self.settings, self.imported = engine, call, settings, None
        self.store = wasmtime.Store(engine)
        self.store.set_limits(memory_size=settings["pages"] * PAGE, table_elements=TABLE_ELEMENTS)
        self.exports = self.step("instantiate", self.instantiate, module)
        self.memory = self.exports["memory"]
        self.step("initialize", self.exports["_initialize"], self.store)

    def step(self, kind, task, *arguments):
        """What fails has that kind, unless it is a time-out or a call of an import."""
        late = threading.Event()  # a thread waits beside it, and then ends the epoch of the code

        def interrupt():
            late.set()
            self.engine.increment_epoch()

        timer = threading.Timer(self.settings["timeout"] / 1000, interrupt)
        timer.daemon = True
        self.store.set_epoch_deadline(1)
        timer.start()
        try:
            result = task(*arguments)
        except Failure:
            raise
        except Exception as error:  # wasmtime's own have several classes
            if self.imported is None:
                if late.is_set() and "interrupt" in str(error):
                    raise Failure("timeout", f"took longer than {self.settings['timeout']} ms", find_place(error)) from error
                raise Failure(kind, describe(error), find_place(error)) from error
        finally:
            timer.cancel()
        if self.imported is not None:
            kind, who = (kind, "a constructor calls") if kind == "initialize" else ("import", "calls")
            raise Failure(kind, f"{who} the import '{self.imported}'; --imports zero answers such calls with zeros")
        return result

    def instantiate(self, module):
        given = {(i["module"], i["field"]): i for i in self.call["imports"]}
        imports = [self.make_import(given[(i.module, i.name)], i.type) for i in module.imports]
        return wasmtime.Instance(self.store, module, imports).exports(self.store)

    def make_import(self, item, kind):
        if item["memory"]:
            return wasmtime.Memory(self.store, kind)
        name = f"{item['module']}.{item['field']}"
        zeros = [None if letter in "xp" else 0.0 if letter in "fF" else 0 for letter in item["signature"].split(":")[1]]

        if name == ASKED_FOR_EVER and item["signature"].endswith(":i"):
            zeros = [NO_FILE]

        def answer(*_):
            if self.settings["answer"]:
                return zeros if len(zeros) > 1 else zeros[0] if zeros else None
            self.imported = self.imported or name
            raise RuntimeError(name)

        return wasmtime.Func(self.store, kind, answer)

    def alloc(self, size, align):
        at = self.step("memory", self.exports["wasmpack_alloc"], self.store, max(size, 1), align) & NONE
        if at == 0:
            raise Failure("memory", f"the bundle has no memory for {size} bytes of arguments")
        if at + size > self.memory.data_len(self.store):
            raise Failure("memory", "wasmpack_alloc gives memory that is not there")
        return at

    def read(self, at, size):
        return bytes(self.memory.read(self.store, at, at + size))

    def prepare(self, trampoline):
        """Memory for the arguments, and the function to call."""
        buffers, kernel = self.call["buffers"], self.call["kernel"]
        name = self.alloc(len(kernel), 1)
        self.memory.write(self.store, kernel, name)
        handle = self.step("lookup", self.exports["wasmpack_find"], self.store, name, len(kernel))
        self.slot = self.step("initialize", self.exports["wasmpack_entry"], self.store, handle)
        if self.slot == 0:
            raise Failure("lookup", "the registry does not have the kernel")
        self.addresses = [self.alloc(buffer["size"], buffer["align"]) for buffer in buffers]
        for at, buffer in zip(self.addresses, buffers):
            content = bytearray(buffer["content"]) + bytes(buffer["size"] - len(buffer["content"]))
            for offset, target in buffer["patches"]:
                struct.pack_into("<I", content, offset, self.addresses[target])
            self.memory.write(self.store, content, at)
        instance = wasmtime.Instance(self.store, trampoline, [self.memory, self.exports["__indirect_function_table"]])
        self.function = instance.exports(self.store)["call"]
        self.frame = self.addresses[self.call["frame"]]

    def run(self):
        function, store, frame, inner, slot = self.function, self.store, self.frame, self.settings["inner"], self.slot
        begin = time.perf_counter_ns()
        function(store, frame, inner, slot)
        return time.perf_counter_ns() - begin

    def measure(self):
        """How long the kernel took, in ns."""
        duration = self.step("trap", self.run)
        if self.call["sign"] == 0:
            return duration
        code = struct.unpack("<i", self.read(self.frame + self.call["result"], 4))[0]
        if code == 0:
            return duration
        at = 0
        if self.call["sign"] == 1:
            at = self.step("trap", self.exports["wasmpack_error"], self.store, self.call["library"]) & NONE
        total = self.memory.data_len(self.store)
        if at == 0 or at >= total:
            raise Failure("kernel", f"the kernel returned {code}")
        text = self.read(at, min(4096, total - at)).split(b"\0")[0]
        raise Failure("kernel", text.decode("utf-8", "replace"))


def run_call(engine, compiled, call, settings, out):
    failures, samples, outputs, bundle, trampoline = [], [], None, None, None
    for run in range(settings["warmup"] + settings["repeat"]):
        if len(failures) >= settings["failures"]:
            break
        at = NONE
        try:
            if bundle is None:
                trampoline = trampoline or wasmtime.Module(engine, call["trampoline"])
                fresh = Bundle(engine, compiled(call["module"]), call, settings)
                fresh.prepare(trampoline)
                bundle = fresh
            at = run
            duration = bundle.measure()
            if run >= settings["warmup"]:
                samples.append(duration)
            outputs = bundle
        except Exception as error:  # one call's trouble is not the others'
            failure = error if isinstance(error, Failure) else Failure("engine", describe(error))
            failures.append((at, failure))
            outputs = None
            if failure.kind != "kernel":
                bundle = None
            if at == NONE:
                break

    def sized(data):
        out.append(struct.pack("<I", len(data)) + data)

    out.append(struct.pack("<I", len(failures)))
    for at, failure in failures:
        out.append(struct.pack("<II", at, failure.place))
        sized(failure.kind.encode())
        sized(str(failure).encode("utf-8", "replace"))
    out.append(struct.pack(f"<I{len(samples)}Q", len(samples), *samples))
    out.append(struct.pack("<QI", 0xFFFFFFFFFFFFFFFF, outputs is not None))
    if outputs is not None:
        for i in call["outputs"]:
            sized(outputs.read(outputs.addresses[i], call["buffers"][i]["size"]))


def main():
    data = Reader(sys.stdin.buffer.read())
    modules = data.list(data.sized)
    settings = {key: data.u32() for key in ("warmup", "repeat", "inner", "timeout", "answer", "failures", "pages")}
    read_import = lambda: {"module": data.text(), "field": data.text(), "memory": data.u32(), "signature": data.text(),
                           "minimum": data.u32(), "maximum": data.u32()}
    read_buffer = lambda: {"size": data.u32(), "align": data.u32(), "content": data.sized(),
                           "patches": data.list(lambda: (data.u32(), data.u32()))}
    calls = data.list(lambda: {"module": data.u32(), "kernel": data.sized(), "trampoline": data.sized(),
                               "library": data.u32(), "sign": data.u32(), "result": data.u32(),
                               "imports": data.list(read_import), "buffers": data.list(read_buffer),
                               "frame": data.u32(), "outputs": data.list(data.u32)})
    config = wasmtime.Config()
    config.epoch_interruption = True  # ends what runs too long
    engine = wasmtime.Engine(config)
    cache = {}

    def compiled(index):
        if index not in cache:
            try:
                cache[index] = wasmtime.Module(engine, modules[index])
            except wasmtime.WasmtimeError as error:
                raise Failure("instantiate", describe(error)) from error
        return cache[index]

    name = f"wasmtime {importlib.metadata.version('wasmtime')}".encode()
    out = [struct.pack("<I", len(name)) + name]
    for call in calls:
        run_call(engine, compiled, call, settings, out)
    sys.stdout.buffer.write(b"".join(out))
    sys.stdout.buffer.flush()


main()
