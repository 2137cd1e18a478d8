// One allocation fails, whichever it is: nothing that was accepted is lost, and nothing leaks.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <new>

#include <pthread.h>

#include <pool/autoscale/hill_climbing.hpp>
#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/every_allocation.hpp>
#include <pool/testing/gate.hpp>

#include "watched.hpp"

namespace pool::autoscale {
namespace {

using testing::until;
using Kind = Event::Kind;

struct Outcome {
  std::size_t accepted = 0;
  std::atomic<std::size_t> ran{0};
};

template <class F>
void post(ThreadPool& pool, Outcome& outcome, const F& f) {
  pool.post(f);
  ++outcome.accepted;
}

// S5.7: it grows, a job blocks, another one ends its thread, it shrinks.
TEST(Memory, WhicheverAllocationFailsNothingIsLost) {
  const auto live = [](Outcome& outcome) {
    try {
      ThreadPool pool(testing::by_hand(1, 3));
      pool.scale_to(3);
      for (int i = 0; i < 10; ++i) post(pool, outcome, [&] { ++outcome.ran; });
      post(pool, outcome, [&] { pool.blocking([&] { ++outcome.ran; }); });
      post(pool, outcome, [&] {
        ++outcome.ran;
        pthread_exit(nullptr);
      });
      pool.scale_to(1);
      pool.scale_to(2);
      pool.wait_idle();
    } catch (const std::bad_alloc&) {
    }
  };
  Outcome first;
  live(first);  // makes what is kept for ever
  testing::every_allocation_fails<Outcome>(live, [](const Outcome& outcome, bool failed) {
    EXPECT_EQ(outcome.ran, outcome.accepted);
    EXPECT_TRUE(failed || outcome.accepted == 12);
  });
}

// S5.10: what is missing for a sample or a decision is counted; the next one is taken.
TEST(Memory, ASampleThatFindsNoneIsCounted) {
  std::atomic<std::size_t> samples = 0;  // taken, or missed
  const auto live = [&samples](Outcome& outcome) {
    try {
      priority::ManualClock clock;
      samples = 0;
      Options options = testing::by_hand(1, 3);
      options.clock = &clock;
      options.policy = [&samples](const Load&) { return ++samples, 0; };
      options.on_event = [&samples](const Event& event) { samples += event.kind == Kind::no_sample ? 1 : 0; };
      ThreadPool pool(options);
      for (std::size_t i = 1; i <= 2; ++i) {
        post(pool, outcome, [&] { ++outcome.ran; });
        clock.advance(std::chrono::seconds(10));
        until([&] { return samples >= i; });
      }
      pool.wait_idle();
    } catch (const std::bad_alloc&) {
    }
  };
  Outcome first;
  live(first);  // makes what is kept for ever
  testing::every_allocation_fails<Outcome>(live, [](const Outcome& outcome, bool failed) {
    EXPECT_EQ(outcome.ran, outcome.accepted);
    EXPECT_TRUE(failed || outcome.accepted == 2);
  });
}

}  // namespace
}  // namespace pool::autoscale
