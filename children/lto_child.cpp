// The child program wasmpack-lto: LLVM bitcode files in, one wasm object out, in a process of its
// own, since LLVM ends the process over much that it does not expect.
//
// The argument is the number of files, which are inherited descriptors named /proc/self/fd/3 and so
// on. The object is written to standard output. Messages are lines on standard error that begin
// with "error: ", "warning: " or "help: " (for the message before). Exit code 0 or 1.
//
// The files are linked by LLVM's IR linker and then given to LTO's back end. lto::LTO, which
// linkers use, is not: it links files with a summary after those without one, which changes the
// order of constructors, and compiles ThinLTO files apart.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <llvm-c/Target.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/CodeGen/CommandFlags.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/ModuleSummaryIndex.h>
#include <llvm/IR/Verifier.h>
#include <llvm/LTO/Config.h>
#include <llvm/LTO/LTOBackend.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/Caching.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include <unistd.h>

namespace {

// What LLVM is doing, for the message if it does not survive it. A signal handler reads it, so it
// is global and of a fixed size.
char current_step[256] = "";

void enter_step(const std::string& text) {
  std::snprintf(current_step, sizeof current_step, "%s", text.c_str());
}

// One line, whatever LLVM put into the text.
std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

bool has_errors = false;

void report_error(const std::string& text, const std::string& help = {}) {
  has_errors = true;
  std::fprintf(stderr, "error: %s\n", one_line(text).c_str());
  if (!help.empty()) std::fprintf(stderr, "help: %s\n", help.c_str());
}

void write_text(const char* text) {
  if (::write(2, text, std::strlen(text)) < 0) ::_exit(1);
}

[[noreturn]] void end_with(const char* reason) {
  write_text("error: ");
  write_text(current_step);
  write_text(reason);
  write_text("\n");
  ::_exit(1);
}

void handle_signal(int) { end_with("LLVM crashed on it"); }

void handle_fatal_error(void*, const char* reason, bool) { end_with(reason); }

// Crashes become a message that names the step; a stack of its own, since bitcode that nests deeply
// enough overflows the other one.
void catch_crashes() {
  static char stack[1 << 16];
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    ::sigaction(signal, &action, nullptr);
  llvm::install_fatal_error_handler(handle_fatal_error);
  llvm::install_bad_alloc_error_handler(handle_fatal_error);
}

void handle_diagnostic(const llvm::DiagnosticInfo& info) {
  if (info.getSeverity() != llvm::DS_Error && info.getSeverity() != llvm::DS_Warning) return;
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::DiagnosticPrinterRawOStream printer(stream);
  info.print(printer);
  if (info.getSeverity() == llvm::DS_Error)
    report_error(current_step + text);
  else
    std::fprintf(stderr, "warning: %s%s\n", current_step, one_line(text).c_str());
}

class DiagnosticHandler : public llvm::DiagnosticHandler {
 public:
  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    handle_diagnostic(info);
    return true;
  }
};

// The way out for a file that cannot be read, if a newer LLVM made it.
std::string explain_producer(llvm::MemoryBufferRef file) {
  llvm::Expected<std::string> producer = llvm::getBitcodeProducerString(file);
  if (!producer) {
    llvm::consumeError(producer.takeError());
    return {};
  }
  unsigned major = 0;
  llvm::StringRef text = *producer;
  if (!text.consume_front("LLVM") || text.consumeInteger(10, major)) return {};
  if (major <= LLVM_VERSION_MAJOR) return {};
  return one_line(*producer) + " made it, newer than our LLVM " LLVM_VERSION_STRING
                               ": compile it to an object (without -flto and -emit-llvm)";
}

class Compiler {
 public:
  Compiler() : combined_("bitcode", context_), linker_(combined_) {
    context_.setDiagnosticHandler(std::make_unique<DiagnosticHandler>(), true);
    context_.enableDebugTypeODRUniquing();
  }

  void add_file(const std::string& path) {
    enter_step(path + ": ");
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer) return report_error(path + ": " + buffer.getError().message());
    const llvm::MemoryBufferRef file = (*buffer)->getMemBufferRef();
    llvm::Expected<std::vector<llvm::BitcodeModule>> modules = llvm::getBitcodeModuleList(file);
    if (!modules) return fail_to_read(path, file, modules.takeError());
    if (modules->empty())
      return report_error(path + ": cannot read this LLVM bitcode: it holds no module");
    for (llvm::BitcodeModule& bitcode : *modules) {
      llvm::Expected<std::unique_ptr<llvm::Module>> module = bitcode.parseModule(context_);
      if (!module) return fail_to_read(path, file, module.takeError());
      if (check_module(path, **module)) link(path, std::move(*module));
    }
  }

  // The object, empty after an error.
  llvm::SmallVector<char, 0> compile() {
    enter_step("");
    llvm::lto::Config config;
    config.DiagHandler = handle_diagnostic;
    config.RelocModel = llvm::Reloc::Static;
    // The defaults of LLVM's tools and linkers; those of the type itself reverse constructors.
    const llvm::codegen::RegisterCodeGenFlags flags;
    config.Options = llvm::codegen::InitTargetOptionsFromCodeGenFlags(combined_.getTargetTriple());
    config.Options.FunctionSections = true;
    config.Options.DataSections = true;
    if (has_exceptions_) {
      config.Options.ExceptionModel = llvm::ExceptionHandling::Wasm;
      const char* arguments[] = {"wasmpack-lto", "-wasm-enable-eh"};
      llvm::cl::ParseCommandLineOptions(2, arguments);
    }
    llvm::SmallVector<char, 0> object;
    const auto add_stream = [&](unsigned, const llvm::Twine&) {
      return std::make_unique<llvm::CachedFileStream>(
          std::make_unique<llvm::raw_svector_ostream>(object));
    };
    llvm::ModuleSummaryIndex no_summary(/*HaveGVs=*/false);
    if (llvm::Error error =
            llvm::lto::backend(config, add_stream,
                               /*ParallelCodeGenParallelismLevel=*/1, combined_, no_summary))
      report_error(llvm::toString(std::move(error)));
    return object;
  }

 private:
  void fail_to_read(const std::string& path, llvm::MemoryBufferRef file, llvm::Error error) {
    report_error(path + ": cannot read this LLVM bitcode: " + llvm::toString(std::move(error)),
                 explain_producer(file));
  }

  bool check_module(const std::string& path, llvm::Module& module) {
    const llvm::Triple& triple = module.getTargetTriple();
    if (!triple.isWasm()) {
      report_error(path + ": this LLVM bitcode is for " +
                       (triple.str().empty() ? "no machine" : "`" + triple.str() + "`") +
                       ", not for WebAssembly",
                   "compile it for WebAssembly: `clang --target=wasm32 -flto -c`, `cargo build "
                   "--target wasm32-unknown-unknown`");
      return false;
    }
    if (layout_.empty()) {
      layout_ = module.getDataLayoutStr();
      first_ = path + " (`" + triple.str() + "`)";
    }
    if (layout_ != module.getDataLayoutStr()) {
      report_error(path + ": this LLVM bitcode is for `" + triple.str() +
                       "`, which lays out data otherwise than that of " + first_,
                   "compile both for the same target");
      return false;
    }
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    bool has_broken_debug_info = false;
    if (llvm::verifyModule(module, &stream, &has_broken_debug_info)) {
      report_error(path + ": this LLVM bitcode is damaged: " + problem);
      return false;
    }
    if (has_broken_debug_info) llvm::StripDebugInfo(module);
    return check_definitions(path, module);
  }

  // The IR linker's own message names the symbol only.
  bool check_definitions(const std::string& path, llvm::Module& module) {
    bool is_good = true;
    for (llvm::GlobalValue& value : module.global_values()) {
      // As in the object that the file would have become: there, definitions that another file may
      // need as well are weak.
      if (value.hasLinkOnceODRLinkage()) value.setLinkage(llvm::GlobalValue::WeakODRLinkage);
      if (value.hasLinkOnceAnyLinkage()) value.setLinkage(llvm::GlobalValue::WeakAnyLinkage);
      const llvm::GlobalObject* object = value.getAliaseeObject();
      if (!value.hasExternalLinkage() || value.isDeclaration() ||
          (object != nullptr && object->hasComdat()))
        continue;
      const auto [first, is_new] = definitions_.emplace(value.getName().str(), path);
      if (is_new) continue;
      report_error(path + ": `" + first->first + "` is also defined in " + first->second);
      is_good = false;
    }
    for (const llvm::Function& function : module) {
      has_exceptions_ |= function.hasPersonalityFn() &&
                         function.getPersonalityFn()->getName() == "__gxx_wasm_personality_v0";
    }
    return is_good;
  }

  void link(const std::string& path, std::unique_ptr<llvm::Module> module) {
    drop_lto_flags(*module);
    if (linker_.linkInModule(std::move(module)) && !has_errors)
      report_error(path + ": cannot be linked with the files before it");
  }

  // They say which kind of LTO the file was made for, and would contradict each other.
  static void drop_lto_flags(llvm::Module& module) {
    llvm::SmallVector<llvm::Module::ModuleFlagEntry, 16> flags;
    module.getModuleFlagsMetadata(flags);
    if (llvm::NamedMDNode* all = module.getModuleFlagsMetadata()) module.eraseNamedMetadata(all);
    for (const llvm::Module::ModuleFlagEntry& flag : flags) {
      const llvm::StringRef key = flag.Key->getString();
      if (key != "ThinLTO" && key != "EnableSplitLTOUnit" && key != "UnifiedLTO")
        module.addModuleFlag(flag.Behavior, key, flag.Val);
    }
  }

  llvm::LLVMContext context_;
  llvm::Module combined_;
  llvm::Linker linker_;
  std::map<std::string, std::string> definitions_;  // strong ones: symbol -> file
  std::string layout_;  // of the data, as the first file has it; that file
  std::string first_;
  bool has_exceptions_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const int files = argc == 2 ? std::atoi(argv[1]) : 0;
  catch_crashes();
  LLVMInitializeWebAssemblyTargetInfo();
  LLVMInitializeWebAssemblyTarget();
  LLVMInitializeWebAssemblyTargetMC();
  LLVMInitializeWebAssemblyAsmPrinter();
  LLVMInitializeWebAssemblyAsmParser();

  Compiler compiler;
  for (int i = 0; i < files; ++i) compiler.add_file("/proc/self/fd/" + std::to_string(3 + i));
  if (has_errors) std::_Exit(1);
  const llvm::SmallVector<char, 0> object = compiler.compile();
  if (object.empty() && !has_errors) report_error("LLVM made no object");
  if (has_errors) std::_Exit(1);
  const bool done = std::fwrite(object.data(), 1, object.size(), stdout) == object.size();
  // Without taking the program's tables down first.
  std::_Exit(std::fflush(stdout) == 0 && done ? 0 : 1);
}
