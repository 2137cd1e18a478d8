// ClusterExecutor: named jobs on whatever machines have a worker for them, by way of a Gearman job server.
//
//   ClusterExecutor cluster({.servers = "127.0.0.1:4730"});
//   Job<json> job = cluster.submit("count", {{"path", "README.md"}}, {.priority = Priority::high});
//   json lines = job.get();    // or throws what the job threw, or RetriesSpent, ClusterUnavailable, …
//
// A job is done at least once, unless it fails: if a worker dies in the middle of it, or the server, another one is
// given the job, at most `retries` times. So let it be idempotent: that it was done twice must not show.
//
// Cancelling: a job that has not been sent is cancelled and never runs. One that was sent ends here, as cancelled, and
// its worker, if it has one already, goes on with nobody waiting for it.
//
// Thread safety: every member may be called from any thread. Jobs end on a thread of the executor's own, and so what
// their on_end() calls should be short. After fork() only the parent may use it. Static destruction: let it be gone
// before main() returns.
// Invariants:  (E1) submit() returns a job or throws, within connect_timeout
//              (E2) a job that submit() has returned ends: at the latest, when it is given up at shutdown
//              (E3) shutdown() returns within `drain`, and what one connection takes to be made
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <pool/cluster/errors.hpp>
#include <pool/cluster/ledger.hpp>
#include <pool/process/wire.hpp>

namespace pool::cluster {

using std::chrono::milliseconds;

struct ClusterOptions {
  std::string servers = "127.0.0.1:4730";  // the first that answers; the others, when it does not
  unsigned retries = 2;                    // after the first time
  milliseconds connect_timeout{2000};      // for all servers together
  milliseconds answer_timeout{10'000};     // a server that has not taken a job by then is lost
  milliseconds give_up_after{30'000};      // without a server so long, jobs that were sent fail
  milliseconds first_pause{100};           // between two attempts to connect; it doubles,
  milliseconds longest_pause{5000};        // up to that
  milliseconds drain{5000};                // how long shutdown() waits for what was sent
};

struct ClusterStats {
  std::string server;                                                     // that it is connected to; empty: none
  std::string error;                                                      // why there is none; empty: it was not tried
  std::uint64_t submitted = 0, completed = 0, failed = 0, cancelled = 0;  // cancelled: that were sent, or about to be
  std::uint64_t in_flight = 0;                                            // submitted, and not one of the other three
  std::uint64_t deliveries = 0;                                           // starts on workers that we were told of
  std::uint64_t resent = 0;                                               // after a lost connection
};

class ClusterExecutor {
 public:
  // Connects with the first job. Throws std::invalid_argument for options that make no sense.
  explicit ClusterExecutor(ClusterOptions options);
  ~ClusterExecutor();
  ClusterExecutor(const ClusterExecutor&) = delete;
  ClusterExecutor& operator=(const ClusterExecutor&) = delete;

  // Throws ClusterUnavailable, if no server can be reached; ClusterStopped; std::invalid_argument for a name that is
  // none; BadArgument and NotSerialisable for an argument that cannot be sent. From an on_end() it does not wait for a
  // connection: the job then says what went wrong. Whether a worker knows the job, nobody can say: a job without one is
  // queued, so let it have a timeout.
  [[nodiscard]] Job<json> submit(std::string name, const json& argument, JobOptions options = {},
                                 Mode mode = Mode::foreground);

  [[nodiscard]] ClusterStats stats() const;

  // Waits for the jobs that were sent, up to `drain`; what is left fails with ClusterStopped. May be called several
  // times, by several threads, but not from an on_end(): PoolError.
  void shutdown();

 private:
  struct Link;
  std::shared_ptr<Link> link_;
};

}  // namespace pool::cluster
