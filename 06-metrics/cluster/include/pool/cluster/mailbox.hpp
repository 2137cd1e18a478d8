// Mailbox: between the threads that submit and the one that has the connection.
//
// Thread safety: every member may be called from any thread; take(), up() and down() are for the one with the
// connection.
// Invariants:  (B1) what put() has taken is in one take(), or in the mailbox; a cancel() comes no earlier than its job
//              (B2) put() waits no longer than its deadline, and for nothing but a connection that is being made
//              (B3) no job ends with the lock held
//              (B4) whoever waits for descriptor() to be readable misses nothing
//              (B5) after close() nothing is put, nobody waits, and each take() says so
// tests/explore/mailbox_explored_test.cpp runs it under every interleaving with few preemptions.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/cluster/ledger.hpp>
#include <pool/process/descriptor.hpp>

namespace pool::cluster {

class Mailbox {
 public:
  using Clock = std::chrono::steady_clock;

  Mailbox();  // throws std::system_error

  // Hands a job over as soon as there is a connection. Throws ClusterUnavailable if there is none: at once, if it is
  // not yet time to try again. Throws ClusterStopped after close(). A call that must not wait hands it over anyhow.
  void put(Submission&& job, const bounded::Deadline& deadline, bool may_wait);
  // A job that was put is no longer wanted.
  void cancel(std::uint64_t number);
  // Nothing more is taken; by then, all is to end.
  void close(Clock::time_point end);

  struct Taken {
    std::vector<Submission> jobs;
    std::vector<std::uint64_t> cancelled;
    bool wants_connection = false;
    std::optional<Clock::time_point> closing;
  };
  [[nodiscard]] Taken take();
  // There is a connection now; there is none, and it will be tried again then.
  void up(const std::string& server);
  void down(const std::string& error, Clock::time_point retry);

  [[nodiscard]] int descriptor() const { return wake_.number(); }  // readable: there is something to take
  [[nodiscard]] std::string server() const;                        // empty: there is no connection
  [[nodiscard]] std::string error() const;                         // why there is none

 private:
  void wake() const;

  const process::Descriptor wake_;  // an eventfd
  mutable sync::mutex mutex_;
  sync::condition_variable changed_;
  // --- guarded by mutex_
  Taken box_;
  std::string server_;
  std::string error_;
  Clock::time_point retry_{};
  std::uint64_t failures_ = 0;
};

}  // namespace pool::cluster
