// Interruption: Ctrl-C, and SIGTERM, as a cancellation: whoever has the token sees it, and everything ends in order.
//
// A signal handler may do next to nothing; to cancel takes a lock and runs callbacks. So the handler writes the
// signal's number into a pipe, and a thread that reads there cancels. The second signal ends the program at once.
// Thread safety: token() and exit_status() may be called from any thread. At most one object at a time.
#pragma once

#include <signal.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

#include <pool/priority/cancellation.hpp>

class Interruption {
 public:
  Interruption();  // std::system_error, if there is no pipe or thread to be had
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // Cancelled with the name of the signal as the reason.
  [[nodiscard]] pool::priority::CancelToken token() const { return source_.token(); }

  // What the shell takes for "ended by this signal": 130 for Ctrl-C, 143 for SIGTERM. 0 if there was none.
  [[nodiscard]] int exit_status() const { return signal_ == 0 ? 0 : 128 + signal_; }

 private:
  void watch();

  static constexpr std::array kSignals{SIGINT, SIGTERM};
  const pool::priority::CancelSource source_;
  std::atomic<int> signal_{0};
  std::array<int, 2> pipe_{};
  std::array<struct sigaction, kSignals.size()> before_{};
  std::thread thread_;
};
