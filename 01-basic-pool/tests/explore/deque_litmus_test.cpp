// Why the explorer has a memory model: a Chase-Lev deque (SPAA 2005) whose pop() and steal() are weakened from seq_cst
// to acquire and release. Interleavings alone do not show the bug: the owner must read an outdated top_, or the thief
// an outdated bottom_.
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <cstddef>

namespace pool {
namespace {

using explorer::explore;
using explorer::Result;
using explorer::Verdict;
constexpr std::memory_order relaxed = std::memory_order_relaxed;
constexpr std::memory_order acquire = std::memory_order_acquire;
constexpr std::memory_order release = std::memory_order_release;
constexpr std::memory_order seq_cst = std::memory_order_seq_cst;

// For at most two items, never full: what is left is the argument between the owner and a thief.
template <std::memory_order kStore, std::memory_order kLoad>
class Deque {
 public:
  void push(int item) {
    const int bottom = bottom_.load(relaxed);
    items_[static_cast<std::size_t>(bottom)].store(item, relaxed);
    bottom_.store(bottom + 1, release);
  }

  int pop() {  // 0: empty
    const int bottom = bottom_.load(relaxed) - 1;
    bottom_.store(bottom, kStore);  // [claim] before the look at top_
    int top = top_.load(kLoad);
    if (top > bottom) {
      bottom_.store(bottom + 1, relaxed);
      return 0;
    }
    int item = items_[static_cast<std::size_t>(bottom)].load(relaxed);
    if (top == bottom) {  // the last one: the thief may be after it
      if (!top_.compare_exchange_strong(top, top + 1, seq_cst, relaxed)) item = 0;
      bottom_.store(bottom + 1, relaxed);
    }
    return item;
  }

  int steal() {  // 0: empty, or lost the race
    int top = top_.load(kLoad);
    const int bottom = bottom_.load(kLoad);  // [claim] must be seen here if pop() did not see our top_
    if (top >= bottom) return 0;
    const int item = items_[static_cast<std::size_t>(top)].load(relaxed);
    return top_.compare_exchange_strong(top, top + 1, seq_cst, relaxed) ? item : 0;
  }

 private:
  sync::atomic<int> top_{0};
  sync::atomic<int> bottom_{0};
  std::array<sync::atomic<int>, 2> items_;
};

template <std::memory_order kStore, std::memory_order kLoad>
Result take_two() {
  return explore([] {
    Deque<kStore, kLoad> deque;
    std::array<int, 3> taken{};
    const auto count = [&](int item) { ++taken[static_cast<std::size_t>(item)]; };
    deque.push(1);
    deque.push(2);
    sync::thread thief([&] {
      count(deque.steal());
      count(deque.steal());
    });
    count(deque.pop());
    count(deque.pop());
    thief.join();
    EXPLORE_CHECK(taken[1] == 1);
    EXPLORE_CHECK(taken[2] == 1);
  });
}

TEST(Deque, HandsOutEachItemOnceWithSeqCst) {
  const Result result = take_two<seq_cst, seq_cst>();
  EXPECT_EQ(result.verdict, Verdict::passed) << result.report;
  RecordProperty("executions", std::to_string(result.executions));
}

TEST(Deque, HandsOutAnItemTwiceWithAcquireAndRelease) {
  const Result result = take_two<release, acquire>();
  EXPECT_EQ(result.verdict, Verdict::failed_check) << result.executions << " executions";
  EXPECT_LT(result.executions, 1000U);
}

}  // namespace
}  // namespace pool
