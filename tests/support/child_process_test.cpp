// Child programs that behave, and those that do not. The programs are shell scripts.
#include "support/child_process.h"

#include <chrono>
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/output_file.h"

namespace wasmpack {
namespace {

class ChildProcess : public testing::Test {
 protected:
  // A script that is run with `run`.
  Result<ChildResult> run_script(const std::string& body, const ChildRun& run = {}) {
    path_ = testing::TempDir() + "child_" +
            testing::UnitTest::GetInstance()->current_test_info()->name() + ".sh";
    EXPECT_TRUE(write_whole_file(path_, as_bytes("#!/bin/sh\n" + body + "\n")).has_value());
    EXPECT_EQ(::chmod(path_.c_str(), 0755), 0);
    return run_program(path_, run);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  std::string path_;
};

std::string text_of(const ChildResult& result) { return std::string(as_string(result.output)); }

TEST_F(ChildProcess, StreamsFilesAndExitCode) {
  const std::string input = "line 1\nline 2\n";
  const std::string big(3 << 20, 'x');
  ChildRun run;
  run.input = as_bytes(input);
  run.files = {as_bytes("first"), as_bytes(""), as_bytes(big)};
  const Result<ChildResult> result =
      run_script("cat; cat " + child_file_name(0) + " " + child_file_name(1) + "; wc -c < " +
                     child_file_name(2) + "; echo problem >&2; exit 3",
                 run);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(text_of(*result), "line 1\nline 2\nfirst3145728\n");
  EXPECT_EQ(result->messages, "problem\n");
}

TEST_F(ChildProcess, ArgumentsArriveAsTheyAre) {
  ChildRun run;
  run.arguments = {"snapshot", "", "two words", "$HOME \"'"};
  const Result<ChildResult> result = run_script("printf '%s|' \"$@\"", run);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(text_of(*result), "snapshot||two words|$HOME \"'|");
}

TEST_F(ChildProcess, ManyFiles) {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(std::to_string(i) + " ");
  ChildRun run;
  std::string all, names;
  for (size_t i = 0; i < texts.size(); ++i) {
    run.files.push_back(as_bytes(texts[i]));
    all += texts[i];
    names += " " + child_file_name(i);
  }
  const Result<ChildResult> result = run_script("cat" + names, run);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(text_of(*result), all);
}

TEST_F(ChildProcess, GetsNothingElseOfOurs) {
  ::setenv("WASMPACK_TEST_VARIABLE", "1", 1);
  // Descriptors: the three streams, one file, and the pipe that tells of the end; the shell and ls
  // may hold one more of their own.
  ChildRun run;
  run.files = {as_bytes("x")};
  const Result<ChildResult> result =
      run_script("env | grep -c WASMPACK; ls /proc/self/fd | wc -l", run);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(text_of(*result).substr(0, 2), "0\n");
  EXPECT_LE(std::stoi(text_of(*result).substr(2)), 7);
}

TEST_F(ChildProcess, AMissingProgramIsAnError) {
  const Result<ChildResult> result = run_program("/nowhere/wasmpack-lld", {});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().id, "child-missing");
  EXPECT_EQ(result.error().where.file, "/nowhere/wasmpack-lld");
  EXPECT_NE(result.error().message.find("No such file"), std::string::npos);
  EXPECT_NE(result.error().help, "");
  EXPECT_EQ(run_child("no-such-child", {}).error().id, "child-missing");
}

TEST_F(ChildProcess, ASignalIsAnErrorWithTheLastWords) {
  const Result<ChildResult> result =
      run_script("i=0; while [ $i -lt 20 ]; do echo word $i >&2; i=$((i+1)); done; kill -9 $$");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().id, "child-died");
  EXPECT_NE(result.error().message.find("was ended by signal 9 (Killed)"), std::string::npos);
  ASSERT_EQ(result.error().notes.size(), 8u);
  EXPECT_EQ(result.error().notes.back(), "word 19");
}

TEST_F(ChildProcess, TimeIsLimited) {
  ChildRun run;
  run.limits.wall_seconds = 1;
  const auto start = std::chrono::steady_clock::now();
  const Result<ChildResult> result = run_script("exec sleep 60", run);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().id, "child-timeout");
  EXPECT_NE(result.error().message.find("took longer than 1 s"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST_F(ChildProcess, ProcessorTimeIsLimited) {
  ChildRun run;
  run.limits.cpu_seconds = 1;
  const Result<ChildResult> result = run_script("while :; do :; done", run);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().id, "child-died");
  EXPECT_NE(result.error().message.find("more than 1 s of processor time"), std::string::npos);
}

TEST_F(ChildProcess, OutputIsLimited) {
  ChildRun run;
  run.limits.output_bytes = 1 << 16;
  const Result<ChildResult> result = run_script("exec head -c 1000000 /dev/zero", run);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("wrote more than 65536 bytes"), std::string::npos);
}

TEST_F(ChildProcess, MemoryIsLimited) {
  ChildRun run;
  run.limits.memory_bytes = 64 << 20;
  // tail keeps a line without an end in memory.
  const Result<ChildResult> result =
      run_script("head -c 200000000 /dev/zero | tail -n 1 | wc -c", run);
  ASSERT_TRUE(result.has_value());
  EXPECT_NE(result->messages, "");
  EXPECT_NE(text_of(*result), "200000000\n");
}

TEST_F(ChildProcess, MessagesAreCutNotTheirEndWaitedFor) {
  const Result<ChildResult> result = run_script("head -c 1000000 /dev/zero >&2");
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->messages.size(), kMessageBytes);
}

TEST_F(ChildProcess, IgnoredSignalsAreNotInherited) {
  const auto old = std::signal(SIGPIPE, SIG_IGN);
  const Result<ChildResult> result = run_script("kill -PIPE $$; echo survived");
  std::signal(SIGPIPE, old);
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("signal 13"), std::string::npos);
}

TEST_F(ChildProcess, AFileThatIsNoProgramIsAnError) {
  path_ = testing::TempDir() + "child_no_program";
  EXPECT_TRUE(write_whole_file(path_, as_bytes("\x7f"
                                               "ELF, but not really"))
                  .has_value());
  EXPECT_EQ(::chmod(path_.c_str(), 0755), 0);
  const Result<ChildResult> result = run_program(path_, {});
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("could not be started"), std::string::npos);
}

}  // namespace
}  // namespace wasmpack
