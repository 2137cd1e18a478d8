// ClusterWorker: lends this process to a Gearman job server, for the named jobs of a registry.
//
// Each thread has a connection of its own, by libgearman, and does one job at a time. Before each it says so, and the
// executor that waits for the job counts. A job that throws has been done: its error is its result. If this process
// dies,
// the server sees the connection end and gives the job to another worker; how often, is for `gearmand --job-retries` to
// say, whose default is: for ever.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (W1) no thread takes a job after stop(), and one that is being done is finished
//              (W2) without a server it goes on trying, later and later
//              (W3) a job that is lost inside (run() throws WorkerDied) is done again here, within the request's limit
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <pool/process/jobs.hpp>

namespace pool::cluster {

using process::json;

// Does a job, and gives its result or throws. With a pool of processes:
//   [&](const std::string& name, const json& argument) { return processes.submit(name, argument).get(); }
using Run = std::function<json(const std::string& name, const json& argument)>;

struct WorkerOptions {
  std::string servers = "127.0.0.1:4730";
  std::size_t threads = 0;                        // jobs at a time; 0: one for each hardware thread
  Run run = {};                                   // none: on the thread that has the connection
  std::chrono::milliseconds first_pause{100};     // between two attempts to connect; it doubles,
  std::chrono::milliseconds longest_pause{5000};  // up to that
  // Called by a thread that has lost the server, or cannot reach it: once until it has succeeded. None: a line on
  // stderr.
  std::function<void(const std::string&)> on_trouble = {};
};

struct WorkerStats {
  std::uint64_t done = 0;    // answered, by a result or an error
  std::uint64_t failed = 0;  // of these, by an error
};

class ClusterWorker {
 public:
  // Serves all jobs that the registry has now. Throws std::invalid_argument for options that make no sense and a
  // registry without a job, std::system_error if there are no threads.
  explicit ClusterWorker(WorkerOptions options, const process::Jobs& registry = process::jobs());
  ~ClusterWorker();  // stop()
  ClusterWorker(const ClusterWorker&) = delete;
  ClusterWorker& operator=(const ClusterWorker&) = delete;

  [[nodiscard]] WorkerStats stats() const;
  // Returns when the jobs that were being done have ended.
  void stop();

 private:
  struct Crew;
  std::unique_ptr<Crew> crew_;
};

// What --role worker does: serves until SIGINT or SIGTERM, finishes what it does, and returns the status for main(). A
// second signal ends the process at once. To be called before the program has started threads, or they get the signals.
[[nodiscard]] int serve_cluster(WorkerOptions options, const process::Jobs& registry = process::jobs());

}  // namespace pool::cluster
