// ProcessPool: named jobs in processes of their own, which may crash, hang, or take all memory, and can be killed.
//
//   int main(int argc, char** argv) {
//     jobs().add("parse", parse);
//     if (auto status = worker_main(argc, argv)) return *status;      // this program is its own worker
//     ProcessPool pool({.max_workers = 4});
//     Job<json> job = pool.submit("parse", {{"path", "a.pdf"}}, {.timeout = 5s});
//     try {
//       use(job.get());
//     } catch (const WorkerDied& died) { … }                         // "… died of SIGSEGV (Segmentation fault) …"
//   }
//
// A worker is started when a job waits and nobody is free, serves one job after another, and stays. How a job that
// should stop is stopped (job.cancel(), its timeout, its parent token): its token is cancelled; after `grace` the worker
// gets SIGTERM, after another one SIGKILL. A worker that got a signal serves no other job. No job has a timeout unless
// it is asked for.
//
// Thread safety: every member may be called from any thread; the constructor and the destructor, as always, from one.
// Callbacks of jobs (on_end) run on the pool's own thread, on that of a cancel(), or on the timer's: let them be short.
// They may submit, cancel and ask for an asynchronous shutdown, but not wait for this pool.
// Invariants:  (R1) a job that was accepted ends exactly once: completed, failed or cancelled
//              (R2) a worker that dies costs the job that it ran, and no other; that is not tried again. One that it was
//                   sent, and did not read, is given to another worker: to three at most
//              (R3) no signal that is meant for one job reaches the next one
//              (R4) there are no more than max_workers processes; after shutdown() there is none, no zombie and no
//                   descriptor
//              (R5) after a death without a success in between, the next worker comes after 0, 10 ms, 20 ms, … 10 s
//              (R6) no code of the user (callbacks, tokens' callbacks) runs under a lock
//              (R7) of what is queued, next_level() decides which starts next
// Memory ordering: what happens before submit() is visible to the job by its argument only; what its worker wrote to
// files before it ended is there when the job has ended.
// Fork: a child process must not use the pool; exec or _exit. Static destruction: shut the pool down before main() ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/priority/job.hpp>
#include <pool/process/errors.hpp>
#include <pool/process/frame.hpp>
#include <pool/process/jobs.hpp>

namespace pool::process {

using priority::Clock;
using priority::Duration;

struct Options {
  std::size_t max_workers = 0;  // 0: one for each hardware thread
  std::size_t min_workers = 0;  // started at once, and kept

  std::string executable = {};                        // a worker's program; empty: this program, and jobs() is its too
  std::vector<std::string> arguments = {"--worker"};  // what worker_main() looks for
  json state = nullptr;                               // every worker is given it once: context.state

  Duration grace = std::chrono::seconds(2);              // from token to SIGTERM, and from that to SIGKILL
  Duration start_timeout = std::chrono::seconds(30);     // a worker that is not ready by then is killed
  std::size_t start_attempts = 5;                        // in succession, in vain: then what is queued fails
  Duration first_pause = std::chrono::milliseconds(10);  // see R5
  Duration longest_pause = std::chrono::seconds(10);

  std::size_t recycle_after_jobs = 0;   // a worker is replaced after so many; 0: never
  std::size_t recycle_after_bytes = 0;  // … or when it has so much memory in use after a job; 0: never
  std::size_t memory_limit = 0;         // bytes of address space that a worker may have (RLIMIT_AS); 0: no limit
  std::size_t max_message = kDefaultMaxMessage;  // bytes of an argument or a result, as they are sent

  std::size_t capacity = 0;                    // how many jobs may be queued; 0: no limit
  Duration ageing = std::chrono::seconds(10);  // see next_level()
  Clock* clock = nullptr;                      // null: the steady clock; must outlive the pool and its jobs
  bool pidfd = true;                           // false: as if the kernel had none
};

enum class Shutdown { drain, now };

// All of one moment.
struct WorkerInfo {
  pid_t pid = 0;
  std::size_t index = 0;
  std::string state;  // starting, idle, busy, leaving
  std::optional<priority::JobId> job;
  std::uint64_t jobs = 0;  // that it has done
};
struct Stats {
  std::uint64_t submitted = 0, completed = 0, failed = 0, cancelled = 0;
  std::uint64_t started = 0;   // workers, so far
  std::uint64_t died = 0;      // of themselves
  std::uint64_t killed = 0;    // by the pool
  std::uint64_t timeouts = 0;  // jobs that ran for too long
  std::size_t queued = 0, running = 0;
  std::vector<WorkerInfo> workers;  // those that there are
};

class ProcessPool {
 public:
  using Options = process::Options;

  // Throws std::invalid_argument for options that make no sense, std::system_error if the pool's thread or its
  // descriptors cannot be made, and PoolError in a process that is a worker itself and has not called worker_main().
  explicit ProcessPool(Options options = {});
  ~ProcessPool();  // shutdown(now)
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  // Queues a job. Throws PoolStopped after shutdown; bounded::QueueFull; UnknownJob, if the workers run this program and
  // it has no such job; NotSerialisable, or BadArgument if it is too large; std::bad_alloc. Then nothing is queued.
  // The job fails with what it threw: UnknownJob, BadArgument, ResultTooLarge, NotSerialisable, OutOfMemory, JobFailed;
  // or with WorkerDied or WorkerNotStarted.
  [[nodiscard]] Job<json> submit(const std::string& name, const json& argument = nullptr, JobOptions options = {});

  // Takes no more jobs. now: cancels those that are queued, kills those that run ("shutdown"); drain: waits for all.
  // Returns when no worker is left. May be called again, from several threads; `now` overtakes `drain`. Throws PoolError
  // if it is called on the pool's own thread, which would wait for itself.
  void shutdown(Shutdown how = Shutdown::now);
  // The same, and the job is completed when no worker is left. In its callback the pool may be destroyed.
  [[nodiscard]] Job<void> shutdown_async(Shutdown how = Shutdown::now);

  [[nodiscard]] CancelToken stopping() const;  // cancelled when a shutdown begins
  [[nodiscard]] std::size_t pending() const;   // queued and not started
  [[nodiscard]] std::size_t size() const;      // workers that there are
  [[nodiscard]] Stats stats() const;

 private:
  class Core;
  void join();

  std::shared_ptr<Core> core_;
  sync::mutex joining_;
  sync::thread thread_;  // written by the constructor, then guarded by joining_
};

}  // namespace pool::process
