// A deque that begins with room for two, under every interleaving and every order that the memory model allows.
#include <e23_growing_deque/deque.hpp>

#include <array>
#include <cstddef>

#include <pool/testing/explorer/test.hpp>

using exercise::Array;
using exercise::Deque;
using pool::sync::cell;
using pool::sync::thread;

namespace {

// A deque, and what becomes of its items 1, 2, 3, … Whoever gets one reads what was written before it was pushed.
class Loot {
 public:
  void push(int many = 1) {
    for (int i = 0; i < many; ++i) {
      at(++pushed_).written.write() = true;
      deque_.push(pushed_);
    }
  }
  int take() { return got(deque_.take()); }
  int steal() { return got(deque_.steal()); }

  // After the thieves have gone.
  void expect_each_once() {
    while (take() != 0) {
    }
    for (int item = 1; item <= pushed_; ++item) EXPECT_EQ(at(item).times, 1) << "item " << item;
  }

 private:
  struct Item {
    cell<bool> written{false};
    int times = 0;
  };
  Item& at(int item) { return items_.at(static_cast<std::size_t>(item)); }
  int got(int item) {
    if (item == 0) return 0;
    EXPLORE_CHECK(at(item).written.read());
    ++at(item).times;
    return item;
  }

  Deque deque_{2};
  std::array<Item, 8> items_;
  int pushed_ = 0;
};

}  // namespace

EXPLORE(Deque, TheNewestIsTakenAndTheOldestStolen) {
  Deque deque(2);
  for (int item = 1; item <= 7; ++item) deque.push(item);
  EXPECT_EQ(deque.steal(), 1);
  EXPECT_EQ(deque.take(), 7);
  EXPECT_EQ(deque.steal(), 2);
  for (int item = 6; item >= 3; --item) EXPECT_EQ(deque.take(), item);
  EXPECT_EQ(deque.take(), 0);
  EXPECT_EQ(deque.steal(), 0);
}

EXPLORE(Deque, ItGrowsOnlyWhenItIsFullAndKeepsWhatItHad) {
  const int before = Array::living;
  {
    Deque deque(2);
    for (int round = 0; round < 5; ++round) {
      deque.push(1);
      deque.push(2);
      EXPECT_NE(deque.steal(), 0);
      EXPECT_NE(deque.take(), 0);
    }
    EXPECT_EQ(Array::living - before, 1) << "there was room";
    for (int item = 1; item <= 5; ++item) deque.push(item);
    EXPECT_EQ(Array::living - before, 3) << "with room for two, four and eight: a thief may be in each of them";
  }
  EXPECT_EQ(Array::living - before, 0) << "and with the deque they go";
}

// The items do not begin at the first slot.
EXPLORE(Deque, ItGrowsInTheMiddleOfItsArray) {
  Deque deque(2);
  deque.push(1);
  EXPECT_EQ(deque.steal(), 1);
  for (int item = 2; item <= 6; ++item) deque.push(item);
  for (int item = 2; item <= 6; ++item) EXPECT_EQ(deque.steal(), item);
}

EXPLORE(Deque, WhatIsPushedWhileAThiefLooksIsWhole) {
  Loot loot;
  thread thief([&] {
    loot.steal();
    loot.steal();
  });
  loot.push(2);
  thief.join();
  loot.expect_each_once();
}

EXPLORE_WITH(Deque, ItGrowsUnderAThief, (Explore{.preemptions = 4})) {
  Loot loot;
  loot.push();
  thread thief([&] {
    loot.steal();
    loot.steal();
  });
  loot.push(2);
  loot.take();
  thief.join();
  loot.expect_each_once();
}

EXPLORE_WITH(Deque, ASlotIsFilledAgainOnlyWhenItsItemIsGone, (Explore{.preemptions = 4})) {
  Loot loot;
  loot.push(2);
  thread thief([&] { loot.steal(); });
  loot.push();  // into the slot of the first, if that is gone; else the deque grows
  thief.join();
  loot.expect_each_once();
}

EXPLORE(Deque, AThiefWhoIsSlowDoesNotLookIntoAnArrayFromBefore) {
  Loot loot;
  loot.push(2);
  thread slow([&] { loot.steal(); });
  thread quick([&] {
    loot.steal();
    loot.steal();
  });
  loot.push(2);
  slow.join();
  quick.join();
  loot.expect_each_once();
}
