// Work and bind: where closures live, and when they are destroyed.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/basic/work.hpp>
#include <pool/testing/allocations.hpp>

namespace pool::basic {
namespace {

using testing::Allocations;

static_assert(sizeof(Work) == 64);
static_assert(Work::kInlineSize >= 48);
static_assert(!std::is_copy_constructible_v<Work>);
static_assert(std::is_nothrow_move_constructible_v<Work>);

// S1.3
TEST(Work, ClosuresUpTo56BytesAreNotAllocated) {
  std::array<char, Work::kInlineSize> fits{};
  std::array<char, Work::kInlineSize + 1> too_large{};
  const Allocations before;
  Work small([fits] { static_cast<void>(fits); });
  Work moved(std::move(small));
  moved();
  EXPECT_EQ(before.since(), 0U);
  Work large([too_large] { static_cast<void>(too_large); });
  EXPECT_EQ(before.since(), 1U);
}

TEST(Work, AClosureWhoseMoveMayThrowIsNotMovedAgain) {
  struct Throws {
    bool armed = false;
    Throws() = default;
    Throws(const Throws& other) : armed(other.armed) {
      if (armed) throw std::runtime_error("moved");
    }
    void operator()() const {}
  };
  Throws closure;
  Work work(closure);
  Work moved(std::move(work));
  EXPECT_NO_THROW(moved());
}

TEST(Work, RunningDestroysTheClosureAndLeavesTheWorkEmpty) {
  auto witness = std::make_shared<int>(0);
  Work work([witness] { ++*witness; });
  EXPECT_TRUE(work);
  work();
  EXPECT_FALSE(work);
  EXPECT_EQ(*witness, 1);
  EXPECT_EQ(witness.use_count(), 1);
  work();  // empty: does nothing
  EXPECT_EQ(*witness, 1);
}

TEST(Work, AThrowingCallDestroysTheClosureToo) {
  auto witness = std::make_shared<int>(0);
  Work work([witness] { throw std::runtime_error("no"); });
  EXPECT_THROW(work(), std::runtime_error);
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_FALSE(work);
}

TEST(Work, AssignmentDestroysWhatWasThere) {
  auto old = std::make_shared<int>(0);
  auto next = std::make_shared<int>(0);
  Work work([old] {});
  work = Work([next] { ++*next; });
  EXPECT_EQ(old.use_count(), 1);
  auto& itself = work;
  work = std::move(itself);
  work();
  EXPECT_EQ(*next, 1);
}

TEST(Work, DestroyingOrResettingWorkThatNeverRanDestroysItsClosure) {
  auto witness = std::make_shared<int>(0);
  {
    Work work([witness] { ++*witness; });
  }
  Work work([witness] { ++*witness; });
  work.reset();
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(*witness, 0);
}

TEST(Work, EmptyFunctionsAreRefused) {
  void (*none)() = nullptr;
  EXPECT_THROW(Work{none}, std::invalid_argument);
  EXPECT_THROW(Work{std::function<void()>()}, std::invalid_argument);
  EXPECT_NO_THROW(Work{std::function<void()>([] {})});
}

// S1.3
TEST(Bind, TheFutureHasTheResultWhenTheWorkHasRun) {
  auto [work, future] = bind([](const std::string& a, std::unique_ptr<int> b) { return a + std::to_string(*b); }, "n",
                             std::make_unique<int>(1));
  work();
  EXPECT_EQ(future.get(), "n1");
}

// S1.4
TEST(Bind, TheFutureHasTheException) {
  auto [work, future] = bind([]() -> int { throw std::out_of_range("far"); });
  EXPECT_NO_THROW(work());
  EXPECT_THROW(future.get(), std::out_of_range);
}

// A seam: whoever runs bound work may ask how it ended, without touching its result.
TEST(Bind, ItKnowsWhetherTheWorkThrew) {
  auto fine = bound([] { return 1; });
  auto fails = bound([]() -> int { throw std::out_of_range("far"); });
  auto result = fine.future();
  auto error = fails.future();
  fine();
  fails();
  EXPECT_FALSE(fine.threw());
  EXPECT_TRUE(fails.threw());
  EXPECT_EQ(result.get(), 1);
  EXPECT_THROW(error.get(), std::out_of_range);
}

// S1.5
TEST(Bind, DroppedWorkBreaksItsPromise) {
  auto [work, future] = bind([] {});
  work.reset();
  EXPECT_THROW(future.get(), std::future_error);
}

// S1.5 R7
TEST(Bind, NothingOfTheClosureIsKeptByTheFuture) {
  auto ran = std::make_shared<int>(0);
  auto [work, future] = bind([ran] {});
  work();
  EXPECT_EQ(ran.use_count(), 1);
  auto [dropped, never] = bind([ran] {});
  dropped.reset();
  EXPECT_EQ(ran.use_count(), 1);
}

// S1.4: the exception has one owner, the future; the thread that ran the work keeps no reference. ThreadSanitizer
// cannot see the reference count in the C++ runtime, and would take a second owner for a race.
TEST(Bind, TheExceptionIsNotSharedWithTheWorkersThread) {
  struct Counted : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  auto [work, future] = bind([] { throw Counted("one owner"); });
  work();
  EXPECT_EQ(std::current_exception(), nullptr);
  try {
    future.get();
  } catch (const Counted& error) {
    EXPECT_STREQ(error.what(), "one owner");
  }
}

}  // namespace
}  // namespace pool::basic
