// The lock held while the job runs: a pool of two that works like one.
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

using Job = std::function<void()>;

class Queue {
 public:
  explicit Queue(std::deque<Job> jobs) : jobs_(std::move(jobs)) {}

  // #region broken
  void run_one_broken() {
    std::lock_guard lock(mutex_);
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    job();
  }  // here the lock ends, and not before
  // #endregion broken

  // #region cured
  void run_one_cured() {
    Job job;
    {
      std::lock_guard lock(mutex_);
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
  // #endregion cured

 private:
  sync::mutex mutex_;
  std::deque<Job> jobs_;  // guarded by mutex_
};

// #region jobs
class Meeting {  // of two jobs; neither goes on without the other
 public:
  void attend() {
    std::unique_lock lock(door_);
    if (++present_ == 2) arrived_.notify_one();
    arrived_.wait(lock, [this] { return present_ == 2; });
  }

 private:
  sync::mutex door_;
  sync::condition_variable arrived_;
  int present_ = 0;  // guarded by door_
};

template <auto run_one>
void two_workers_two_jobs() {
  Meeting meeting;
  Queue queue({[&] { meeting.attend(); }, [&] { meeting.attend(); }});
  sync::thread other([&] { (queue.*run_one)(); });
  (queue.*run_one)();
  other.join();
}
// #endregion jobs

TEST(LockHeld, TheDefectShows) {
  expect_defect(explorer::Verdict::deadlock, "lock_held", two_workers_two_jobs<&Queue::run_one_broken>);
}

EXPLORE(LockHeld, TheCureHolds) {
  two_workers_two_jobs<&Queue::run_one_cured>();
}

}  // namespace
}  // namespace pool::museum
