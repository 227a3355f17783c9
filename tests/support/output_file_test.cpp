// Output files: whole or not at all. Signals and limits are tried in forked children.
#include "support/output_file.h"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test_files.h"

namespace wasmpack {
namespace {

using Names = std::vector<std::string>;

// Runs `body` in a child process and returns its wait status. What `body` returns is its exit code.
int run_in_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

unsigned permissions_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

OutputFile create_or_die(const std::string& path) {
  Result<OutputFile> output = OutputFile::create(path);
  if (!output) throw std::runtime_error(output.error().message);
  return std::move(*output);
}

TEST(OutputFile, AppearsOnCommit) {
  const TempFolder folder;
  const std::string path = folder.file("out.o");
  OutputFile output = create_or_die(path);
  ASSERT_TRUE(output.write(0, as_bytes("hello ")));
  ASSERT_TRUE(output.write(6, as_bytes("world")));
  ASSERT_EQ(folder.names().size(), 1u);
  EXPECT_NE(folder.names()[0], "out.o");
  ASSERT_TRUE(output.commit());
  EXPECT_EQ(folder.names(), Names{"out.o"});
  EXPECT_EQ(read_test_file(path), "hello world");
  EXPECT_EQ(output.path(), path);
}

TEST(OutputFile, LeavesNothingWithoutCommit) {
  const TempFolder folder;
  write_test_file(folder.file("out.o"), "old");
  {
    OutputFile output = create_or_die(folder.file("out.o"));
    ASSERT_TRUE(output.write(0, as_bytes("new")));
    const OutputFile moved = std::move(output);
    EXPECT_EQ(folder.names().size(), 2u);
  }
  EXPECT_EQ(folder.names(), Names{"out.o"});
  EXPECT_EQ(read_test_file(folder.file("out.o")), "old");
}

TEST(OutputFile, AssignmentDiscardsTheOldOne) {
  const TempFolder folder;
  OutputFile output = create_or_die(folder.file("a"));
  output = create_or_die(folder.file("b"));
  EXPECT_EQ(folder.names().size(), 1u);
  ASSERT_TRUE(output.commit());
  EXPECT_EQ(folder.names(), Names{"b"});
}

TEST(OutputFile, MayReplaceAnInput) {
  const TempFolder folder;
  write_test_file(folder.file("a.o"), "input");
  const int input = open(folder.file("a.o").c_str(), O_RDONLY);
  ASSERT_TRUE(write_whole_file(folder.file("a.o"), as_bytes("output")));
  char buffer[5];
  EXPECT_EQ(pread(input, buffer, 5, 0), 5);
  EXPECT_EQ(std::string_view(buffer, 5), "input");  // the old file is still there for its readers
  close(input);
  EXPECT_EQ(read_test_file(folder.file("a.o")), "output");
}

TEST(OutputFile, TakesWritesOfSeveralThreadsInAnyOrder) {
  const TempFolder folder;
  constexpr size_t kBlock = 70'001;
  constexpr size_t kBlocks = 32;
  for (const bool is_stream : {false, true}) {
    std::string expected;
    for (size_t i = 0; i < kBlocks; ++i)
      expected += std::string(kBlock, static_cast<char>('a' + i));
    std::string path = folder.file("out");
    std::string received;
    std::thread reader;
    if (is_stream) {
      path = folder.file("pipe");
      ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
      reader = std::thread([&] { received = read_test_file(path); });
    }
    OutputFile output = create_or_die(path);
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (size_t i = t; i < kBlocks; i += 4) {
          const size_t at = (kBlocks - 1 - i) * kBlock;
          EXPECT_TRUE(output.write(at, as_bytes(std::string_view(expected).substr(at, kBlock))));
        }
      });
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(output.commit());
    if (is_stream) {
      reader.join();
      EXPECT_TRUE(S_ISFIFO([&] {
        struct stat status{};
        stat(path.c_str(), &status);
        return status.st_mode;
      }()));
    } else {
      received = read_test_file(path);
    }
    EXPECT_TRUE(received == expected);
  }
}

TEST(OutputFile, PermissionsComeFromTheUmaskOrTheOldFile) {
  const TempFolder folder;
  const mode_t umask_before = umask(027);
  ASSERT_TRUE(write_whole_file(folder.file("new"), as_bytes("x")));
  EXPECT_EQ(permissions_of(folder.file("new")), 0640u);
  for (const unsigned mode : {0777u, 0600u, 0444u, 0666u}) {
    write_test_file(folder.file("old"), "old");
    chmod(folder.file("old").c_str(), mode);
    ASSERT_TRUE(write_whole_file(folder.file("old"), as_bytes("x")));
    EXPECT_EQ(permissions_of(folder.file("old")), mode);
    chmod(folder.file("old").c_str(), 0600);
  }
  umask(umask_before);
}

TEST(OutputFile, FollowsSymbolicLinks) {
  const TempFolder folder;
  mkdir(folder.file("sub").c_str(), 0700);
  write_test_file(folder.file("sub/target"), "old");
  ASSERT_EQ(symlink("sub/target", folder.file("link").c_str()), 0);
  ASSERT_EQ(symlink("link", folder.file("link2").c_str()), 0);
  ASSERT_EQ(symlink("sub/not-yet", folder.file("dangling").c_str()), 0);
  ASSERT_TRUE(write_whole_file(folder.file("link2"), as_bytes("new")));
  EXPECT_EQ(read_test_file(folder.file("sub/target")), "new");
  ASSERT_TRUE(write_whole_file(folder.file("dangling"), as_bytes("made")));
  EXPECT_EQ(read_test_file(folder.file("sub/not-yet")), "made");
  EXPECT_EQ(folder.names(), (Names{"dangling", "link", "link2", "sub"}));
  char buffer[16];
  EXPECT_EQ(readlink(folder.file("link").c_str(), buffer, sizeof buffer), 10);
}

TEST(OutputFile, RefusesLinksInACircle) {
  const TempFolder folder;
  ASSERT_EQ(symlink("b", folder.file("a").c_str()), 0);
  ASSERT_EQ(symlink("a", folder.file("b").c_str()), 0);
  const Result<OutputFile> output = OutputFile::create(folder.file("a"));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().message, "cannot write: Too many levels of symbolic links");
}

TEST(OutputFile, PercentSignsInFolderNamesAreLeftAlone) {
  const TempFolder folder;
  mkdir(folder.file("100%%%%").c_str(), 0700);
  ASSERT_TRUE(write_whole_file(folder.file("100%%%%/50%.o"), as_bytes("x")));
  EXPECT_EQ(read_test_file(folder.file("100%%%%/50%.o")), "x");
}

TEST(OutputFile, AnEmptyFileIsAFile) {
  const TempFolder folder;
  ASSERT_TRUE(write_whole_file(folder.file("empty"), {}));
  EXPECT_EQ(read_test_file(folder.file("empty")), "");
}

TEST(OutputFile, NamesAsLongAsTheSystemAllows) {
  const TempFolder folder;
  ASSERT_TRUE(write_whole_file(folder.file(std::string(255, 'n')), as_bytes("x")));
  const Result<OutputFile> longer = OutputFile::create(folder.file(std::string(256, 'n')));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message, "cannot write: File name too long");
}

void expect_refused(const std::string& path, const std::string& message, const std::string& help) {
  const Result<OutputFile> output = OutputFile::create(path);
  ASSERT_FALSE(output) << path;
  EXPECT_EQ(output.error().where.file, path);
  EXPECT_EQ(output.error().message, message);
  EXPECT_EQ(output.error().help, help);
}

TEST(OutputFile, SaysWhatIsWrongWithTheName) {
  const TempFolder folder;
  write_test_file(folder.file("file"), "");
  expect_refused("", "the name of an output file is empty", "");
  expect_refused(folder.path(), "cannot write: it names a folder", "name a file in it");
  expect_refused(folder.file("new/"), "cannot write: it names a folder", "name a file in it");
  expect_refused(folder.file("missing/out.o"),
                 "cannot write: the folder '" + folder.file("missing") + "' does not exist",
                 "create it first: `mkdir -p " + folder.file("missing") + "`");
  expect_refused(folder.file("file/out.o"), "cannot write: Not a directory", "");
  expect_refused("/dev/fd/999", "cannot write: Bad file descriptor", "");
  EXPECT_EQ(folder.names(), Names{"file"});
}

TEST(OutputFile, SaysThatAFolderIsReadOnly) {
  const TempFolder folder;
  mkdir(folder.file("locked").c_str(), 0700);
  write_test_file(folder.file("locked/out.o"), "old");
  chmod(folder.file("locked").c_str(), 0555);
  const std::string path = folder.file("locked/out.o");
  chmod(folder.path().c_str(), 0755);
  // Root may write anywhere, so the child becomes nobody first.
  const int status = run_in_child([&] {
    if (geteuid() == 0 && setuid(65534) != 0) return 2;
    const Result<OutputFile> output = OutputFile::create(path);
    return !output && output.error().message ==
                          "cannot write: no file can be created in the folder '" +
                              folder.file("locked") + "': Permission denied"
               ? 0
               : 1;
  });
  EXPECT_EQ(status, 0);
  chmod(folder.file("locked").c_str(), 0700);
  EXPECT_EQ(read_test_file(path), "old");
}

TEST(OutputFile, WritesToDevicesAndStandardOutput) {
  EXPECT_TRUE(write_whole_file("/dev/null", as_bytes("x")));
  struct stat status{};
  stat("/dev/null", &status);
  EXPECT_TRUE(S_ISCHR(status.st_mode));

  const Result<void> full = write_whole_file("/dev/full", as_bytes("x"));
  ASSERT_FALSE(full);
  EXPECT_EQ(render_text(full.error(), false),
            "wasmpack: error: /dev/full: cannot write: No space left on device [cannot-write]\n");

  const TempFolder folder;
  for (const char* name : {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"}) {
    const std::string path = folder.file("captured");
    const int child = run_in_child([&] {
      const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
      dup2(descriptor, STDOUT_FILENO);
      if (::write(STDOUT_FILENO, "before ", 7) != 7) return 3;
      OutputFile output = create_or_die(name);
      if (!output.write(4, as_bytes("5678")) || !output.write(0, as_bytes("1234"))) return 1;
      if (!output.commit()) return 2;
      // It is still open.
      return ::write(STDOUT_FILENO, " after", 6) == 6 ? 0 : 4;
    });
    EXPECT_EQ(child, 0) << name;
    EXPECT_EQ(read_test_file(path), "before 12345678 after") << name;
  }
  EXPECT_EQ(create_or_die("-").path(), "<stdout>");
}

TEST(OutputFile, StandardOutputMayBeNonBlocking) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string content(1'000'000, 'p');  // more than a pipe holds
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    dup2(ends[1], STDOUT_FILENO);
    _exit(write_whole_file("-", as_bytes(content)) ? 0 : 1);
  }
  close(ends[1]);
  usleep(50'000);  // long enough for the pipe to fill
  size_t received = 0;
  char buffer[4096];
  while (const ssize_t size = read(ends[0], buffer, sizeof buffer)) {
    ASSERT_GT(size, 0);
    received += static_cast<size_t>(size);
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(received, content.size());
}

// A full disk: the system limits how large a file may become.
TEST(OutputFile, AFullDiskLeavesTheOldFileAndNoTemporary) {
  const TempFolder folder;
  write_test_file(folder.file("out.o"), "old");
  {
    const int status = run_in_child([&] {
      const rlimit limit{8192, 8192};
      setrlimit(RLIMIT_FSIZE, &limit);  // SIGXFSZ has its default action: it would kill
      OutputFile output = create_or_die(folder.file("out.o"));
      const std::string content(10'000, 'x');
      const Result<void> result = output.write(0, as_bytes(content));
      return !result && result.error().message == "cannot write: File too large" ? 0 : 1;
    });
    EXPECT_EQ(status, 0);
    EXPECT_EQ(folder.names(), Names{"out.o"});
    EXPECT_EQ(read_test_file(folder.file("out.o")), "old");
  }
}

// Shells may start the tests with signals ignored.
void stop_ignoring(int signal) {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) std::signal(signal, SIG_DFL);
}

// A process that dies by `signal` while it writes; `prepare` runs first.
int die_while_writing(const std::string& path, int signal, const std::function<void()>& prepare) {
  return run_in_child([&] {
    prepare();
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    OutputFile output = create_or_die(path);
    if (!output.write(0, as_bytes("half"))) return 1;
    raise(signal);
    return output.commit() ? 0 : 1;
  });
}

TEST(OutputFile, SignalsLeaveTheOldFileAndNoTemporary) {
  const TempFolder folder;
  write_test_file(folder.file("out.o"), "old");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT}) {
    const int status =
        die_while_writing(folder.file("out.o"), signal, [=] { stop_ignoring(signal); });
    EXPECT_TRUE(WIFSIGNALED(status)) << signal;
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_EQ(folder.names(), Names{"out.o"}) << signal;
    EXPECT_EQ(read_test_file(folder.file("out.o")), "old") << signal;
  }
}

TEST(OutputFile, IgnoredSignalsStayIgnored) {
  const TempFolder folder;
  for (const int signal : {SIGHUP, SIGINT, SIGTERM}) {
    write_test_file(folder.file("out.o"), "old");
    const int status =
        die_while_writing(folder.file("out.o"), signal, [=] { std::signal(signal, SIG_IGN); });
    EXPECT_EQ(status, 0) << signal;
    EXPECT_EQ(folder.names(), Names{"out.o"});
    EXPECT_EQ(read_test_file(folder.file("out.o")), "half") << signal;
  }
}

TEST(OutputFile, NothingIsRemovedAfterTheCommit) {
  const TempFolder folder;
  const int status = run_in_child([&] {
    stop_ignoring(SIGINT);
    if (!write_whole_file(folder.file("out.o"), as_bytes("done"))) return 1;
    raise(SIGINT);
    return 1;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(folder.names(), Names{"out.o"});
  EXPECT_EQ(read_test_file(folder.file("out.o")), "done");
}

}  // namespace
}  // namespace wasmpack
