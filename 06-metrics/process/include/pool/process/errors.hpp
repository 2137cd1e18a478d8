// What can go wrong between a named job and whoever waits for it. All but JobFailed are PoolErrors: not the job's own.
//
// Thread safety: values.
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/executor.hpp>

namespace pool::process {

using basic::PoolError;
using basic::PoolStopped;

// No job has that name.
class UnknownJob : public PoolError {
  using PoolError::PoolError;
};
// The job cannot do anything with this argument: a key is missing, a value has another type, or it is too large.
class BadArgument : public PoolError {
  using PoolError::PoolError;
};
// What the job gives takes more bytes than a message may have.
class ResultTooLarge : public PoolError {
  using PoolError::PoolError;
};
// A value that JSON text cannot hold: a text that is not UTF-8, a number that is not finite, bytes, or too many levels.
class NotSerialisable : public PoolError {
  using PoolError::PoolError;
};
// The job wanted more memory than its worker may have.
class OutOfMemory : public PoolError {
  using PoolError::PoolError;
};
// The other side says what nobody of this version says.
class ProtocolError : public PoolError {
  using PoolError::PoolError;
};
// No worker process could be started, several times in succession.
class WorkerNotStarted : public PoolError {
  using PoolError::PoolError;
};

// The job threw, in another process. what() is what the exception said there.
class JobFailed : public std::runtime_error {
 public:
  JobFailed(std::string type, const std::string& what) : runtime_error(what), type_(std::move(type)) {}
  [[nodiscard]] const std::string& type() const { return type_; }  // of the exception, as the source has it

 private:
  std::string type_;
};

// How a process came to its end.
struct Death {
  enum class Cause {
    signal,   // `number` is the signal's
    exited,   // `number` is the status
    closed,   // it closed its socket, and was killed
    garbage,  // it sent what is no message, and was killed
    unknown,  // the program ignores SIGCHLD, or somebody else asked the kernel first
  };
  Cause cause = Cause::unknown;
  int number = 0;
  friend bool operator==(const Death&, const Death&) = default;
};

// SIGSEGV, or "signal 42" if it has no name.
[[nodiscard]] std::string signal_name(int signal);
// "of SIGSEGV (Segmentation fault)", "with exit status 3", …: what follows "it died".
[[nodiscard]] std::string to_string(const Death& death);

// The worker died, and the job with it.
class WorkerDied : public PoolError {
 public:
  WorkerDied(const std::string& job, pid_t pid, const Death& death);
  [[nodiscard]] const Death& death() const { return death_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  Death death_;
  pid_t pid_;
};

}  // namespace pool::process
