// The names of the overflow policies, and the errors of a pool that is full.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include <pool/bounded/thread_pool.hpp>
#include <pool/testing/contract/held.hpp>

namespace pool::bounded {
namespace {

// S2.2
TEST(Overflow, NamesAreReadAndWritten) {
  for (const char* name : {"block", "reject", "run_in_caller", "drop_oldest"}) {
    EXPECT_EQ(to_string(parse_overflow(name)), name);
  }
  EXPECT_EQ(parse_overflow("block"), Overflow::block);
  try {
    static_cast<void>(parse_overflow("drop"));
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(),
                 "pool: no overflow policy is called 'drop'; there are block, reject, run_in_caller, drop_oldest");
  }
}

// S2.2
TEST(Overflow, TheErrorSaysHowFullAndWhatToDo) {
  testing::Held<ThreadPool> held({.capacity = 1, .overflow = Overflow::reject});
  held.queue(1);
  try {
    held.queue(1);
    FAIL();
  } catch (const QueueFull& error) {
    EXPECT_STREQ(error.what(), "pool: the queue is full (capacity = 1)");
  }
}

// S2.2: the decision about a job that hands work to its own full pool under `block`, and the ways out of it.
TEST(Overflow, AJobDoesNotWaitForRoomInItsOwnPoolButIsToldWhatElseToDo) {
  ThreadPool pool({.workers = 1, .capacity = 1});
  std::string told;
  bool tried = true;
  bool waited = true;
  pool.submit([&] {
        pool.post([] {});
        try {
          pool.post([] {});
        } catch (const QueueFull& error) {
          told = error.what();
        }
        tried = pool.try_post([] {});
        waited = pool.try_submit_for(std::chrono::milliseconds(1), [] {}).has_value();
      })
      .get();
  EXPECT_EQ(told,
            "pool: the queue is full (capacity = 1), and a job must not wait for room in its own pool: the worker that "
            "waits is one that makes room. Use try_submit, or overflow = run_in_caller, or no capacity");
  EXPECT_FALSE(tried);
  EXPECT_FALSE(waited) << "a wait with a bound is no deadlock";
}

// S2.2: a job of one pool may wait for room in another.
TEST(Overflow, AJobWaitsForRoomInAnotherPool) {
  testing::Held<ThreadPool> full({.capacity = 1});
  full.queue(1);
  ThreadPool other({.workers = 1});
  auto job = other.submit([&] { full.queue(1); });
  testing::let_others_run();
  full.release();
  job.get();
}

}  // namespace
}  // namespace pool::bounded
