// Lanes without other threads: what is in which. With other threads: explore/lanes_explored_test.cpp.
#include <gtest/gtest.h>

#include <vector>

#include <pool/stealing/lanes.hpp>

namespace pool::stealing {
namespace {

TEST(Lanes, ALevelIsMadeWhenItIsFirstUsedAndKeepsWhatIsLeft) {
  Lanes lanes;
  EXPECT_EQ(lanes.occupied(), 0U);
  EXPECT_EQ(lanes.take(2), nullptr);
  EXPECT_FALSE(lanes.oldest(2));
  std::vector<Cell> cells(100);
  for (Cell& cell : cells) {
    lanes.make_room(3);
    lanes.push(3, cell, Time{});
  }
  EXPECT_EQ(lanes.occupied(), 0b01000U);
  EXPECT_EQ(lanes.size(), 100U);
  EXPECT_EQ(lanes.take(3), &cells.back());
  Cell* oldest = nullptr;
  EXPECT_EQ(lanes.steal(3, oldest), Steal::ok);
  EXPECT_EQ(oldest, &cells.front());
  EXPECT_EQ(lanes.size(), 98U);
}

}  // namespace
}  // namespace pool::stealing
