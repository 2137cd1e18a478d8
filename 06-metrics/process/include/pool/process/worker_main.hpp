// worker_main: what makes a program its own worker. The first lines of main():
//
//   register_my_jobs(pool::process::jobs());
//   if (auto status = pool::process::worker_main(argc, argv)) return *status;
//
// In a process that a ProcessPool has started (its first argument is --worker) it serves jobs until the pool closes the
// socket. In any other it does nothing.
//
// The process ends when its parent does, in the middle of a job, too: the kernel kills it (PR_SET_PDEATHSIG), and a
// thread of its own sees the end of the second socket.
// Thread safety: to be called once, before main() has started threads. Jobs run on the thread that calls it.
#pragma once

#include <optional>

#include <pool/process/jobs.hpp>

namespace pool::process {

inline constexpr const char* kWorkerArgument = "--worker";

// How a worker ends that cannot go on.
inline constexpr int kExitUsage = 64;     // there is no pool at the other end
inline constexpr int kExitProtocol = 76;  // it got what is no message
inline constexpr int kExitThread = 70;    // a job ended the thread that it ran on
inline constexpr int kExitNoMemory = 71;  // there was none left to say so

[[nodiscard]] std::optional<int> worker_main(int argc, const char* const* argv, const Jobs& registry = jobs());

// Whether this process was started as a worker and has not called worker_main().
[[nodiscard]] bool is_stray_worker();

}  // namespace pool::process
