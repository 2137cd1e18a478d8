// History: all stores to one atomic, and which of them a load may read. This is where weak memory shows.
//
// Invariants:  (H1) the modification order is the order in which the stores were executed
//              (H2) coherence: a load reads no store that is older than one which its thread knows to have been read
//                   or written
//              (H3) a seq_cst load reads no store that is older than one which a seq_cst operation read or wrote
//              (H4) a thread reads the same outdated store at most kPatience times in a row
// H1 is narrower than the standard, as is that a load reads only what has been stored already: see docs/explorer.md.
#pragma once

#include <pool/testing/explorer/clock.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <vector>

namespace pool::explorer {

constexpr bool acquires(std::memory_order order) {
  return order != std::memory_order_relaxed && order != std::memory_order_release;
}
constexpr bool releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

class History {
 public:
  [[nodiscard]] std::size_t newest() const { return stores_.size() - 1; }

  // The oldest store that the thread may read now. All from there to the newest are possible.
  [[nodiscard]] std::size_t oldest(ThreadId me, const VectorClock& clock, std::memory_order order) const {
    const Reader& reader = readers_[me];
    if (reader.outdated >= kPatience) return newest();  // (H4)
    const std::size_t floor = order == std::memory_order_seq_cst ? seq_cst_floor_ : 0;
    std::size_t store = newest();
    while (store > floor && !stores_[store].known_to(clock)) --store;
    return store;
  }

  // The thread reads a store. Returns whether that tells it something new.
  bool read(std::size_t store, ThreadId me, VectorClock& clock, std::memory_order order) {
    Store& source = stores_[store];
    if (source.seen[me] == 0) source.seen[me] = clock[me];
    if (acquires(order)) clock.join(source.released);  // pairs with the release in write()
    if (order == std::memory_order_seq_cst) seq_cst_floor_ = std::max(seq_cst_floor_, store);
    Reader& reader = readers_[me];
    const bool again = reader.last == store + 1;
    reader.outdated = store == newest() ? 0 : again ? reader.outdated + 1 : 1;
    reader.last = store + 1;
    return !again;
  }

  // The thread appends a store. A read-modify-write continues the release sequence of what it read.
  void write(ThreadId me, const VectorClock& clock, std::memory_order order, bool modifies = false) {
    Store store;
    if (modifies) store.released = stores_.back().released;
    if (releases(order)) store.released.join(clock);
    store.seen[me] = clock[me];
    stores_.push_back(store);
    if (order == std::memory_order_seq_cst) seq_cst_floor_ = newest();
    readers_[me] = {.last = stores_.size(), .outdated = 0};
  }

 private:
  static constexpr std::size_t kPatience = 2;

  struct Store {
    VectorClock released;  // what an acquiring load learns
    VectorClock seen;      // when each thread first read or wrote it; 0: never
    [[nodiscard]] bool known_to(const VectorClock& clock) const {
      for (ThreadId thread = 0; thread < kMaxThreads; ++thread) {
        if (seen[thread] != 0 && clock.knows(thread, seen[thread])) return true;
      }
      return false;
    }
  };
  struct Reader {
    std::size_t last = 0;      // the store that the thread read or wrote last, plus one
    std::size_t outdated = 0;  // how often in a row it read that although there was a newer one
  };

  std::vector<Store> stores_;
  std::array<Reader, kMaxThreads> readers_{};
  std::size_t seq_cst_floor_ = 0;
};

}  // namespace pool::explorer
