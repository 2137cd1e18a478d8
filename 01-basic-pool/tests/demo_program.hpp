// Demo: a fixture that runs the demo program as its users do, and keeps what it printed.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/capability.h>
#include <sys/prctl.h>
#endif

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "temp_folder.hpp"

struct Ended {
  int status = -1;  // -1: by a signal
  std::string out, err;
};

class Demo : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(program_)) GTEST_SKIP() << "the demos were not built (POOL_DEMOS)";
  }

  // Runs the demo, with its output in files; with `out`, standard output goes to that descriptor instead.
  Ended run(std::vector<std::string> arguments, int out = -1) const {
    const std::string out_path = scratch_ / "out", err_path = scratch_ / "err";
    const int out_file = out >= 0 ? ::dup(out) : ::open(out_path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    const int err_file = ::open(err_path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    std::vector<char*> argv{const_cast<char*>(program_.c_str())};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::vector<char*> environment;
    for (const std::string& variable : environment_) environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);

    const pid_t child = ::fork();
    if (child == 0) {  // only what is safe after a fork of a program with threads
#ifdef __linux__
      // Without these, root obeys file permissions, too.
      ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
      ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
#endif
      ::dup2(out_file, STDOUT_FILENO);
      ::dup2(err_file, STDERR_FILENO);
      ::execve(argv[0], argv.data(), environment.data());
      ::_exit(127);
    }
    ::close(out_file);
    ::close(err_file);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out >= 0 ? "" : content_of(out_path), content_of(err_path)};
  }

  // The same with standard output on a screen. What it shows comes back in `out`.
  Ended run_on_a_screen(const std::vector<std::string>& arguments) const {
    const int screen = ::posix_openpt(O_RDWR | O_NOCTTY);
    ::grantpt(screen);
    ::unlockpt(screen);
    const int terminal = ::open(::ptsname(screen), O_RDWR | O_NOCTTY);
    std::string shown;
    std::thread reader([&] {  // at the same time, because a screen holds only a few kilobytes
      char buffer[4096];
      for (ssize_t got = 0; (got = ::read(screen, buffer, sizeof buffer)) > 0;)  // ends when nobody has it open
        shown.append(buffer, static_cast<std::size_t>(got));
    });
    Ended ended = run(arguments, terminal);
    ::close(terminal);
    reader.join();
    ended.out = shown;
    ::close(screen);
    return ended;
  }

  const std::string program_ = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "basic_demo";
  const TempFolder scratch_;
  TempFolder folder_;
  std::vector<std::string> environment_ = {"LC_ALL=C", "TERM=xterm", "TSAN_OPTIONS=" + value_of("TSAN_OPTIONS")};

 private:
  static std::string value_of(const char* variable) {
    const char* value = ::getenv(variable);
    return value == nullptr ? "" : value;
  }
};
