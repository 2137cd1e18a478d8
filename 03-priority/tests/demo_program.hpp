// DemoProgram: a fixture that runs a demo as its users do, in a folder of the test, with nothing to read, or with
// somebody who types. PriorityDemo: that of stage 03.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/capability.h>
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "../../01-basic-pool/tests/temp_folder.hpp"

struct Ended {
  int status = -1;  // -N: by signal N
  std::string out, err;
};

// The other end of the demo's standard output: a pipe or a screen.
class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { ::close(descriptor_); }

  // Reads on until this is among what was read since the last call, or the output ends; says whether it is.
  bool read_until(std::string_view part) {
    const std::size_t begin = text_.size();
    while (text_.find(part, begin) == std::string::npos)
      if (!read_more()) return false;
    return true;
  }

  std::string read_all() {
    while (read_more()) {
    }
    return text_;
  }

  void type(std::string_view keys) const { ASSERT_EQ(::write(descriptor_, keys.data(), keys.size()), ssize(keys)); }

 private:
  static ssize_t ssize(std::string_view text) { return static_cast<ssize_t>(text.size()); }

  bool read_more() {
    char buffer[4096];
    ssize_t got = 0;
    do got = ::read(descriptor_, buffer, sizeof buffer);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return false;  // a screen that nobody has open gives an error
    text_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }

  const int descriptor_;
  std::string text_;
};

class DemoProgram : public ::testing::Test {
 protected:
  explicit DemoProgram(const char* name)
      : program_(std::filesystem::read_symlink("/proc/self/exe").parent_path() / name) {}

  void SetUp() override {
    if (!std::filesystem::exists(program_)) GTEST_SKIP() << "the demos were not built (POOL_DEMOS)";
  }

  // Starts the demo with these as standard input and output; standard error goes to a file.
  pid_t start(std::vector<std::string> arguments, int in, int out) const {
    const int err = ::open(err_path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    std::vector<std::string> variables = environment_;
    std::vector<char*> argv{const_cast<char*>(program_.c_str())}, environment;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    for (std::string& variable : variables) environment.push_back(variable.data());
    argv.push_back(nullptr);
    environment.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {  // only what is safe after a fork of a program with threads
#ifdef __linux__
      // Without these, root obeys file permissions, too.
      ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
      ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
#endif
      ::dup2(in, STDIN_FILENO);
      ::dup2(out, STDOUT_FILENO);
      ::dup2(err, STDERR_FILENO);
      if (::chdir(folder_.path().c_str()) == 0) ::execve(argv[0], argv.data(), environment.data());
      ::_exit(127);
    }
    ::close(err);
    return child;
  }

  // Runs it with its output in a pipe. `meanwhile` may read, and send signals.
  Ended run(
      const std::vector<std::string>& arguments,
      const std::function<void(pid_t, Output&)>& meanwhile = [](pid_t, Output&) {}) const {
    int pipe[2];
    EXPECT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    const pid_t child = start(arguments, nothing, pipe[1]);
    ::close(nothing);
    ::close(pipe[1]);
    Output output(pipe[0]);
    meanwhile(child, output);
    return end(child, output);
  }

  // The same with standard input and output on a screen of so many columns.
  Ended run_on_a_screen(
      const std::vector<std::string>& arguments, unsigned short width,
      const std::function<void(pid_t, Output&)>& meanwhile = [](pid_t, Output&) {}) const {
    const int screen = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ::grantpt(screen);
    ::unlockpt(screen);
    const int terminal = ::open(::ptsname(screen), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const winsize size{50, width, 0, 0};
    ::ioctl(terminal, TIOCSWINSZ, &size);
    const pid_t child = start(arguments, terminal, terminal);
    ::close(terminal);
    Output output(screen);
    meanwhile(child, output);
    return end(child, output);
  }

  const std::string program_;
  const TempFolder folder_;  // the demo's current folder
  std::vector<std::string> environment_ = {"LC_ALL=C", "TERM=xterm", "TSAN_OPTIONS=" + value_of("TSAN_OPTIONS")};

 private:
  Ended end(pid_t child, Output& output) const {
    const std::string out = output.read_all();
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), out, content_of(err_path_)};
  }

  static std::string value_of(const char* variable) {
    const char* value = ::getenv(variable);
    return value == nullptr ? "" : value;
  }

  const TempFolder scratch_;
  const std::string err_path_ = scratch_ / "err";
};

class PriorityDemo : public DemoProgram {
 protected:
  PriorityDemo() : DemoProgram("priority_demo") {}
};
