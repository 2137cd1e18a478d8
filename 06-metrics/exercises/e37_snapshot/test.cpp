// Snapshots while jobs are on their way, under every interleaving and with every old value that a load may give.
#include <e37_snapshot/counts.hpp>

#include <cstddef>

#include <pool/testing/explorer/test.hpp>

using exercise::Counts;
using exercise::Snapshot;
using pool::sync::atomic;
using pool::sync::thread;

namespace {

void expect_no_contradiction(const Snapshot& seen, std::size_t most) {
  EXPLORE_CHECK(seen.submitted <= most);
  EXPLORE_CHECK(seen.ended <= seen.submitted);
  EXPLORE_CHECK(seen.queued <= seen.submitted);   // below zero it would be huge
  EXPLORE_CHECK(seen.running <= seen.submitted);  // likewise
  EXPLORE_CHECK(seen.queued + seen.running + seen.ended == seen.submitted);
}

void expect_all_ended(const Counts& counts, std::size_t all) {
  const Snapshot seen = counts.snapshot();
  EXPECT_EQ(seen.submitted, all);
  EXPECT_EQ(seen.ended, all);
  EXPECT_EQ(seen.running, 0U);
  EXPECT_EQ(seen.queued, 0U);
}

// A queue: what is put into it is taken once, by one worker; and whoever takes sees what was before the put.
class Queue {
 public:
  void put() {
    jobs_.fetch_add(1, std::memory_order_release);
    jobs_.notify_all();
  }
  void take() {
    for (;;) {
      int jobs = jobs_.load(std::memory_order_acquire);
      if (jobs == 0) {
        jobs_.wait(0);
      } else if (jobs_.compare_exchange_strong(jobs, jobs - 1, std::memory_order_acquire)) {
        return;
      }
    }
  }

 private:
  atomic<int> jobs_{0};
};

void hand_in(Counts& counts, Queue& queue) {
  counts.submitted();
  queue.put();
}

void work(Counts& counts, Queue& queue, std::size_t worker) {
  queue.take();
  counts.started(worker);
  counts.ended(worker);
}

}  // namespace

EXPLORE(Count, AtRestIsExact) {
  Counts counts(2);
  counts.submitted();
  counts.submitted();
  counts.submitted();
  counts.started(0);
  counts.started(1);
  counts.ended(1);
  const Snapshot seen = counts.snapshot();
  EXPECT_EQ(seen.submitted, 3U);
  EXPECT_EQ(seen.queued, 1U);
  EXPECT_EQ(seen.running, 1U);
  EXPECT_EQ(seen.ended, 1U);
}

EXPLORE_WITH(Count, LosesNothing, (Explore{.preemptions = 2})) {
  Counts counts(1);
  Queue queue;
  thread producer([&] { hand_in(counts, queue); });
  thread worker([&] {
    work(counts, queue, 0);
    work(counts, queue, 0);
  });
  hand_in(counts, queue);
  producer.join();
  worker.join();
  expect_all_ended(counts, 2);
}

// Somebody hands in a job, somebody does it, and somebody looks meanwhile.
EXPLORE_WITH(Snapshots, DoNotContradictThemselves, (Explore{.preemptions = 3})) {
  Counts counts(1);
  Queue queue;
  thread producer([&] { hand_in(counts, queue); });
  thread worker([&] { work(counts, queue, 0); });
  expect_no_contradiction(counts.snapshot(), 1);
  producer.join();
  worker.join();
  expect_all_ended(counts, 1);
}

// The same with two workers; what is handed in is there before anybody looks.
EXPLORE_WITH(Snapshots, OfSeveralWorkersDoNotEither, (Explore{.preemptions = 2})) {
  Counts counts(2);
  Queue queue;
  hand_in(counts, queue);
  hand_in(counts, queue);
  thread one([&] { work(counts, queue, 0); });
  thread other([&] { work(counts, queue, 1); });
  expect_no_contradiction(counts.snapshot(), 2);
  one.join();
  other.join();
  expect_all_ended(counts, 2);
}

EXPLORE_WITH(Snapshots, TakeNothingBack, (Explore{.preemptions = 2})) {
  Counts counts(1);
  Queue queue;
  hand_in(counts, queue);
  thread worker([&] { work(counts, queue, 0); });
  const Snapshot first = counts.snapshot(), second = counts.snapshot();
  EXPECT_GE(second.submitted, first.submitted);
  EXPECT_GE(second.ended, first.ended);
  worker.join();
}
