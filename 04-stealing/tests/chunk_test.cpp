// Chunks without other threads: how many are kept, and which one a cell is in. With other threads:
// explore/chunk_explored_test.cpp.
#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include <pool/stealing/chunk.hpp>
#include <pool/testing/allocations.hpp>

namespace pool::stealing {
namespace {

using testing::bytes_in_use;

TEST(Chunks, ACellKnowsItsChunk) {
  Chunks chunks;
  EXPECT_EQ(chunks.cells(), Chunk::kCells);
  Chunk& chunk = chunks.take();
  for (std::size_t i = 0; i < Chunk::kCells; ++i) EXPECT_EQ(&chunk[i].chunk(), &chunk);
  chunks.finished(chunk, Chunk::kCells + 1);
}

TEST(Chunks, ItKeepsAFewAndGivesBackTheRest) {
  const std::ptrdiff_t before = bytes_in_use.load();
  const auto chunk = static_cast<std::ptrdiff_t>(sizeof(Chunk));
  {
    Chunks chunks(3);
    constexpr auto kSpare = static_cast<std::ptrdiff_t>(Chunks::kSpare);
    std::vector<Chunk*> all;
    all.reserve(100);
    const std::ptrdiff_t empty = bytes_in_use.load();
    for (int i = 0; i < 100; ++i) all.push_back(&chunks.take());
    for (Chunk* const one : all) chunks.finished(*one, 4);
    EXPECT_EQ(bytes_in_use.load() - empty, 100 * chunk);
    chunks.trim();
    EXPECT_EQ(bytes_in_use.load() - empty, kSpare * chunk);
    chunks.trim();
    EXPECT_EQ(bytes_in_use.load() - empty, kSpare * chunk);
  }
  EXPECT_EQ(bytes_in_use.load(), before);
}

}  // namespace
}  // namespace pool::stealing
