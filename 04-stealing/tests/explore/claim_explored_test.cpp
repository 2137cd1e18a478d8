// What a worker has claimed and those who take from it, under every interleaving.
#include <pool/stealing/claim.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>

#include "errands.hpp"

namespace pool::stealing {
namespace {

using sync::thread;
using namespace std::chrono_literals;

// A chunk with so many errands, numbered from `first`.
Chunk& filled(Chunks& chunks, std::size_t many, int first = 0) {
  Chunk& chunk = chunks.take();
  for (std::size_t i = 0; i < many; ++i) put(chunk[i], first + static_cast<int>(i));
  return chunk;
}

void take_one(Claim& claim, Got& got) {
  if (Cell* const cell = claim.take()) got.take(*cell);
}
void take_all(Claim& claim, Got& got) {
  while (Cell* const cell = claim.take()) got.take(*cell);
}

// L1 and L2.
EXPLORE_WITH(Claim, ThreeTakeEachCellOnceTheOldestFirst, (Explore{.preemptions = 1})) {
  Chunks chunks(3);
  Claim claim;
  claim.fill({&filled(chunks, 3), 0, 3});
  Got one(chunks);
  Got other(chunks);
  Got mine(chunks);
  thread thief([&] { take_all(claim, one); });
  thread another([&] { take_one(claim, other); });
  take_all(claim, mine);
  thief.join();
  another.join();
  expect_each_once(3, {&one, &other, &mine});
  EXPECT_TRUE(one.in_order() && mine.in_order());
  EXPECT_TRUE(claim.empty());
}

// And the memory ordering: what was put into the cells before fill() is in them.
EXPLORE(Claim, WhatIsFilledWhileAThiefLooksIsWhole) {
  Chunks chunks(2);
  Claim claim;
  Got stolen(chunks);
  Got mine(chunks);
  thread thief([&] {
    take_one(claim, stolen);
    take_one(claim, stolen);
  });
  claim.fill({&filled(chunks, 2), 0, 2});
  take_all(claim, mine);
  thief.join();
  expect_each_once(2, {&stolen, &mine});
}

// L3: the same cells of another chunk.
EXPLORE_WITH(Claim, AThiefWhoComesLateDoesNotTakeFromTheBatchBefore, (Explore{.preemptions = 3})) {
  Chunks chunks(2);
  Claim claim;
  Got stolen(chunks);
  Got mine(chunks);
  Chunk& first = filled(chunks, 1);
  Chunk& second = filled(chunks, 1, 1);
  claim.fill({&first, 0, 1});
  thread thief([&] { take_one(claim, stolen); });
  take_all(claim, mine);
  claim.fill({&second, 0, 1});
  thief.join();
  take_all(claim, mine);
  expect_each_once(2, {&stolen, &mine});
}

// For Parking: whoever fills and then looks who sleeps, and who falls asleep and then looks what there is.
EXPLORE(Claim, OneOfTheTwoSeesTheOther) {
  Chunks chunks(2);
  Claim claim;
  sync::atomic<bool> sleeps{false};
  bool empty = false;
  Chunk& chunk = filled(chunks, 1);
  thread sleeper([&] {
    sleeps.store(true, std::memory_order_seq_cst);
    empty = claim.empty();
  });
  claim.fill({&chunk, 0, 1});
  const bool seen = sleeps.load(std::memory_order_seq_cst);
  sleeper.join();
  EXPECT_TRUE(seen || !empty);
  Got mine(chunks);
  take_all(claim, mine);
}

EXPLORE(Claim, ItSaysSinceWhenItsBatchHasWaited) {
  Chunks chunks(2);
  Claim claim;
  Chunk& chunk = filled(chunks, 2);
  EXPECT_EQ(claim.since(), std::nullopt);
  thread observer([&] { EXPECT_EQ(claim.since().value_or(Time(7s)), Time(7s)) << "or nothing"; });
  claim.fill({&chunk, 0, 2, Time(7s)});
  observer.join();
  Got mine(chunks);
  take_one(claim, mine);
  EXPECT_EQ(claim.since(), Time(7s)) << "something is left of it";
  take_one(claim, mine);
  EXPECT_EQ(claim.since(), std::nullopt);
}

// L4, first half.
EXPLORE(Claims, ALevelThatHasABatchHasItsBit) {
  Chunks chunks(2);
  Claims claims;
  Chunk& chunk = filled(chunks, 2);
  thread observer([&] {
    const bool has_something = !claims[1].empty();
    EXPECT_TRUE(!has_something || claims.has(1));
  });
  claims.fill(1, {&chunk, 0, 2});
  observer.join();
  Got mine(chunks);
  while (Cell* const cell = claims.take(1)) mine.take(*cell);
  EXPECT_TRUE(claims.has(1)) << "until its owner looks";
  claims.forget(1);
  EXPECT_EQ(claims.occupied(), 0U);
}

EXPLORE(Claims, AThiefWhoEmptiesALevelLeavesTheBitsOfTheOthers) {
  Chunks chunks(2);
  Claims claims;
  Chunk& chunk = filled(chunks, 2);
  Got stolen(chunks);
  Got mine(chunks);
  claims.fill(0, {&chunk, 0, 1});
  thread thief([&] {
    while (Cell* const cell = claims.take(0)) stolen.take(*cell);
  });
  claims.fill(3, {&chunk, 1, 2});
  while (Cell* const cell = claims.take(0)) mine.take(*cell);
  claims.forget(0);
  EXPECT_EQ(claims.occupied(), 8U);
  EXPECT_EQ(claims.size(), 1U);
  thief.join();
  while (Cell* const cell = claims.take(3)) mine.take(*cell);
  expect_each_once(2, {&stolen, &mine});
}

}  // namespace
}  // namespace pool::stealing
