// ThreadPool: the pool of stage 04, and its workers come and go.
//
//   ThreadPool pool({.min_workers = 2, .max_workers = 20});   // as many as the load asks for
//   pool.post([&] { pool.blocking([&] { read(socket); }); }); // one more, as long as this one waits
//   pool.scale_to(8);
//   for (const Event& event : pool.events().last) …           // who came, who went, and who died
//
// All else is as in stage 04, whose pool this is: a TaskGroup, invoke() and the loops take this one, too.
//
// Thread safety, memory ordering, fork: as there. blocking() is for the pool's jobs; anywhere else it only calls f.
// Invariants:  (P1) to (P9) as there, whoever comes and goes; and
//              (P10) a worker whose thread a job ends is replaced, and what was queued at it is done by others; only
//                    if that job runs within a catch block of another one, which waits for it there, the process ends,
//                    for C++ cannot handle the end of a thread beside another exception
//              (P11) there are from min_workers to max_workers, unless threads cannot be created; then that is tried
//                    again, after 10 ms at first and 10 s at last
//              (P12) nobody makes a step in a pool without work, but the monitor one for each interval
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <pool/autoscale/events.hpp>
#include <pool/autoscale/load.hpp>
#include <pool/autoscale/monitor.hpp>
#include <pool/autoscale/policy.hpp>
#include <pool/autoscale/supervisor.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace pool::autoscale {

using basic::PoolError;
using basic::PoolStopped;
using basic::Shutdown;
using basic::Work;
using bounded::Overflow;
using bounded::PoolStats;
using bounded::QueueFull;
using priority::CancelToken;
using priority::Job;
using priority::JobOptions;
using priority::Priority;
using priority::RateLimit;
using priority::Totals;
using stealing::Observer;
using stealing::Scheduling;

// #region options
struct Options {            // those of stage 04, and from min_workers on new ones
  std::size_t workers = 0;  // so many, all the time; 0, and neither of the two below: twice as many as CPUs, at most 32
  std::string name = "PoolWorker";
  std::function<void(std::exception_ptr)> on_error = {};  // hears of a worker that has died, too: a PoolError
  std::function<void(std::size_t worker)> on_start = {};  // of one that comes later: what it throws goes to on_error
  std::function<void(std::size_t worker)> on_stop = {};   // must not end its thread, which ends already
  std::size_t capacity = 0;
  Overflow overflow = Overflow::block;
  Duration ageing = std::chrono::seconds(10);
  Clock* clock = nullptr;
  RateLimit rate = {};
  Observer* observer = nullptr;

  std::size_t min_workers = 0;  // 0: 2, if max_workers is given
  std::size_t max_workers = 0;  // 0: 20, if min_workers is given
  Policy policy = {};           // asked at each interval; empty: LoadRatio
  Duration interval = std::chrono::seconds(10);
  Duration idle_timeout = std::chrono::seconds(30);  // who sleeps for so long, up to twice that, may go; 0: nobody
  // Hears of each event, in their order, on the thread that watches over the pool; of the last 256, if it is too slow
  // for more. As a job, it must not shut the pool down. What it throws goes to on_error.
  std::function<void(const Event&)> on_event = {};
};
// #endregion options

class ThreadPool : public stealing::ThreadPool {
 public:
  using Options = autoscale::Options;

  // Starts `workers`, or `min_workers`, and returns when all have begun. Throws as that of stage 04 does, and
  // std::invalid_argument for more than 1000, `workers` beside one of the other two, or min_workers > max_workers.
  explicit ThreadPool(Options options = {});
  ~ThreadPool() override;

  // For a job: calls f, which is going to wait for something that is no work of this pool; meanwhile there is one worker
  // more, if that is not above max_workers; the memory does not bar that. Gives and throws what f does.
  template <std::invocable F>
  decltype(auto) blocking(F&& f) {
    const Blocking one_more(*this);
    return std::forward<F>(f)();
  }

  // So many workers, until the policy decides on another number. Throws std::invalid_argument for less than min_workers
  // or more than max_workers. Who is too many goes when its job has ended.
  void scale_to(std::size_t workers);

  [[nodiscard]] std::size_t size() const { return supervisor_.size(); }  // workers; not those who are about to go
  [[nodiscard]] Events::Seen events() const { return events_.seen(); }

  // How many workers a pool has to which nothing is said of that.
  [[nodiscard]] static std::size_t default_workers();
  [[nodiscard]] static std::size_t default_workers(std::size_t cpus);  // if it may use so many

 protected:
  void join() override;
  [[nodiscard]] bool on_own_thread() const override;
  [[nodiscard]] std::vector<bool> manned() const { return supervisor_.manned(); }  // the workers that size() counts

 private:
  class Blocking {  // while it lives, the calling worker may block; within another, it does nothing
   public:
    explicit Blocking(ThreadPool& pool);
    Blocking(const Blocking&) = delete;
    Blocking& operator=(const Blocking&) = delete;
    ~Blocking();

   private:
    ThreadPool* const pool_;  // null: nothing to be done
  };

  struct Bounds {
    std::size_t min, max;
    [[nodiscard]] bool scale() const { return min < max; }
  };

  ThreadPool(const Options& options, Bounds bounds);
  [[nodiscard]] static Bounds bounds_of(const Options& options);
  [[nodiscard]] Supervisor::Options supervising(const Options& options, Bounds bounds);
  [[nodiscard]] Monitor::Options monitoring(const Options& options, Bounds bounds);
  void began(std::size_t worker, bool ready, std::exception_ptr error);
  void left(std::size_t worker, bool died);
  [[nodiscard]] Time tend();
  [[nodiscard]] Load sample();

  struct Before {  // of the sample before, for the next: the monitor's
    Time time{};
    std::size_t ended = 0;
    double cpu = 0;  // seconds
    Supervisor::Asked asked{};
  };

  Events events_;
  const std::function<void(const Event&)> on_event_;
  std::size_t told_ = 0;  // so many events were told; the monitor's
  sync::atomic<bool> built_{false};
  Supervisor supervisor_;
  Before before_;
  Monitor monitor_;
  sync::mutex ending_;  // held by whoever waits for the end
};

static_assert(basic::Executor<ThreadPool>);
static_assert(bounded::BoundedExecutor<ThreadPool>);
static_assert(priority::PriorityExecutor<ThreadPool>);

}  // namespace pool::autoscale
