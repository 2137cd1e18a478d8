// A work-stealing deque whose owner and thief look at each other with acquire and release only.
#include <array>
#include <cstddef>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;
constexpr auto seq_cst = std::memory_order_seq_cst;

template <std::memory_order kStore, std::memory_order kLoad>
class Deque {  // made with the items 1 and 2 in it; 0 is none
 public:
  // #region take
  int take() {  // the owner, at the bottom
    const int bottom = bottom_.load(relaxed) - 1;
    bottom_.store(bottom, kStore);
    int top = top_.load(kLoad);
    if (top < bottom) return item(bottom);
    const bool mine = top == bottom && top_.compare_exchange_strong(top, top + 1, seq_cst);
    bottom_.store(bottom + 1, relaxed);
    return mine ? item(bottom) : 0;
  }

  int steal() {  // a thief, at the top
    int top = top_.load(kLoad);
    const int bottom = bottom_.load(kLoad);
    if (top >= bottom) return 0;
    const int found = item(top);
    return top_.compare_exchange_strong(top, top + 1, seq_cst) ? found : 0;
  }
  // #endregion take

 private:
  static int item(int index) { return index + 1; }

  sync::atomic<int> top_{0};
  sync::atomic<int> bottom_{2};
};

// #region thief
template <std::memory_order kStore, std::memory_order kLoad>
void owner_and_thief() {
  Deque<kStore, kLoad> deque;
  std::array<int, 3> handed_out{};  // how often each item was
  sync::thread thief([&] {
    ++handed_out[static_cast<std::size_t>(deque.steal())];
    ++handed_out[static_cast<std::size_t>(deque.steal())];
  });
  ++handed_out[static_cast<std::size_t>(deque.take())];
  thief.join();
  EXPLORE_CHECK(handed_out[1] <= 1 && handed_out[2] <= 1);
}
// #endregion thief

// #region both
TEST(WeakDeque, TheDefectShows) {
  expect_defect(explorer::Verdict::failed_check, "weak_deque", owner_and_thief<release, acquire>);
}

EXPLORE(WeakDeque, TheCureHolds) {
  owner_and_thief<seq_cst, seq_cst>();
}
// #endregion both

}  // namespace
}  // namespace pool::museum
