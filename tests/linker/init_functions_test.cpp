// The ctor chain: order, discarded copies, what is refused.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "linker/comdats.h"
#include "linker/init_functions.h"
#include "tests/lib/object_builder.h"

namespace wasmpack {
namespace {

struct Chain {
  std::vector<std::string> names;  // "input:symbol@priority"
  std::string messages;
};

Chain collect(const TestInputs& files) {
  const std::vector<Input> inputs = files.open();
  DiagnosticSink sink;
  const std::vector<ChunkTable> chunks = resolve_comdats(inputs, sink);
  Chain chain;
  for (const ChainEntry& entry : collect_init_functions(inputs, chunks, sink)) {
    const Object& object = inputs[entry.symbol.input].object;
    EXPECT_EQ(entry.origin, entry.symbol.input);
    chain.names.push_back(std::string(object.file) + ":" +
                          std::string(object.symbols[entry.symbol.symbol].name) + "@" +
                          std::to_string(entry.priority));
  }
  chain.messages = render_all(sink);
  return chain;
}

TEST(InitFunctions, SortedByPriorityEqualOnesInInputOrder) {
  ObjectBuilder a, b;
  const uint32_t a1 = a.define_function("a1"), a2 = a.define_function("a2"),
                 a3 = a.define_function("a3");
  a.add_constructor(a3);
  a.add_constructor(a1, 100);
  a.add_constructor(a2);
  const uint32_t b1 = b.define_function("b1"), b2 = b.define_function("b2");
  b.add_constructor(b1);
  b.add_constructor(b2, 100);
  TestInputs files;
  files.add("a", a);
  files.add("b", b);
  const Chain chain = collect(files);
  EXPECT_EQ(chain.names, (std::vector<std::string>{"a:a1@100", "b:b2@100", "a:a3@65535",
                                                   "a:a2@65535", "b:b1@65535"}));
  EXPECT_EQ(chain.messages, "");
}

TEST(InitFunctions, TheDiscardedCopyOfAGroupRegistersNothing) {
  ObjectBuilder a;
  const uint32_t own = a.define_function("own", kSymbolLocal);
  const uint32_t shared = a.define_function("shared", kSymbolWeak);
  a.add_constructor(shared);
  a.add_constructor(own);
  a.add_comdat("group", {shared});
  TestInputs files;
  files.add("a", a);
  files.add("b", a);
  EXPECT_EQ(collect(files).names,
            (std::vector<std::string>{"a:shared@65535", "a:own@65535", "b:own@65535"}));
}

TEST(InitFunctions, ConstructorsTakeNoArguments) {
  ObjectBuilder object;
  object.add_type({}, {kValI32});
  object.add_type({kValI32}, {});
  const uint32_t good = object.define_function("good", 0, 0),
                 bad = object.define_function("bad", 0, 1);
  object.add_constructor(bad);
  object.add_constructor(good);
  TestInputs files;
  files.add("a.o", object);
  const Chain chain = collect(files);
  EXPECT_EQ(chain.names, (std::vector<std::string>{"a.o:good@65535"}));
  EXPECT_EQ(chain.messages,
            "wasmpack: error: a.o: section linking: constructor `bad` takes arguments "
            "[constructor-arguments]\n"
            "  help: declare it as void name(void)\n");
}

}  // namespace
}  // namespace wasmpack
