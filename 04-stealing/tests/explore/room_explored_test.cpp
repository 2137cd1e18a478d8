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

// The counts of what takes no room, which are not under the lock.
EXPLORE(Room, TheCountsNeverContradictThemselves) {
  Room room(1);
  thread one([&] {
    room.enter(false);
    room.leave(false);
  });
  thread other([&] { room.enter(false); });
  expect_no_contradiction(room);
  one.join();
  other.join();
  EXPECT_EQ(room.stats().sent, 2U);
  EXPECT_EQ(room.stats().queued, 1U);
}

EXPLORE(Room, TheMostIsWhatWasQueuedAtOnce) {
  Room room(1);
  thread other([&] {
    room.enter(false);
    room.leave(false);
  });
  other.join();
  room.enter(false);
  thread another([&] { room.enter(false); });
  room.leave(false);
  another.join();
  const auto stats = room.stats();
  EXPECT_GE(stats.high_water, 1U);
  EXPECT_LE(stats.high_water, 2U) << "of three";
  EXPECT_EQ(stats.queued, 1U);
}

// G1 and G2: what takes room, and what takes none, together.
EXPLORE(Room, WhatTakesRoomAndWhatTakesNone) {
  Room room(2);
  thread other([&] {
    EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
    EXPECT_TRUE(room.fill(true));
    room.leave(true);
  });
  room.enter(false);
  expect_no_contradiction(room);
  other.join();
  EXPECT_EQ(room.stats().queued, 1U);
  EXPECT_EQ(room.stats().sent, 2U);
}

// What is filled before the end is there when somebody looks after it; the rest is refused, and its room is given back.
EXPLORE(Room, WhatComesAfterTheEndIsRefused) {
  Room room(1);
  EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
  bool filled = false;
  thread other([&] {
    filled = room.fill(true);
    if (!filled) room.give_back();
  });
  room.close();
  const std::size_t queued = room.stats().queued;
  other.join();
  EXPECT_EQ(queued, filled ? 1U : 0U);
  room.enter(false);  // closed or not
  EXPECT_EQ(room.stats().queued, queued + 1);
}

EXPLORE(Room, WhoWaitsForRoomIsWokenByWhatLeaves) {
  Room room(1);
  EXPECT_EQ(room.reserve(Deadline::now()), Send::ok);
  EXPECT_TRUE(room.fill(true));
  thread waits([&] {
    EXPECT_EQ(room.reserve(Deadline::never()), Send::ok);
    EXPECT_TRUE(room.fill(true));
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
