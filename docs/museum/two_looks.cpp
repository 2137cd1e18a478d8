// Two looks that miss each other: a worker goes to sleep beside a job, though both sides say what they do before they
// look.
#include "exhibit.hpp"

namespace pool::museum {
namespace {

constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto seq_cst = std::memory_order_seq_cst;

// #region parking
template <std::memory_order kStore, std::memory_order kLoad>
class Parking {  // for one worker
 public:
  void hand_in() {
    work_.store(true, kStore);
    if (!sleeps_.load(kLoad)) return;  // nobody to wake, and a system call saved
    called_.store(true);
    called_.notify_one();
  }

  void wait_for_work() {
    sleeps_.store(true, kStore);
    if (work_.load(kLoad)) return;  // the last look
    called_.wait(false);
  }
  // #endregion parking

 private:
  sync::atomic<bool> work_{false};
  sync::atomic<bool> sleeps_{false};
  sync::atomic<bool> called_{false};
};

template <std::memory_order kStore, std::memory_order kLoad>
void one_job() {
  Parking<kStore, kLoad> parking;
  sync::thread worker([&] { parking.wait_for_work(); });
  parking.hand_in();
  worker.join();
}

// #region both
TEST(TwoLooks, TheDefectShows) {
  expect_defect(explorer::Verdict::deadlock, "two_looks", one_job<release, acquire>);
}

EXPLORE(TwoLooks, TheCureHolds) {
  one_job<seq_cst, seq_cst>();
}
// #endregion both

}  // namespace
}  // namespace pool::museum
