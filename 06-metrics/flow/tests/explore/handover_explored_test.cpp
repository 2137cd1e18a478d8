// A coroutine is handed over: it is suspended while others fire.
#include <coroutine>
#include <memory>
#include <utility>

#include <pool/flow/handover.hpp>
#include <pool/priority/timer.hpp>
#include <pool/testing/explorer/test.hpp>

namespace pool::flow {
namespace {

using sync::thread;
using Outcome = Handover::Outcome;

// A coroutine that is suspended by hand, and counts how often it is resumed. It goes when it is through.
class Counted {
 public:
  class promise_type {
   public:
    Counted get_return_object() { return Counted(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  explicit Counted(std::coroutine_handle<> of) : handle(of) {}
  std::coroutine_handle<> handle;
};
Counted counts(sync::cell<int>& before, sync::cell<int>& after, sync::atomic<int>& times) {
  after.write() = before.read() + 1;
  times.fetch_add(1, std::memory_order_relaxed);
  co_return;
}

struct Waits {
  sync::cell<int> before{0}, after{0};
  sync::atomic<int> times{0};
  Counted counted = counts(before, after, times);
  Context context;
  HandoverRef handover{new Handover(counted.handle, context)};
  // What a co_await does: it goes on here if it is not suspended.
  void suspend() {
    if (!handover->arm()) counted.handle.resume();
  }
};

// C1, C2, [fired]: it goes on once, and sees what whoever fired has done.
EXPLORE(Handover, WhoFiresWhileItIsSuspendedResumesItOnce) {
  Waits waits;
  thread other([&] {
    waits.before.write() = 1;
    EXPLORE_CHECK(waits.handover->fire(Outcome::ready));
  });
  waits.suspend();
  other.join();
  EXPECT_EQ(waits.times.load(), 1);
  EXPECT_EQ(waits.after.read(), 2);
}

// [armed]: what it did before it waited is seen by whoever resumes it.
EXPLORE(Handover, WhoResumesItSeesWhatItDidBefore) {
  Waits waits;
  thread other([&] { static_cast<void>(waits.handover->fire(Outcome::ready)); });
  waits.before.write() = 1;
  waits.suspend();
  other.join();
  EXPECT_EQ(waits.after.read(), 2);
}

// A host whose worker is the test.
class Host : public JobHost {
 public:
  priority::Clock& clock() override { return clock_; }
  priority::Timer& timer() override { return timer_; }
  void withdraw(priority::JobCore&) override {}
  void overran(const priority::JobCore&) override {}
  bool follow_up(priority::UnitPtr unit) override { return queued = std::move(unit), true; }
  priority::UnitPtr queued = {};

 private:
  priority::ManualClock clock_;
  priority::Timer timer_{clock_};
};

// S6.5: suspended, it goes on in its home and nowhere else; if it is not, it stays where it is.
EXPLORE(Handover, WithAHomeItGoesOnThere) {
  const auto host = std::make_shared<Host>();
  Waits waits;
  const HandoverRef handover(new Handover(waits.counted.handle, {.home = host}));
  thread other([&] { EXPLORE_CHECK(handover->fire(Outcome::ready)); });
  const bool suspended = handover->arm();
  other.join();
  EXPECT_EQ(waits.times.load(), 0);
  EXPECT_EQ(static_cast<bool>(host->queued), suspended);
  if (!suspended) return waits.counted.handle.resume();
  static_cast<void>(host->queued->run(0));
  EXPECT_EQ(waits.times.load(), 1);
}

EXPLORE(Handover, OfTwoThatFireOneDecides) {
  Waits waits;
  bool cancelled = false;
  thread other([&] { cancelled = waits.handover->fire(Outcome::cancelled); });
  waits.suspend();
  const bool ready = waits.handover->fire(Outcome::ready);
  other.join();
  EXPECT_NE(ready, cancelled);
  EXPECT_EQ(waits.times.load(), 1);
  EXPECT_EQ(waits.handover->outcome(), ready ? Outcome::ready : Outcome::cancelled);
}

}  // namespace
}  // namespace pool::flow
