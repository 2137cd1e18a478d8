// A test that never ends: a job waits for another job of the same pool, which has nobody left to run it.
#include <gtest/gtest.h>

#include <pool/basic/thread_pool.hpp>

// #region test
TEST(Pages, AreCountedByAJob) {
  pool::basic::ThreadPool pool({.workers = 1});
  auto pages = pool.submit([&pool] {
    auto page = pool.submit([] { return 1; });  // a second job, in the same pool
    return page.get();                          // and the first one waits for it
  });
  EXPECT_EQ(pages.get(), 1);
}
// #endregion test
