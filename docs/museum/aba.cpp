// ABA: a lock-free stack of free nodes hands out a node that somebody has.
#include <array>
#include <cstdint>

#include "exhibit.hpp"

namespace pool::museum {
namespace {

// A word is the number of a node (0: none) and, above it, how often the head was changed. The broken list never counts.
using Word = std::uint32_t;
constexpr Word kNode = 0xff;
constexpr Word kOne = 0x100;

template <Word kStep>
class FreeList {  // of the nodes 1 and 2; 1 is on top
 public:
  FreeList() { next_[1].name("next of 1"), next_[2].name("next of 2"); }

  // #region list
  Word take() {
    Word head = head_.load();
    while ((head & kNode) != 0) {
      const Word next = next_[head & kNode].load();
      if (head_.compare_exchange_strong(head, next | ((head & ~kNode) + kStep))) return head & kNode;
    }
    return 0;
  }

  void give(Word node) {
    Word head = head_.load();
    do {
      next_[node].store(head & kNode);
    } while (!head_.compare_exchange_strong(head, node | ((head & ~kNode) + kStep)));
  }
  // #endregion list

 private:
  sync::atomic<Word> head_{1};
  std::array<sync::atomic<Word>, 3> next_{0, 2, 0};
};

// #region takers
template <Word kStep>
void two_takers() {
  FreeList<kStep> list;
  Word kept = 0;
  sync::thread other([&] {
    const Word first = list.take();
    kept = list.take();  // this one it keeps
    if (first != 0) list.give(first);
  });
  const Word mine = list.take();
  other.join();
  const Word next = list.take();
  EXPLORE_CHECK(kept == 0 || (kept != mine && kept != next));
}
// #endregion takers

// #region both
TEST(Aba, TheDefectShows) {
  expect_defect(explorer::Verdict::failed_check, "aba", two_takers<0>);
}

EXPLORE(Aba, TheCureHolds) {
  two_takers<kOne>();
}
// #endregion both

}  // namespace
}  // namespace pool::museum
