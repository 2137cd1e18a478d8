// Held: a job that is there and not queued yet, because something has to come first: other jobs, or a time. What
// after() is made of.
//
// Thread safety: arrive() and fail() from any thread, hold() once, before them.
// Invariants:  (H1) when everything has arrived, the job is queued, once
//              (H2) whatever comes first of a failure, a cancel, the end of the pool and the last arrival decides; the
//                   job ends in every case: nobody waits for ever
//              (H3) what is cancelled because of others is cancelled in a loop, not in a recursion: chains may be long
// Memory ordering: what happens before any arrive() is visible to the job. [arrived]
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pool/basic/sync.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>

namespace pool::flow {

using priority::CancelToken;
using priority::Duration;
using priority::Job;
using priority::JobCore;
using priority::JobHost;
using priority::JobInfo;
using priority::JobOptions;
using priority::JobRef;
using priority::JobState;
using priority::Time;

class Held : public std::enable_shared_from_this<Held> {
 public:
  // A job of that host, which waits for so many arrivals.
  Held(JobRef<JobCore> job, std::shared_ptr<JobHost> host, std::size_t arrivals);
  ~Held();  // if it still waits, nobody is left who could arrive: cancelled
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  // From now on, the end of the host's pool cancels it ("shutdown"), and if `due` is not Time::max(), that time
  // arrives.
  // Throws std::bad_alloc, and std::system_error if the host's timer cannot be started.
  static void hold(const std::shared_ptr<Held>& held, Time due = Time::max());

  void arrive();
  // One of those it waits for has ended: arrive(), or it is cancelled with a reason that names the one.
  void arrive(const JobCore& dependency);

 private:
  struct Wave;  // what the calling thread has to cancel
  void cancel(std::string why);

  const JobRef<JobCore> job_;
  const std::shared_ptr<JobHost> host_;
  sync::atomic<std::size_t> left_;
  sync::atomic<bool> culprit_found_{false};
  std::string why_;             // these two belong to whoever has found the culprit
  std::shared_ptr<Held> next_;  // in a Wave
};

// Calls f once when the host's pool has gone: when its timer is stopped, which is the last thing that a shutdown does,
// or all that runs is asked to stop. f runs on the thread that shuts the pool down, and must not shut it down itself.
// Also calls `due`, on the timer's thread, when that time has come; then f is not called any more. Whichever comes
// first.
// Gives the timer's entry; to cancel it destroys both functions, so calls f: let f see that nothing is left to do.
[[nodiscard]] priority::Timer::Id at_time_or_end(JobHost& host, Time time, std::function<void()> due,
                                                 std::function<void()> f);

// Until somebody who is ending the job this moment has done so. For a producer that could not start it, and is about
// to go: a JobProducer must not be destroyed while another thread cancels its job.
template <class R>
void until_ended(const Job<R>& job) {
  while (!has_ended(job.state())) sync::this_thread::yield();
}

// "dependency 'parse' failed: no such file"; for one that was cancelled because of another, that one's reason.
[[nodiscard]] std::string reason_because_of(const JobInfo& culprit);
// What an exception says of itself.
[[nodiscard]] std::string text_of(const std::exception_ptr& error);

}  // namespace pool::flow
