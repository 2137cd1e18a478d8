// Chunks come and go, and what is spare is given back meanwhile: under every interleaving.
#include <pool/stealing/chunk.hpp>
#include <pool/testing/explorer/test.hpp>

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

}  // namespace
}  // namespace pool::stealing
