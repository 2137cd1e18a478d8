// The deque under every interleaving and every reordering that the memory model allows.
#include <pool/stealing/deque.hpp>
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr std::uint64_t kNearTheEnd = std::numeric_limits<std::uint64_t>::max();

// What is pushed; whoever gets one reads what the owner wrote into it, and counts it.
struct Item {
  sync::cell<int> written{0};
  sync::atomic<int> got{0};
  void write() { written.write() = 1; }
  void count() {
    EXPLORE_CHECK(written.read() == 1);
    ++got;
  }
};

template <std::size_t kItems>
class Loot {
 public:
  explicit Loot(std::size_t capacity, std::uint64_t first = 0) : deque(capacity, first) {}
  void push() {
    items_.at(pushed_).write();
    deque.push(&items_.at(pushed_++));
  }
  bool take() {
    Item* const item = deque.take();
    if (item != nullptr) item->count();
    return item != nullptr;
  }
  Steal steal() {
    Item* item = nullptr;
    const Steal outcome = deque.steal(item);
    if (outcome != Steal::ok) return outcome;
    EXPLORE_CHECK(item != nullptr);
    item->count();
    return outcome;
  }
  void check_all_gone_once() {
    while (take()) {
    }
    for (std::size_t i = 0; i < pushed_; ++i) EXPECT_EQ(items_.at(i).got.load(), 1) << "item " << i;
    EXPECT_EQ(deque.size(), 0U);
  }
  Deque<Item> deque;

 private:
  std::array<Item, kItems> items_;
  std::size_t pushed_ = 0;
};

EXPLORE(Deque, TheLastItemGoesToTheOwnerOrTheThief) {
  Loot<1> loot(2);
  loot.push();
  thread thief([&] { static_cast<void>(loot.steal()); });
  static_cast<void>(loot.take());
  thief.join();
  loot.check_all_gone_once();
}

EXPLORE(Deque, OwnerAndThiefMeetInTheMiddle) {
  Loot<2> loot(2);
  loot.push();
  loot.push();
  thread thief([&] {
    static_cast<void>(loot.steal());
    static_cast<void>(loot.steal());
  });
  static_cast<void>(loot.take());
  static_cast<void>(loot.take());
  thief.join();
  loot.check_all_gone_once();
}

// S4.1 R13
EXPLORE(Deque, TwoThievesAndTheOwner) {
  Loot<2> loot(2);
  loot.push();
  loot.push();
  thread one([&] { static_cast<void>(loot.steal()); });
  thread other([&] { static_cast<void>(loot.steal()); });
  static_cast<void>(loot.take());
  one.join();
  other.join();
  loot.check_all_gone_once();
}

EXPLORE(Deque, WhatIsPushedWhileAThiefLooksIsWhole) {
  Loot<2> loot(2);
  thread thief([&] {
    static_cast<void>(loot.steal());
    static_cast<void>(loot.steal());
  });
  loot.push();
  loot.push();
  thief.join();
  loot.check_all_gone_once();
}

// S4.1 R13
EXPLORE_WITH(Deque, ItGrowsUnderAThief, (Explore{.preemptions = 4})) {
  Loot<3> loot(2);
  loot.push();
  thread thief([&] {
    static_cast<void>(loot.steal());
    static_cast<void>(loot.steal());
  });
  loot.push();
  loot.push();  // the third
  static_cast<void>(loot.take());
  thief.join();
  loot.check_all_gone_once();
}

EXPLORE_WITH(Deque, ASlotIsFilledAgainOnlyWhenItsItemIsGone, (Explore{.preemptions = 4})) {
  Loot<4> loot(2);
  loot.push();
  loot.push();
  thread thief([&] { static_cast<void>(loot.steal()); });
  loot.push();  // in the slot of the first, if that was stolen; else the deque grows
  thief.join();
  loot.check_all_gone_once();
}

EXPLORE(Deque, AThiefSeesWhatWasPushedBeforeATake) {
  Loot<3> loot(4);
  thread thief([&] {
    static_cast<void>(loot.steal());
    static_cast<void>(loot.steal());
  });
  loot.push();
  static_cast<void>(loot.take());
  loot.push();
  static_cast<void>(loot.take());
  thief.join();
  loot.check_all_gone_once();
}

// S4.1 R13
EXPLORE(Deque, ItsIndicesWrapAround) {
  Loot<3> loot(2, kNearTheEnd);
  loot.push();
  loot.push();
  thread thief([&] { static_cast<void>(loot.steal()); });
  static_cast<void>(loot.take());
  loot.push();
  static_cast<void>(loot.take());
  thief.join();
  loot.check_all_gone_once();
}

EXPLORE(Deque, AnEmptyOneIsEmptyAtTheEndOfTheNumbers) {
  Loot<1> loot(2, 0);  // bottom - 1 is the largest number
  thread thief([&] { EXPECT_EQ(loot.steal(), Steal::empty); });
  EXPECT_FALSE(loot.take());
  thief.join();
  loot.push();
  thread another([&] { EXPECT_EQ(loot.steal(), Steal::ok) << "what is pushed then is there for everybody"; });
  another.join();
  loot.check_all_gone_once();
}

EXPLORE(Deque, RoomIsMadeUnderAThief) {
  Loot<3> loot(2);
  loot.push();
  loot.push();
  thread thief([&] {
    static_cast<void>(loot.steal());
    static_cast<void>(loot.steal());
  });
  loot.deque.make_room();
  loot.push();
  thief.join();
  loot.check_all_gone_once();
}

// Three items with the stamps 1, 2, 3, of which the thief gets at most the first. The third has its slot then.
EXPLORE(Deque, TheStampIsNeverThatOfALaterItem) {
  Deque<Item> deque(2);
  std::array<Item, 3> items;
  deque.push(items.data(), 1);
  deque.push(&items[1], 2);
  thread thief([&] {
    Item* item = nullptr;
    static_cast<void>(deque.steal(item));
  });
  thread observer([&] { EXPECT_LE(deque.oldest_stamp(), 2) << "the second is still there"; });
  deque.push(&items[2], 3);
  thief.join();
  observer.join();
}

EXPLORE(Deque, ItsStampsGrowWithIt) {
  Deque<Item> deque(2);
  std::array<Item, 3> items;
  thread observer([&] { EXPECT_EQ(deque.oldest_stamp().value_or(1), 1); });
  for (std::size_t i = 0; i < items.size(); ++i) deque.push(&items.at(i), static_cast<std::int64_t>(i) + 1);
  observer.join();
  EXPECT_EQ(deque.oldest_stamp(), 1);
}

// For Parking: whoever pushes and then looks who sleeps, and who falls asleep and then looks what there is.
EXPLORE(Deque, OneOfTheTwoSeesTheOther) {
  Loot<1> loot(2);
  sync::atomic<bool> sleeps{false};
  bool empty = false;
  thread sleeper([&] {
    sleeps.store(true, std::memory_order_seq_cst);
    empty = loot.deque.empty();
  });
  loot.push();
  const bool seen = sleeps.load(std::memory_order_seq_cst);
  sleeper.join();
  EXPECT_TRUE(seen || !empty);
  loot.check_all_gone_once();
}

// And the same when the owner has taken something before, and thieves have.
EXPLORE(Deque, WhatIsPushedAfterATakeIsSeenToo) {
  Loot<3> loot(2);
  loot.push();
  loot.push();
  sync::atomic<bool> sleeps{false};
  bool empty = false;
  thread sleeper([&] {
    static_cast<void>(loot.steal());
    sleeps.store(true, std::memory_order_seq_cst);
    empty = loot.deque.empty();
  });
  while (loot.take()) {
  }
  loot.push();
  const bool seen = sleeps.load(std::memory_order_seq_cst);
  sleeper.join();
  EXPECT_TRUE(seen || !empty || loot.deque.empty());
  loot.check_all_gone_once();
}

EXPLORE(Deque, TheOldestIsStolenAndTheNewestTaken) {
  Loot<3> loot(4);
  std::array<Item, 3> items;
  for (Item& item : items) loot.deque.push(&item);
  Item* stolen = nullptr;
  thread thief([&] { EXPECT_EQ(loot.deque.steal(stolen), Steal::ok); });
  thief.join();
  EXPECT_EQ(stolen, items.data());
  EXPECT_EQ(loot.deque.take(), &items[2]);
  EXPECT_EQ(loot.deque.size(), 1U);
  EXPECT_EQ(loot.deque.take(), &items[1]);
  EXPECT_EQ(loot.deque.take(), nullptr);
}

// Who asks for a stamp gets what has it, and not what lies there next.
EXPLORE(Deque, WhoAsksForAStampGetsThatItem) {
  Deque<int> deque(2);
  int wanted = 1;
  int other = 2;
  deque.push(&other, 2);
  thread thief([&] {
    int* got = nullptr;
    const Steal outcome = deque.steal_if(got, [](std::int64_t stamp) { return stamp == 1; });
    EXPECT_EQ(got, outcome == Steal::ok ? &wanted : nullptr);
  });
  static_cast<void>(deque.take());
  deque.push(&wanted, 1);
  static_cast<void>(deque.take());
  deque.push(&other, 2);
  EXPECT_EQ(deque.take(), &other);
  thief.join();
}

}  // namespace
}  // namespace pool::stealing
