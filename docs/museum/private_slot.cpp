// A slot that cannot be stolen from: one worker waits for the job in its own pocket, the other has nothing to do.
#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

using Job = std::function<void()>;

// #region slots
template <bool kStealable>
class Slots {  // each worker's next job; a queue beside them is left out, since it is empty
 public:
  void spawn(std::size_t me, Job job) {
    std::lock_guard lock(mutex_);
    slots_[me] = std::move(job);
    filled_.notify_all();
  }

  Job wait_for_job(std::size_t me) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [&] { return slots_[me] || (kStealable && slots_[1 - me]); });
    return std::exchange(slots_[slots_[me] ? me : 1 - me], nullptr);
  }

 private:
  sync::mutex mutex_;
  sync::condition_variable filled_;
  std::array<Job, 2> slots_;  // guarded by mutex_
};
// #endregion slots

class Event {
 public:
  void set() {
    std::lock_guard lock(door_);
    set_ = true;
    happened_.notify_all();
  }
  void wait() {
    std::unique_lock lock(door_);
    happened_.wait(lock, [this] { return set_; });
  }

 private:
  sync::mutex door_;
  sync::condition_variable happened_;
  bool set_ = false;  // guarded by door_
};

// #region jobs
template <bool kStealable>
void parent_waits_for_child() {
  Slots<kStealable> slots;
  Event child_done;
  sync::thread idle([&] { slots.wait_for_job(1)(); });  // worker 1: whatever there is
  slots.spawn(0, [&] { child_done.set(); });            // worker 0 runs the parent, which spawns …
  child_done.wait();                                    // … and blocks
  idle.join();
}
// #endregion jobs

// #region both
TEST(PrivateSlot, TheDefectShows) {
  expect_defect(explorer::Verdict::deadlock, "private_slot", parent_waits_for_child<false>);
}

EXPLORE(PrivateSlot, TheCureHolds) {
  parent_waits_for_child<true>();
}
// #endregion both

}  // namespace
}  // namespace pool::museum
