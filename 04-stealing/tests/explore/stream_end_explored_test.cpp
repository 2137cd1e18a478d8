// What a producer takes back, when he finds that it was too late: under every interleaving with those who claim it and
// those who remove it. Two cells in a chunk.
#include <pool/stealing/stream.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <vector>

#include "errands.hpp"

namespace pool::stealing {
namespace {

using sync::thread;

void take_back(Stream& stream, std::uint64_t from, Got& back) {
  const std::size_t before = back.size();
  const std::size_t many = stream.take_back(from, [&](Cell& cell) { back.take(cell.take_unit()); });
  EXPECT_EQ(back.size() - before, many);
}

// M1.
EXPLORE(StreamEnd, ItIsClaimedOrTakenBack) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got back(chunks);
  publish(stream, 0, 1);
  thread taker([&] {
    claimed.claim(stream, 1);
    claimed.claim(stream, 1);
    claimed.claim(stream, 1);
  });
  publish(stream, 1, 4);
  take_back(stream, 1, back);
  taker.join();
  expect_all(stream, 4, claimed, {&back});
  EXPECT_TRUE(back.in_order());
  EXPECT_EQ(stream.size(), 0U);
  EXPECT_EQ(stream.sent(), stream.written());
}

// Over several chunks. What comes afterwards stands where it stood.
EXPLORE(StreamEnd, WhatComesAfterwardsIsClaimedToo) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got back(chunks);
  thread taker([&] {
    claimed.claim(stream);
    claimed.claim(stream);
  });
  publish(stream, 0, 6);
  take_back(stream, 1, back);
  publish(stream, 6, 9);
  taker.join();
  expect_all(stream, 9, claimed, {&back});
}

EXPLORE(StreamEnd, WhatIsRemovedIsNotTakenBack) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got back(chunks);
  Got removed(chunks);
  const auto errands = publish(stream, 0, 3);
  thread canceller([&] { remove(stream, {errands[1], errands[2]}, removed); });
  take_back(stream, 1, back);
  canceller.join();
  expect_all(stream, 3, claimed, {&back, &removed});
}

// Of the six, a whole chunk in the middle is gone.
EXPLORE(StreamEnd, AChunkIsRemovedFromWhatIsTakenBack) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got back(chunks);
  Got removed(chunks);
  const auto errands = publish(stream, 0, 6);
  thread canceller([&] { remove(stream, {errands[2], errands[3]}, removed); });
  Chunk* const other = &chunks.take();  // of somebody who may get that chunk
  put((*other)[0], 7);
  put((*other)[1], 8);
  take_back(stream, 0, back);
  canceller.join();
  expect_each_once(6, {&claimed, &back, &removed});
  publish(stream, 9, 10);
  EXPECT_EQ(stream.size(), 1U);
}

// It is taken back from a place that is gone with its chunk.
EXPLORE(StreamEnd, TheEndIsWhereSomethingWasRemoved) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got back(chunks);
  Got removed(chunks);
  const auto first = publish(stream, 0, 3);
  const auto errands = publish(stream, 3, 5);
  remove(stream, {first[2]}, removed);
  thread canceller([&] { remove(stream, {errands[0]}, removed); });
  take_back(stream, 3, back);
  canceller.join();
  claimed.claim_all(stream);
  publish(stream, 5, 8);
  expect_all(stream, 8, claimed, {&back, &removed});
}

// The chunk in which the producer goes on is not given to anybody else, though all that was in it is gone.
EXPLORE(StreamEnd, TheLastChunkStaysThoughAllOfItIsRemoved) {
  Chunks chunks(2);
  Stream stream(chunks);
  Got claimed(chunks);
  Got back(chunks);
  Got removed(chunks);
  const auto errands = publish(stream, 0, 5);
  remove(stream, {errands[3]}, removed);
  take_back(stream, 3, back);
  publish(stream, 5, 7);
  thread canceller([&] { remove(stream, {errands[2]}, removed); });
  publish(stream, 7, 8);
  canceller.join();
  expect_all(stream, 8, claimed, {&back, &removed});
}

}  // namespace
}  // namespace pool::stealing
