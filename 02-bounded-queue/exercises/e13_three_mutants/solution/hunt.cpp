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
  // #todo which type of value shows that it was moved from?
  BoundedChannel<std::vector<int>> channel(1);
  EXPLORE_CHECK(channel.try_send({1}) == Send::ok);
  std::vector<int> value{2};
  EXPLORE_CHECK(channel.try_send(std::move(value)) == Send::full);
  EXPLORE_CHECK(value == std::vector{2});
  // #end
}

EXPLORE(Hunt, AllWhoWaitGetTheRoomThatGetsFreeAtOnce) {
  // #todo who has to be asleep, and what makes room for more than one of them?
  BoundedChannel<int> channel(2);
  EXPLORE_CHECK(channel.send(1) == Send::ok);
  EXPLORE_CHECK(channel.send(2) == Send::ok);
  thread one([&] { EXPLORE_CHECK(channel.send(3) == Send::ok); });
  thread other([&] { EXPLORE_CHECK(channel.send(4) == Send::ok); });
  EXPLORE_CHECK(channel.drain().size() == 2);
  one.join();
  other.join();
  // #end
}

EXPLORE(Hunt, OneFreeSlotIsEnough) {
  // #todo how many slots, and how many of them get free?
  BoundedChannel<int> channel(3);
  for (int value : {1, 2, 3}) EXPLORE_CHECK(channel.send(std::move(value)) == Send::ok);
  thread sender([&] { EXPLORE_CHECK(channel.send(4) == Send::ok); });
  EXPLORE_CHECK(channel.receive() == 1);
  sender.join();
  EXPLORE_CHECK(channel.size() == 3);
  // #end
}

// #todo
// Why this. Each test sets up the one situation in which its mutant differs. A value that was moved from shows itself
// if it is a vector; an int would look the same. A call that is not passed on is missed only by a second sleeper, and
// only if two slots are free before the one that was called has looked: drain() frees both at once, and calls once. And
// patience is harmless as long as receivers go on; so in the third test the receiver takes one value and leaves.
//
// None of the three asks the clock. In the explorer a wait with a time limit ends when nobody else can go on, so a
// sender that is patient for a millisecond comes home, and one that is patient for ever is a deadlock. On real threads
// the third test would need a time after which you call it hanging, and would be wrong on a slow machine.
// #end
