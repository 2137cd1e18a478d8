// Programs of chapter 4 that go wrong, with the reports that the chapter shows, and their cures.
#include <pool/testing/explorer/test.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "../../examples/small_deque.hpp"

namespace pool::stealing {
namespace {

using explorer::explore;
using explorer::Verdict;
using sync::thread;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto seq_cst = std::memory_order_seq_cst;

std::string in_the_book(const char* name) {
  std::ifstream file(std::filesystem::path(__FILE__).replace_filename(name));
  return {std::istreambuf_iterator<char>(file), {}};
}

// --- the last items of a deque ---------------------------------------------------------------------------------------

// #region two_items
template <std::memory_order kStore, std::memory_order kLoad>
void two_items() {
  SmallDeque<kStore, kLoad> deque;
  deque.push(1);
  deque.push(2);
  std::array<int, 3> got{};
  thread thief([&] {
    ++got[static_cast<std::size_t>(deque.steal())];
    ++got[static_cast<std::size_t>(deque.steal())];
  });
  const int taken = deque.take();
  thief.join();
  ++got[static_cast<std::size_t>(taken)];
  EXPLORE_CHECK(got[1] <= 1 && got[2] <= 1);
}
// #endregion two_items

// S4.1 R13
TEST(Chapter, AnAcquireInTakeHandsOutAnItemTwice) {
  const auto result = explore(two_items<seq_cst, acquire>);
  EXPECT_EQ(result.verdict, Verdict::failed_check) << result.report;
  EXPECT_EQ(in_the_book("twice_report.txt"), result.report)
      << "if the new report is right, put it into twice_report.txt and weave the pages";
}

// S4.1 R13
TEST(Chapter, SoDoesAReleaseInTake) {
  const auto result = explore(two_items<release, seq_cst>);
  EXPECT_EQ(result.verdict, Verdict::failed_check) << result.report;
}

// S4.1 R13
EXPLORE(Chapter, TakeHandsOutEachItemOnce) {
  two_items<seq_cst, seq_cst>();
}

// --- to sleep beside work --------------------------------------------------------------------------------------------

// #region one_worker
class OneWorker {  // and somebody who hands in one job
 public:
  void hand_in() {
    work_.store(true);
    if (sleeps_.load()) wake();
  }

  void work_or_sleep() {
    if (work_.load()) return;  // nothing to do, …
    sleeps_.store(true);       // … so it will sleep
    sleep();
  }
  // #endregion one_worker

 protected:
  void wake() {
    called_.store(true);
    called_.notify_one();
  }
  void sleep() { called_.wait(false); }

  sync::atomic<bool> work_{false};
  sync::atomic<bool> sleeps_{false};
  sync::atomic<bool> called_{false};
};

class OneWorkerThatLooksAgain : public OneWorker {
 public:
  // #region looks_again
  void work_or_sleep() {
    sleeps_.store(true);         // I sleep, …
    if (!work_.load()) sleep();  // … unless there is something
  }
  // #endregion looks_again
};

template <class Crew>
void one_job() {
  Crew crew;
  thread worker([&] { crew.work_or_sleep(); });
  crew.hand_in();
  worker.join();
}

// S4.2 R3
TEST(Chapter, WhoLooksAndThenSaysThatItSleepsSleepsBesideWork) {
  const auto result = explore(one_job<OneWorker>);
  EXPECT_EQ(result.verdict, Verdict::deadlock) << result.report;
  EXPECT_EQ(in_the_book("beside_work_report.txt"), result.report)
      << "if the new report is right, put it into beside_work_report.txt and weave the pages";
}

// S4.2 R3
EXPLORE(Chapter, WhoSaysThatItSleepsAndThenLooksDoesNot) {
  one_job<OneWorkerThatLooksAgain>();
}

}  // namespace
}  // namespace pool::stealing
