// What the bounded channel promises where no interleaving is needed to show it. tests/explore/ has the rest.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/bounded/bounded_channel.hpp>

namespace pool::bounded {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Channel = BoundedChannel<std::unique_ptr<int>>;

// S2.1
TEST(BoundedChannel, HoldsItsCapacityAndNoMore) {
  for (const std::size_t capacity : {1U, 2U, 3U, 100U}) {
    Channel channel(capacity);
    for (std::size_t i = 0; i < capacity; ++i) ASSERT_EQ(channel.try_send(std::make_unique<int>(1)), Send::ok);
    auto value = std::make_unique<int>(2);
    EXPECT_EQ(channel.try_send(std::move(value)), Send::full);
    EXPECT_EQ(channel.try_send_for(milliseconds(1), std::move(value)), Send::full);
    ASSERT_NE(value, nullptr) << "what was not sent stays with the sender";
    EXPECT_EQ(channel.size(), capacity);
    EXPECT_EQ(channel.capacity(), capacity);
    EXPECT_EQ(*channel.receive().value(), 1);
    EXPECT_EQ(channel.try_send(std::move(value)), Send::ok);
  }
}

// S2.1
TEST(BoundedChannel, WithoutACapacityItHoldsWhatItIsGiven) {
  Channel channel;
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(channel.send(std::make_unique<int>(i)), Send::ok);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(*channel.receive().value(), i);
}

// S2.1
TEST(BoundedChannel, AnImpossibleCapacityIsRefused) {
  try {
    Channel channel(kMaxCapacity + 1);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "pool: capacity = 1000000001, but a queue holds at most 1000000000 (0 means no limit)");
  }
  EXPECT_NO_THROW(Channel{kMaxCapacity});
}

// S2.1
TEST(BoundedChannel, ANegativeTimeoutIsRefused) {
  Channel channel(1);
  std::optional<std::unique_ptr<int>> value;
  EXPECT_THROW(static_cast<void>(channel.try_send_for(milliseconds(-1), nullptr)), std::invalid_argument);
  try {
    static_cast<void>(channel.try_receive_for(milliseconds(-1500), value));
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "pool: a timeout of -1.500000 s, but a timeout is 0 (do not wait) or more");
  }
}

// S2.1
TEST(BoundedChannel, TryReceiveSaysWhetherItIsEmptyOrClosed) {
  Channel channel(1);
  std::optional<std::unique_ptr<int>> value;
  EXPECT_EQ(channel.try_receive(value), Receive::empty);
  EXPECT_EQ(channel.try_receive_for(milliseconds(1), value), Receive::empty);
  EXPECT_EQ(channel.send(std::make_unique<int>(3)), Send::ok);
  channel.close();
  EXPECT_EQ(channel.try_receive(value), Receive::ok);
  EXPECT_EQ(**value, 3);
  EXPECT_EQ(channel.try_receive_for(hours(1), value), Receive::closed);
  EXPECT_EQ(channel.receive(), std::nullopt);
}

// S2.1
TEST(BoundedChannel, ATimedSendAndATimedReceiveMeet) {
  Channel channel(1);
  std::optional<std::unique_ptr<int>> value;
  std::thread receiver([&] { EXPECT_EQ(channel.try_receive_for(hours::max(), value), Receive::ok); });
  EXPECT_EQ(channel.try_send_for(hours(1), std::make_unique<int>(1)), Send::ok);
  receiver.join();
  ASSERT_EQ(channel.send(nullptr), Send::ok);
  std::thread sender([&] { EXPECT_EQ(channel.try_send_for(hours::max(), nullptr), Send::ok); });
  EXPECT_EQ(channel.receive(), nullptr);
  sender.join();
}

// S2.2
TEST(BoundedChannel, TheOldestIsDisplaced) {
  BoundedChannel<int> channel(2);
  std::optional<int> displaced;
  for (const int value : {1, 2}) EXPECT_EQ(channel.send_displacing(int{value}, displaced), Send::ok);
  EXPECT_EQ(displaced, std::nullopt);
  EXPECT_EQ(channel.send_displacing(3, displaced), Send::ok);
  EXPECT_EQ(displaced, 1);
  EXPECT_EQ(channel.receive(), 2);
  channel.close();
  EXPECT_EQ(channel.send_displacing(4, displaced), Send::closed);
  EXPECT_EQ(channel.receive(), 3);
}

// S2.3
TEST(BoundedChannel, RoomIsKeptForWhoeverReservedIt) {
  BoundedChannel<int> channel(2);
  {
    BoundedChannel<int>::Room one;
    BoundedChannel<int>::Room two;
    BoundedChannel<int>::Room three;
    EXPECT_EQ(channel.reserve(one, Deadline::now()), Send::ok);
    EXPECT_EQ(channel.reserve(two, Deadline::never()), Send::ok);
    EXPECT_EQ(channel.reserve(three, Deadline::now()), Send::full);
    EXPECT_EQ(channel.try_send(1), Send::full);
    EXPECT_EQ(channel.send(std::move(one), 1), Send::ok);
    // NOLINTNEXTLINE(bugprone-use-after-move): that is the mistake
    EXPECT_THROW(static_cast<void>(channel.send(std::move(one), 1)), std::logic_error);
    EXPECT_THROW(static_cast<void>(channel.send(std::move(three), 1)), std::logic_error);
  }
  EXPECT_EQ(channel.try_send(2), Send::ok) << "the room of `two` was given back";
  EXPECT_EQ(channel.try_send(3), Send::full);
  BoundedChannel<int>::Room late;
  channel.close();
  EXPECT_EQ(channel.reserve(late, Deadline::never()), Send::closed);
}

// Moving one may fail.
struct FailsToMove {
  bool fails = false;
  FailsToMove() = default;
  explicit FailsToMove(bool f) : fails(f) {}
  FailsToMove(FailsToMove&& other) : fails(other.fails) {  // NOLINT(performance-noexcept-move-constructor)
    if (fails) throw std::runtime_error("will not move");
  }
  FailsToMove& operator=(FailsToMove&&) = default;
};

// S2.1: nothing is sent then, and no room is lost.
TEST(BoundedChannel, AValueThatDoesNotMoveIsNotSent) {
  BoundedChannel<FailsToMove> channel(1);
  std::optional<FailsToMove> displaced;
  EXPECT_THROW(static_cast<void>(channel.send(FailsToMove(true))), std::runtime_error);
  EXPECT_THROW(static_cast<void>(channel.send_displacing(FailsToMove(true), displaced)), std::runtime_error);
  {
    BoundedChannel<FailsToMove>::Room room;
    EXPECT_EQ(channel.reserve(room, Deadline::now()), Send::ok);
    EXPECT_THROW(static_cast<void>(channel.send(std::move(room), FailsToMove(true))), std::runtime_error);
  }
  EXPECT_EQ(channel.try_send(FailsToMove()), Send::ok);
}

// S2.5
TEST(BoundedChannel, CountsWhatWasSentAndHowHighItStood) {
  BoundedChannel<int> channel;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(channel.send(int{i}), Send::ok);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(channel.receive(), i);
  auto stats = channel.stats();
  EXPECT_EQ(stats.sent, 5U);
  EXPECT_EQ(stats.queued, 2U);
  EXPECT_EQ(stats.high_water, 5U);
  EXPECT_EQ(channel.drain().size(), 2U);
  stats = channel.stats();
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.high_water, 5U);
}

// A seam: a queue that turns a value away without holding it says that it was sent all the same.
TEST(Waiting, WhatLeavesAtOnceCountsAsSent) {
  Waiting waiting(1);
  Waiting::Visit(waiting).sent_in_vain();
  EXPECT_EQ(waiting.stats().sent, 1U);
  EXPECT_EQ(waiting.stats().queued, 0U);
  EXPECT_EQ(waiting.queued(), 0U);
  EXPECT_EQ(waiting.stats().high_water, 0U);
}

}  // namespace
}  // namespace pool::bounded
