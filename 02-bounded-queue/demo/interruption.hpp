// Interruption: Ctrl-C, and the other signals that end a program, as an exception: so destructors run, and what was
// written to the disk is removed.
//
// As long as an Interruption lives, such a signal is only noted, and ends system calls that wait (EINTR). The code that
// works asks check() often enough, which throws. The program then ends as the signal would have ended it.
// Thread safety: at most one at a time, made, used and destroyed while the program has one thread.
#pragma once

#include <signal.h>

#include <array>

class Interrupted {  // no std::exception: nobody should take it for an error and go on
 public:
  explicit Interrupted(int signal) : signal_(signal) {}
  [[noreturn]] void end_process() const;

 private:
  int signal_;
};

class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  void check() const;  // throws Interrupted if there was a signal

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, kSignals.size()> before_{};
};
