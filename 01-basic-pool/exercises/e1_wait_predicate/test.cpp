// The channel's receive() under every interleaving of two or three threads.
#include <e1_wait_predicate/channel.hpp>

#include <optional>

#include <pool/testing/explorer/test.hpp>

using exercise::Channel;

EXPLORE(Send, FailsAfterClose) {
  Channel<int> channel;
  channel.close();
  EXPLORE_CHECK(!channel.send(1));
}

EXPLORE(Receive, TakesWhatIsThereAlready) {
  Channel<int> channel;
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.receive() == 1);
}

EXPLORE(Receive, WaitsForAValueThatIsSentLater) {
  Channel<int> channel;
  std::optional<int> got;
  pool::sync::thread receiver([&] { got = channel.receive(); });
  EXPLORE_CHECK(channel.send(7));
  receiver.join();
  EXPLORE_CHECK(got == 7);
}

EXPLORE(Receive, EndsWhenTheChannelIsClosed) {
  Channel<int> channel;
  std::optional<int> got = 0;
  pool::sync::thread receiver([&] { got = channel.receive(); });
  channel.close();
  receiver.join();
  EXPLORE_CHECK(!got);
}

EXPLORE(Receive, WhoeverComesTooLateWaitsOn) {
  Channel<int> channel;
  std::optional<int> first;
  std::optional<int> second;
  pool::sync::thread one([&] { first = channel.receive(); });
  pool::sync::thread two([&] { second = channel.receive(); });
  EXPLORE_CHECK(channel.send(1));
  EXPLORE_CHECK(channel.send(2));  // the channel stays open: nobody may go home with nothing
  one.join();
  two.join();
  EXPLORE_CHECK(first.has_value() && second.has_value());
}
