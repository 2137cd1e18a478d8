// The lanes of a worker and those who steal from them, under every interleaving.
#include <pool/stealing/lanes.hpp>
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <cstddef>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr std::size_t kNormal = 2;

void push(Lanes& lanes, Cell& cell, std::size_t level = kNormal) {
  lanes.make_room(level);
  lanes.push(level, cell, Time{});
}

[[nodiscard]] bool has(const Lanes& lanes, std::size_t level = kNormal) {
  return (lanes.occupied() >> level & 1U) != 0;
}

// N2, first half.
EXPLORE(Lanes, ALevelThatHasWorkHasItsBit) {
  std::array<Cell, 2> cells;
  Lanes lanes;
  thread thief([&] {
    const bool has_something = lanes.size(kNormal) != 0;
    EXPECT_TRUE(!has_something || has(lanes));
  });
  push(lanes, cells[0]);
  push(lanes, cells[1]);
  thief.join();
}

// N1; the lane is new, too.
EXPLORE(Lanes, WhatIsPushedIsTakenOrStolen) {
  std::array<Cell, 2> cells;
  Lanes lanes;
  std::array<Cell*, 2> stolen{};
  thread thief([&] {
    for (Cell*& cell : stolen) static_cast<void>(lanes.steal(kNormal, cell));
  });
  push(lanes, cells[0]);
  push(lanes, cells[1]);
  const std::array<Cell*, 2> taken{lanes.take(kNormal), lanes.take(kNormal)};
  thief.join();
  for (Cell& cell : cells) {
    int times = 0;
    for (const Cell* const one : {stolen[0], stolen[1], taken[0], taken[1]}) times += one == &cell ? 1 : 0;
    EXPECT_EQ(times, 1);
  }
  EXPECT_EQ(lanes.take(kNormal), nullptr);
  EXPECT_FALSE(has(lanes));
}

EXPLORE(Lanes, WhatComesWhileAThiefFindsNothingHasItsBit) {
  std::array<Cell, 2> cells;
  Lanes lanes;
  push(lanes, cells[0]);
  thread thief([&] {
    Cell* cell = nullptr;
    while (lanes.steal(kNormal, cell) == Steal::ok) {
    }
  });
  push(lanes, cells[1]);
  thief.join();
  EXPECT_TRUE(lanes.empty() || has(lanes));
}

EXPLORE(Lanes, TheOwnerWhoFoundNothingKeepsTheBitOfWhatComesThen) {
  std::array<Cell, 2> cells;
  Lanes lanes;
  push(lanes, cells[0]);
  Cell* stolen = nullptr;
  thread thief([&] { static_cast<void>(lanes.steal(kNormal, stolen)); });
  const Cell* const taken = lanes.take(kNormal);
  push(lanes, cells[1]);
  thief.join();
  EXPECT_TRUE(taken != nullptr || stolen != nullptr);
  EXPECT_TRUE(lanes.empty() || has(lanes));
}

EXPLORE(Lanes, ALevelThatIsEmptyLeavesTheBitsOfTheOthers) {
  std::array<Cell, 2> cells;
  Lanes lanes;
  push(lanes, cells[0]);
  push(lanes, cells[1], kNormal + 1);
  thread thief([&] {
    Cell* cell = nullptr;
    static_cast<void>(lanes.steal(kNormal, cell));
  });
  static_cast<void>(lanes.take(kNormal));
  static_cast<void>(lanes.take(kNormal));
  EXPECT_EQ(lanes.occupied(), 1U << (kNormal + 1));
  thief.join();
}

// For Parking: whoever pushes and then looks who sleeps, and who falls asleep and then looks what there is. The lane is
// new.
EXPLORE(Lanes, OneOfTheTwoSeesTheOther) {
  std::array<Cell, 1> cells;
  Lanes lanes;
  sync::atomic<bool> sleeps{false};
  bool empty = false;
  thread sleeper([&] {
    sleeps.store(true, std::memory_order_seq_cst);
    empty = lanes.empty();
  });
  push(lanes, cells[0]);
  const bool seen = sleeps.load(std::memory_order_seq_cst);
  sleeper.join();
  EXPECT_TRUE(seen || !empty);
}

}  // namespace
}  // namespace pool::stealing
