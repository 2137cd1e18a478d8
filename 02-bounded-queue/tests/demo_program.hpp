// BoundedDemo: a fixture that runs the demo of stage 02 as its users do, in a folder of the test and with a place for
// temporary files of its own.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "../../01-basic-pool/tests/temp_folder.hpp"

struct Ended {
  int status = -1;  // -N: by signal N
  std::string out, err;
};

class BoundedDemo : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(program_)) GTEST_SKIP() << "the demos were not built (POOL_DEMOS)";
  }

  // Starts the demo, its output in files; with `out`, standard output goes to that descriptor instead.
  pid_t start(std::vector<std::string> arguments, int out = -1) const {
    const int out_file = out >= 0 ? ::dup(out) : ::open(out_path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    const int err_file = ::open(err_path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    std::vector<std::string> variables = environment_;
    variables.push_back("TMPDIR=" + temporary_.path());
    std::vector<char*> argv{const_cast<char*>(program_.c_str())}, environment;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    for (std::string& variable : variables) environment.push_back(variable.data());
    argv.push_back(nullptr);
    environment.push_back(nullptr);

    const pid_t child = ::fork();
    if (child == 0) {  // only what is safe after a fork of a program with threads
      ::dup2(out_file, STDOUT_FILENO);
      ::dup2(err_file, STDERR_FILENO);
      if (::chdir(folder_.path().c_str()) == 0) ::execve(argv[0], argv.data(), environment.data());
      ::_exit(127);
    }
    ::close(out_file);
    ::close(err_file);
    return child;
  }

  Ended end(pid_t child) const {
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content_of(out_path_), content_of(err_path_)};
  }

  Ended run(const std::vector<std::string>& arguments) const { return end(start(arguments)); }

  // The same with standard output on a screen of so many columns. What it shows comes back in `out`.
  Ended run_on_a_screen(const std::vector<std::string>& arguments, unsigned short width) const {
    const int screen = ::posix_openpt(O_RDWR | O_NOCTTY);
    ::grantpt(screen);
    ::unlockpt(screen);
    const int terminal = ::open(::ptsname(screen), O_RDWR | O_NOCTTY);
    const winsize size{50, width, 0, 0};
    ::ioctl(terminal, TIOCSWINSZ, &size);
    std::string shown;
    std::thread reader([&] {  // at the same time, because a screen holds only a few kilobytes
      char buffer[4096];
      for (ssize_t got = 0; (got = ::read(screen, buffer, sizeof buffer)) > 0;)  // ends when nobody has it open
        shown.append(buffer, static_cast<std::size_t>(got));
    });
    const pid_t child = start(arguments, terminal);
    ::close(terminal);
    Ended ended = end(child);
    reader.join();
    ::close(screen);
    ended.out = shown;
    return ended;
  }

  const std::string program_ = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "bounded_demo";
  const TempFolder folder_;     // the demo's current folder
  const TempFolder temporary_;  // where it may make temporary files
  std::vector<std::string> environment_ = {"LC_ALL=C", "TERM=xterm", "TSAN_OPTIONS=" + value_of("TSAN_OPTIONS")};

 private:
  static std::string value_of(const char* variable) {
    const char* value = ::getenv(variable);
    return value == nullptr ? "" : value;
  }

  const TempFolder scratch_;
  const std::string out_path_ = scratch_ / "out", err_path_ = scratch_ / "err";
};
