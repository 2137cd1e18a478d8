// What becomes of jobs in a pool with one worker, and of those who cancel them: bodies of explored tests. The pools of
// stage 03 and later go through the same ones; how many interleavings each can afford, its own tests say:
//
//   EXPLORE(PriorityPool, CancelAgainstAWorkerHasOneWinner) { testing::cancel_against_a_worker<ThreadPool>(); }
//
// A pool P is one that passes POOL_PRIORITY_CONTRACT. For explored programs only.
#pragma once

#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>
#include <exception>

#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/bounded/overflow.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>

namespace pool::testing {

// Keeps a worker busy until it is opened.
class Door {
 public:
  void open() {
    open_ = 1;
    open_.notify_all();
  }
  void wait() { open_.wait(0); }

 private:
  sync::atomic<int> open_{0};
};

// It runs or it is cancelled, and is counted as what it was.
template <class Pool>
void cancel_against_a_worker() {
  sync::atomic<int> ran{0};
  Pool pool({.workers = 1});
  auto job = pool.launch({}, [&] { ++ran; });
  job.cancel();
  job.wait();
  EXPECT_EQ(ran.load(), job.state() == priority::JobState::completed ? 1 : 0);
  pool.wait_idle();
  const auto totals = pool.totals();
  EXPECT_EQ(totals.submitted, 1U);
  EXPECT_EQ(totals.completed + totals.cancelled, 1U);
  EXPECT_EQ(totals.completed, static_cast<std::size_t>(ran.load()));
}

template <class Pool>
void cancel_against_discard() {
  Door door;
  Pool pool({.workers = 1});
  pool.post([&] { door.wait(); });
  auto job = pool.launch({}, [] {});
  sync::thread canceller([&] {
    job.cancel();
    door.open();
  });
  pool.shutdown(basic::Shutdown::discard);
  canceller.join();
  EXPECT_NE(job.state(), priority::JobState::running);
  const auto totals = pool.totals();
  EXPECT_EQ(totals.completed + totals.cancelled, 2U);
  EXPECT_EQ(totals.active + totals.pending, 0U);
}

// Its room is free at once: the worker is held until somebody has got it.
template <class Pool>
void cancel_against_a_wait_for_room() {
  Door door;
  Pool pool({.workers = 1, .capacity = 1});
  pool.post([&] { door.wait(); });
  auto job = pool.launch({}, [] {});
  sync::thread canceller([&] { job.cancel(); });
  pool.post([] {});  // while the worker is held
  canceller.join();
  door.open();
  pool.wait_idle();
}

template <class Pool>
void cancel_against_wait_idle() {
  Pool pool({.workers = 1});
  Door door;
  pool.post([&] { door.wait(); });
  auto job = pool.launch({}, [] {});
  sync::thread canceller([&] {
    door.open();
    job.cancel();
  });
  pool.wait_idle();
  EXPECT_TRUE(has_ended(job.state()));
  canceller.join();
}

// The queue is full, so the caller runs the job itself, and somebody cancels it at that moment.
template <class Pool>
void cancel_in_the_callers_hands() {
  Door door;
  priority::ManualClock clock;
  Pool pool({.workers = 1, .capacity = 1, .overflow = bounded::Overflow::run_in_caller, .clock = &clock});
  pool.post([&] { door.wait(); });
  pool.post([] {});                                          // queued, or run here
  auto job = pool.launch({.deadline = clock.now()}, [] {});  // it is the timer that cancels it, or we do
  door.open();
  pool.wait_idle();
  EXPECT_TRUE(has_ended(job.state()));
}

// This and the next are for random strategies: the counters' readers try again as often as they like, so there is no
// end of interleavings.
template <class Pool>
void totals_while_a_job_fails() {
  Door failing;
  Pool pool({.workers = 1, .on_error = [&](const std::exception_ptr&) { failing.open(); }});
  pool.post([] { throw 1; });
  failing.wait();
  const auto totals = pool.totals();
  EXPECT_LE(totals.completed, totals.submitted);  // one by one: a sum of unsigned numbers may hide one below zero
  EXPECT_LE(totals.failed, totals.submitted);
  EXPECT_LE(totals.active, 1U);
  EXPECT_EQ(totals.cancelled, 0U);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().failed, 1U);
}

template <class Pool>
void totals_while_a_job_is_cancelled() {
  Door door;
  Pool pool({.workers = 1});
  pool.post([&] { door.wait(); });
  sync::thread other([&] {
    pool.launch({}, [] {}).cancel();
    door.open();
  });
  const auto totals = pool.totals();
  EXPECT_LE(totals.cancelled + 1, totals.submitted) << "the first was submitted here, and is not cancelled";
  EXPECT_LE(totals.completed, totals.submitted);
  EXPECT_LE(totals.active, 2U);
  other.join();
}

// How a pool drops what is queued: all of it in one step, or one by one, and meanwhile its worker may take the next.
enum class Drops { at_once, one_by_one };

template <class Pool>
void shutdown_for_against_jobs(Drops drops) {
  Pool pool({.workers = 1});
  auto running = pool.launch({}, [](const priority::CancelToken& token) {
    token.wait(std::chrono::hours::max());
    return token.reason();
  });
  auto queued = pool.launch({}, [] {});
  if (!pool.shutdown_for(std::chrono::milliseconds(1))) {
    EXPECT_EQ(pool.pending(), 0U);
    if (drops == Drops::at_once) {
      EXPECT_EQ(queued.state(), priority::JobState::cancelled);
    }
    pool.shutdown();
  }
  EXPECT_TRUE(has_ended(running.state()));
  EXPECT_TRUE(has_ended(queued.state()));
}

}  // namespace pool::testing
