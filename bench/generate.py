"""Generates C++ objects for bench/run: corpus (a), 600 of them with debug information, and the large bundle (d).

Each object looks like a translation unit of an ordinary C++ library: a common header with templates,
inline functions with statics and virtual classes (comdats that many objects repeat), and its own
classes, string tables, vtables, statics and constructors. No libc and no headers are needed.

SOURCES texts are written by a seeded generator; each is compiled VARIANTS times with another -DID, so that
every object defines names of its own.
"""

import concurrent.futures
import hashlib
import os
import random
import shutil
import subprocess

SOURCES = 60
VARIANTS = 10
CLASSES = 7          # of its own, per source
FREE_FUNCTIONS = 16  # per source
COMPILER = "clang++-22"
FLAGS = [
    "--target=wasm32-unknown-unknown", "-std=c++20", "-O1", "-fno-exceptions", "-fno-rtti", "-nostdlib",
    "-ffunction-sections", "-fdata-sections", "-Wno-everything",
]

HEADER = r"""
// The header that every object of the corpus includes: what a small C++ base library has.
typedef unsigned u32;
typedef unsigned long long u64;
extern "C" void *host_alloc(u32);
extern "C" void host_free(void *);
extern "C" void host_log(const char *, int);
inline void *operator new(__SIZE_TYPE__, void *p) noexcept { return p; }

namespace base {
template <class T> struct Box {
  T *data_ = nullptr;
  u32 size_ = 0, capacity_ = 0;
  __attribute__((noinline)) void grow(u32 n) {
    T *fresh = static_cast<T *>(host_alloc(n * sizeof(T)));
    for (u32 i = 0; i < size_; ++i) new (fresh + i) T(data_[i]);
    host_free(data_);
    data_ = fresh;
    capacity_ = n;
  }
  __attribute__((noinline)) void push(const T &v) {
    if (size_ == capacity_) grow(capacity_ ? capacity_ * 2 : 8);
    new (data_ + size_++) T(v);
  }
  __attribute__((noinline)) T &at(u32 i) {
    if (i >= size_) host_log("index out of range in base::Box", i);
    return data_[i];
  }
  u32 size() const { return size_; }
};

template <class K, class V> struct Table {
  struct Row { K key; V value; };
  Box<Row> rows;
  __attribute__((noinline)) V &find(const K &k) {
    for (u32 i = 0; i < rows.size(); ++i)
      if (rows.at(i).key == k) return rows.at(i).value;
    rows.push(Row{k, V()});
    return rows.at(rows.size() - 1).value;
  }
};

template <class T> inline T &instance() {
  static T value;
  return value;
}
inline int next_id() {
  static int counter = 100;
  return counter++;
}
inline const char *level_name(int level) {
  static const char *const names[] = {"debug", "info", "warning", "error", "fatal"};
  return names[level & 3];
}
struct Node {
  int id;
  Node() : id(next_id()) {}
  virtual int visit(int x) { host_log("base::Node::visit", x); return x + id; }
  virtual const char *name() const { return "base::Node"; }
  virtual int weight(int a, int b) { return a * b + id; }
};
struct Leaf : Node {
  int visit(int x) override { host_log(level_name(x), id); return Node::visit(x) ^ 1; }
  const char *name() const override { return "base::Leaf"; }
};
typedef int (*Entry)(int);
struct Registry {
  Table<u32, Entry> entries;
  __attribute__((noinline)) void add(u32 key, Entry e) { entries.find(key) = e; }
};
inline Registry &registry() { return instance<Registry>(); }
struct Register {
  Register(u32 key, Entry e) { registry().add(key, e); }
};
}  // namespace base

#define CAT2(a, b) a##b
#define CAT(a, b) CAT2(a, b)
#define TEXT2(a) #a
#define TEXT(a) TEXT2(a)
#define UNIT CAT(unit_, ID)
"""

WORDS = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
         "matrix vector kernel tensor shape stride layout buffer stream parser lexer token graph edge vertex "
         "cache index queue stack table column row cell page block chunk segment symbol section").split()


def words(rng, count):
    return " ".join(rng.choice(WORDS) for _ in range(count))


def identifier(rng, count=2):
    return "_".join(rng.choice(WORDS) for _ in range(count))


def source_text(number):
    """The text of source `number`; depends on nothing else."""
    rng = random.Random(f"wasmpack bench a {number}")
    out = [HEADER, "namespace UNIT {"]
    values = ["int", "u32", "u64", "float", "double", "short", "char"]
    for c in range(CLASSES):
        member = [(rng.choice(values), f"{identifier(rng)}_{i}") for i in range(rng.randint(4, 9))]
        parent = rng.choice(["base::Node", "base::Leaf"])
        out.append(f"struct Class{c} : {parent} {{")
        for kind, name in member:
            out.append(f"  {kind} {name} = 0;")
        out.append(f"  base::Table<{rng.choice(values)}, {rng.choice(values)}> table;")
        out.append(f"  base::Box<{rng.choice(values)}> box;")
        out.append(f'  const char *name() const override {{ return TEXT(UNIT) "::Class{c}"; }}')
        methods = rng.randint(5, 8)
        for m in range(methods):
            out.append(f"  int method{m}(int x, int y);")
        out.append("  int visit(int x) override;")
        out.append("};")
        out.append(f"static Class{c} object{c};")
        for m in range(methods):
            out.append(f"__attribute__((noinline)) int Class{c}::method{m}(int x, int y) {{")
            name = f"{member[m % len(member)][1]}"
            out.append(f'  host_log("{words(rng, rng.randint(2, 6))} {c}.{m}", x);')
            out.append(f"  {name} += x;")
            for _ in range(rng.randint(1, 3)):
                k = rng.randint(0, 4)
                if k == 0:
                    out.append(f"  x += int(table.find(y)) + base::next_id();")
                elif k == 1:
                    out.append(f"  box.push(x + {rng.randint(1, 999)}); y ^= int(box.at(y & 7));")
                elif k == 2:
                    out.append(f"  if (x > y) x = this->visit(y); else y = weight(x, y);")
                elif k == 3:
                    out.append(f"  host_log(base::level_name(y), object{c}.id + x);")
                elif m > 0:
                    out.append(f"  x = method{rng.randint(0, m - 1)}(y, x - 1);")
            out.append("  return x - y;")
            out.append("}")
        out.append(f"int Class{c}::visit(int x) {{ int r = {parent}::visit(x);")
        for m in range(methods):
            out.append(f"  r += method{m}(x, r);")
        out.append(f"  return r; }}")
        texts = ", ".join(f'"{words(rng, rng.randint(1, 4))} {c} {i}"' for i in range(rng.randint(4, 8)))
        out.append(f"const char *const names{c}[] = {{{texts}}};")
        for t in range(6):
            out.append(f'extern const int limit{c}_{t} = {rng.randint(1, 9999)};')
            out.append(f"const int *limit{c}_{t}_of(int x) {{ return &limit{c}_{t} + (x & 0); }}")
    for f in range(FREE_FUNCTIONS):
        c, d = rng.randrange(CLASSES), rng.randrange(CLASSES)
        out.append(f"static int state{f} = {rng.randint(1, 99)};")
        out.append(f"__attribute__((noinline)) int free{f}(int x) {{")
        out.append(f"  static int calls; int a = object{c}.method0(x, ++calls), b = object{d}.method1(x, a);")
        out.append(f"  base::Node *node = a > b ? (base::Node *)&object{c} : (base::Node *)&object{d};")
        out.append(f'  host_log(names{c}[b & 3], node->visit(state{f}++)); host_log("{words(rng, 3)} {f}", a);')
        if f:
            out.append(f"  if (a & 1) return free{rng.randrange(f)}(b);")
        out.append("  return a + b;")
        out.append("}")
        if f % 4 == 0:
            out.append(f"static base::Register register{f}({rng.getrandbits(31)}u, free{f});")
    entries = ", ".join(f"free{f}" for f in range(FREE_FUNCTIONS))
    out.append(f"base::Entry entries[] = {{{entries}}};")
    out.append("}")
    other = f"CAT(CAT(unit_, OTHER), _entry)"
    out.append(f'extern "C" int {other}(int);')
    out.append(f'extern "C" int CAT(UNIT, _entry)(int x) {{ return UNIT::entries[x % {FREE_FUNCTIONS}]'
               f"(x) + (x > 1 ? {other}(x / 2) : 0); }}")
    return "\n".join(out) + "\n"


def corpus_key(count, flags):
    with open(__file__, "rb") as f:
        digest = hashlib.sha256(f.read())
    version = subprocess.run([COMPILER, "--version"], capture_output=True, check=True).stdout
    digest.update(version.splitlines()[0])
    digest.update(" ".join([str(count), *flags]).encode())
    return digest.hexdigest()[:16]


def build_corpus(folder, count=SOURCES * VARIANTS, options=(), debug=True, jobs=2, log=print):
    """Compiles the first `count` objects into `folder` unless they are there already; returns them in order."""
    flags = [*FLAGS, *options]
    if debug:
        # Relative names, so that the debug information does not depend on where the build folder is.
        flags += ["-g", "-fdebug-compilation-dir=."]
    key_file = os.path.join(folder, "key")
    key = corpus_key(count, flags)
    objects = [os.path.join(folder, f"u{i:03}.o") for i in range(count)]
    if os.path.exists(key_file) and open(key_file).read() == key:
        return objects
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for s in range((count + VARIANTS - 1) // VARIANTS):
        with open(os.path.join(folder, f"s{s:02}.cpp"), "w") as f:
            f.write(source_text(s))

    def compile_one(i):
        subprocess.run([COMPILER, *flags, f"-DID={i}", f"-DOTHER={(i + 1) % count}", "-c", f"s{i // VARIANTS:02}.cpp",
                        "-o", f"u{i:03}.o"], cwd=folder, check=True)

    log(f"compiling {count} objects ...")
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        list(pool.map(compile_one, range(count)))
    with open(key_file, "w") as f:
        f.write(key)
    return objects
