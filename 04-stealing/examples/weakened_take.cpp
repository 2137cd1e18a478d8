// The race for the last items of a deque, on this machine: an owner and two thieves, and three versions of take(). How often
// is an item handed out twice, or never?
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <thread>
#include <vector>

#include "small_deque.hpp"

namespace {

constexpr int kRuns = 40;
constexpr int kItems = 300'000;
constexpr int kBurst = 3;

struct Found {
  long twice = 0, lost = 0;
};

// #region run
template <class AnyDeque>
Found run() {
  AnyDeque deque;
  std::vector<std::atomic<int>> got(kItems + 1);  // how often each was handed out
  std::atomic<bool> stop{false};
  const auto steal = [&] {
    while (!stop) ++got[static_cast<std::size_t>(deque.steal())];
  };
  std::array thieves{std::thread(steal), std::thread(steal)};
  for (int item = 1; item <= kItems;) {
    for (int i = 0; i < kBurst; ++i) deque.push(item++);
    for (int taken = deque.take(); taken != 0; taken = deque.take()) ++got[static_cast<std::size_t>(taken)];
  }
  stop = true;
  for (std::thread& thief : thieves) thief.join();
  const auto how_many = [&](auto wanted) { return std::count_if(got.begin() + 1, got.end(), wanted); };
  return {how_many([](const auto& count) { return count > 1; }),
          how_many([](const auto& count) { return count == 0; })};
}
// #endregion run

template <std::memory_order kStore, std::memory_order kLoad>
void runs(const char* what) {
  Found all;
  int wrong = 0, unnoticed = 0;
  for (int i = 0; i < kRuns; ++i) {
    const Found found = run<SmallDeque<kStore, kLoad>>();
    all = {all.twice + found.twice, all.lost + found.lost};
    if (found.twice + found.lost == 0) continue;
    ++wrong;
    if (found.twice == found.lost) ++unnoticed;
  }
  std::printf("%-24s  %2d of %d runs wrong: %ld items twice, %ld lost", what, wrong, kRuns, all.twice, all.lost);
  if (wrong > 0) std::printf("; the total was right in %d", unnoticed);
  std::printf("\n");
}

}  // namespace

int main() {
  runs<std::memory_order_seq_cst, std::memory_order_seq_cst>("as it is:");
  runs<std::memory_order_seq_cst, std::memory_order_acquire>("the load an acquire:");
  runs<std::memory_order_release, std::memory_order_seq_cst>("the store a release:");
}
