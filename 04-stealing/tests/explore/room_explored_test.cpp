// The counts of what is queued, and those who wait for room, under every interleaving.
#include <pool/stealing/room.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>

namespace pool::stealing {
namespace {

using sync::thread;

void expect_no_contradiction(const Room& room) {
  const auto stats = room.stats();
  EXPECT_LE(stats.queued, stats.sent);
  EXPECT_LE(stats.queued, stats.high_water);
}

EXPLORE(Room, WithoutALimitTheCountsNeverContradictThemselves) {
  Room room(0);
  thread one([&] {
    room.fill(true);
    room.leave(true);
  });
  thread other([&] { room.fill(true); });
  expect_no_contradiction(room);
  one.join();
  other.join();
  EXPECT_EQ(room.stats().sent, 2U);
  EXPECT_EQ(room.stats().queued, 1U);
}

EXPLORE(Room, TheMostIsWhatWasQueuedAtOnce) {
  Room room(0);
  thread other([&] {
    room.fill(true);
    room.leave(true);
  });
  other.join();
  room.fill(true);
  thread another([&] { room.fill(true); });
  room.leave(true);
  another.join();
  const auto stats = room.stats();
  EXPECT_GE(stats.high_water, 1U);
  EXPECT_LE(stats.high_water, 2U) << "of three";
  EXPECT_EQ(stats.queued, 1U);
}

// What takes room, and what takes none: together.
EXPLORE(Room, WithALimitNeither) {
  Room room(2);
  thread other([&] {
    EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
    room.fill(true);
    room.leave(true);
  });
  room.fill(false);
  expect_no_contradiction(room);
  other.join();
  EXPECT_EQ(room.stats().queued, 1U);
  EXPECT_EQ(room.stats().sent, 2U);
}

EXPLORE(Room, WhoWaitsForRoomIsWokenByWhatLeaves) {
  Room room(1);
  EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
  room.fill(true);
  thread waits([&] {
    EXPECT_EQ(room.reserve(Deadline::never()), Send::ok);
    room.fill(true);
  });
  room.leave(true);
  waits.join();
  EXPECT_EQ(room.reserve(Deadline::now()), Send::full);
  EXPECT_EQ(room.stats().queued, 1U);
}

EXPLORE(Room, WhoWaitsForRoomIsWokenByWhatIsGivenBack) {
  Room room(1);
  EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
  thread waits([&] { EXPECT_EQ(room.reserve(Deadline::never()), Send::ok); });
  room.give_back();
  waits.join();
  EXPECT_EQ(room.reserve(Deadline::now()), Send::full);
}

EXPLORE(Room, TheEndWakesWhoWaits) {
  Room room(1);
  EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
  thread waits([&] { EXPECT_EQ(room.reserve(Deadline::never()), Send::closed); });
  room.close();
  waits.join();
}

EXPLORE(Room, TwoDoNotGetTheSameRoom) {
  Room room(1);
  Send first = Send::full;
  thread other([&] { first = room.reserve(Deadline::now()); });
  const Send second = room.reserve(Deadline::now());
  other.join();
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace pool::stealing
