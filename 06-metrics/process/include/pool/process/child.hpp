// Child: a process that this one has started, from its start to the moment when the kernel has forgotten it.
//
// Its signals are as the system sets them, whatever this program has changed; it has a process group of its own, so that
// Ctrl-C is for this program to answer, and so that what it starts itself can be ended with it; and of the open files it
// has stdout, stderr, and the two that are given to it.
// Thread safety: none of its own; spawn() may be called from any thread. The parent-death signal follows the thread that
// called it: let that be one that stays.
// Invariants:  (C1) no signal is sent to a process that was reaped, nor to one that got its number later (pidfd)
//              (C2) reap() never waits, and does not need SIGCHLD: not even if the program ignores it
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include <pool/process/descriptor.hpp>
#include <pool/process/errors.hpp>

namespace pool::process {

struct Command {
  std::string executable;  // a path
  std::vector<std::string> arguments;
};

inline constexpr int kDataSocket = 3;                                  // in the child: frames
inline constexpr int kControlSocket = 4;                               // cancellations, and the parent's end
inline constexpr const char* kWorkerVariable = "POOL_PROCESS_WORKER";  // in a child's environment, until it serves

class Child {
 public:
  Child() = default;  // none
  // Throws std::system_error. Without a pidfd (as on kernels before 5.3) a death is found out by asking.
  [[nodiscard]] static Child spawn(const Command& command, int data, int control, bool with_pidfd = true);

  [[nodiscard]] bool is_there() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int pidfd() const { return pidfd_.number(); }  // readable when it has died; -1: there is none

  void signal(int number) const;
  // Whether it has died, and how. Then what is left of its group is killed, and the child is none any more.
  [[nodiscard]] std::optional<Death> reap();

 private:
  [[nodiscard]] bool pidfd_says_dead() const;

  pid_t pid_ = 0;
  Descriptor pidfd_;
};

}  // namespace pool::process
