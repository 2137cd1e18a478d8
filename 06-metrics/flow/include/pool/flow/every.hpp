// every(): a function that is called again and again, on a pool.
//
//   Periodic saving = every(pool, 30s, [&] { save(state); });
//   saving.cancel();
//
// The n-th tick is due at start + n * period of the pool's clock, however late those before it were: it does not drift.
// (The first is due after one period, or at options.first.)
// Missed::skip: a tick that is due while the one before it runs, or while no worker is free, is left out and counted.
// Missed::catch_up: it comes as soon as the one before it has ended, so that there are as many as time has passed.
// A tick never overlaps another one. What it throws goes to the pool's on_error, and is counted; the next one comes.
//
// A periodic task is a job, which runs from the start until it is cancelled: by cancel(), its options' token, or the
// end of its pool ("shutdown"). Its timeout, if it has one, is that of the whole. A function that takes a CancelToken
// gets its own.
// Thread safety: every member may be called from any thread; cancel() in a tick, too. Copies are handles of one task;
// when the last one goes, it goes on.
// Invariants:  (E1) at any moment it waits for a tick, has one queued or running, or is over: one entry in the timer or
//                   one unit in the pool
//              (E2) no tick begins when cancel() has returned; one that runs then is waited for by wait()
// Memory ordering: what a tick did is visible to the next one, and to whoever has waited for the end.
// Errors: std::invalid_argument for a period that is not above 0, or an empty function; std::bad_alloc,
// std::system_error.
// Fork, static destruction: as the pool.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/flow/after.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/unit.hpp>

namespace pool::flow {

enum class Missed { skip, catch_up };

struct PeriodicOptions {
  JobOptions job = {};
  Missed missed = Missed::skip;
  std::optional<Time> first = {};  // none: after one period
};

// What is behind the handles.
class Ticker : public std::enable_shared_from_this<Ticker> {
 public:
  using Work = std::function<void(const CancelToken&)>;
  Ticker(std::shared_ptr<JobHost> host, priority::JobProducer<void> producer, Duration period, Time first,
         Missed policy, priority::Priority priority, Work work);
  [[nodiscard]] bool start();  // false: it was cancelled before
  void stop(std::string_view why);

  sync::atomic<std::uint64_t> ticks{0}, missed{0}, failed{0};

 private:
  class Tick;  // the unit
  static constexpr std::uint8_t kTicking = 1, kStop = 2;
  void wait_for_the_next();
  void due();
  void tick();
  void leave_out();
  void finish();

  const std::shared_ptr<JobHost> host_;
  priority::JobProducer<void> producer_;  // whoever stops it, or the tick that finds it stopped
  const Duration period_;
  const Time first_;
  const Missed policy_;
  const priority::Priority priority_;
  Work work_;               // a tick's; at the end, that of whoever finishes it
  std::uint64_t next_ = 0;  // the number of the tick that is waited for; handed on with the tick

  sync::atomic<std::uint8_t> word_{0};
  sync::mutex mutex_;
  sync::cell<priority::Timer::Id> entry_;  // guarded by mutex_
  sync::cell<std::string> why_;            // guarded by mutex_
  priority::CancelCallback cancelled_;     // written once, by start()
};

class Periodic {
 public:
  Periodic(priority::Job<void> job, std::shared_ptr<Ticker> ticker)
      : job_(std::move(job)), ticker_(std::move(ticker)) {}

  // False if it was over.
  bool cancel(std::string_view why = priority::reason::asked) const { return job_.cancel(why); }
  void wait() const { job_.wait(); }  // until it is over, and no tick runs
  [[nodiscard]] bool over() const { return has_ended(job_.state()); }
  [[nodiscard]] const priority::Job<void>& job() const { return job_; }

  [[nodiscard]] std::uint64_t ticks() const { return ticker_->ticks.load(std::memory_order_relaxed); }  // that ended
  [[nodiscard]] std::uint64_t missed() const { return ticker_->missed.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failed() const { return ticker_->failed.load(std::memory_order_relaxed); }

 private:
  priority::Job<void> job_;
  std::shared_ptr<Ticker> ticker_;
};

// The same for a job of the caller's, with its producer.
[[nodiscard]] Periodic every(const std::shared_ptr<JobHost>& host, priority::Job<void> job,
                             priority::JobProducer<void> producer, Duration period, const PeriodicOptions& options,
                             Ticker::Work work);

template <class F>
[[nodiscard]] Ticker::Work tick_of(F&& f) {
  basic::require_callable<std::decay_t<F>>(f);
  if constexpr (std::invocable<std::decay_t<F>&>) {
    return [f = std::forward<F>(f)](const CancelToken&) mutable { static_cast<void>(std::invoke(f)); };
  } else {
    return [f = std::forward<F>(f)](const CancelToken& token) mutable { static_cast<void>(std::invoke(f, token)); };
  }
}

template <FlowExecutor Pool, class F>
requires Launchable < std::decay_t<F>
& > [[nodiscard]] Periodic every(Pool& pool, Duration period, PeriodicOptions options, F&& f) {
  Ticker::Work work = tick_of(std::forward<F>(f));
  auto [job, producer] = priority::make_job<void>(options.job, pool.job_host());
  return every(pool.job_host(), std::move(job), std::move(producer), period, options, std::move(work));
}
template <FlowExecutor Pool, class F>
requires Launchable < std::decay_t<F>
& > [[nodiscard]] Periodic every(Pool& pool, Duration period, F&& f) {
  return every(pool, period, PeriodicOptions{}, std::forward<F>(f));
}

}  // namespace pool::flow
