// Tests of the stage's bounded channel. Yours to write: they pass on the channel as it is, and fail on each of its
// mutants.
//
// The three mutants, as their authors would describe them in a review:
//   "BoundedChannel::send(): nobody wants a value back that found no room."
//   "Waiting::calls(): if there is something for a receiver, it is called, and that is enough for one visit."
//   "Waiting::wait_for_low_mark(): one millisecond is arbitrary. Let it wait until the caller's own deadline."
#include <utility>
#include <vector>

#include <pool/bounded/bounded_channel.hpp>
#include <pool/testing/explorer/test.hpp>
#include <pool/testing/todo.hpp>

using pool::bounded::BoundedChannel;
using pool::bounded::Send;
using pool::sync::thread;

// An example: a value that was sent is received.
EXPLORE(Hunt, AValueArrives) {
  BoundedChannel<int> channel(1);
  thread sender([&] { EXPLORE_CHECK(channel.send(7) == Send::ok); });
  EXPLORE_CHECK(channel.receive() == 7);
  sender.join();
}

EXPLORE(Hunt, ASendThatFindsNoRoomLeavesTheValue) {
  POOL_TODO("which type of value shows that it was moved from?");
}

EXPLORE(Hunt, AllWhoWaitGetTheRoomThatGetsFreeAtOnce) {
  POOL_TODO("who has to be asleep, and what makes room for more than one of them?");
}

EXPLORE(Hunt, OneFreeSlotIsEnough) {
  POOL_TODO("how many slots, and how many of them get free?");
}
