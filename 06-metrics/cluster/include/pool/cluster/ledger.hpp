// Ledger: the jobs that are with the job server, and what its packets say of them. It has no socket and no lock, so
// that every answer that a server can give can be given in a test.
//
//   submit() → add() ─ packet ─▶ gearmand ─ created ─▶ handle() ─ status, complete, fail ─▶ handle()
//                ▲                   │
//                └──── resend() ◀────┴── connection lost: forget_server()
//
// Thread safety: of the counts only; all else belongs to the thread that has the connection. Jobs end on that thread,
// and with them what their on_end() calls.
// Invariants:  (L1) a job that add() has taken ends once: by a packet, by abandon(), by fail_all(), or by
//              too many starts
//              (L2) no job is sent, or seen to be started, more than `limit` times without failing
//              (L3) a packet that is not about a job of ours is ignored, one that makes no sense is a ProtocolError
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <string>

#include <pool/basic/sync.hpp>
#include <pool/cluster/message.hpp>
#include <pool/cluster/packet.hpp>
#include <pool/priority/job.hpp>

namespace pool::cluster {

using priority::Job;
using priority::JobOptions;
using priority::Priority;

enum class Mode {
  foreground,  // the job's result is the result; if this program goes, so does the job, unless it runs already
  background,  // the result is {"handle": …} as soon as the server has the job, which then belongs to it
};

// Five priorities, and Gearman has three: critical and high are high, low and lowest are low.
[[nodiscard]] Command submit_command(Priority priority, Mode mode);

// A job on its way.
struct Submission {
  std::uint64_t number;
  priority::JobProducer<json> producer;
  priority::CancelCallback on_cancel;
  std::string name;
  std::string argument;  // bytes
  Priority priority;
  Mode mode;
};

struct Counts {
  sync::atomic<std::uint64_t> completed{0}, failed{0}, cancelled{0};
  sync::atomic<std::uint64_t> deliveries{0};  // starts on some worker that we were told of
  sync::atomic<std::uint64_t> resent{0};
};

class Ledger {
 public:
  using Clock = std::chrono::steady_clock;

  // `limit`: how often a job may be started. `stem`: what the ids of its jobs begin with, different for each ledger.
  Ledger(unsigned limit, std::string stem, Counts& counts) : limit_(limit), stem_(std::move(stem)), counts_(counts) {}

  // Takes the job, and gives the packet to be sent; an empty one if it was cancelled meanwhile. With `now` it is sent
  // at once, without it waits for resend().
  [[nodiscard]] std::string add(Submission&& job, std::optional<Clock::time_point> now);
  // What the server sends. Throws ProtocolError.
  void handle(const Packet& packet);

  // The connection is lost; and there is another one: all that is to be sent over it.
  void forget_server();
  [[nodiscard]] std::string resend(Clock::time_point now);

  // Ends what is no longer wanted: the caller is told so at once, whatever the worker does.
  void abandon(std::uint64_t number);
  void fail_all(const std::exception_ptr& error);

  [[nodiscard]] bool is_empty() const { return jobs_.empty(); }
  // When that was sent of which the server has not said yet that it has it.
  [[nodiscard]] std::optional<Clock::time_point> unanswered_since() const;

 private:
  struct Sent {
    Submission job;
    unsigned sent = 0;        // how often
    unsigned deliveries = 0;  // starts that we were told of
    std::string handle;
  };
  struct Unanswered {
    std::uint64_t number;
    Clock::time_point since;
  };
  using Jobs = std::map<std::uint64_t, Sent>;  // by number, which is the order of submission

  std::string packet_of(Sent& job, Clock::time_point now);
  void created(const std::string& handle);
  void refused(const Packet& error);
  void started(Jobs::iterator job);
  [[nodiscard]] Jobs::iterator find(const std::string& handle);
  [[nodiscard]] Sent take(Jobs::iterator job);
  void complete(Jobs::iterator job, json result);
  void fail(Jobs::iterator job, std::exception_ptr error);

  const unsigned limit_;
  const std::string stem_;
  Counts& counts_;
  Jobs jobs_;
  std::map<std::string, std::uint64_t> handles_;
  std::deque<Unanswered> unanswered_;  // the server answers in the order of what was sent
};

}  // namespace pool::cluster
