// The end of a pool under every interleaving.
#include <e3_graceful_shutdown/pool.hpp>

#include <pool/testing/explorer/test.hpp>

using exercise::Pool;
using pool::sync::atomic;
using pool::sync::thread;

EXPLORE(Pool, TheDestructorRunsWhatIsQueued) {
  atomic<int> ran{0};
  {
    Pool pool(1);
    EXPLORE_CHECK(pool.post([&] { ran.fetch_add(1); }));
    EXPLORE_CHECK(pool.post([&] { ran.fetch_add(1); }));
  }
  EXPLORE_CHECK(ran.load() == 2);
}

EXPLORE(Pool, TwoWorkersBothGoHome) {
  atomic<int> ran{0};
  {
    Pool pool(2);
    EXPLORE_CHECK(pool.post([&] { ran.fetch_add(1); }));
  }
  EXPLORE_CHECK(ran.load() == 1);
}

EXPLORE(Pool, ShutdownTwiceIsOnce) {
  atomic<int> ran{0};
  Pool pool(1);
  EXPLORE_CHECK(pool.post([&] { ran.fetch_add(1); }));
  pool.shutdown();
  EXPLORE_CHECK(ran.load() == 1);
  pool.shutdown();
}

EXPLORE(Pool, APostAfterShutdownIsRefused) {
  Pool pool(1);
  pool.shutdown();
  EXPLORE_CHECK(!pool.post([] {}));
}

EXPLORE(Pool, WhoeverCallsShutdownReturnsAfterTheLastJob) {
  atomic<int> ran{0};
  Pool pool(1);
  EXPLORE_CHECK(pool.post([&] { ran.fetch_add(1); }));
  thread other([&] {
    pool.shutdown();
    EXPLORE_CHECK(ran.load() == 1);
  });
  pool.shutdown();
  EXPLORE_CHECK(ran.load() == 1);
  other.join();
}

EXPLORE(Pool, APostThatRacesWithShutdownRunsOrIsRefused) {
  atomic<int> ran{0};
  bool accepted = false;
  Pool pool(1);
  thread other([&] { accepted = pool.post([&] { ran.fetch_add(1); }); });
  pool.shutdown();
  other.join();
  EXPLORE_CHECK(ran.load() == (accepted ? 1 : 0));
}
