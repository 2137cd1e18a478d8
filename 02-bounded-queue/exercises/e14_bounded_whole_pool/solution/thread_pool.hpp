// ThreadPool: a fixed crew of threads that take work from one channel, which holds no more than it was told to.
//
// What it promises is what the stage's own pool promises (include/pool/bounded/thread_pool.hpp), and the same contract
// tests judge it. You may use the stage's BoundedChannel, InFlight, WorkerCounters and Deadline, or your own of the
// exercises before.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/bounded/bounded_channel.hpp>
#include <pool/bounded/deadline.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/bounded/worker_stats.hpp>

namespace exercise {

using pool::basic::Shutdown;
using pool::basic::Work;
using pool::bounded::Overflow;
using pool::bounded::PoolStats;

struct Options {
  std::size_t workers = 0;          // 0: one for each hardware thread; more than 1000: std::invalid_argument
  std::string name = "PoolWorker";  // thread names: pool::basic::thread_name, name_this_thread

  // Gets what posted work throws, on the thread that ran it; also what the destructor of dropped work throws. Without
  // one, or if it throws itself, a line goes to stderr: the thread's name, and what() or "not derived from
  // std::exception".
  std::function<void(std::exception_ptr)> on_error = {};
  std::function<void(std::size_t worker)> on_start = {};  // if it throws, so does the constructor
  std::function<void(std::size_t worker)> on_stop = {};

  std::size_t capacity = 0;  // how much work may wait; 0: no limit; above pool::bounded::kMaxCapacity: invalid_argument
  Overflow overflow = Overflow::block;  // what becomes of work for which there is no room
};

class ThreadPool {
 public:
  using Options = exercise::Options;

  // Returns when all workers have started, or throws and leaves no thread behind.
  explicit ThreadPool(Options options = {})
      : options_(std::move(options)), size_(pool::basic::crew_size(options_.workers)), channel_(options_.capacity) {
    // #todo start the workers, as in stage 01, wait until each has started
    const pool::basic::SignalsBlocked in_the_workers;
    std::vector<std::future<void>> started;
    try {
      started.reserve(size_);
      threads_.reserve(size_);
      for (std::size_t index = 0; index < size_; ++index) {
        std::packaged_task<void()> start([this, index] {
          pool::basic::name_this_thread(pool::basic::thread_name(options_.name, index));
          if (options_.on_start) options_.on_start(index);
        });
        started.push_back(start.get_future());
        threads_.emplace_back([this, index, start = std::move(start)]() mutable { run(index, std::move(start)); });
      }
      for (auto& one : started) one.get();
    } catch (...) {
      channel_.close();
      join();
      throw;
    }
    // #end
  }

  // Like shutdown(drain). In one of the pool's own jobs it says so on stderr ("destroyed by one of its own jobs") and
  // terminates.
  ~ThreadPool() {
    // #todo the check, then shutdown
    if (current() == this) {
      std::fputs("pool: destroyed by one of its own jobs, which it would have to wait for\n", stderr);
      std::terminate();
    }
    shutdown();
    // #end
  }

  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // If there is no room, options.overflow decides; whoever waits for room in one of the pool's own jobs gets
  // pool::bounded::QueueFull instead. Throws pool::basic::PoolStopped after shutdown, and while it waits.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  void post(F&& f) {
    // #todo
    enqueue(Work(std::forward<F>(f)));
    // #instead
    // static_cast<void>(f);
    // POOL_TODO("make Work of it, and follow the policy");
    // #end
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::future<pool::basic::result_of<F, Args...>> submit(F&& f, Args&&... args) {
    // #todo
    auto [work, future] = pool::basic::bind(std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(work));
    return std::move(future);
    // #instead
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("pool::basic::bind ties the closure to a future");
    // #end
  }

  // These do not follow the policy: false or std::nullopt if there is no room, at once or in so long a time, and f and
  // args are as they were. They throw PoolStopped after shutdown; try_submit_for std::invalid_argument for a negative
  // timeout.
  template <class F>
  requires std::invocable<std::decay_t<F>>
  [[nodiscard]] bool try_post(F&& f) {
    // #todo
    Room room;
    if (!reserve(room, Deadline::now())) return false;
    enqueue(Work(std::forward<F>(f)), room);
    return true;
    // #instead
    // static_cast<void>(f);
    // POOL_TODO("room first, work second: what is in f may only be moved when there is room for it");
    // #end
  }

  template <class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<pool::basic::result_of<F, Args...>>> try_submit(F&& f, Args&&... args) {
    // #todo
    return submit_by(Deadline::now(), std::forward<F>(f), std::forward<Args>(args)...);
    // #instead
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("try_post, with a future");
    // #end
  }

  template <class Rep, class Period, class F, class... Args>
  requires std::invocable<std::decay_t<F>, std::decay_t<Args>...>
  [[nodiscard]] std::optional<std::future<pool::basic::result_of<F, Args...>>> try_submit_for(
      std::chrono::duration<Rep, Period> timeout, F&& f, Args&&... args) {
    // #todo
    return submit_by(Deadline::after(timeout), std::forward<F>(f), std::forward<Args>(args)...);
    // #instead
    // static_cast<void>(timeout);
    // (static_cast<void>(f), ..., static_cast<void>(args));
    // POOL_TODO("try_submit, with a deadline");
    // #end
  }

  // Waits until all work that was accepted is done, or dropped. Throws pool::basic::PoolError in one of the pool's own
  // jobs; wait_idle_for, which says whether it is, std::invalid_argument for a negative timeout.
  void wait_idle() {
    // #todo what was accepted and is not yet done: how much is it?
    static_cast<void>(wait_idle_by(Deadline::never()));
    // #end
  }

  template <class Rep, class Period>
  [[nodiscard]] bool wait_idle_for(std::chrono::duration<Rep, Period> timeout) {
    // #todo
    return wait_idle_by(Deadline::after(timeout));
    // #instead
    // static_cast<void>(timeout);
    // POOL_TODO("the same with a deadline");
    // #end
  }

  // What was done so far; its fields are explained in pool/bounded/worker_stats.hpp.
  [[nodiscard]] PoolStats worker_stats() const {
    // #todo a count for each thing that can become of work
    PoolStats stats;
    for (const auto& worker : counters_) stats.workers.push_back(worker.read());
    const auto [sent, queued, high_water] = channel_.stats();
    stats.ran_in_caller = ran_in_caller_;
    stats.accepted = sent + stats.ran_in_caller;
    stats.rejected = rejected_;
    stats.dropped = dropped_;
    stats.queued = queued;
    stats.high_water = high_water;
    return stats;
    // #end
  }

  // Wakes those who wait for room, too. Throws pool::basic::PoolError if called by one of the pool's own jobs.
  void shutdown(Shutdown queued = Shutdown::drain) {
    // #todo
    if (current() == this) throw pool::basic::PoolError("pool: shutdown was called by one of the pool's own jobs");
    channel_.close();
    if (queued == Shutdown::discard) {
      for (Work& work : channel_.drain()) drop(work);
    }
    join();
    // #instead
    // static_cast<void>(queued);
    // POOL_TODO("close, drop what is queued if asked to, join");
    // #end
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t pending() const { return channel_.size(); }

 private:
  // #todo
  using Deadline = pool::bounded::Deadline;
  using Send = pool::bounded::Send;
  using Room = pool::bounded::BoundedChannel<Work>::Room;

  // Which pool the calling thread works for.
  static const ThreadPool*& current() {
    thread_local const ThreadPool* pool = nullptr;
    return pool;
  }

  // What the policy says.
  void enqueue(Work work) {
    pool::bounded::InFlight::Entry entry(in_flight_);
    std::optional<Work> oldest;
    const bool own = current() == this;
    const Send sent = options_.overflow == Overflow::drop_oldest     ? channel_.send_displacing(std::move(work), oldest)
                      : options_.overflow == Overflow::block && !own ? channel_.send(std::move(work))
                                                                     : channel_.try_send(std::move(work));
    if (sent == Send::closed) throw pool::basic::PoolStopped();
    if (sent == Send::ok) {
      entry.hand_over();
      if (oldest) drop(*oldest);
    } else if (options_.overflow == Overflow::run_in_caller) {
      ++ran_in_caller_;
      protect(work, "posted work");
    } else {
      ++rejected_;
      throw pool::bounded::QueueFull("pool: the queue is full, and this caller may not wait");
    }
  }

  template <class F, class... Args>
  std::optional<std::future<pool::basic::result_of<F, Args...>>> submit_by(const Deadline& deadline, F&& f,
                                                                           Args&&... args) {
    Room room;
    if (!reserve(room, deadline)) return std::nullopt;
    auto [work, future] = pool::basic::bind(std::forward<F>(f), std::forward<Args>(args)...);
    enqueue(std::move(work), room);
    return std::move(future);
  }

  bool reserve(Room& room, const Deadline& deadline) {
    const Send reserved = channel_.reserve(room, deadline);
    if (reserved == Send::closed) throw pool::basic::PoolStopped();
    if (reserved == Send::full) ++rejected_;
    return reserved == Send::ok;
  }

  void enqueue(Work work, Room& room) {
    pool::bounded::InFlight::Entry entry(in_flight_);
    if (channel_.send(std::move(room), std::move(work)) == Send::closed) throw pool::basic::PoolStopped();
    entry.hand_over();
  }

  // Work that was accepted and will not run.
  void drop(Work& work) {
    protect([&] { work.reset(); }, "the destructor of dropped work");
    ++dropped_;
    in_flight_.done();
  }

  bool wait_idle_by(const Deadline& deadline) {
    if (current() == this) throw pool::basic::PoolError("pool: wait_idle was called by one of the pool's own jobs");
    return in_flight_.wait(deadline);
  }

  void run(std::size_t index, std::packaged_task<void()> start) {
    current() = this;
    start();
    while (auto work = channel_.receive()) {
      counters_[index].begin();
      protect(*work, "posted work");
      counters_[index].end();
      in_flight_.done();
    }
    if (options_.on_stop) protect([&] { options_.on_stop(index); }, "on_stop");
    counters_[index].stop();
  }

  // Calls f; what it throws goes to on_error, when the exception is no longer in flight.
  template <class F>
  void protect(F&& f, const char* from) {
    std::exception_ptr error = pool::basic::catching(f);
    if (error && options_.on_error) {
      error = pool::basic::catching([&] { options_.on_error(std::move(error)); });
      from = "on_error";
    }
    if (error) pool::basic::print_error(name_of_this_thread(), from, std::move(error));
  }

  static std::string name_of_this_thread() {
    char name[64] = "";
    pthread_getname_np(pthread_self(), name, sizeof name);
    return name;
  }

  void join() {
    std::lock_guard lock(joining_);
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  // #end
  Options options_;
  std::size_t size_;
  pool::bounded::BoundedChannel<Work> channel_;
  // #todo
  pool::bounded::InFlight in_flight_;
  std::vector<pool::bounded::WorkerCounters> counters_ = std::vector<pool::bounded::WorkerCounters>(size_);
  std::atomic<std::size_t> rejected_{0};
  std::atomic<std::size_t> dropped_{0};
  std::atomic<std::size_t> ran_in_caller_{0};
  // #end
  std::mutex joining_;
  std::vector<std::thread> threads_;  // guarded by joining_, once the constructor is done
};

}  // namespace exercise

// #todo
// Why so. There is one way in, enqueue(), and the policy is decided there and nowhere else: a table of four lines, each
// one call of the channel. The Entry counts the work from before it is sent, and takes the count back on every way out
// on which nobody took the work over, exceptions among them; so wait_idle() cannot forget or invent any.
//
// The try_ functions go another way, and that is the point of reserve(): making Work moves what the caller has given,
// and may throw. So room comes first; only when it is sure is anything moved. Why not make the work, try to send, and
// give back what was moved on failure: the closure can be given back, but arguments that were bound into it cannot. Why
// not a mutex around the statistics: counters that one thread writes and others read need none, and a dashboard that
// asks ten times a second should not be felt by the workers.
//
// The stage's own pool does one thing more here as well: it counts jobs that end their own thread, and the last worker
// to go drops the queue.
// #end
