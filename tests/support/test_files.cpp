#include "tests/support/test_files.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wasmpack {

TempFolder::TempFolder() {
  path_ = (std::filesystem::temp_directory_path() / "wasmpack-test-XXXXXX").string();
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp failed: " + path_);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TempFolder::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void write_test_file(const std::string& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

std::string read_test_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

CommandResult run_command(const std::string& command) {
  // The braces make the redirection hold for the whole command line.
  FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen failed: " + command);
  CommandResult result{-1, {}};
  char buffer[65536];
  while (const size_t size = fread(buffer, 1, sizeof buffer, pipe))
    result.output.append(buffer, size);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

std::string run_or_throw(const std::string& command) {
  CommandResult result = run_command(command);
  if (result.exit_code != 0)
    throw std::runtime_error(command + " gave " + std::to_string(result.exit_code) + ":\n" +
                             result.output);
  return std::move(result.output);
}

GuardedBytes::GuardedBytes(Bytes bytes) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t readable = (bytes.size() + page - 1) / page * page;
  mapped_size_ = readable + page;
  mapping_ =
      mmap(nullptr, mapped_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping_ == MAP_FAILED) throw std::runtime_error("mmap failed");
  auto* begin = static_cast<uint8_t*>(mapping_);
  mprotect(begin + readable, page, PROT_NONE);
  uint8_t* copy = begin + readable - bytes.size();
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  bytes_ = {copy, bytes.size()};
}

GuardedBytes::~GuardedBytes() { munmap(mapping_, mapped_size_); }

uint64_t TestRandom::next() {
  uint64_t value = state_ += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace wasmpack
