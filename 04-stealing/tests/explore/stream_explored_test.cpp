// A producer and those who take from his stream, under every interleaving. Two cells in a chunk: so most of it happens
// at a border. What is taken back: stream_end_explored_test.cpp.
#include <pool/stealing/stream.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>

#include "errands.hpp"

namespace pool::stealing {
namespace {

using sync::thread;
using namespace std::chrono_literals;

// Publishes errands from..to - 1, each by itself. How often the stream was listed by that.
int produce(Stream& stream, int from, int to) {
  int listed = 0;
  for (int i = from; i < to; ++i) {
    append(stream, i);
    listed += stream.publish() ? 1 : 0;
  }
  return listed;
}

// M1; the chunk of the first two is used again for the last.
EXPLORE(Stream, WhatIsPublishedIsClaimedOnceInItsOrder) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got got(chunks);
  thread taker([&] {
    got.claim(stream);
    got.claim(stream);
  });
  produce(stream, 0, 5);
  taker.join();
  expect_all(stream, 5, got);
  EXPECT_EQ(stream.size(), 0U);
}

EXPLORE(Stream, TwoClaimIt) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got one(chunks);
  Got other(chunks);
  produce(stream, 0, 3);
  thread taker([&] {
    one.claim(stream, 1);
    one.claim(stream, 1);
  });
  other.claim(stream, 1);
  other.claim(stream, 1);
  taker.join();
  other.claim_all(stream);
  expect_each_once(3, {&one, &other});
  EXPECT_TRUE(one.in_order() && other.in_order());
}

// Nobody sees it before that, and then all of it.
EXPLORE(Stream, WhatIsAppendedIsPublishedAtOnce) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got got(chunks);
  thread taker([&] {
    got.claim(stream, 2);
    EXPECT_TRUE(got.size() == 0 || got.size() == 2);
  });
  publish(stream, 0, 3);
  taker.join();
  expect_all(stream, 3, got);
}

// M3: whoever finds nothing unlists it, while it is published. What is listed was counted.
EXPLORE_WITH(Stream, WhatIsLeftIsListed, (Explore{.preemptions = 3})) {
  Chunks chunks(4);
  Stream stream(chunks);
  Got got(chunks);
  got.change = produce(stream, 0, 1);
  thread taker([&] {
    got.claim(stream, 1);
    got.claim(stream, 1);
  });
  append(stream, 1);
  append(stream, 2);
  const int listed = stream.publish() ? 1 : 0;
  taker.join();
  EXPECT_TRUE(stream.size() == 0 || stream.listed());
  EXPECT_EQ(got.change + listed, stream.listed() ? 1 : 0);
  expect_all(stream, 3, got);
}

EXPLORE_WITH(Stream, TwoWhoFindNothingAndAProducer, (Explore{.preemptions = 1})) {
  Chunks chunks(4);
  Stream stream(chunks);
  Got one(chunks);
  Got other(chunks);
  int listed = produce(stream, 0, 1);
  one.claim(stream);
  thread taker([&] { one.claim(stream); });
  thread another([&] { other.claim(stream); });
  listed += produce(stream, 1, 2);
  taker.join();
  another.join();
  EXPECT_TRUE(stream.size() == 0 || stream.listed());
  EXPECT_EQ(listed + one.change + other.change, stream.listed() ? 1 : 0);
  other.claim_all(stream);
  expect_each_once(2, {&one, &other});
}

// For those who wait for the end: whoever publishes, then looks; and who says that it is the end, then looks.
EXPLORE(Stream, OneOfTheTwoSeesTheOther) {
  Chunks chunks(2);
  Stream stream(chunks);
  sync::atomic<bool> closed{false};
  std::uint64_t sent = 0;
  thread ends([&] {
    closed.store(true, std::memory_order_seq_cst);
    sent = stream.sent();
  });
  produce(stream, 0, 1);
  const bool seen = closed.load(std::memory_order_seq_cst);
  ends.join();
  EXPECT_TRUE(seen || sent == 1);
}

EXPLORE(Stream, ItsSizeIsNeverMoreThanWasPublished) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got got(chunks);
  thread taker([&] {
    got.claim(stream);
    got.claim(stream);
  });
  thread observer([&] { EXPECT_LE(stream.size(), 2U); });
  produce(stream, 0, 2);
  taker.join();
  observer.join();
}

// M2: who removes a unit and who claims it agree.
EXPLORE(Stream, WhatIsRemovedIsNotClaimed) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got removed(chunks);
  const auto errands = publish(stream, 0, 3);
  thread taker([&] {
    claimed.claim(stream);
    claimed.claim(stream);
  });
  remove(stream, {errands[1]}, removed);
  taker.join();
  expect_all(stream, 3, claimed, {&removed});
}

// A whole chunk between two others goes at once; the producer may have it again before the taker comes there.
EXPLORE(Stream, AChunkOfWhatWasRemovedIsUsedAgain) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got removed(chunks);
  produce(stream, 0, 2);
  const auto errands = publish(stream, 2, 4);
  produce(stream, 4, 6);
  thread taker([&] {
    claimed.claim(stream);
    claimed.claim(stream);
  });
  remove(stream, errands, removed);
  produce(stream, 6, 7);
  taker.join();
  expect_all(stream, 7, claimed, {&removed});
  EXPECT_EQ(stream.size(), 0U);
}

// The first is where the takers are: they pass it.
EXPLORE(Stream, TheFirstChunkStaysThoughAllOfItIsRemoved) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got removed(chunks);
  const auto errands = publish(stream, 0, 4);
  thread taker([&] { claimed.claim(stream, 1); });
  remove(stream, {errands[0], errands[1], errands[2]}, removed);
  taker.join();
  expect_all(stream, 4, claimed, {&removed});
}

// The chunk behind it is linked at this moment.
EXPLORE(Stream, AChunkIsRemovedWhileTheNextIsLinked) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got removed(chunks);
  produce(stream, 0, 2);
  const auto errands = publish(stream, 2, 4);
  thread canceller([&] { remove(stream, errands, removed); });
  produce(stream, 4, 7);
  canceller.join();
  EXPECT_EQ(removed.size(), 2U);
  expect_all(stream, 7, claimed, {&removed});
}

// Two chunks that stand side by side: each is the other's neighbour.
EXPLORE(Stream, TwoChunksAreRemovedAtOnce) {
  Chunks chunks(1);
  Stream stream(chunks);
  Got claimed(chunks);
  Got one(chunks);
  Got other(chunks);
  produce(stream, 0, 1);
  const auto errands = publish(stream, 1, 4);
  thread canceller([&] { remove(stream, {errands[0]}, one); });
  remove(stream, {errands[1]}, other);
  canceller.join();
  EXPECT_EQ(one.size() + other.size(), 2U);
  produce(stream, 4, 6);
  expect_all(stream, 6, claimed, {&one, &other});
}

EXPLORE(Stream, TheOldestIsNotOlderThanWhatWaits) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got got(chunks);
  append(stream, 0, Time(1s));
  append(stream, 1, Time(2s));
  static_cast<void>(stream.publish());
  thread taker([&] { got.claim(stream, 1); });
  const auto oldest = stream.oldest();
  EXPECT_TRUE(oldest == Time(1s) || oldest == Time(2s));
  taker.join();
  EXPECT_EQ(stream.oldest(), Time(2s));
}

// After more than 35 minutes the stamps count from another moment; but not while one of them is still to be read.
EXPLORE(Stream, StampsCountFromAnotherMomentOnlyWhenNothingWaits) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got got(chunks);
  append(stream, 0, Time(1s));
  static_cast<void>(stream.publish());
  thread taker([&] {
    const Batch batch = stream.claim(1, 1, Duration::max(), got.change);
    got.take(batch);
    EXPECT_EQ(batch.since, Time(1s));
  });
  append(stream, 1, Time(40min));
  static_cast<void>(stream.publish());
  taker.join();
  EXPECT_EQ(stream.oldest(), Time(40min));
}

}  // namespace
}  // namespace pool::stealing
