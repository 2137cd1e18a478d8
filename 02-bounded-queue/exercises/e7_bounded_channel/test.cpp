// The bounded channel at capacity 1 and 2, under every interleaving of two or three threads.
#include <e7_bounded_channel/channel.hpp>

#include <pool/testing/explorer/test.hpp>

using exercise::Channel;
using pool::sync::thread;

EXPLORE(Channel, TakesAsManyAsItsCapacityWithoutAReceiver) {
  Channel<int> channel(2);
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.send(2));
  EXPLORE_CHECK(channel.size() == 2);
}

EXPLORE(Channel, NeverHoldsMoreThanItsCapacity) {
  Channel<int> channel(1);
  thread sender([&] {
    for (const int value : {1, 2, 3}) EXPLORE_CHECK(channel.send(value));
  });
  for (const int wanted : {1, 2, 3}) {
    EXPLORE_CHECK(channel.size() <= 1);
    EXPLORE_CHECK(channel.receive() == wanted);
  }
  sender.join();
}

EXPLORE(Channel, TwoSendersShareOneSlot) {
  Channel<int> channel(1);
  EXPLORE_CHECK(channel.send(1));
  thread one([&] { EXPLORE_CHECK(channel.send(2)); });
  thread other([&] { EXPLORE_CHECK(channel.send(3)); });
  EXPLORE_CHECK(channel.receive() == 1);
  EXPLORE_CHECK(channel.size() <= 1);  // whichever of the two was quicker
  EXPLORE_CHECK(channel.receive().value() + channel.receive().value() == 5);
  one.join();
  other.join();
}

EXPLORE(Channel, TwoSlotsThatGetFreeLetTwoSendersOn) {
  Channel<int> channel(2);
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.send(2));
  thread one([&] { EXPLORE_CHECK(channel.send(3)); });
  thread other([&] { EXPLORE_CHECK(channel.send(4)); });
  EXPLORE_CHECK(channel.receive() == 1);
  EXPLORE_CHECK(channel.receive() == 2);
  one.join();  // though nobody receives any more
  other.join();
}

EXPLORE(Channel, TwoReceiversShareTwoValues) {
  Channel<int> channel(2);
  thread one([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  thread other([&] { EXPLORE_CHECK(channel.receive().has_value()); });
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.send(2));
  one.join();
  other.join();
}

EXPLORE(Channel, CloseWakesEverySenderAndRefusesItsValue) {
  Channel<int> channel(1);
  EXPLORE_CHECK(channel.send(1));
  thread one([&] { EXPLORE_CHECK(!channel.send(2)); });
  thread other([&] { EXPLORE_CHECK(!channel.send(3)); });
  channel.close();
  one.join();
  other.join();
  EXPLORE_CHECK(channel.receive() == 1);
  EXPLORE_CHECK(!channel.receive());
}

EXPLORE(Channel, CloseWakesEveryReceiver) {
  Channel<int> channel(1);
  thread one([&] { EXPLORE_CHECK(!channel.receive()); });
  thread other([&] { EXPLORE_CHECK(!channel.receive()); });
  channel.close();
  one.join();
  other.join();
}
