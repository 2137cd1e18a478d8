// The bounded channel that ships, at capacity 1, 2 and 3, under every interleaving with at most two preemptions. Each
// test is a sentence about bounded_channel.hpp; tests/mutants/ has the bugs that they are known to find.
#include <pool/bounded/bounded_channel.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace pool::bounded {
namespace {

using std::chrono::milliseconds;
using sync::thread;

void send_all(BoundedChannel<int>& channel, const std::vector<int>& values) {
  for (const int value : values) EXPLORE_CHECK(channel.send(int{value}) == Send::ok);
}

std::vector<int> receive_all(BoundedChannel<int>& channel) {
  std::vector<int> values;
  while (auto value = channel.receive()) values.push_back(*value);
  return values;
}

EXPLORE(BoundedChannel, AtCapacityOneEverySendWaitsForTheReceiveBefore) {
  BoundedChannel<int> channel(1);
  thread producer([&] { send_all(channel, {1, 2, 3}); });
  for (const int wanted : {1, 2, 3}) {
    EXPECT_EQ(channel.receive(), wanted);
    EXPECT_LE(channel.size(), 1U);
  }
  producer.join();
}

EXPLORE(BoundedChannel, AtCapacityTwoValuesArriveInTheirOrder) {
  BoundedChannel<int> channel(2);
  thread producer([&] {
    send_all(channel, {1, 2, 3, 4});
    channel.close();
  });
  EXPECT_EQ(receive_all(channel), (std::vector{1, 2, 3, 4}));
  producer.join();
}

EXPLORE(BoundedChannel, TwoProducersShareOneSlot) {
  BoundedChannel<int> channel(1);
  thread one([&] { send_all(channel, {1, 2}); });
  thread other([&] { send_all(channel, {10, 20}); });
  int sum = 0;
  for (int i = 0; i < 4; ++i) {
    EXPECT_LE(channel.size(), 1U);
    sum += channel.receive().value();
  }
  EXPECT_EQ(sum, 33);
  one.join();
  other.join();
}

// With one condition variable for both sides, notify_one may wake a producer where a consumer was meant.
EXPLORE(BoundedChannel, TwoProducersAndTwoConsumersAtCapacityOne) {
  BoundedChannel<int> channel(1);
  int received[2] = {};
  thread producer([&] { send_all(channel, {1}); });
  thread another([&] { send_all(channel, {2}); });
  thread consumer([&] { received[0] = channel.receive().value(); });
  received[1] = channel.receive().value();
  producer.join();
  another.join();
  consumer.join();
  EXPECT_EQ(received[0] + received[1], 3);
}

EXPLORE(BoundedChannel, OneReceiveLetsOneOfTwoWaitingProducersOn) {
  BoundedChannel<int> channel(1);
  send_all(channel, {1});
  thread one([&] { send_all(channel, {2}); });
  thread other([&] { send_all(channel, {3}); });
  EXPECT_EQ(channel.receive(), 1);
  EXPECT_EQ(channel.receive().value() + channel.receive().value(), 5);
  one.join();
  other.join();
}

// Three slots: the producer that is called for the first of them waits for the second, but not for ever.
EXPLORE(BoundedChannel, AFreeSlotAboveTheHalfIsEnoughInTheEnd) {
  BoundedChannel<int> channel(3);
  send_all(channel, {1, 2, 3});
  thread producer([&] { send_all(channel, {4}); });
  EXPECT_EQ(channel.receive(), 1);  // and no more: what comes next is the producer's turn
  producer.join();
  EXPECT_EQ(channel.size(), 3U);
}

EXPLORE(BoundedChannel, ThePatientProducerAndTheOneBehindItBothGetIn) {
  BoundedChannel<int> channel(3);
  send_all(channel, {1, 2, 3});
  thread one([&] { send_all(channel, {4}); });
  thread other([&] { send_all(channel, {5}); });
  EXPECT_EQ(channel.receive(), 1);
  EXPECT_EQ(channel.receive(), 2);
  one.join();
  other.join();
  EXPECT_EQ(channel.size(), 3U);
}

EXPLORE(BoundedChannel, CloseWakesEveryProducerAndLeavesItsValueWithIt) {
  BoundedChannel<std::vector<int>> channel(1);
  EXPECT_EQ(channel.send({1}), Send::ok);
  const auto is_refused = [&] {
    std::vector<int> value{2};
    EXPECT_EQ(channel.send(std::move(value)), Send::closed);
    EXPECT_EQ(value, std::vector{2});  // NOLINT(bugprone-use-after-move): it stays with the sender
  };
  thread one(is_refused);
  thread other(is_refused);
  channel.close();
  one.join();
  other.join();
  EXPECT_EQ(channel.receive(), std::vector{1});
  EXPECT_EQ(channel.receive(), std::nullopt);
}

EXPLORE(BoundedChannel, CloseWakesThePatientProducer) {
  BoundedChannel<int> channel(3);
  send_all(channel, {1, 2, 3});
  thread producer([&] { static_cast<void>(channel.send(4)); });
  EXPECT_EQ(channel.receive(), 1);
  channel.close();
  producer.join();
}

EXPLORE(BoundedChannel, CloseWakesEveryConsumer) {
  BoundedChannel<int> channel(1);
  thread one([&] { EXPECT_EQ(channel.receive(), std::nullopt); });
  thread other([&] { EXPECT_EQ(channel.receive(), std::nullopt); });
  channel.close();
  one.join();
  other.join();
}

EXPLORE(BoundedChannel, CloseAgainstSendLosesNothing) {
  BoundedChannel<int> channel(1);
  int sent = 0;
  thread producer([&] {
    for (const int value : {1, 2}) sent += channel.send(int{value}) == Send::ok ? 1 : 0;
  });
  thread closer([&] { channel.close(); });
  const auto received = receive_all(channel);
  producer.join();
  closer.join();
  EXPECT_EQ(received.size(), static_cast<std::size_t>(sent));
}

EXPLORE(BoundedChannel, ATimedSendGetsInOrIsFullButNeverBoth) {
  BoundedChannel<int> channel(1);
  send_all(channel, {1});
  Send outcome{};
  thread producer([&] { outcome = channel.try_send_for(milliseconds(5), 2); });
  EXPECT_EQ(channel.receive(), 1);
  producer.join();
  EXPECT_EQ(channel.size(), outcome == Send::ok ? 1U : 0U);
  EXPECT_NE(outcome, Send::closed);
}

// Whoever gives up must not take with it the call that was meant for another.
EXPLORE(BoundedChannel, ATimedSendThatGivesUpLeavesTheRoomToTheOther) {
  BoundedChannel<int> channel(1);
  send_all(channel, {1});
  Send timed{};
  thread impatient([&] { timed = channel.try_send_for(milliseconds(5), 2); });
  thread steadfast([&] { send_all(channel, {3}); });
  EXPECT_EQ(channel.receive(), 1);
  if (channel.receive() == 2) EXPLORE_CHECK(channel.receive() == 3);
  impatient.join();
  steadfast.join();
}

EXPLORE(BoundedChannel, ATimedReceiveThatGivesUpLeavesTheValueToTheOther) {
  BoundedChannel<int> channel(2);
  std::optional<int> value;
  Receive timed{};
  thread impatient([&] { timed = channel.try_receive_for(milliseconds(5), value); });
  thread steadfast([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  send_all(channel, {1});
  impatient.join();
  if (timed == Receive::ok) send_all(channel, {2});
  steadfast.join();
  EXPECT_EQ(value.has_value(), timed == Receive::ok);
}

EXPLORE(BoundedChannel, RoomThatIsReservedIsNobodyElses) {
  BoundedChannel<int> channel(1);
  thread other([&] { static_cast<void>(channel.try_send(1)); });
  {
    BoundedChannel<int>::Room room;
    if (channel.reserve(room, Deadline::now()) == Send::ok) {
      EXPECT_EQ(channel.try_send(2), Send::full);
      EXPECT_EQ(channel.send(std::move(room), 3), Send::ok);
    }
  }
  other.join();
  EXPECT_EQ(channel.size(), 1U);
}

EXPLORE(BoundedChannel, RoomThatIsGivenBackWakesAProducer) {
  BoundedChannel<int> channel(1);
  thread producer;
  {
    BoundedChannel<int>::Room room;
    EXPECT_EQ(channel.reserve(room, Deadline::never()), Send::ok);
    producer = thread([&] { send_all(channel, {1}); });
  }
  producer.join();
  EXPECT_EQ(channel.receive(), 1);
}

EXPLORE(BoundedChannel, DisplacingKeepsTheNewestAndLosesNothing) {
  BoundedChannel<int> channel(1);
  int displaced = 0;
  const auto send = [&](int value) {
    std::optional<int> oldest;
    EXPECT_EQ(channel.send_displacing(int{value}, oldest), Send::ok);
    return oldest.value_or(0);
  };
  thread other([&] { displaced += send(1) + send(2); });
  int received = channel.receive().value();
  other.join();
  std::optional<int> left;
  if (channel.try_receive(left) == Receive::ok) received += *left;
  EXPECT_EQ(received + displaced, 3);
  EXPECT_EQ(channel.size(), 0U);
}

EXPLORE(BoundedChannel, DrainMakesRoomForAllWhoWait) {
  BoundedChannel<int> channel(2);
  send_all(channel, {1, 2});
  thread one([&] { send_all(channel, {3}); });
  thread other([&] { send_all(channel, {4}); });
  const std::size_t drained = channel.drain().size();
  one.join();
  other.join();
  EXPECT_EQ(drained + channel.size(), 4U);
}

EXPLORE(BoundedChannel, WhatHappensBeforeASendIsVisibleToTheReceiver) {
  BoundedChannel<sync::cell<int>*> channel(1);
  sync::cell<int> message{0};
  thread producer([&] {
    message.write() = 42;
    EXPECT_EQ(channel.send(&message), Send::ok);
  });
  EXPECT_EQ(channel.receive().value()->read(), 42);
  producer.join();
}

EXPLORE(BoundedChannel, TheCountsOfASendNeverContradictEachOther) {
  BoundedChannel<int> channel(2);
  thread producer([&] { send_all(channel, {1, 2}); });
  const auto stats = channel.stats();
  EXPECT_LE(stats.queued, stats.high_water);
  EXPECT_LE(stats.queued, stats.sent);
  EXPECT_LE(stats.high_water, 2U);
  EXPECT_EQ(channel.receive(), 1);
  producer.join();
  EXPECT_EQ(channel.stats().queued, 1U);
  EXPECT_EQ(channel.stats().sent, 2U);
}

EXPLORE(BoundedChannel, TheCountsOfAReceiveNeverContradictEachOther) {
  BoundedChannel<int> channel(2);
  thread producer([&] { send_all(channel, {1, 2}); });
  thread consumer([&] { EXPECT_TRUE(channel.receive().has_value()); });
  const auto stats = channel.stats();
  EXPECT_LE(stats.queued, stats.high_water);
  EXPECT_LE(stats.queued, stats.sent);
  producer.join();
  consumer.join();
}

// S2.5: whoever looks at the counts disturbs nobody, not even one who is in the midst of a send.
EXPLORE(Waiting, TheCountsAreReadWithoutTheLock) {
  Waiting waiting(2);
  Waiting::Visit visit(waiting);
  visit.sent();
  EXPECT_EQ(waiting.stats().queued, 1U);
}

// A value that uses the channel whenever it is moved or destroyed. Under the channel's lock that would be a deadlock.
class Nosy {
 public:
  explicit Nosy(BoundedChannel<Nosy>& channel) : channel_(&channel) {}
  Nosy(Nosy&& other) noexcept : channel_(other.channel_) { static_cast<void>(channel_->size()); }
  Nosy& operator=(Nosy&&) = default;
  ~Nosy() { static_cast<void>(channel_->size()); }

 private:
  BoundedChannel<Nosy>* channel_;
};

EXPLORE(BoundedChannel, NoCodeOfAValueRunsUnderTheLock) {
  BoundedChannel<Nosy> channel(1);
  thread receiver([&] { EXPECT_TRUE(channel.receive().has_value()); });
  EXPECT_EQ(channel.send(Nosy(channel)), Send::ok);
  receiver.join();
  std::optional<Nosy> displaced;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(channel.send_displacing(Nosy(channel), displaced), Send::ok);
  BoundedChannel<Nosy>::Room room;
  EXPECT_EQ(channel.reserve(room, Deadline::now()), Send::full);
  EXPECT_EQ(channel.try_receive(displaced), Receive::ok);
  EXPECT_EQ(channel.reserve(room, Deadline::now()), Send::ok);
  EXPECT_EQ(channel.send(std::move(room), Nosy(channel)), Send::ok);
  channel.close();
  EXPECT_EQ(channel.send(Nosy(channel)), Send::closed);
}

}  // namespace
}  // namespace pool::bounded
