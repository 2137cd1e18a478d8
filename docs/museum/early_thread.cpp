// A thread that begins before the members behind it: the order in which they are declared is a race.
#include "exhibit.hpp"

namespace pool::museum {
namespace {

class Tasks {  // what the thread uses
 public:
  Tasks() { capacity_.write() = 64; }
  [[nodiscard]] int capacity() const { return capacity_.read(); }

 private:
  sync::cell<int> capacity_;
};

// #region broken
class BrokenWorker {
 public:
  ~BrokenWorker() { thread_.join(); }
  void run() { EXPECT_EQ(tasks_.capacity(), 64); }

 private:
  sync::thread thread_{[this] { run(); }};
  Tasks tasks_;
};
// #endregion broken

class CuredWorker {
 public:
  ~CuredWorker() { thread_.join(); }
  void run() { EXPECT_EQ(tasks_.capacity(), 64); }

 private:
  // #region cured
  Tasks tasks_;
  sync::thread thread_{[this] { run(); }};  // last: it uses all the others
  // #endregion cured
};

TEST(EarlyThread, TheDefectShows) {
  expect_defect(explorer::Verdict::data_race, "early_thread", [] { const BrokenWorker worker; });
}

EXPLORE(EarlyThread, TheCureHolds) {
  const CuredWorker worker;
}

}  // namespace
}  // namespace pool::museum
