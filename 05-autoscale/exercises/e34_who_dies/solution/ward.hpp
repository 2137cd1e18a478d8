// Ward: a crew of threads, each of which has a seat. Who dies is replaced.
//
// Thread safety: submit() and died() may be called from any thread.
// Invariants:  (V1) a seat has one thread at a time
//              (V2) each seat has one, or is about to have one, until all is done
//              (V3) what was handed in is done once; a job that has ended its thread says so
// Memory ordering: what a worker did before it died is visible to the next one in its seat.
#pragma once

// #todo
#include <algorithm>
#include <chrono>
// #end
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
// #todo
#include <system_error>
// #end
#include <thread>
#include <utility>
#include <vector>

#include <pool/basic/executor.hpp>
#include <pool/basic/user_code.hpp>

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
    // #todo
    bool died = true;
    const pool::basic::Finally gone{[&] { left(seat, died); }};
    while (std::optional<Job> job = next()) run(*job);
    died = false;
    // #instead
    // while (std::optional<Job> job = next()) run(*job);
    // left(seat, false);
    // POOL_TODO("on every way out, and whether it has died");
    // #end
  }

  // Calls the work, and says how it has ended.
  void run(Job& job) {
    try {
      job.work();
      job.done.set_value();
    } catch (const pool::basic::forced_unwind&) {
      // #todo the thread is about to end: who has to hear of it here?
      job.done.set_exception(std::make_exception_ptr(pool::basic::PoolError("ward: the job has ended its thread")));
      throw;
      // #end
    } catch (...) {
      job.done.set_exception(std::current_exception());
    }
  }

  // On the thread that is about to end. The supervisor is told.
  void left(std::size_t seat, bool died) {
    // #todo
    {
      std::lock_guard lock(mutex_);
      news_.push_back({seat, died});
    }
    told_.notify_one();
    // #instead
    // static_cast<void>(seat);
    // static_cast<void>(died);
    // POOL_TODO("leave word for the supervisor");
    // #end
  }

  // The supervisor's thread: sees to the seats until all have gone.
  void supervise() {
    // #todo wait for word; join; start another in its seat, if it has died
    std::size_t gone = 0;
    while (gone < seats_.size()) {
      const News one = wait_for_news();
      seats_[one.seat].join();
      if (one.died) {
        replace(one.seat);
      } else {
        ++gone;
      }
    }
    // #end
  }
  // #todo

  News wait_for_news() {
    std::unique_lock lock(mutex_);
    told_.wait(lock, [this] { return !news_.empty(); });
    const News one = news_.front();
    news_.pop_front();
    died_ += one.died ? 1 : 0;
    return one;
  }

  void replace(std::size_t seat) {
    using std::chrono::milliseconds;
    for (milliseconds pause(1);; pause = std::min(2 * pause, milliseconds(1000))) {
      try {
        seats_[seat] = std::thread(&Ward::live, this, seat);
        return;
      } catch (const std::system_error&) {
        std::this_thread::sleep_for(pause);
      }
    }
  }
  // #end

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

// #todo
// Why a destructor. There are three ways out of live(): all is done, a job has ended the thread, or the thread was
// cancelled in next(), where it waits. A line at the end of the function sees one of them. The destructor of `gone` sees
// all; and `died` is true until the opposite is known, so that none is missed.
//
// Why forced_unwind has a clause of its own, and throws on. It is not an error of the job that could be dealt with here:
// the thread is ending, and the C library insists on it. All that can be done is to say so to whoever waits, on the way.
//
// Why word is left in a queue. A flag "somebody has died" is set twice and read once; a single place for a number keeps the
// later of two. Two that die in the same moment are not rare at all: they run jobs of the same kind.
//
// Why the supervisor joins first. When left() has returned the thread is still there: destructors of the functions that
// have called live() run, and those of its thread_local objects. Two threads in one seat would both write what belongs to
// the seat. After the join, what the old one did is visible to the new one as well.
//
// Why the pause doubles. Threads cannot be created because there are too many of them, or no memory. To try as fast as
// possible takes the machine's last reserves for it; to wait a fixed long time makes a short shortage a long one. (The
// stage's own supervisor does not sleep meanwhile: it says when it wants to be called again, and its monitor has other
// things to do.)
// #end
