// An event that is destroyed while it is still being notified: its waiter has seen that it is set, and goes.
#include <mutex>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

// #region memory
// What an Event lies in. It outlives the event, so that a use after the end can be seen: the destructor writes to
// `alive`, each use reads it, and if nothing orders the two that is a race. ThreadSanitizer looks at free() like that.
struct Memory {
  sync::mutex mutex;
  sync::condition_variable happened;
  sync::cell<bool> set{false};  // guarded by mutex
  sync::cell<bool> alive{true};
};
// #endregion memory

class Event {
 public:
  explicit Event(Memory& memory) : memory_(memory) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { memory_.alive.write() = false; }

  void wait() {
    std::unique_lock lock(memory_.mutex);
    memory_.happened.wait(lock, [this] { return memory_.set.read(); });
  }

  // #region broken
  void set_broken() {
    {
      std::lock_guard lock(memory_.mutex);
      memory_.set.write() = true;
    }
    notify();  // "without the lock, so that the waiter need not wait for it": and by now it may have gone
  }
  // #endregion broken

  // #region cured
  void set_cured() {
    std::lock_guard lock(memory_.mutex);
    memory_.set.write() = true;
    notify();
  }
  // #endregion cured

 private:
  void notify() {
    EXPLORE_CHECK(memory_.alive.read());
    memory_.happened.notify_all();
  }

  Memory& memory_;
};

// #region visit
template <auto set>
void wait_and_go() {
  Memory memory;
  sync::thread setter;
  {
    Event event(memory);  // on the waiter's stack, as in a call that waits for its result
    setter = sync::thread([&] { (event.*set)(); });
    event.wait();
  }
  setter.join();
}
// #endregion visit

TEST(DestroyedEvent, TheDefectShows) {
  expect_defect(explorer::Verdict::data_race, "destroyed_event", wait_and_go<&Event::set_broken>);
}

EXPLORE(DestroyedEvent, TheCureHolds) {
  wait_and_go<&Event::set_cured>();
}

}  // namespace
}  // namespace pool::museum
