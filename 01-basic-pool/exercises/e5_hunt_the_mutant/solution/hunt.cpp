// Tests of the stage's channel. Yours to write: they pass on the channel as it is, and fail on each of its mutants.
//
// The two mutants, as their authors would describe them in a review:
//   "close() need not wake everybody, notify_one() will do."
//   "send() may look at closed_ before it takes the lock; it only ever goes from false to true."
#include <optional>

#include <pool/basic/channel.hpp>
#include <pool/testing/explorer/test.hpp>

using pool::basic::Channel;
using pool::basic::Send;
using pool::sync::thread;

// An example: a value that was sent is received.
EXPLORE(Hunt, AValueArrives) {
  Channel<int> channel;
  std::optional<int> got;
  thread receiver([&] { got = channel.receive(); });
  EXPLORE_CHECK(channel.send(7) == Send::ok);
  receiver.join();
  EXPLORE_CHECK(got == 7);
}

EXPLORE(Hunt, CloseWakesEverybody) {
  // #todo who has to be waiting, for notify_one() to be too few?
  Channel<int> channel;
  thread one([&] { EXPLORE_CHECK(!channel.receive()); });
  thread two([&] { EXPLORE_CHECK(!channel.receive()); });
  channel.close();
  one.join();
  two.join();
  // #end
}

EXPLORE(Hunt, ASendThatRacesWithCloseIsSafe) {
  // #todo who has to run at the same time as send()?
  Channel<int> channel;
  thread closer([&] { channel.close(); });
  const bool sent = channel.send(1) == Send::ok;
  closer.join();
  EXPLORE_CHECK(channel.receive().has_value() == sent);
  // #end
}

// #todo
// Why this. A test that kills a mutant sets up the one situation in which the mutant differs, and checks what the
// channel promises, not how it does it. For notify_one() that is two receivers asleep: the first is woken, the second
// sleeps for ever, and the explorer reports who waits for what. With one receiver no interleaving shows a difference.
//
// For the flag, the two threads must touch it without anything in between that orders them: then it is a data race,
// which the explorer reports even when the value read happens to be right. A test on real threads would have to hit a
// window of nanoseconds. And whether a value is there is asked of receive(), after close(): so it must not be lost
// either.
// #end
