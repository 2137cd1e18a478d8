// The job queue under every interleaving with at most two preemptions.
#include <pool/process/job_queue.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <optional>

namespace pool::process {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using sync::thread;

// Q1: two who work on what one of them adds to; both return, and each item is done once.
EXPLORE(JobQueue, WorkEndsWhenNobodyCanAddAnything) {
  JobQueue<int> queue;
  queue.push(1);
  sync::atomic<int> done{0};
  const auto once = [&](int item) {
    if (item == 1) queue.push(2);
    done.fetch_add(item);
  };
  thread other([&] { queue.work(once); });
  queue.work(once);
  other.join();
  EXPECT_EQ(done.load(), 3);
  EXPECT_EQ(queue.count(), 0U);
}

// Q3: whoever comes back, nobody works on anything any more.
EXPLORE(JobQueue, WhenWorkReturnsAllIsDone) {
  JobQueue<int> queue;
  queue.push(1);
  sync::atomic<int> done{0};
  const auto once = [&](int item) { done.fetch_add(item); };
  thread other([&] {
    queue.work(once);
    EXPECT_EQ(done.load(), 1);
  });
  queue.work(once);
  EXPECT_EQ(done.load(), 1);
  other.join();
}

EXPLORE(JobQueue, AWaitingPopGetsWhatIsPushed) {
  JobQueue<int> queue;
  std::optional<int> got;
  thread pops([&] { got = queue.pop(hours(24 * 365 * 1000)); });
  queue.push(7);
  pops.join();
  EXPECT_EQ(got, 7);
}

EXPLORE(JobQueue, StopWakesWhoeverWaits) {
  JobQueue<int> queue;
  thread pops([&] { EXPECT_EQ(queue.pop(hours(24 * 365 * 1000)), std::nullopt); });
  queue.stop();
  pops.join();
}

EXPLORE(JobQueue, AnItemHasOneTaker) {
  JobQueue<int> queue;
  queue.push(1);
  queue.push(2);
  std::optional<int> first;
  std::size_t cleared = 0;
  thread pops([&] { first = queue.pop(seconds(0)); });
  thread clears([&] { cleared = queue.clear(); });
  pops.join();
  clears.join();
  EXPECT_EQ((first ? 1U : 0U) + cleared, 2U);
  EXPECT_TRUE(!first || *first == 1);
}

}  // namespace
}  // namespace pool::process
