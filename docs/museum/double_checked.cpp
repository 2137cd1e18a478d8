// Double-checked locking: the first look sees the pointer, and not what it points to.
#include <mutex>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

struct Settings {
  sync::cell<int> workers{0};
};

// #region lazy
template <std::memory_order kStore, std::memory_order kLoad>
class Lazy {
 public:
  const Settings& get() {
    const Settings* made = made_.load(kLoad);  // the first look, without the lock
    if (made == nullptr) {
      std::lock_guard lock(mutex_);
      made = made_.load(std::memory_order_relaxed);  // the second look
      if (made == nullptr) {
        settings_.workers.write() = 8;
        made = &settings_;
        made_.store(made, kStore);
      }
    }
    return *made;
  }
  // #endregion lazy

 private:
  sync::mutex mutex_;
  Settings settings_;
  sync::atomic<const Settings*> made_{nullptr};
};

// #region readers
template <std::memory_order kStore, std::memory_order kLoad>
void two_readers() {
  Lazy<kStore, kLoad> lazy;
  sync::thread other([&] { EXPECT_EQ(lazy.get().workers.read(), 8); });
  EXPECT_EQ(lazy.get().workers.read(), 8);
  other.join();
}
// #endregion readers

// #region both
TEST(DoubleChecked, TheDefectShows) {
  expect_defect(explorer::Verdict::data_race, "double_checked",
                two_readers<std::memory_order_relaxed, std::memory_order_relaxed>);
}

EXPLORE(DoubleChecked, TheCureHolds) {
  two_readers<std::memory_order_release, std::memory_order_acquire>();
}
// #endregion both

}  // namespace
}  // namespace pool::museum
