#include <pool/process/errors.hpp>

#include <cstring>

namespace pool::process {

std::string signal_name(int signal) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
  if (const char* const name = sigabbrev_np(signal)) return std::string("SIG") + name;
#endif
  return "signal " + std::to_string(signal);
}

std::string to_string(const Death& death) {
  switch (death.cause) {
    case Death::Cause::signal:
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 32)
      if (const char* const text = sigdescr_np(death.number))
        return "of " + signal_name(death.number) + " (" + text + ")";
#endif
      return "of " + signal_name(death.number);
    case Death::Cause::exited:
      return "with exit status " + std::to_string(death.number);
    case Death::Cause::closed:
      return "when it had closed its socket";
    case Death::Cause::garbage:
      return "when it had sent what is no message";
    case Death::Cause::unknown:
      break;
  }
  return "and how is not known: somebody else waits for the children of this program, or it ignores SIGCHLD";
}

WorkerDied::WorkerDied(const std::string& job, pid_t pid, const Death& death)
    : PoolError("process: the worker " + std::to_string(pid) + " died " + to_string(death) + " while it ran '" + job +
                "'"),
      death_(death),
      pid_(pid) {}

}  // namespace pool::process
