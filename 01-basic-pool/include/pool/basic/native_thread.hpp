// What the standard's thread does not offer: a name that tools show, a mask of signals, and how many to start.
#pragma once

#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>

namespace pool::basic {

// The most threads a pool may be asked for.
inline constexpr std::size_t kMaxWorkers = 1000;

// How many workers a pool starts that was asked for so many: for 0, one for each hardware thread, 4 where their number
// is unknown. Throws std::invalid_argument for more than kMaxWorkers.
[[nodiscard]] std::size_t crew_size(std::size_t workers);

// prefix-index in at most 15 bytes, which is what the kernel keeps. A long prefix is cut, the number is not, nor is a
// UTF-8 character in the middle.
[[nodiscard]] std::string thread_name(std::string_view prefix, std::size_t index);

// Gives the calling thread its name: `top -H`, gdb and /proc/self/task/*/comm show it. Does nothing where the system
// has no way to.
void name_this_thread(const std::string& name);

// While it lives, the calling thread and every thread that it starts block all signals but those that a thread brings
// on itself by a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT). So a signal for the process is
// handled by the program's own threads, and never in the middle of a job.
class SignalsBlocked {
 public:
  SignalsBlocked();
  ~SignalsBlocked();
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace pool::basic
