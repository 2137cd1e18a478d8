// The pool's workers under every interleaving: jobs that need each other find out whether they run at once.
#include <e2_lock_held/pool.hpp>

#include <functional>
#include <memory>
#include <utility>

#include <pool/testing/explorer/test.hpp>

using exercise::Pool;

EXPLORE(Pool, RunsEveryJobOnce) {
  pool::sync::atomic<int> ran{0};
  {
    Pool pool(2);
    pool.post([&] { ran.fetch_add(1); });
    pool.post([&] { ran.fetch_add(1); });
  }
  EXPLORE_CHECK(ran.load() == 2);
}

EXPLORE(Pool, TwoWorkersRunTwoJobsAtOnce) {
  pool::sync::atomic<int> here{0};
  Pool pool(2);
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      if (here.fetch_add(1) == 0) here.wait(1);  // the first waits for the second
      here.notify_all();
    });
  }
}

EXPLORE(Pool, AJobMayPostAnother) {
  pool::sync::atomic<int> ran{0};
  Pool pool(1);
  pool.post([&] { pool.post([&] { ran.fetch_add(1); }); });
}

// Posts when the last copy of it is destroyed.
struct PostsWhenDestroyed {
  Pool* pool;
  ~PostsWhenDestroyed() {
    pool->post([] {});
  }
};

EXPLORE(Pool, AClosureMayPostWhenItIsDestroyed) {
  Pool pool(1);
  pool.post([parting = std::make_shared<PostsWhenDestroyed>(&pool)] {});
  pool.post([] {});
}
