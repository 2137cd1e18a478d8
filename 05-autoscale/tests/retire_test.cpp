// Who is too many goes between two jobs, and not when all that it has claimed is done.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::autoscale {
namespace {

using testing::Gate;

constexpr int kJobs = 60;

// S5.8
TEST(Retiring, DoesNotWaitUntilTheBatchIsDone) {
  ThreadPool pool({.min_workers = 1, .max_workers = 2, .policy = [](const Load&) { return 0; }});
  pool.scale_to(2);
  Gate busy[2], claim[2], holds_a_batch[2], go_on[2];
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      const std::size_t worker = *pool.current_worker();
      busy[worker].open();
      claim[worker].wait();
    });
  }
  for (Gate& one : busy) one.wait();
  std::atomic<bool> is_first[2]{true, true};
  std::atomic<int> later[2]{0, 0};
  for (int i = 0; i < kJobs; ++i) {
    pool.post([&] {
      const std::size_t worker = *pool.current_worker();
      if (!is_first[worker].exchange(false)) return static_cast<void>(++later[worker]);
      holds_a_batch[worker].open();
      go_on[worker].wait();
    });
  }
  for (int i = 0; i < 2; ++i) {
    claim[i].open();
    holds_a_batch[i].wait();
  }
  pool.scale_to(1);
  go_on[1].open();
  while (pool.events().count(Event::Kind::retired) == 0) std::this_thread::yield();
  EXPECT_EQ(later[1], 0) << "its job has ended, and it is too many";
  go_on[0].open();
  pool.wait_idle();
  EXPECT_EQ(later[0], kJobs - 2) << "all that the other one has left";
}

}  // namespace
}  // namespace pool::autoscale
