// Constructors and who runs them, as JSON.

#include "inspect/render/json_parts.h"

namespace wasmpack {
namespace {

void write_function(JsonWriter& json, const FunctionRef& function) {
  json.member("function", function.index);
  json.member("name", function.name);
}

void write_functions(JsonWriter& json, std::string_view key,
                     const std::vector<FunctionRef>& functions) {
  json.member_objects(key, functions,
                      [&](const FunctionRef& function) { write_function(json, function); });
}

void write_runs(JsonWriter& json, const std::vector<ExportRuns>& runs) {
  json.member_objects("runs", runs, [&](const ExportRuns& run) {
    json.member("after_initialize", run.after_initialize);
    json.member("again", run.again);
    json.member("confirmed", run.is_run);
    json.member("first", run.first);
    json.member("name", run.name);
    json.member("reason", std::string_view(run.reason));
  });
}

}  // namespace

void write_constructors(JsonWriter& json, const Facts& facts) {
  json.member_objects("constructors", facts.constructors, [&](const ConstructorFact& constructor) {
    if (constructor.calls) {
      write_functions(json, "calls", *constructor.calls);
    } else {
      json.key("calls");
      json.null();
    }
    json.member("function", constructor.function.index);
    json.member("order", constructor.order);
    json.member("origin", constructor.origin);
    json.member("priority", constructor.priority);
    json.member_objects("registers", constructor.registers, [&](const RegistrationFact& entry) {
      json.member("function", entry.function.index);
      json.member("name", entry.name);
      json.member("registrar", entry.registrar);
      json.member("symbol", entry.function.name);
    });
    json.member("symbol", constructor.function.name);
  });
}

void write_init(JsonWriter& json, const InitFacts& init) {
  json.member_object("init", [&] {
    json.member("by_shape", init.is_by_shape);
    json.member_objects("callers", init.callers, [&](const ChainCaller& caller) {
      json.member("function", caller.function);
      json.member("kind", caller_kind_name(caller.kind));
      json.member("name", caller.name);
      write_functions(json, "path", caller.path);
    });
    json.member("chain", chain_state_name(init.chain));
    json.member("complete", init.is_complete);
    json.member("destructors", init.destructors);
    json.member("exported_as", init.exported_as);
    json.member("function", init.function);
    json.member("model", init_model_name(init.model));
    json.member("plain", init.is_plain);
    json.member("reason", std::string_view(init.reason));
    write_runs(json, init.runs);
  });
}

}  // namespace wasmpack
