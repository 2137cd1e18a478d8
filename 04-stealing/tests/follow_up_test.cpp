// What follows from a job that ends: it was accepted with that job, so neither room nor a shutdown keeps it out.
#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include <pool/priority/job.hpp>
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using priority::JobCore;
using priority::JobRef;
using priority::JobState;
using priority::make_job_of;
using testing::Gate;

// A job that nobody has queued yet.
template <class F>
auto made(ThreadPool& pool, F&& f) {
  return make_job_of(pool.job_host(), {}, std::forward<F>(f));
}

// Queues it when the other one has ended.
template <class R, class S>
void follow(ThreadPool& pool, const Job<R>& before, JobRef<S> job) {
  before.on_end([host = pool.job_host(), job = std::move(job)](const JobCore&) {
    job->retain();
    static_cast<void>(host->follow_up(priority::UnitPtr(&*job)));
  });
}

TEST(FollowUp, IsRunWhileThePoolDrains) {
  Gate gate;
  std::atomic<int> ran = 0;
  ThreadPool pool({.workers = 1});
  const auto first = pool.launch({}, [&] { gate.wait(); });
  const auto second = made(pool, [&] { ++ran; });
  const auto third = made(pool, [&] { ++ran; });
  follow(pool, first, second);
  follow(pool, Job(second), third);
  std::thread closing([&] { pool.shutdown(); });
  const auto takes_work = [&] {
    try {
      return pool.try_post([] {});
    } catch (const PoolStopped&) {
      return false;
    }
  };
  while (takes_work()) std::this_thread::yield();
  gate.open();
  closing.join();
  EXPECT_EQ(ran, 2);
}

TEST(FollowUp, IsDroppedWhenThePoolHasStopped) {
  ThreadPool pool({.workers = 1});
  const Job job(made(pool, [] { return 1; }));
  auto core = made(pool, [] { return 1; });
  pool.shutdown();
  core->retain();
  EXPECT_FALSE(pool.job_host()->follow_up(priority::UnitPtr(&*core)));
  EXPECT_EQ(core->state(), JobState::cancelled);
  EXPECT_EQ(core->info().reason, "shutdown");
  EXPECT_EQ(job.state(), JobState::queued) << "nobody has handed it in";
}

TEST(FollowUp, NeedsNoRoom) {
  Gate gate;
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::reject});
  const auto first = pool.launch({}, [&] { gate.wait(); });
  const auto second = made(pool, [] { return 2; });
  follow(pool, first, second);
  while (first.state() == JobState::queued) std::this_thread::yield();
  pool.post([] {});
  EXPECT_THROW(pool.post([] {}), QueueFull);
  gate.open();
  EXPECT_EQ(Job(second).get(), 2);
}

// Cancelled before it was its turn, it is not run, and the pool comes to rest.
TEST(FollowUp, MayHaveBeenCancelled) {
  Gate gate;
  ThreadPool pool({.workers = 1});
  const auto first = pool.launch({}, [&] { gate.wait(); });
  const auto second = made(pool, [] { ADD_FAILURE(); });
  follow(pool, first, second);
  EXPECT_TRUE(second->cancel("not needed"));
  gate.open();
  pool.wait_idle();
  EXPECT_EQ(second->info().reason, "not needed");
}

}  // namespace
}  // namespace pool::stealing
