// The channel that ships, under every interleaving with at most two preemptions. Each test is a sentence about
// channel.hpp; tests/mutants/ has the bugs that they are known to find.
#include <pool/basic/channel.hpp>
#include <pool/testing/explorer/test.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace pool::basic {
namespace {

using sync::thread;

std::vector<int> receive_all(Channel<int>& channel) {
  std::vector<int> values;
  while (auto value = channel.receive()) values.push_back(*value);
  return values;
}

EXPLORE(Channel, EveryValueArrivesOnceWithTwoProducersAndTwoConsumers) {
  Channel<int> channel;
  int sum = 0;
  int received[2] = {};
  thread first([&] { EXPECT_EQ(channel.send(1), Send::ok); });
  thread second([&] { EXPECT_EQ(channel.send(2), Send::ok); });
  thread third([&] { received[0] = channel.receive().value(); });
  thread fourth([&] { received[1] = channel.receive().value(); });
  for (thread* t : {&first, &second, &third, &fourth}) t->join();
  for (const int value : received) sum += value;
  EXPECT_EQ(sum, 3);
  EXPECT_NE(received[0], received[1]);
  EXPECT_EQ(channel.size(), 0U);
}

EXPLORE(Channel, ReceivesInTheOrderOfSending) {
  Channel<int> channel;
  thread producer([&] {
    for (const int value : {1, 2, 3}) EXPECT_EQ(channel.send(int{value}), Send::ok);
    channel.close();
  });
  EXPECT_EQ(receive_all(channel), (std::vector{1, 2, 3}));
  producer.join();
}

EXPLORE(Channel, KeepsTheOrderOfEachProducer) {
  Channel<int> channel;
  const auto send_two = [&](int first) {
    EXPECT_EQ(channel.send(first + 1), Send::ok);
    EXPECT_EQ(channel.send(first + 2), Send::ok);
  };
  thread tens([&] { send_two(10); });
  thread twenties([&] { send_two(20); });
  std::vector<int> last{0, 10, 20};
  for (int i = 0; i < 4; ++i) {
    const int value = channel.receive().value();
    int& before = last[static_cast<std::size_t>(value / 10)];
    EXPECT_EQ(value, before + 1);
    before = value;
  }
  tens.join();
  twenties.join();
}

EXPLORE(Channel, ASendWakesASleepingReceiver) {
  Channel<int> channel;
  thread receiver([&] { EXPECT_EQ(channel.receive(), 1); });
  EXPECT_EQ(channel.send(1), Send::ok);
  receiver.join();
}

EXPLORE(Channel, EverySendWakesWhoeverSleepsThen) {
  Channel<int> channel;
  thread receiver([&] {
    EXPECT_EQ(channel.receive(), 1);
    EXPECT_EQ(channel.receive(), 2);
  });
  EXPECT_EQ(channel.send(1), Send::ok);
  EXPECT_EQ(channel.send(2), Send::ok);
  receiver.join();
}

EXPLORE(Channel, WhoeverWokeInVainIsCalledAgain) {
  Channel<int> channel;
  thread sleeper([&] { EXPECT_TRUE(channel.receive().has_value()); });
  EXPECT_EQ(channel.send(1), Send::ok);
  const bool in_vain = !channel.drain().empty();  // we were quicker than the one who was called
  if (in_vain) EXPLORE_CHECK(channel.send(2) == Send::ok);
  sleeper.join();
}

EXPLORE(Channel, CloseWakesEveryReceiver) {
  Channel<int> channel;
  thread first([&] { EXPECT_EQ(channel.receive(), std::nullopt); });
  thread second([&] { EXPECT_EQ(channel.receive(), std::nullopt); });
  channel.close();
  first.join();
  second.join();
}

EXPLORE(Channel, CloseAgainstSendLosesNothing) {
  Channel<std::vector<int>> channel;
  Send sent{};
  std::vector<int> value{7};
  thread producer([&] { sent = channel.send(std::move(value)); });
  thread closer([&] { channel.close(); });
  const auto received = channel.receive();
  producer.join();
  closer.join();
  EXPECT_EQ(received.has_value(), sent == Send::ok);
  EXPECT_EQ(value.empty(), sent == Send::ok) << "a value that was not sent stays with the sender";
  EXPECT_EQ(channel.send({8}), Send::closed);
}

EXPLORE(Channel, CloseAgainstReceiveHandsOutWhatIsLeft) {
  Channel<int> channel;
  std::vector<int> first;
  std::vector<int> second;
  thread one([&] { first = receive_all(channel); });
  thread two([&] { second = receive_all(channel); });
  for (const int value : {1, 2}) EXPECT_EQ(channel.send(int{value}), Send::ok);
  channel.close();
  one.join();
  two.join();
  EXPECT_EQ(first.size() + second.size(), 2U);
}

EXPLORE(Channel, DrainAgainstReceiveSharesTheValues) {
  Channel<int> channel;
  std::vector<int> received;
  for (const int value : {1, 2}) EXPECT_EQ(channel.send(int{value}), Send::ok);
  thread receiver([&] { received = receive_all(channel); });
  std::list<int> drained = channel.drain();
  channel.close();
  receiver.join();
  drained.insert(drained.begin(), received.begin(), received.end());
  drained.sort();
  EXPECT_EQ(drained, (std::list{1, 2}));
}

EXPLORE(Channel, WhatHappensBeforeASendIsVisibleToTheReceiver) {
  Channel<sync::cell<int>*> channel;
  sync::cell<int> message{0};
  thread producer([&] {
    message.write() = 42;
    EXPECT_EQ(channel.send(&message), Send::ok);
  });
  EXPECT_EQ(channel.receive().value()->read(), 42);
  producer.join();
}

EXPLORE(Channel, CloseTwiceIsCloseOnce) {
  Channel<int> channel;
  thread other([&] { channel.close(); });
  channel.close();
  EXPECT_EQ(channel.receive(), std::nullopt);
  other.join();
}

// A value that uses the channel whenever it is moved or destroyed. Under the channel's lock that would be a deadlock.
class Nosy {
 public:
  explicit Nosy(Channel<Nosy>& channel) : channel_(&channel) {}
  Nosy(Nosy&& other) noexcept : channel_(other.channel_) { static_cast<void>(channel_->size()); }
  Nosy& operator=(Nosy&&) = default;
  ~Nosy() { static_cast<void>(channel_->size()); }

 private:
  Channel<Nosy>* channel_;
};

EXPLORE(Channel, NoCodeOfAValueRunsUnderTheLock) {
  Channel<Nosy> channel;
  thread receiver([&] { EXPECT_TRUE(channel.receive().has_value()); });
  EXPECT_EQ(channel.send(Nosy(channel)), Send::ok);
  receiver.join();
  channel.close();
  EXPECT_EQ(channel.send(Nosy(channel)), Send::closed);
}

}  // namespace
}  // namespace pool::basic
