// get() inside a job: the only worker waits for a job that stands in the queue behind it.
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

using Job = std::function<void()>;

class Future {
 public:
  void set() {
    std::lock_guard lock(door_);
    ready_ = true;
    set_.notify_all();
  }
  void get() {
    std::unique_lock lock(door_);
    set_.wait(lock, [this] { return ready_; });
  }
  bool ready() {
    std::lock_guard lock(door_);
    return ready_;
  }

 private:
  sync::mutex door_;
  sync::condition_variable set_;
  bool ready_ = false;  // guarded by door_
};

// #region pool
class Pool {
 public:
  void post(Job job) {
    std::lock_guard lock(queue_);
    jobs_.push_back(std::move(job));
  }

  bool run_one() {
    Job job;
    {
      std::lock_guard lock(queue_);
      if (jobs_.empty()) return false;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
    return true;
  }
  // #endregion pool

  // #region cured
  void wait_for(Future& future) {  // what a job calls: while it waits, it works
    while (!future.ready()) {
      if (!run_one()) return future.get();  // what it waits for runs elsewhere, so it may sleep
    }
  }
  // #endregion cured

 private:
  sync::mutex queue_;
  std::deque<Job> jobs_;  // guarded by queue_
};

// #region jobs
template <bool kHelps>
void job_waits_for_job() {
  Pool pool;
  pool.post([&] {
    Future inner;
    pool.post([&] { inner.set(); });
    kHelps ? pool.wait_for(inner) : inner.get();
  });
  sync::thread worker([&] {
    while (pool.run_one()) continue;
  });  // the only one
  worker.join();
}
// #endregion jobs

TEST(GetInAJob, TheDefectShows) {
  expect_defect(explorer::Verdict::deadlock, "get_in_a_job", job_waits_for_job<false>);
}

EXPLORE(GetInAJob, TheCureHolds) {
  job_waits_for_job<true>();
}

}  // namespace
}  // namespace pool::museum
