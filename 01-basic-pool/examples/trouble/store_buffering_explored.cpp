// Store buffering under the explorer: with release and acquire both may miss the other, with seq_cst they may not.
#include <pool/testing/explorer/test.hpp>

namespace {

EXPLORE(ReleaseAcquire, OneSeesTheOther) {
  // #region four
  pool::sync::atomic<int> x{0};
  pool::sync::atomic<int> y{0};
  x.name("x"), y.name("y");  // for the table below
  int r1 = 0;
  int r2 = 0;
  pool::sync::thread one([&] {
    x.store(1, std::memory_order_release);
    r1 = y.load(std::memory_order_acquire);
  });
  pool::sync::thread two([&] {
    y.store(1, std::memory_order_release);
    r2 = x.load(std::memory_order_acquire);
  });
  // #endregion four
  one.join();
  two.join();
  EXPLORE_CHECK(r1 == 1 || r2 == 1);
}

EXPLORE(SeqCst, OneSeesTheOther) {
  pool::sync::atomic<int> x{0};
  pool::sync::atomic<int> y{0};
  int r1 = 0;
  int r2 = 0;
  pool::sync::thread one([&] {
    x.store(1, std::memory_order_seq_cst);
    r1 = y.load(std::memory_order_seq_cst);
  });
  pool::sync::thread two([&] {
    y.store(1, std::memory_order_seq_cst);
    r2 = x.load(std::memory_order_seq_cst);
  });
  one.join();
  two.join();
  EXPLORE_CHECK(r1 == 1 || r2 == 1);
}

}  // namespace
