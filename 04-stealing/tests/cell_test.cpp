// What a cell holds: closures of every kind, work that is bound to a future, units. Each is destroyed once, and what it
// took is given back.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <pool/stealing/cell.hpp>
#include <pool/testing/allocations.hpp>

namespace pool::stealing {
namespace {

using testing::Allocations;
using testing::bytes_in_use;

// What happened to the closures of a test.
struct Story {
  int made = 0;
  int runs = 0;
  int destroyed = 0;
};

// A closure of so many bytes that can only be moved. `kThrows`: its destructor does.
template <std::size_t kSize, bool kThrows = false, std::size_t kAlignment = alignof(void*)>
class alignas(kAlignment) Closure {
 public:
  explicit Closure(Story& story) : story_(&story) { ++story.made; }
  Closure(Closure&& other) noexcept : story_(other.story_) { ++story_->made; }
  Closure& operator=(Closure&&) = delete;
  ~Closure() noexcept(!kThrows) {
    ++story_->destroyed;
    if constexpr (kThrows) throw std::runtime_error("destroyed");
  }
  void operator()() { ++story_->runs; }

 private:
  Story* story_;
  std::array<std::byte, kSize> more_{};
};

using Small = Closure<8>;
using Just = Closure<Cell::kInlineSize - sizeof(void*)>;
using Large = Closure<Cell::kInlineSize>;
using Huge = Closure<10'000>;
using Aligned = Closure<8, false, 64>;
static_assert(sizeof(Just) == Cell::kInlineSize && sizeof(Cell) == 64);

class Errand : public Unit {
 public:
  explicit Errand(Story& story) : story_(story) { ++story.made; }
  ~Errand() override { ++story_.destroyed; }
  Ending run(std::optional<std::size_t>) override { return ++story_.runs, Ending::failed; }
  bool drop(std::string_view) override { return true; }

 private:
  Story& story_;
};

// Calls body(cell, story) for each kind of content, when it is in the cell. Afterwards the cell is empty, all is
// destroyed, and no byte is kept.
template <class Body>
void with_each_kind(int runs, const Body& body) {
  const auto with = [&](const char* kind, const auto& put) {
    SCOPED_TRACE(kind);
    Story story;
    const std::ptrdiff_t before = bytes_in_use.load();
    Cell cell;
    put(cell, story);
    EXPECT_FALSE(cell.empty());
    EXPECT_EQ(story.made, 1) << "it is made in its place";
    body(cell);
    EXPECT_TRUE(cell.empty());
    EXPECT_EQ(story.runs, runs);
    EXPECT_EQ(story.destroyed, 1);
    EXPECT_EQ(bytes_in_use.load(), before);
  };
  with("small", [](Cell& cell, Story& story) { cell.fill([&] { return Small(story); }); });
  with("48 bytes", [](Cell& cell, Story& story) { cell.fill([&] { return Just(story); }); });
  with("56 bytes", [](Cell& cell, Story& story) { cell.fill([&] { return Large(story); }); });
  with("10,000 bytes", [](Cell& cell, Story& story) { cell.fill([&] { return Huge(story); }); });
  with("aligned", [](Cell& cell, Story& story) { cell.fill([&] { return Aligned(story); }); });
}

TEST(Cell, EveryKindRunsOnceAndIsGone) {
  with_each_kind(1, [](Cell& cell) { EXPECT_EQ(cell.run(), Ending::completed); });
}

TEST(Cell, EveryKindIsDroppedOnce) {
  with_each_kind(0, [](Cell& cell) { cell.drop(); });
}

TEST(Cell, IsUsedAgainForOtherKinds) {
  Story story;
  Cell cell;
  cell.fill([&] { return Huge(story); });
  EXPECT_EQ(cell.run(), Ending::completed);
  cell.fill([&] { return Small(story); });
  EXPECT_EQ(cell.run(), Ending::completed);
  cell.hold(UnitPtr(new Errand(story)));
  EXPECT_EQ(cell.run(), Ending::failed);
  EXPECT_EQ(story.runs, 3);
  EXPECT_EQ(story.destroyed, 3);
}

TEST(Cell, UpTo56BytesNothingIsAllocated) {
  Story story;
  Cell cell;
  const Allocations allocations;
  cell.fill([&] { return Just(story); });
  static_cast<void>(cell.run());
  EXPECT_EQ(allocations.since(), 0U);
  cell.fill([&] { return Large(story); });
  EXPECT_EQ(allocations.since(), 1U);
  static_cast<void>(cell.run());
}

TEST(Cell, ItIsAlignedAsItAsksFor) {
  struct alignas(128) Wide {
    void operator()() const { EXPECT_EQ(reinterpret_cast<std::uintptr_t>(this) % 128, 0U); }
  };
  struct alignas(32) Half {
    std::uintptr_t* address;
    void operator()() const { *address = reinterpret_cast<std::uintptr_t>(this); }
  };
  std::uintptr_t address = 1;
  for (int i = 0; i < 3; ++i) {
    Cell cell;
    cell.fill([] { return Wide{}; });
    static_cast<void>(cell.run());
    cell.fill([&] { return Half{&address}; });
    static_cast<void>(cell.run());
    EXPECT_EQ(address % 32, 0U);
  }
}

TEST(Cell, WhatThrowsWhenItIsMadeLeavesItEmpty) {
  const std::ptrdiff_t before = bytes_in_use.load();
  Story story;
  Cell cell;
  EXPECT_THROW(cell.fill([]() -> Small { throw std::runtime_error("made"); }), std::runtime_error);
  EXPECT_TRUE(cell.empty());
  EXPECT_THROW(cell.fill([]() -> Huge { throw std::runtime_error("made"); }), std::runtime_error);
  EXPECT_TRUE(cell.empty());
  EXPECT_EQ(bytes_in_use.load(), before);
  cell.fill([&] { return Small(story); });
  EXPECT_EQ(cell.run(), Ending::completed);
  EXPECT_EQ(story.destroyed, story.made);
}

TEST(Cell, WithoutMemoryItStaysEmpty) {
  Story story;
  Cell cell;
  const testing::FailingAllocation failing(0);
  EXPECT_THROW(cell.fill([&] { return Huge(story); }), std::bad_alloc);
  EXPECT_TRUE(cell.empty());
  EXPECT_EQ(story.made, 0);
}

template <class F>
void expect_empty_after_throwing(const char* what, Cell& cell, const F& f) {
  try {
    f();
    ADD_FAILURE() << "it should throw " << what;
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), what);
  }
  EXPECT_TRUE(cell.empty());
}

TEST(Cell, ACallThatThrowsLeavesItEmpty) {
  const std::ptrdiff_t before = bytes_in_use.load();
  Cell cell;
  cell.fill([] { return [] { throw std::runtime_error("called"); }; });
  expect_empty_after_throwing("called", cell, [&] { static_cast<void>(cell.run()); });
  cell.fill(
      [] { return [large = std::array<int, 100>{}] { throw std::runtime_error(large[0] == 0 ? "called" : ""); }; });
  expect_empty_after_throwing("called", cell, [&] { static_cast<void>(cell.run()); });
  EXPECT_EQ(bytes_in_use.load(), before);
}

TEST(Cell, ADestructorThatThrowsLeavesItEmpty) {
  const std::ptrdiff_t before = bytes_in_use.load();
  Story story;
  Cell cell;
  const auto with = [&](const auto& make) {
    cell.fill(make);
    expect_empty_after_throwing("destroyed", cell, [&] { cell.drop(); });
    cell.fill(make);
    expect_empty_after_throwing("destroyed", cell, [&] { static_cast<void>(cell.run()); });
  };
  with([&] { return Closure<8, true>(story); });
  with([&] { return Closure<100, true>(story); });
  EXPECT_EQ(story.runs, 2);
  EXPECT_EQ(story.destroyed, 4);
  EXPECT_EQ(bytes_in_use.load(), before);
}

// The result is there, and the closure is gone.
TEST(Cell, ABoundClosureIsGoneWhenItHasRun) {
  const std::ptrdiff_t before = bytes_in_use.load();
  {
    const auto used = std::make_shared<int>(7);
    std::future<int> result;
    Cell cell;
    cell.fill([&] {
      auto bound = basic::bound([used] { return *used; });
      result = bound.future();
      return bound;
    });
    EXPECT_EQ(used.use_count(), 2);
    EXPECT_EQ(cell.run(), Ending::completed);
    EXPECT_EQ(used.use_count(), 1);
    EXPECT_EQ(result.get(), 7);
  }
  EXPECT_EQ(bytes_in_use.load(), before);
}

TEST(Cell, ABoundClosureSaysWhetherItFailed) {
  std::future<void> result;
  Cell cell;
  cell.fill([&] {
    auto bound = basic::bound([] { throw std::runtime_error("failed"); });
    result = bound.future();
    return bound;
  });
  EXPECT_EQ(cell.run(), Ending::failed);
  EXPECT_THROW(result.get(), std::runtime_error);
}

TEST(Cell, ABoundClosureThatIsDroppedBreaksItsPromise) {
  std::future<int> result;
  Cell cell;
  cell.fill([&] {
    auto bound = basic::bound([] { return 1; });
    result = bound.future();
    return bound;
  });
  cell.drop();
  EXPECT_TRUE(cell.empty());
  EXPECT_THROW(result.get(), std::future_error);
}

TEST(Cell, AUnitIsHandedOverOrGivenUp) {
  Story story;
  Cell cell;
  cell.hold(UnitPtr(new Errand(story)));
  Unit* const unit = cell.unit();
  ASSERT_NE(unit, nullptr);
  EXPECT_EQ(cell.take_unit().get(), unit);
  EXPECT_TRUE(cell.empty());
  EXPECT_EQ(story.destroyed, 1);
  cell.hold(UnitPtr(new Errand(story)));
  cell.drop();
  EXPECT_TRUE(cell.empty());
  EXPECT_EQ(story.destroyed, 2);
  cell.fill([&] { return Small(story); });
  EXPECT_EQ(cell.unit(), nullptr) << "it holds something else";
  cell.drop();
}

}  // namespace
}  // namespace pool::stealing
