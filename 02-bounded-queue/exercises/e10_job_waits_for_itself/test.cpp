// Jobs that post jobs to a pool whose queue has room for one, under every interleaving.
#include <e10_job_waits_for_itself/pool.hpp>

#include <pool/testing/explorer/test.hpp>

using exercise::Pool;
using pool::sync::atomic;

EXPLORE(Pool, APostFromOutsideWaitsForRoom) {
  atomic<int> ran{0};
  {
    Pool pool(1, 1);
    for (int i = 0; i < 3; ++i) EXPLORE_CHECK(pool.post([&] { ran.fetch_add(1); }));
  }
  EXPLORE_CHECK(ran.load() == 3);
}

EXPLORE(Pool, AJobThatPostsToItsOwnFullPoolComesBack) {
  int ran = 0;
  int accepted = 0;
  atomic<int> ended{0};
  {
    Pool pool(1, 1);
    EXPLORE_CHECK(pool.post([&] {
      for (int i = 0; i < 2; ++i) {
        const bool taken = pool.post([&] {
          ++ran;
          static_cast<void>(pool.pending());  // a deadlock, if the job runs with the lock held
        });
        if (taken) ++accepted;
        EXPLORE_CHECK(pool.pending() <= 1);
      }
      ended.store(1);
      ended.notify_one();
    }));
    ended.wait(0);
  }
  EXPLORE_CHECK(accepted >= 1);
  EXPLORE_CHECK(ran == accepted);
}

EXPLORE_WITH(Pool, SoDoAllWorkersAtOnce, (Explore{.preemptions = 1})) {
  atomic<int> ran{0};
  atomic<int> accepted{0};
  atomic<int> left{2};
  {
    Pool pool(2, 1);
    const auto breed = [&] {
      for (int i = 0; i < 2; ++i) {
        if (pool.post([&] { ran.fetch_add(1); })) accepted.fetch_add(1);
      }
      if (left.fetch_sub(1) == 1) left.notify_one();
    };
    EXPLORE_CHECK(pool.post(breed));
    EXPLORE_CHECK(pool.post(breed));
    for (int now = left.load(); now != 0; now = left.load()) left.wait(now);
  }
  EXPLORE_CHECK(ran.load() == accepted.load());
}

EXPLORE(Pool, AWorkerOfAnotherPoolWaitsLikeAnybody) {
  static const int mark = 0;
  atomic<int> ran{0};
  {
    Pool second(1, 1);
    Pool first(1, 1);
    EXPLORE_CHECK(first.post([&] {
      pool::sync::thread_slot<const int>() = &mark;  // so that we know this thread again
      for (int i = 0; i < 3; ++i) {
        EXPLORE_CHECK(second.post([&] {
          EXPLORE_CHECK(pool::sync::thread_slot<const int>() == nullptr);  // it runs on a worker of its own pool
          ran.fetch_add(1);
        }));
      }
    }));
  }
  EXPLORE_CHECK(ran.load() == 3);
}
