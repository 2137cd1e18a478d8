// One deque, three kinds of atomics: those of the machine, those of the memory model, and those that count.
#include <e22_last_item/deque.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <thread>
#include <vector>

#include <pool/testing/explorer/test.hpp>

using pool::sync::cell;
using pool::sync::thread;

namespace {

// --- the machine -----------------------------------------------------------------------------------------------------

constexpr int kItems = 300'000;
constexpr int kBurst = 3;

}  // namespace

// The owner pushes three and takes what it can; two thieves never rest. How often is each item handed out?
TEST(Stress, HandsOutEachItemOnce) {
  exercise::Deque<std::atomic> deque;
  std::vector<std::atomic<int>> got(kItems + 1);
  std::atomic<bool> stop{false};
  const auto steal = [&] {
    while (!stop) ++got[static_cast<std::size_t>(deque.steal())];
  };
  std::array thieves{std::thread(steal), std::thread(steal)};
  for (int item = 1; item <= kItems;) {
    for (int i = 0; i < kBurst; ++i) deque.push(item++);
    for (int taken = deque.take(); taken != 0; taken = deque.take()) ++got[static_cast<std::size_t>(taken)];
  }
  stop = true;
  for (std::thread& thief : thieves) thief.join();
  EXPECT_EQ(std::count_if(got.begin() + 1, got.end(), [](const auto& count) { return count != 1; }), 0);
}

// --- the memory model ------------------------------------------------------------------------------------------------

namespace {

// A deque, and what becomes of its items. Whoever gets one reads what was written before it was pushed.
class Loot {
 public:
  void push(int item) {
    at(item).written.write() = true;
    deque_.push(item);
  }
  int take() { return got(deque_.take()); }
  int steal() { return got(deque_.steal()); }

  // After the thieves have gone.
  void expect_each_once(int items) {
    while (take() != 0) {
    }
    for (int item = 1; item <= items; ++item) EXPECT_EQ(at(item).times, 1) << "item " << item;
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

  exercise::Deque<pool::sync::atomic> deque_;
  std::array<Item, 4> items_;
};

}  // namespace

EXPLORE(Deque, TheLastItemGoesToTheOwnerOrTheThief) {
  Loot loot;
  loot.push(1);
  thread thief([&] { loot.steal(); });
  loot.take();
  thief.join();
  loot.expect_each_once(1);
}

EXPLORE(Deque, TwoItemsAndAThiefWhoStealsTwice) {
  Loot loot;
  loot.push(1);
  loot.push(2);
  thread thief([&] {
    loot.steal();
    loot.steal();
  });
  loot.take();
  thief.join();
  loot.expect_each_once(2);
}

EXPLORE(Deque, TwoThievesAndAnOwnerWhoTakesTwice) {
  Loot loot;
  loot.push(1);
  loot.push(2);
  thread one([&] { loot.steal(); });
  thread other([&] { loot.steal(); });
  loot.take();
  loot.take();
  one.join();
  other.join();
  loot.expect_each_once(2);
}

EXPLORE(Deque, AThiefGetsWhatWasWrittenBeforeThePush) {
  Loot loot;
  thread thief([&] {
    loot.steal();
    loot.steal();
  });
  loot.push(1);
  loot.push(2);
  thief.join();
  loot.expect_each_once(2);
}

EXPLORE(Deque, WhatIsPushedAfterATakeIsThereOnceToo) {
  Loot loot;
  thread thief([&] {
    loot.steal();
    loot.steal();
  });
  loot.push(1);
  loot.take();
  loot.push(2);
  loot.push(3);
  loot.take();
  thief.join();
  loot.expect_each_once(3);
}

// --- what it costs ---------------------------------------------------------------------------------------------------

namespace {

int seq_cst = 0;    // operations of that order,
int exchanges = 0;  // and those that read and write in one step

void note(std::initializer_list<std::memory_order> orders) {
  if (std::find(orders.begin(), orders.end(), std::memory_order_seq_cst) != orders.end()) ++seq_cst;
}

template <class T>
class Counted {
  using Order = std::memory_order;
  static constexpr Order kDefault = std::memory_order_seq_cst;

 public:
  Counted() = default;
  explicit Counted(T value) : value_(value) {}
  T load(Order order = kDefault) const { return note({order}), value_.load(order); }
  void store(T value, Order order = kDefault) { note({order}), value_.store(value, order); }
  T exchange(T value, Order order = kDefault) { return change(order), value_.exchange(value, order); }
  T fetch_add(T by, Order order = kDefault) { return change(order), value_.fetch_add(by, order); }
  T fetch_sub(T by, Order order = kDefault) { return change(order), value_.fetch_sub(by, order); }
  bool compare_exchange_strong(T& expected, T desired, Order order = kDefault) {
    return change(order), value_.compare_exchange_strong(expected, desired, order);
  }
  bool compare_exchange_strong(T& expected, T desired, Order order, Order failure) {
    return note({order, failure}), ++exchanges, value_.compare_exchange_strong(expected, desired, order, failure);
  }

 private:
  static void change(Order order) { note({order}), ++exchanges; }
  std::atomic<T> value_{};
};

template <class Function>
void expect_cost(int orders, int changes, Function&& function) {
  seq_cst = exchanges = 0;
  function();
  EXPECT_LE(seq_cst, orders) << "seq_cst operations";
  EXPECT_LE(exchanges, changes) << "operations that read and write in one step";
}

}  // namespace

TEST(Orders, NoMoreOfThemAreSeqCstThanHaveToBe) {
  exercise::Deque<Counted> deque;
  expect_cost(0, 0, [&] {
    for (int item = 1; item <= 3; ++item) deque.push(item);
  });
  expect_cost(2, 0, [&] { EXPECT_EQ(deque.take(), 3) << "of several"; });
  expect_cost(2, 1, [&] { EXPECT_EQ(deque.steal(), 1); });
  expect_cost(2, 1, [&] { EXPECT_EQ(deque.take(), 2) << "the last"; });
  expect_cost(2, 0, [&] { EXPECT_EQ(deque.take(), 0) << "none"; });
  expect_cost(2, 0, [&] { EXPECT_EQ(deque.steal(), 0) << "none"; });
}
