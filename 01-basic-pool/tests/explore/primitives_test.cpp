// The explorer's primitives keep the promises of the standard's, and break what the standard does not promise.
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pool {
namespace {

using explorer::explore;
using explorer::Verdict;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

// ---- mutex

EXPLORE(Mutex, LetsOneThreadInAtATime) {
  sync::mutex mutex;
  sync::cell<int> count{0};
  const auto increment = [&] {
    std::lock_guard lock(mutex);
    ++count.write();
  };
  sync::thread one(increment);
  sync::thread two(increment);
  sync::thread three(increment);
  one.join();
  two.join();
  three.join();
  EXPECT_EQ(count.read(), 3);
}

TEST(Mutex, TryLockSucceedsOrFails) {
  std::set<int> entered;
  const auto result = explore([&] {
    sync::mutex mutex;
    sync::cell<int> count{0};
    const auto attempt = [&] {
      std::unique_lock lock(mutex, std::try_to_lock);
      if (lock) ++count.write();
    };
    sync::thread other(attempt);
    attempt();
    other.join();
    entered.insert(count.read());
  });
  EXPECT_EQ(result.verdict, Verdict::passed) << result.report;
  EXPECT_EQ(entered, (std::set{0, 1, 2})) << "it may fail for no reason, but not more often than preemptions allow";
}

EXPLORE(Mutex, ScopedLockTakesTwoInAnyOrder) {
  sync::mutex a;
  sync::mutex b;
  sync::cell<int> shared{0};
  sync::thread other([&] {
    std::scoped_lock both(a, b);
    ++shared.write();
  });
  {
    std::scoped_lock both(b, a);
    ++shared.write();
  }
  other.join();
  EXPECT_EQ(shared.read(), 2);
}

// ---- condition variable

// Two waiters for tickets; how many tickets, and how they are announced, is the test's. Returns the verdict.
Verdict announce(int tickets, bool all) {
  return explore([=] {
           sync::mutex mutex;
           sync::condition_variable changed;
           sync::cell<int> left{0};
           const auto take = [&] {
             std::unique_lock lock(mutex);
             changed.wait(lock, [&] { return left.read() > 0; });
             --left.write();
           };
           sync::thread one(take);
           sync::thread two(take);
           {
             std::lock_guard lock(mutex);
             left.write() = tickets;
           }
           all ? changed.notify_all() : changed.notify_one();
           one.join();
           two.join();
         })
      .verdict;
}

TEST(ConditionVariable, NotifyOneWakesOneAndNotifyAllWakesAll) {
  EXPECT_EQ(announce(2, true), Verdict::passed);
  EXPECT_EQ(announce(2, false), Verdict::deadlock);
  EXPECT_EQ(announce(1, true), Verdict::deadlock) << "the second finds nothing and sleeps again";
}

TEST(ConditionVariable, NotifyOneWakesAnyOne) {
  std::set<int> woken;
  const auto result = explore({.preemptions = 0}, [&] {
    sync::mutex mutex;
    sync::condition_variable changed;
    sync::cell<int> asleep{0};
    int first = 0;
    const auto sleep = [&](int mine) {
      std::unique_lock lock(mutex);
      ++asleep.write();
      changed.wait(lock);
      if (first == 0) first = mine;
      changed.notify_one();
    };
    sync::thread one(sleep, 1);
    sync::thread two(sleep, 2);
    sync::thread waker([&] {
      for (bool ready = false; !ready; sync::this_thread::yield()) {
        std::lock_guard lock(mutex);
        ready = asleep.read() == 2;
      }
      changed.notify_one();
    });
    one.join();
    two.join();
    waker.join();
    woken.insert(first);
  });
  EXPECT_EQ(result.verdict, Verdict::passed) << result.report;
  EXPECT_EQ(woken, (std::set{1, 2}));
}

TEST(ConditionVariable, MayWakeUpForNoReason) {
  const auto result = explore([] {
    sync::mutex mutex;
    sync::condition_variable changed;
    sync::cell<bool> ready{false};
    sync::thread waiter([&] {
      std::unique_lock lock(mutex);
      if (!ready.read()) changed.wait(lock);  // an if where a while belongs
      EXPLORE_CHECK(ready.read());
    });
    {
      std::lock_guard lock(mutex);
      ready.write() = true;
    }
    changed.notify_one();
    waiter.join();
  });
  EXPECT_EQ(result.verdict, Verdict::failed_check);
  EXPECT_NE(result.report.find("wakes up for no reason"), std::string::npos) << result.report;
}

TEST(ConditionVariable, ATimedWaitEndsBothWays) {
  std::set<std::pair<bool, bool>> seen;
  const auto result = explore([&] {
    sync::mutex mutex;
    sync::condition_variable changed;
    sync::cell<bool> ready{false};
    const auto is_ready = [&] { return ready.read(); };
    sync::thread setter([&] {
      std::lock_guard lock(mutex);
      ready.write() = true;
      changed.notify_one();
    });
    {
      std::unique_lock lock(mutex);
      const bool first = changed.wait_for(lock, 1ms, is_ready);
      const bool second = changed.wait_until(lock, steady_clock::time_point::max(), is_ready);
      seen.insert({first, second});
    }
    setter.join();
  });
  EXPECT_EQ(result.verdict, Verdict::passed) << result.report;
  EXPECT_EQ(seen, (std::set<std::pair<bool, bool>>{{true, true}, {false, true}, {false, false}}));
}

EXPLORE(ConditionVariable, ATimedWaitIsNoDeadlock) {
  sync::mutex mutex;
  sync::condition_variable never;
  std::unique_lock lock(mutex);
  while (never.wait_for(lock, 1h) != std::cv_status::timeout) {
  }
  while (never.wait_until(lock, steady_clock::now()) != std::cv_status::timeout) {
  }
}

// ---- atomic

EXPLORE(Atomic, HasTheOperatorsOfTheStandard) {
  sync::atomic<int> number{5};
  EXPECT_EQ(number++, 5);
  EXPECT_EQ(++number, 7);
  EXPECT_EQ(number--, 7);
  EXPECT_EQ(--number, 5);
  EXPECT_EQ(number += 3, 8);
  EXPECT_EQ(number -= 2, 6);
  EXPECT_EQ(number |= 9, 15);
  EXPECT_EQ(number &= 12, 12);
  EXPECT_EQ(number ^= 5, 9);
  EXPECT_EQ(number = 4, 4);
  EXPECT_EQ(number.exchange(2), 4);
  EXPECT_EQ(number, 2);
  std::array<int, 3> values{1, 2, 3};
  sync::atomic<int*> pointer{values.data()};
  EXPECT_EQ(*(pointer += 2), 3);
  EXPECT_EQ(*pointer.fetch_sub(1), 3);
  EXPECT_EQ(*pointer.load(), 2);
  enum class Colour { red, green };
  sync::atomic<Colour> colour{Colour::red};
  Colour expected = Colour::green;
  EXPECT_FALSE(colour.compare_exchange_strong(expected, Colour::green));
  EXPECT_EQ(expected, Colour::red);
  EXPECT_TRUE(colour.compare_exchange_strong(expected, Colour::green));
  EXPECT_EQ(colour.load(), Colour::green);
  EXPECT_FALSE(sync::atomic<bool>{}.load());
}

TEST(Atomic, OnlyTheWeakCompareExchangeFailsForNoReason) {
  std::set<bool> weak;
  std::set<bool> strong;
  const auto result = explore([&] {
    sync::atomic<int> x{0};
    int expected = 0;
    weak.insert(x.compare_exchange_weak(expected, 1));
    expected = x.load();
    strong.insert(x.compare_exchange_strong(expected, 2));
  });
  EXPECT_EQ(result.verdict, Verdict::passed);
  EXPECT_EQ(weak, (std::set{false, true}));
  EXPECT_EQ(strong, (std::set{true}));
}

TEST(Atomic, WaitSleepsUntilTheValueChangesAndSomebodySaysSo) {
  const auto run = [](bool notify) {
    return explore([=] {
             sync::cell<int> data{0};
             sync::atomic<int> ready{0};
             sync::thread waiter([&] {
               ready.wait(0, std::memory_order_acquire);
               EXPECT_EQ(data.read(), 1);
             });
             data.write() = 1;
             ready.store(1, std::memory_order_release);
             if (notify) ready.notify_one();
             waiter.join();
           })
        .verdict;
  };
  EXPECT_EQ(run(true), Verdict::passed);
  EXPECT_EQ(run(false), Verdict::deadlock);
}

TEST(Atomic, ANotificationBeforeTheStoreIsLost) {
  const auto result = explore([] {
    sync::atomic<int> ready{0};
    sync::thread waiter([&] { ready.wait(0); });
    ready.notify_all();
    ready.store(1);
    waiter.join();
  });
  EXPECT_EQ(result.verdict, Verdict::lost_wakeup) << result.report;
}

// ---- thread

EXPLORE(Thread, TakesArgumentsThatOnlyMove) {
  int sum = 0;
  sync::thread adder([&](std::unique_ptr<int> a, int b) { sum = *a + b; }, std::make_unique<int>(2), 3);
  sync::thread moved(std::move(adder));
  EXPECT_FALSE(adder.joinable());  // NOLINT(bugprone-use-after-move, clang-analyzer-cplusplus.Move): what it promises
  EXPECT_NE(moved.get_id(), sync::this_thread::get_id());
  EXPECT_NE(moved.get_id(), sync::thread::id());
  moved.join();
  EXPECT_FALSE(moved.joinable());
  EXPECT_EQ(sum, 5);
  EXPECT_GE(sync::thread::hardware_concurrency(), 1U);
}

EXPLORE(Thread, HasASlotOfItsOwn) {
  EXPECT_EQ(sync::thread_slot<int>(), nullptr) << "in every execution";
  int mine = 0;
  sync::thread_slot<int>() = &mine;
  sync::thread other([] {
    EXPECT_EQ(sync::thread_slot<int>(), nullptr);
    int own = 0;
    sync::thread_slot<int>() = &own;
    sync::this_thread::yield();
    EXPECT_EQ(sync::thread_slot<int>(), &own);
  });
  sync::this_thread::yield();
  EXPECT_EQ(sync::thread_slot<int>(), &mine);
  EXPECT_EQ(sync::thread_slot<char>(), nullptr);
  other.join();
}

sync::atomic<int> global{7};  // older than any execution

EXPLORE(Thread, AGlobalStartsAnewInEveryExecution) {
  sync::thread other([] { ++global; });
  other.join();
  EXPECT_EQ(global.load(), 8);
}

// ---- exceptions: each thread has its own, whatever the others do meanwhile

EXPLORE(Exceptions, AreThrownAndCaughtAcrossSwitches) {
  sync::atomic<int> x{0};
  const auto juggle = [&](int mine) {
    struct Unwinding {
      sync::atomic<int>& x;
      ~Unwinding() {
        x.fetch_add(1);  // others may run here, while this thread unwinds
        EXPECT_EQ(std::uncaught_exceptions(), 1);
      }
    };
    try {
      const Unwinding unwinding{x};
      throw mine;
    } catch (int caught) {
      x.fetch_add(1);
      EXPECT_EQ(caught, mine);
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      try {
        throw;
      } catch (int again) {
        x.fetch_add(1);
        EXPECT_EQ(again, mine);
      }
    }
    EXPECT_EQ(std::current_exception(), nullptr);
  };
  sync::thread one(juggle, 1);
  sync::thread two(juggle, 2);
  one.join();
  two.join();
  EXPECT_EQ(x.load(), 6);
}

EXPLORE(Exceptions, CrossThreadsByPointer) {
  std::exception_ptr error;
  sync::thread other([&] {
    try {
      throw std::runtime_error("carried");
    } catch (...) {
      error = std::current_exception();
    }
  });
  other.join();
  EXPECT_THROW(std::rethrow_exception(error), std::runtime_error);
}

}  // namespace
}  // namespace pool
