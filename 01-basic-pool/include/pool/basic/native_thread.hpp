// What the standard's thread does not offer: a name that tools show, and a mask of signals.
#pragma once

#include <csignal>
#include <cstddef>
#include <string>
#include <string_view>

namespace pool::basic {

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
