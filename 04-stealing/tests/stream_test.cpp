// A stream without other threads: how much it gives, since when that has waited, and that all it has used is given
// back.
// With other threads: explore/stream_explored_test.cpp.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <pool/stealing/stream.hpp>
#include <pool/testing/allocations.hpp>

namespace pool::stealing {
namespace {

using namespace std::chrono_literals;
using testing::Allocations;
using testing::bytes_in_use;

class Errand : public Unit {
 public:
  Ending run(std::optional<std::size_t>) override { return Ending::completed; }
  bool drop(std::string_view) override { return true; }
};

Unit& append(Stream& stream, Time since = Time{}) {
  Unit* unit = nullptr;
  stream.append(since, [&](Cell& cell, std::uint64_t position) {
    unit = new Errand;
    unit->position = position;
    unit->at = &cell;
    cell.hold(UnitPtr(unit));
  });
  return *unit;
}

std::vector<Unit*> publish(Stream& stream, std::size_t many) {
  std::vector<Unit*> units;
  for (std::size_t i = 0; i < many; ++i) units.push_back(&append(stream));
  static_cast<void>(stream.publish());
  return units;
}

Batch claim(Stream& stream, std::size_t most = 1000, std::size_t shares = 1, Duration spread = Duration::max()) {
  int change = 0;
  return stream.claim(most, shares, spread, change);
}

void finish(Chunks& chunks, const Batch& batch) {
  for (std::size_t i = batch.begin; i < batch.end; ++i) (*batch.chunk)[i].drop();
  chunks.finished(*batch.chunk, batch.size());
}

// Calls body(chunks, stream) for chunks of three cells. Then nothing is left.
void expect_all_given_back(const std::function<void(Chunks&, Stream&)>& body) {
  const std::ptrdiff_t before = bytes_in_use.load();
  {
    Chunks chunks(3);
    Stream stream(chunks);
    body(chunks, stream);
  }
  EXPECT_EQ(bytes_in_use.load(), before);
}

TEST(Stream, GivesAFairShareButNotBeyondItsChunk) {
  Chunks chunks(10);
  Stream stream(chunks);
  publish(stream, 16);
  const std::vector<std::pair<Batch, std::size_t>> cases{
      {claim(stream, 3), 3},          // at most
      {claim(stream, 1000, 4), 4},    // of the 13
      {claim(stream, 1000, 1), 3},    // the rest of the chunk
      {claim(stream, 1000, 100), 1},  // at least one
      {claim(stream), 5},
      {claim(stream), 0},
  };
  for (const auto& [batch, size] : cases) {
    EXPECT_EQ(batch.size(), size);
    if (size != 0) finish(chunks, batch);
  }
}

TEST(Stream, ABatchIsNoYoungerThanItsFirstByMoreThanTheSpread) {
  Chunks chunks(10);
  Stream stream(chunks);
  for (const auto since : {1s, 2s, 3s, 9s}) append(stream, Time(since));
  static_cast<void>(stream.publish());
  EXPECT_EQ(stream.oldest(), Time(1s));
  const Batch first = claim(stream, 1000, 1, 2s);
  EXPECT_EQ(first.size(), 3U);
  EXPECT_EQ(first.since, Time(1s));
  const Batch second = claim(stream, 1000, 1, 2s);
  EXPECT_EQ(second.since, Time(9s));
  EXPECT_EQ(stream.oldest(), std::nullopt);
  for (const Batch& batch : {first, second}) finish(chunks, batch);
}

TEST(Stream, ABatchThatBeginsWithWhatHasJustComeIsNotCut) {
  Chunks chunks(10);
  Stream stream(chunks);
  for (const auto since : {1s, 2s, 9s}) append(stream, Time(since));
  static_cast<void>(stream.publish());
  int change = 0;
  const Batch late = stream.claim(1000, 1, 2s, change, Time(9s));
  EXPECT_EQ(late.size(), 2U);
  for (const auto since : {10s, 11s}) append(stream, Time(since));
  static_cast<void>(stream.publish());
  const Batch early = stream.claim(1000, 1, 2s, change, Time(11s));
  EXPECT_EQ(early.since, Time(9s));
  EXPECT_EQ(early.size(), 3U) << "nothing in it can be younger than 11 s";
  for (const Batch& batch : {late, early}) finish(chunks, batch);
}

TEST(Stream, AWholeChunkAndAllThatFit) {
  Chunks chunks;
  EXPECT_EQ(chunks.cells(), Chunk::kCells);
  EXPECT_GE(Chunk::kCells, 200U);
  EXPECT_LE(sizeof(Chunk), 16U * 1024);
  Stream stream(chunks);
  publish(stream, Chunk::kCells + 1);
  const Batch first = claim(stream);
  EXPECT_EQ(first.size(), Chunk::kCells);
  EXPECT_EQ(&(*first.chunk)[Chunk::kCells - 1].chunk(), first.chunk);
  finish(chunks, first);
  finish(chunks, claim(stream));
}

TEST(Stream, InASteadyStateNothingIsAllocated) {
  struct Closure {
    void operator()() const {}
  };
  Chunks chunks(3);
  Stream stream(chunks);
  const auto round = [&] {
    for (int i = 0; i < 5; ++i)
      stream.append(Time{}, [](Cell& cell, std::uint64_t) { cell.fill([] { return Closure{}; }); });
    static_cast<void>(stream.publish());
    while (stream.size() != 0) finish(chunks, claim(stream));
  };
  for (int i = 0; i < 3; ++i) round();
  const Allocations allocations;
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(allocations.since(), 0U);
}

// --- stamps ----------------------------------------------------------------------------------------------------------

// Since when the stream says that what it was given has waited.
Time claimed_since(Chunks& chunks, Stream& stream) {
  const Batch batch = claim(stream, 1);
  finish(chunks, batch);
  return batch.since;
}

TEST(Stream, StampsAreExactToTheMicrosecondForAsLongAsItIsUsed) {
  Chunks chunks(100);
  Stream stream(chunks);
  for (Time since = Time(100h + 1us); since < Time(110h); since += 17min + 3us) {
    append(stream, since);
    static_cast<void>(stream.publish());
    EXPECT_EQ(claimed_since(chunks, stream), since);
  }
  append(stream, Time(200h + 1500ns));
  append(stream, Time(200h + 2400ns));
  static_cast<void>(stream.publish());
  const Time first = claimed_since(chunks, stream);
  EXPECT_EQ(claimed_since(chunks, stream) - first, 0us) << "less than one";
}

TEST(Stream, WhatComesLaterIsNotOlder) {
  Chunks chunks(3);
  Stream stream(chunks);
  append(stream, Time(5s));
  append(stream, Time(2s));  // it has waited for room
  append(stream, Time(6s));
  static_cast<void>(stream.publish());
  for (const auto since : {5s, 5s, 6s}) EXPECT_EQ(claimed_since(chunks, stream), Time(since));
}

// A queue that is full all day is never empty.
TEST(Stream, StampsCountAnewInEachChunk) {
  Chunks chunks(3);
  Stream stream(chunks);
  append(stream, Time(100h));
  for (Time since = Time(100h); since < Time(124h); since += 20min) {
    append(stream, since + 20min);
    static_cast<void>(stream.publish());
    EXPECT_EQ(stream.oldest(), since);
    EXPECT_EQ(claimed_since(chunks, stream), since);
  }
}

TEST(Stream, EqualStampsCountFromTheirOwnChunkToo) {
  Chunks chunks(3);
  Stream stream(chunks);
  for (int i = 0; i < 7; ++i) append(stream, Time(100h));
  static_cast<void>(stream.publish());
  for (int i = 0; i < 7; ++i) EXPECT_EQ(claimed_since(chunks, stream), Time(100h)) << i;
}

// It goes on in a chunk that has another base.
TEST(Stream, WhatComesAfterWhatWasTakenBackIsNotOlder) {
  Chunks chunks(3);
  Stream stream(chunks);
  for (const auto since : {1s, 2s, 3s, 4s}) append(stream, Time(since));
  static_cast<void>(stream.publish());
  EXPECT_EQ(stream.take_back(1, [](Cell& cell) { cell.drop(); }), 3U);
  append(stream, Time(4s));
  static_cast<void>(stream.publish());
  for (const auto since : {1s, 4s}) EXPECT_EQ(claimed_since(chunks, stream), Time(since));
}

// 2^32 microseconds are 71 minutes and a half.
TEST(Stream, WhatWaitsLongerThanStampsReachIsNotYounger) {
  Chunks chunks(10);
  Stream stream(chunks);
  for (const auto since : {0min, 40min, 71min, 100min, 1000min}) append(stream, Time(100h + since));
  static_cast<void>(stream.publish());
  for (const auto since : {0min, 40min, 71min}) EXPECT_EQ(claimed_since(chunks, stream), Time(100h + since));
  const Time most = Time(100h) + std::chrono::microseconds(UINT32_MAX);
  EXPECT_EQ(claimed_since(chunks, stream), most);
  append(stream, Time(100h + 2000min));  // one is still there
  static_cast<void>(stream.publish());
  EXPECT_EQ(claimed_since(chunks, stream), most);
  EXPECT_EQ(claimed_since(chunks, stream), most);
  append(stream, Time(100h + 2001min));  // nothing is: they count from here
  append(stream, Time(100h + 2002min));
  static_cast<void>(stream.publish());
  for (const auto since : {2001min, 2002min}) EXPECT_EQ(claimed_since(chunks, stream), Time(100h + since));
}

// --- all is given back -----------------------------------------------------------------------------------------------

TEST(Stream, AllOfItsChunksAreGivenBack) {
  expect_all_given_back([](Chunks&, Stream&) {});
  for (std::size_t many = 1; many <= 7; ++many) {
    for (std::size_t taken = 0; taken <= many; ++taken) {
      for (const bool removes : {false, true}) {
        SCOPED_TRACE(::testing::Message() << many << " published, " << taken << " claimed, one removed: " << removes);
        expect_all_given_back([&](Chunks& chunks, Stream& stream) {
          Unit& last = *publish(stream, many).back();
          for (std::size_t i = 0; i < taken; ++i) finish(chunks, claim(stream, 1));
          if (removes && taken != many) {
            EXPECT_TRUE(stream.remove(last));
          }
          stream.make_room();
        });
      }
    }
  }
}

TEST(Stream, AChunkOfWhatWasRemovedIsGivenBackAtOnce) {
  expect_all_given_back([](Chunks& chunks, Stream& stream) {
    const auto units = publish(stream, 9);
    Chunk& middle = static_cast<Cell*>(units[3]->at)->chunk();
    for (std::size_t i = 3; i < 6; ++i) EXPECT_TRUE(stream.remove(*units[i]));
    Chunk& next = chunks.take();
    EXPECT_EQ(&next, &middle);
    chunks.finished(next, 4);
    for (int i = 0; i < 6; ++i) finish(chunks, claim(stream, 1));
    EXPECT_EQ(stream.size(), 0U);
  });
}

// All of what is removed, in any chunk, while the stream goes on.
TEST(Stream, WhatIsRemovedIsPassed) {
  expect_all_given_back([](Chunks& chunks, Stream& stream) {
    for (int round = 0; round < 20; ++round) {
      const auto units = publish(stream, 5);
      for (Unit* const unit : units) EXPECT_TRUE(stream.remove(*unit));
      EXPECT_EQ(stream.oldest(), std::nullopt);
      EXPECT_EQ(claim(stream).size(), 0U);
    }
    publish(stream, 1);
    finish(chunks, claim(stream));
  });
}

// Over and over, while the takers are busy, and something waits or nothing.
TEST(Stream, WhatIsHandedInAndRemovedNeedsNoMoreMemory) {
  for (const std::size_t waiting : {0U, 1U, 3U, 4U}) {
    for (const std::size_t at_once : {1U, 2U, 5U}) {
      SCOPED_TRACE(::testing::Message() << waiting << " waiting, " << at_once << " at once");
      expect_all_given_back([&](Chunks& chunks, Stream& stream) {
        publish(stream, waiting);
        const std::ptrdiff_t before = bytes_in_use.load();
        for (int round = 0; round < 300; ++round) {
          const auto units = publish(stream, at_once);
          for (Unit* const unit : units) EXPECT_TRUE(stream.remove(*unit));
        }
        EXPECT_LE(bytes_in_use.load() - before, 5 * static_cast<std::ptrdiff_t>(sizeof(Chunk)));
        for (std::size_t i = 0; i < waiting; ++i) finish(chunks, claim(stream, 1));
        EXPECT_EQ(claim(stream).size(), 0U);
      });
    }
  }
}

TEST(Stream, WhatWasTakenBackIsGivenBack) {
  const auto refuse = [](Cell& cell) { cell.drop(); };
  for (std::size_t many = 1; many <= 9; ++many) {
    for (std::size_t from = 0; from <= many; ++from) {
      SCOPED_TRACE(::testing::Message() << many << " published, taken back from " << from);
      expect_all_given_back([&](Chunks&, Stream& stream) {
        publish(stream, many);
        EXPECT_EQ(stream.take_back(from, refuse), many - from);
        EXPECT_EQ(stream.size(), from);
        EXPECT_EQ(stream.take_back(from, refuse), 0U);
      });
      expect_all_given_back([&](Chunks& chunks, Stream& stream) {
        publish(stream, many);
        static_cast<void>(stream.take_back(from, refuse));
        publish(stream, 4);
        for (std::size_t i = 0; i < from + 4; ++i) finish(chunks, claim(stream, 1));
        EXPECT_EQ(stream.size(), 0U);
      });
    }
  }
}

// Two may shut a pool down, one after the other. What came in between is still to be taken back.
TEST(Stream, ClosedAgainItIsNotLonger) {
  expect_all_given_back([](Chunks& chunks, Stream& stream) {
    publish(stream, 1);
    stream.close();
    publish(stream, 1);
    stream.close();
    finish(chunks, claim(stream, 1));
    EXPECT_EQ(claim(stream).size(), 0U) << "whoever has published it is about to take it back";
    EXPECT_EQ(stream.take_back(1, [](Cell& cell) { cell.drop(); }), 1U);
  });
}

TEST(Stream, WhatWasOnlyAppendedGoesWithIt) {
  expect_all_given_back([](Chunks&, Stream& stream) {
    publish(stream, 2);
    for (int i = 0; i < 5; ++i) append(stream);
  });
}

TEST(Stream, WhatCannotBeMadeLeavesItAsItWas) {
  const auto fail = [](Cell& cell, std::uint64_t) {
    cell.fill([]() -> void (*)() { throw std::runtime_error("made"); });
  };
  for (std::size_t many = 0; many <= 4; ++many) {
    expect_all_given_back([&](Chunks& chunks, Stream& stream) {
      publish(stream, many);
      EXPECT_THROW(stream.append(Time{}, fail), std::runtime_error);
      static_cast<void>(stream.publish());
      EXPECT_EQ(stream.size(), many);
      for (std::size_t i = 0; i < many; ++i) finish(chunks, claim(stream, 1));
      EXPECT_THROW(stream.append(Time{}, fail), std::runtime_error);
    });
  }
}

TEST(Stream, WithoutMemoryItStaysAsItWas) {
  expect_all_given_back([](Chunks& chunks, Stream& stream) {
    publish(stream, 3);
    {
      const testing::FailingAllocation failing(0);
      EXPECT_THROW(stream.append(Time{}, [](Cell&, std::uint64_t) { ADD_FAILURE(); }), std::bad_alloc);
    }
    {
      const testing::FailingAllocation failing(0);
      EXPECT_THROW(stream.make_room(), std::bad_alloc);
    }
    publish(stream, 1);
    finish(chunks, claim(stream));
    finish(chunks, claim(stream));
    EXPECT_EQ(stream.size(), 0U);
  });
}

}  // namespace
}  // namespace pool::stealing
