// Store buffering, a million times: each of two threads stores to its own variable, then loads the other's.
#include <atomic>
#include <cstdio>
#include <thread>

namespace {

constexpr int kRounds = 1'000'000;

// A place where two threads meet. It spins: a barrier that sleeps would wake the two too far apart.
class Meeting {
 public:
  void meet() {
    const int round = arrived_++ / 2;
    while (arrived_ < 2 * (round + 1)) {
    }
  }

 private:
  std::atomic<int> arrived_{0};
};

// In how many rounds did both threads read 0?
template <std::memory_order kStore, std::memory_order kLoad>
int both_missed() {
  std::atomic<int> x{0};
  std::atomic<int> y{0};
  int r1 = 0;
  int r2 = 0;
  int count = 0;
  Meeting meeting;
  // #region one
  std::thread one([&] {
    for (int round = 0; round < kRounds; ++round) {
      meeting.meet();
      x.store(1, kStore);
      r1 = y.load(kLoad);
      meeting.meet();
      if (r1 == 0 && r2 == 0) ++count;
      x = y = 0;
      meeting.meet();
    }
  });
  // #endregion one
  std::thread two([&] {
    for (int round = 0; round < kRounds; ++round) {
      meeting.meet();
      y.store(1, kStore);
      r2 = x.load(kLoad);
      meeting.meet();
      meeting.meet();
    }
  });
  one.join();
  two.join();
  return count;
}

}  // namespace

int main() {
  using enum std::memory_order;
  std::printf("release and acquire: both missed the other %d times in %d\n", both_missed<release, acquire>(), kRounds);
  std::printf("seq_cst:             both missed the other %d times in %d\n", both_missed<seq_cst, seq_cst>(), kRounds);
}
