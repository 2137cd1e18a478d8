// A send with a timeout: on one thread, with a condition variable that does what the test says; and under every
// interleaving of two or three, where the explorer lets the time be up at any moment.
#include <e9_timed_send/channel.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/testing/explorer/test.hpp>

using exercise::Channel;
using exercise::Send;
using pool::sync::thread;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

namespace {

// A condition variable of which each wait ends at once: it notes until when it was to last, lets the test do something
// without the lock, and wakes for no reason, or because the time is up.
class Scripted {
 public:
  static inline std::vector<Moment> asked{};
  static inline std::function<std::cv_status()> script{};

  static void begin(std::function<std::cv_status()> what) {
    asked.clear();
    script = std::move(what);
  }

  template <class Lock, class C, class Duration>
  std::cv_status wait_until(Lock& lock, const std::chrono::time_point<C, Duration>& time) {
    static_assert(std::is_same_v<C, Clock>, "wait by steady_clock: other clocks can be set back");
    asked.push_back(std::chrono::time_point_cast<Clock::duration>(time));
    lock.unlock();
    const std::cv_status woken = asked.size() < 100 ? script() : std::cv_status::timeout;
    lock.lock();
    return woken;
  }
  template <class Lock, class C, class Duration, class Predicate>
  bool wait_until(Lock& lock, const std::chrono::time_point<C, Duration>& time, Predicate predicate) {
    while (!predicate()) {
      if (wait_until(lock, time) == std::cv_status::timeout) return predicate();
    }
    return true;
  }
  template <class Lock, class Rep, class Period>
  std::cv_status wait_for(Lock& lock, std::chrono::duration<Rep, Period> timeout) {
    return wait_until(lock, Clock::now() + timeout);
  }
  template <class Lock, class Rep, class Period, class Predicate>
  bool wait_for(Lock& lock, std::chrono::duration<Rep, Period> timeout, Predicate predicate) {
    return wait_until(lock, Clock::now() + timeout, std::move(predicate));
  }
  template <class Lock, class Predicate>
  void wait(Lock&, Predicate predicate) {
    EXPLORE_CHECK(predicate());  // the tests receive only what is there
  }
  void notify_one() {}
  void notify_all() {}
};

void let_pass(milliseconds time) {
  for (const Moment end = Clock::now() + time; Clock::now() < end;) {
  }
}

// A send with so much patience that only the explorer's clock, which is nobody's, ends its wait.
Send send(Channel<int>& channel, int value) {
  return channel.try_send_for(milliseconds(1000), std::move(value));
}

}  // namespace

EXPLORE(TimedSend, SendsAtOnceWhenThereIsRoom) {
  Channel<int> channel(2);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(0), 1) == Send::ok);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(5), 2) == Send::ok);
  EXPLORE_CHECK(channel.size() == 2);
}

EXPLORE(TimedSend, LeavesTheValueIntactWhenThereIsNoRoom) {
  Channel<std::unique_ptr<int>> channel(1);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(0), std::make_unique<int>(1)) == Send::ok);
  auto value = std::make_unique<int>(2);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(5), std::move(value)) == Send::full);
  EXPLORE_CHECK(value && *value == 2);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(0), std::move(value)) == Send::full);
  EXPLORE_CHECK(value && *value == 2);
  EXPLORE_CHECK(channel.size() == 1);
}

EXPLORE(TimedSend, RefusesANegativeTimeout) {
  Channel<int> channel(1);
  int value = 1;
  EXPECT_THROW(static_cast<void>(channel.try_send_for(milliseconds(-1), std::move(value))), std::invalid_argument);
  EXPLORE_CHECK(channel.size() == 0);
}

EXPLORE(TimedSend, WakingForNoReasonDoesNotProlongTheWait) {
  Channel<int, Scripted> channel(1);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(0), 1) == Send::ok);
  Scripted::begin([] {
    let_pass(milliseconds(10));
    return Scripted::asked.size() < 3 ? std::cv_status::no_timeout : std::cv_status::timeout;
  });
  const Moment start = Clock::now();
  EXPLORE_CHECK(channel.try_send_for(milliseconds(50), 2) == Send::full);
  ASSERT_EQ(Scripted::asked.size(), 3U) << "it looks again after each waking, until the time is up";
  EXPECT_GE(Scripted::asked[0], start + milliseconds(50));
  EXPECT_LT(Scripted::asked[1], Scripted::asked[0] + milliseconds(5)) << "the second wait ends when the first would";
  EXPECT_LT(Scripted::asked[2], Scripted::asked[0] + milliseconds(5));
}

EXPLORE(TimedSend, RoomThatComesInTheLastMomentIsTaken) {
  Channel<int, Scripted> channel(1);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(0), 1) == Send::ok);
  Scripted::begin([&] {
    if (channel.size() == 1) EXPLORE_CHECK(channel.receive() == 1);
    return std::cv_status::timeout;
  });
  EXPLORE_CHECK(channel.try_send_for(milliseconds(50), 2) == Send::ok);
  EXPLORE_CHECK(channel.receive() == 2);
}

EXPLORE(TimedSend, GetsInOrIsFullButNeverBoth) {
  Channel<int> channel(1);
  EXPLORE_CHECK(send(channel, 1) == Send::ok);
  Send outcome{};
  thread sender([&] { outcome = send(channel, 2); });
  EXPLORE_CHECK(channel.receive() == 1);
  sender.join();
  EXPLORE_CHECK(outcome != Send::closed);
  EXPLORE_CHECK(channel.size() == (outcome == Send::ok ? 1U : 0U));
}

EXPLORE(TimedSend, WakesAReceiver) {
  Channel<int> channel(1);
  thread receiver([&] { EXPLORE_CHECK(channel.receive() == 1); });
  EXPLORE_CHECK(send(channel, 1) == Send::ok);
  receiver.join();
}

EXPLORE(TimedSend, CloseEndsTheWaitAndLeavesTheValueIntact) {
  Channel<std::unique_ptr<int>> channel(1);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(0), std::make_unique<int>(1)) == Send::ok);
  thread sender([&] {
    auto value = std::make_unique<int>(2);
    EXPLORE_CHECK(channel.try_send_for(milliseconds(1000), std::move(value)) != Send::ok);
    EXPLORE_CHECK(value && *value == 2);
  });
  channel.close();
  EXPLORE_CHECK(channel.receive().has_value());  // and its room is not for those who come now
  auto late = std::make_unique<int>(3);
  EXPLORE_CHECK(channel.try_send_for(milliseconds(1000), std::move(late)) == Send::closed);
  EXPLORE_CHECK(late && *late == 3);
  sender.join();
  EXPLORE_CHECK(channel.size() == 0);
}
