// A semaphore that saves a notification too many: a thread sleeps while a permit lies there.
#include "exhibit.hpp"

namespace pool::museum {
namespace {

// #region acquire
class Semaphore {
 public:
  void acquire() {
    for (;;) {
      int permits = permits_.load();
      if (permits == 0) {
        permits_.wait(0);
      } else if (permits_.compare_exchange_strong(permits, permits - 1)) {
        return;
      }
    }
  }
  // #endregion acquire

  // #region broken
  void release_broken() {
    if (permits_.fetch_add(1) > 0) return;  // there was one already, so nobody can be waiting
    permits_.notify_one();
  }
  // #endregion broken

  void release_and_wake_all() {  // what g++ 12's header does
    if (permits_.fetch_add(1) > 0) return;
    permits_.notify_all();
  }

  // #region cured
  void release_cured() {
    permits_.fetch_add(1);
    permits_.notify_one();
  }
  // #endregion cured

 private:
  sync::atomic<int> permits_{0};
};

// #region waiters
template <auto release>
void two_waiters() {
  Semaphore semaphore;
  sync::thread one([&] { semaphore.acquire(); });
  sync::thread two([&] { semaphore.acquire(); });
  (semaphore.*release)();
  (semaphore.*release)();
  one.join();
  two.join();
}
// #endregion waiters

TEST(Semaphore, TheDefectShows) {
  expect_defect(explorer::Verdict::deadlock, "semaphore", two_waiters<&Semaphore::release_broken>);
}

EXPLORE(Semaphore, WithAWaitThatWorksSoDoesWakingAllAtTheFirstPermit) {
  two_waiters<&Semaphore::release_and_wake_all>();
}

EXPLORE(Semaphore, TheCureHolds) {
  two_waiters<&Semaphore::release_cured>();
}

}  // namespace
}  // namespace pool::museum
