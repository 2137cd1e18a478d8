// Ward: a crew of threads, each of which has a seat. Who dies is replaced.
//
// Thread safety: submit() and died() may be called from any thread.
// Invariants:  (V1) a seat has one thread at a time
//              (V2) each seat has one, or is about to have one, until all is done
//              (V3) what was handed in is done once; a job that has ended its thread says so
// Memory ordering: what a worker did before it died is visible to the next one in its seat.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

class Ward {
 public:
  explicit Ward(std::size_t workers) : seats_(workers) {
    for (std::size_t i = 0; i < workers; ++i) seats_[i] = std::thread(&Ward::live, this, i);
    supervisor_ = std::thread(&Ward::supervise, this);
  }
  Ward(const Ward&) = delete;
  Ward& operator=(const Ward&) = delete;

  // Does what is queued, and returns when all have gone.
  ~Ward() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    queued_.notify_all();
    supervisor_.join();
  }

  std::future<void> submit(std::function<void()> work) {
    Job job{std::move(work), {}};
    std::future<void> done = job.done.get_future();
    {
      std::lock_guard lock(mutex_);
      queue_.push_back(std::move(job));
    }
    queued_.notify_one();
    return done;
  }

  // How many were replaced.
  [[nodiscard]] std::size_t died() const {
    std::lock_guard lock(mutex_);
    return died_;
  }

 private:
  struct Job {
    std::function<void()> work;
    std::promise<void> done;
  };
  struct News {
    std::size_t seat;
    bool died;  // else it has gone, because all is done
  };

  // Waits for a job. None: the end, and nothing is queued.
  std::optional<Job> next() {
    std::unique_lock lock(mutex_);
    queued_.wait(lock, [this] { return !queue_.empty() || closed_; });
    if (queue_.empty()) return std::nullopt;
    std::optional<Job> job(std::move(queue_.front()));
    queue_.pop_front();
    return job;
  }

  // What the thread in a seat does: whatever way it ends, left() is called last.
  void live(std::size_t seat) {
    while (std::optional<Job> job = next()) run(*job);
    left(seat, false);
    POOL_TODO("on every way out, and whether it has died");
  }

  // Calls the work, and says how it has ended.
  void run(Job& job) {
    try {
      job.work();
      job.done.set_value();
    } catch (const pool::basic::forced_unwind&) {
      POOL_TODO("the thread is about to end: who has to hear of it here?");
    } catch (...) {
      job.done.set_exception(std::current_exception());
    }
  }

  // On the thread that is about to end. The supervisor is told.
  void left(std::size_t seat, bool died) {
    static_cast<void>(seat);
    static_cast<void>(died);
    POOL_TODO("leave word for the supervisor");
  }

  // The supervisor's thread: sees to the seats until all have gone.
  void supervise() {
    POOL_TODO("wait for word; join; start another in its seat, if it has died");
  }

  mutable std::mutex mutex_;
  std::condition_variable queued_;  // for workers
  std::condition_variable told_;    // for the supervisor
  std::deque<Job> queue_;           // guarded by mutex_
  std::deque<News> news_;           // guarded by mutex_
  bool closed_ = false;             // guarded by mutex_
  std::size_t died_ = 0;            // guarded by mutex_
  std::vector<std::thread> seats_;  // the constructor's, then the supervisor's
  std::thread supervisor_;
};

}  // namespace exercise
