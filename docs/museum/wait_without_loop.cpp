// A wait that looks once: `if` where `while` belongs.
#include <mutex>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

class Shelf {  // of items, of which only the number matters
 public:
  void put() {
    {
      std::lock_guard lock(mutex_);
      ++items_.write();
    }
    filled_.notify_one();
  }

  void take_if_any() {
    std::lock_guard lock(mutex_);
    if (items_.read() > 0) --items_.write();
  }

  // #region broken
  void take_broken() {
    std::unique_lock lock(mutex_);
    if (items_.read() == 0) filled_.wait(lock);
    EXPLORE_CHECK(items_.read() > 0);  // front() of an empty queue would be undefined behaviour
    --items_.write();
  }
  // #endregion broken

  // #region cured
  void take_cured() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return items_.read() > 0; });  // a loop, inside
    EXPLORE_CHECK(items_.read() > 0);
    --items_.write();
  }
  // #endregion cured

 private:
  sync::mutex mutex_;
  sync::condition_variable filled_;
  sync::cell<int> items_{0};  // guarded by mutex_
};

// #region rival
template <auto take>
void sleeper_and_rival() {
  Shelf shelf;
  sync::thread sleeper([&] { (shelf.*take)(); });
  sync::thread rival([&] {
    shelf.put();
    shelf.take_if_any();  // it is awake, and so it is first
  });
  rival.join();
  shelf.put();  // there is one for the sleeper, too
  sleeper.join();
}
// #endregion rival

TEST(WaitWithoutLoop, TheDefectShows) {
  expect_defect(explorer::Verdict::failed_check, "wait_without_loop", sleeper_and_rival<&Shelf::take_broken>);
}

EXPLORE(WaitWithoutLoop, TheCureHolds) {
  sleeper_and_rival<&Shelf::take_cured>();
}

}  // namespace
}  // namespace pool::museum
