// The channel between several senders and several receivers, under every interleaving.
#include <e8_one_condition_variable/channel.hpp>

#include <optional>

#include <pool/testing/explorer/test.hpp>

using exercise::Channel;
using pool::sync::thread;

EXPLORE(Channel, OneSenderAndOneReceiver) {
  Channel<int> channel(1);
  thread sender([&] {
    for (const int value : {1, 2, 3}) EXPLORE_CHECK(channel.send(value));
    channel.close();
  });
  for (const int wanted : {1, 2, 3}) EXPLORE_CHECK(channel.receive() == wanted);
  EXPLORE_CHECK(!channel.receive());
  sender.join();
}

EXPLORE(Channel, OneSenderAndTwoReceivers) {
  Channel<int> channel(1);
  thread one([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  thread other([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.send(2));
  one.join();
  other.join();
}

EXPLORE(Channel, TwoSendersAndTwoReceivers) {
  Channel<int> channel(1);
  std::optional<int> first;
  thread one([&] { EXPLORE_CHECK(channel.send(1)); });
  thread other([&] { EXPLORE_CHECK(channel.send(2)); });
  thread receiver([&] { first = channel.receive(); });
  const std::optional<int> second = channel.receive();
  one.join();
  other.join();
  receiver.join();
  EXPLORE_CHECK(first.value() + second.value() == 3);
}

EXPLORE(Channel, TwoReceiversAndTwoValuesAtOnce) {
  Channel<int> channel(2);
  thread one([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  thread other([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.send(2));
  one.join();
  other.join();
}

EXPLORE(Channel, CloseWakesEverySender) {
  Channel<int> channel(1);
  EXPLORE_CHECK(channel.send(1));
  thread one([&] { EXPLORE_CHECK(!channel.send(2)); });
  thread other([&] { EXPLORE_CHECK(!channel.send(3)); });
  channel.close();
  one.join();
  other.join();
}

EXPLORE(Channel, CloseWakesEveryReceiver) {
  Channel<int> channel(1);
  thread one([&] { EXPLORE_CHECK(!channel.receive()); });
  thread other([&] { EXPLORE_CHECK(!channel.receive()); });
  channel.close();
  one.join();
  other.join();
}
