// Parts of a group where nobody else is around: what a part does around its closure, and what lanes know of it.
#include <gtest/gtest.h>

#include <cstddef>
#include <stdexcept>
#include <vector>

#include <pool/stealing/lanes.hpp>
#include <pool/stealing/part.hpp>

namespace pool::stealing {
namespace {

TEST(Parts, AreOverWhenAllHaveEnded) {
  Parts parts;
  EXPECT_TRUE(parts.over());
  parts.begin(true);
  parts.begin(false);
  EXPECT_FALSE(parts.over());
  parts.end();
  EXPECT_FALSE(parts.over());
  parts.end();
  EXPECT_TRUE(parts.over());
  EXPECT_FALSE(parts.trouble());
}

template <class F>
Ending run(Parts& parts, F f) {
  return Part<F>(parts, true, std::move(f)).run();
}

TEST(Parts, APartSaysHowItEnded) {
  Parts parts;
  EXPECT_EQ(run(parts, [] {}), Ending::completed);
  EXPECT_EQ(run(parts, [] { throw std::runtime_error("it"); }), Ending::failed);
  EXPECT_EQ(run(parts, [] { throw priority::Cancelled("enough"); }), Ending::cancelled);
  EXPECT_EQ(parts.failed(), 1U);
  EXPECT_TRUE(parts.over());
  parts.cancel("enough");
  bool ran = false;
  EXPECT_EQ(run(parts, [&] { ran = true; }), Ending::cancelled);
  EXPECT_FALSE(ran);
  EXPECT_TRUE(parts.over());
}

TEST(Parts, TheThreadKnowsOfWhatItRunsAPart) {
  Parts outer, inner;
  EXPECT_EQ(Parts::running(), nullptr);
  run(outer, [&] {
    EXPECT_EQ(Parts::running(), &outer);
    run(inner, [&] { EXPECT_EQ(Parts::running(), &inner); });
    EXPECT_EQ(Parts::running(), &outer);
  });
  EXPECT_EQ(Parts::running(), nullptr);
}

// A part that was not even queued is missed by nobody; one that was dropped is.
TEST(Parts, WhatIsDroppedIsOver) {
  Parts parts;
  const auto nothing = [] {};
  Part<decltype(nothing)>(parts, true, nothing).drop({});
  EXPECT_TRUE(parts.over());
  EXPECT_FALSE(parts.trouble());
  Part<decltype(nothing)>(parts, true, nothing).drop(priority::reason::dropped);
  EXPECT_TRUE(parts.over());
  ASSERT_TRUE(parts.trouble());
  try {
    std::rethrow_exception(parts.take_error());
  } catch (const priority::Cancelled& cancelled) {
    EXPECT_EQ(cancelled.reason(), "dropped");
  }
}

// The closure is gone when the part is over: who waits may let go of what it refers to.
TEST(Parts, TheClosureIsGoneBeforeThePartIsOver) {
  struct Asks {
    Parts* parts;
    bool* was_over;
    Asks(Parts& of, bool& over) : parts(&of), was_over(&over) {}
    Asks(const Asks&) = default;
    Asks& operator=(const Asks&) = delete;
    ~Asks() { *was_over = *was_over || parts->over(); }
    void operator()() const {}
  };
  for (const bool runs : {true, false}) {
    Parts parts;
    parts.begin(true);  // while it is moved around
    bool was_over = false;
    {
      const Asks asks(parts, was_over);
      Part<Asks> part(parts, true, asks);
      parts.end();
      runs ? static_cast<void>(part.run()) : part.drop("dropped");
      EXPECT_FALSE(was_over) << runs;
      EXPECT_TRUE(parts.over());
    }
  }
}

// Of a lane, others may take the oldest if it is part of what they wait for; also when the lane has grown.
TEST(Lanes, OthersTakeThePartsOfOneGroup) {
  std::vector<Cell> cells(200);
  Lanes lanes;
  Parts group, other;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    lanes.make_room(2);
    lanes.push(2, cells[i], Time{}, i < 150 ? &group : &other);
    EXPECT_EQ(lanes.newest_whole(2), i < 150 ? &group : &other);
  }
  Cell* cell = nullptr;
  EXPECT_EQ(lanes.steal_part_of(&other, 2, cell), Steal::empty) << "it is not the oldest";
  EXPECT_EQ(lanes.steal_part_of(&group, 1, cell), Steal::empty) << "of another level";
  for (std::size_t i = 0; i < 150; ++i) {
    ASSERT_EQ(lanes.steal_part_of(&group, 2, cell), Steal::ok);
    EXPECT_EQ(cell, &cells[i]);
  }
  EXPECT_EQ(lanes.steal_part_of(&group, 2, cell), Steal::empty);
  EXPECT_EQ(lanes.steal_part_of(&other, 2, cell), Steal::ok);
  while (lanes.take(2) != nullptr) {
  }
}

}  // namespace
}  // namespace pool::stealing
