// A claim under every interleaving of its owner with thieves, some of whom come late.
#include <e24_stealable_batch/claim.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>

#include <pool/testing/explorer/test.hpp>

using pool::sync::cell;
using pool::sync::thread;

namespace {

// Whoever gets one reads what was written into it before it was put in.
struct Item {
  cell<bool> written{false};
  int taken = 0;
};

using Row = std::array<Item, 4>;

class Batches {
 public:
  // The items begin to end - 1 of the row.
  void fill(Row& row, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) row.at(i).written.write() = true;
    claim.fill(row.data(), begin, end);
  }
  bool take() {
    Item* const item = claim.take();
    if (item == nullptr) return false;
    EXPLORE_CHECK(item->written.read());
    ++item->taken;
    return true;
  }
  void take_all() {
    while (take()) {
    }
  }

  exercise::Claim<Item> claim;
};

// Each that was put in was taken once.
void expect_each_once(std::initializer_list<const Row*> rows) {
  for (const Row* row : rows) {
    for (const Item& item : *row) EXPECT_EQ(item.taken, item.written.read() ? 1 : 0);
  }
}

}  // namespace

EXPLORE(Claim, GivesTheOldestFirstAndThenNone) {
  Row row;
  exercise::Claim<Item> claim;
  EXPECT_TRUE(claim.empty());
  EXPECT_EQ(claim.take(), nullptr);
  for (int batch = 0; batch < 2; ++batch) {
    claim.fill(row.data(), 1, 4);
    for (std::size_t i = 1; i < 4; ++i) {
      EXPECT_FALSE(claim.empty());
      EXPECT_EQ(claim.take(), &row.at(i));
    }
    EXPECT_TRUE(claim.empty());
    EXPECT_EQ(claim.take(), nullptr);
  }
}

EXPLORE(Claim, OwnerAndThiefTakeEachItemOnce) {
  Row row;
  Batches batches;
  batches.fill(row, 0, 3);
  thread thief([&] {
    batches.take();
    batches.take();
  });
  batches.take_all();
  thief.join();
  expect_each_once({&row});
}

EXPLORE_WITH(Claim, TwoThievesAndTheOwner, (Explore{.preemptions = 1})) {
  Row row;
  Batches batches;
  batches.fill(row, 0, 3);
  thread one([&] { batches.take_all(); });
  thread other([&] { batches.take(); });
  batches.take_all();
  one.join();
  other.join();
  expect_each_once({&row});
}

EXPLORE(Claim, WhatIsFilledWhileAThiefLooksIsWhole) {
  Row row;
  Batches batches;
  thread thief([&] {
    batches.take();
    batches.take();
  });
  batches.fill(row, 0, 2);
  batches.take_all();
  thief.join();
  expect_each_once({&row});
}

// The second batch begins and ends where the first one did, in another row.
EXPLORE_WITH(Claim, AThiefWhoComesLateDoesNotTakeFromTheBatchBefore, (Explore{.preemptions = 3})) {
  Row first;
  Row second;
  Batches batches;
  batches.fill(first, 0, 1);
  thread thief([&] { batches.take(); });
  batches.take_all();
  batches.fill(second, 0, 1);
  batches.take_all();
  thief.join();
  expect_each_once({&first, &second});
}

EXPLORE_WITH(Claim, NorDoesOneWhoSleepsThroughTwoBatches, (Explore{.preemptions = 2})) {
  Row first;
  Row second;
  Row third;
  Batches batches;
  batches.fill(first, 0, 1);
  thread thief([&] { batches.take(); });
  for (Row* row : {&second, &third}) {
    batches.take_all();
    batches.fill(*row, 0, 1);
  }
  thief.join();
  batches.take_all();
  expect_each_once({&first, &second, &third});
}
