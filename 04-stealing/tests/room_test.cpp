// Room without other threads: its counts. With other threads: explore/room_explored_test.cpp.
#include <gtest/gtest.h>

#include <pool/stealing/room.hpp>

namespace pool::stealing {
namespace {

TEST(Room, CountsWhatTakesRoomAndWhatDoesNot) {
  Room room(2);
  ASSERT_EQ(room.reserve(Deadline::now()), Send::ok);
  ASSERT_TRUE(room.fill(true));
  ASSERT_TRUE(room.fill(false));  // takes no room
  ASSERT_EQ(room.reserve(Deadline::now()), Send::ok);
  EXPECT_EQ(room.reserve(Deadline::now()), Send::full);
  room.give_back();
  room.leave(false);
  room.leave(true);
  const auto stats = room.stats();
  EXPECT_EQ(stats.sent, 2U);
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.high_water, 2U);
}

}  // namespace
}  // namespace pool::stealing
