// Tests of the stage's channel. Yours to write: they pass on the channel as it is, and fail on each of its mutants.
//
// The two mutants, as their authors would describe them in a review:
//   "close() need not wake everybody, notify_one() will do."
//   "send() may look at closed_ before it takes the lock; it only ever goes from false to true."
#include <optional>

#include <pool/basic/channel.hpp>
#include <pool/testing/explorer/test.hpp>
#include <pool/testing/todo.hpp>

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
  POOL_TODO("who has to be waiting, for notify_one() to be too few?");
}

EXPLORE(Hunt, ASendThatRacesWithCloseIsSafe) {
  POOL_TODO("who has to run at the same time as send()?");
}
