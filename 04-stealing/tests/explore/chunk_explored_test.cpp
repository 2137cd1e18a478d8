// Chunks that come back, under every interleaving: not too early (H1), and not never.
#include <pool/stealing/chunk.hpp>
#include <pool/testing/explorer/test.hpp>

#include "errands.hpp"

namespace pool::stealing {
namespace {

using sync::thread;

EXPLORE(Chunks, TrimWhileOthersTakeAndFinish) {
  Chunks chunks(1);
  Chunk& first = chunks.take();
  thread other([&] { chunks.finished(first, 2); });  // its cell, and the queue
  thread trims([&] { chunks.trim(0); });
  Chunk& second = chunks.take();  // the first, or another
  second[0].fill([] { return [] {}; });
  EXPECT_FALSE(second[0].empty());
  second[0].drop();
  chunks.finished(second, 2);
  other.join();
  trims.join();
}

// H1: its cells are finished by two, one of whom is the last.
EXPLORE(Chunks, NobodyGetsOneThatIsInUse) {
  Chunks chunks(2);
  Chunk& first = chunks.take();
  for (std::size_t i = 0; i < 2; ++i) first[i].fill([] { return [] {}; });
  const auto finish = [&](std::size_t which) {
    first[which].drop();
    chunks.finished(first, 1);
  };
  thread one([&] { finish(0); });
  thread other([&] { finish(1); });
  chunks.finished(first, 1);  // the queue
  Chunk& next = chunks.take();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(next[i].empty());
    next[i].fill([] { return [] {}; });
    next[i].drop();
  }
  chunks.finished(next, 3);
  one.join();
  other.join();
}

// H1, and the memory ordering: whoever uses it next sees what was done to it.
EXPLORE(Chunks, AChunkIsUsedAgainWhenAllOfItIsFinished) {
  Chunks chunks(2);
  Chunk& chunk = chunks.take();
  put(chunk[0], 0);
  put(chunk[1], 1);
  thread other([&] {
    static_cast<void>(chunk[0].take_unit());
    chunks.finished(chunk, 1);
  });
  static_cast<void>(chunk[1].take_unit());
  chunks.finished(chunk, 2);  // and the queue's
  Chunk& next = chunks.take();
  for (const std::size_t i : {0U, 1U}) {
    put(next[i], 2);
    static_cast<void>(next[i].take_unit());
  }
  other.join();
  chunks.finished(next, 3);
}

EXPLORE(Chunks, AChunkThatItsQueueKnowsIsNotUsedAgain) {
  Chunks chunks(2);
  Chunk& chunk = chunks.take();
  thread other([&] { chunks.finished(chunk, 1); });
  chunks.finished(chunk, 1);
  other.join();
  Chunk& next = chunks.take();
  EXPECT_NE(&next, &chunk);
  chunks.finished(chunk, 1);
  chunks.finished(next, 3);
}

EXPLORE(Chunks, ItComesBackWhoeverIsTheLast) {
  Chunks chunks(2);
  Chunk& chunk = chunks.take();
  thread one([&] { chunks.finished(chunk, 1); });
  thread other([&] { chunks.finished(chunk, 1); });
  chunks.finished(chunk, 1);
  one.join();
  other.join();
  Chunk& next = chunks.take();
  EXPECT_EQ(&next, &chunk);
  chunks.finished(next, 3);
}

EXPLORE(Chunks, TwoDoNotGetTheSame) {
  Chunks chunks(2);
  Chunk& spare = chunks.take();
  chunks.finished(spare, 3);
  Chunk* theirs = nullptr;
  thread other([&] { theirs = &chunks.take(); });
  Chunk* const mine = &chunks.take();
  other.join();
  EXPECT_NE(mine, theirs);
  chunks.finished(*mine, 3);
  chunks.finished(*theirs, 3);
}

EXPLORE(Chunks, WhatIsGivenBackToTheSystemIsNotGivenOut) {
  Chunks chunks(2);
  chunks.finished(chunks.take(), 3);
  Chunk* taken = nullptr;
  thread other([&] {
    taken = &chunks.take();
    put((*taken)[0], 0);
  });
  chunks.trim(0);
  other.join();
  EXPECT_TRUE((*taken)[0].take_unit());
  chunks.finished(*taken, 3);
}

}  // namespace
}  // namespace pool::stealing
