// A stop flag that is set outside the mutex: a destructor that hangs, once in some thousand runs.
#include <mutex>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

// #region worker
class Crew {  // of one worker, whose queue happens to be empty
 public:
  void work() {
    std::unique_lock lock(mutex_);
    available_.wait(lock, [this] { return !running_.load(); });  // … or there is a job
  }
  // #endregion worker

  // #region broken
  void stop_broken() {
    running_.store(false);
    available_.notify_all();
  }
  // #endregion broken

  // #region cured
  void stop_cured() {
    {
      std::lock_guard lock(mutex_);
      running_.store(false);
    }
    available_.notify_all();
  }
  // #endregion cured

 private:
  sync::mutex mutex_;
  sync::condition_variable available_;
  sync::atomic<bool> running_{true};
};

template <auto stop>
void start_and_stop() {
  Crew crew;
  sync::thread worker([&] { crew.work(); });
  (crew.*stop)();
  worker.join();
}

TEST(StopFlag, TheDefectShows) {
  expect_defect(explorer::Verdict::lost_wakeup, "stop_flag", start_and_stop<&Crew::stop_broken>);
}

EXPLORE(StopFlag, TheCureHolds) {
  start_and_stop<&Crew::stop_cured>();
}

}  // namespace
}  // namespace pool::museum
