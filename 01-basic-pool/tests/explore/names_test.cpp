// A report calls things what the code calls them, says where a guard locks, and how to see the failure again.
#include <pool/testing/explorer/names.hpp>
#include <pool/testing/explorer/test.hpp>

#include <mutex>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

namespace pool::explorer {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(NamesInALine, AreWhatStandsBeforeTheCall) {
  EXPECT_THAT(names_in_line("  changed_.notify_all();", "notify_all"), ElementsAre("changed_"));
  EXPECT_THAT(names_in_line("self->changed_.wait_for(lock, 1s);", "waits a while for"), ElementsAre("changed_"));
  EXPECT_THAT(names_in_line("while (!top->compare_exchange_weak(old, made)) {", "compare_exchange"),
              ElementsAre("top"));
  EXPECT_THAT(names_in_line("return a.read() || b.read();  // not c.read()", "read"), ElementsAre("a", "b"));
  EXPECT_THAT(names_in_line("cells[i].read(); ready = read(file); a.readable();", "read"), IsEmpty());
}

TEST(NamesInALine, AreWhatAGuardHolds) {
  EXPECT_THAT(names_in_line("const std::lock_guard lock(mutex_);", "lock"), ElementsAre("mutex_"));
  EXPECT_THAT(names_in_line("std::unique_lock<sync::mutex> lock{from.mutex, std::try_to_lock};", "try_lock"),
              ElementsAre("mutex"));
  EXPECT_THAT(names_in_line("lock.unlock();", "unlock"), IsEmpty()) << "lock is the guard";
}

struct Account {
  sync::mutex guard;
  sync::cell<int> money{100};
  sync::cell<int> never_used{0};
};

std::string report_of(void (*body)()) {
  return explore(body).report;
}

TEST(Names, OfSeveralObjectsAreNumbered) {
  const std::string report = report_of([] {
    Account anna;
    Account ben;
    std::lock_guard one(anna.guard);
    std::lock_guard two(ben.guard);
    EXPLORE_CHECK(anna.money.read() == ben.money.read() + 1);
  });
  for (const char* text : {"lock guard#1", "lock guard#2", "read money#1: 100", "read money#2: 100", "write cell#2 "}) {
    EXPECT_THAT(report, HasSubstr(text));
  }
}

TEST(Names, ThatDisagreeAreNotUsed) {
  const std::string report = report_of([] {
    sync::atomic<int> mine{0};
    sync::atomic<int>& yours = mine;
    mine.store(1);
    EXPLORE_CHECK(yours.load() == 2);
  });
  EXPECT_THAT(report, HasSubstr("store(seq_cst) atomic#1 -> 1"));
  EXPECT_THAT(report, HasSubstr("load(seq_cst) atomic#1: 1"));
}

TEST(Names, ThatWereGivenAreKept) {
  const std::string report = report_of([] {
    sync::atomic<int> mine{0};
    mine.name("the flag");
    EXPLORE_CHECK(mine.load() == 2);
  });
  EXPECT_THAT(report, HasSubstr("load(seq_cst) the flag: 0"));
}

TEST(Places, OfGuardsAreWhereTheyStand) {
  const std::string report = report_of([] {
    sync::mutex mutex;
    { std::lock_guard lock(mutex); }
    { std::scoped_lock lock(mutex); }
    std::unique_lock lock(mutex);
    lock.unlock();
    lock.lock();
    std::unique_lock other = std::move(lock);
    EXPECT_TRUE(other.owns_lock() && !lock.owns_lock());  // NOLINT
    EXPECT_THROW(lock.lock(), std::system_error);         // NOLINT: it was moved from, that is the point
    EXPECT_THROW(other.lock(), std::system_error);
    other = {};
    EXPECT_EQ(mutex.holder, kNobody);
    EXPLORE_CHECK(false);
  });
  EXPECT_THAT(report, ContainsRegex("    1 [|] lock mutex .*names_test.cpp:[0-9]+\n    2 [|] unlock mutex .*[|]\n"
                                    "    3 [|] lock mutex .*names_test.cpp:[0-9]+\n    4 [|] unlock mutex .*[|]\n"
                                    "    5 [|] lock mutex .*names_test.cpp:[0-9]+\n"
                                    "    6 [|] unlock mutex .*names_test.cpp:[0-9]+\n"
                                    "    7 [|] lock mutex .*names_test.cpp:[0-9]+\n    8 [|] unlock mutex .*[|]\n"));
}

TEST(Replay, NamesTheProgramAndTheTest) {
  const auto fails = [] {
    expect_passes(
        {}, [] { EXPLORE_CHECK(false); }, "here.cpp", 1);
  };
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    fails();
  }
  ASSERT_EQ(results.size(), 1);
  EXPECT_THAT(results.GetTestPartResult(0).message(),
              ContainsRegex("\nreplay it: POOL_EXPLORE_REPLAY=[0-9:.]* [^ ]*[a-z]+[^ ]* "
                            "--gtest_filter=Replay.NamesTheProgramAndTheTest$"));
}

}  // namespace
}  // namespace pool::explorer
