// Parking: where workers sleep when there is nothing to do, and who is woken when there is. The proof that nobody sleeps
// beside work is in PARKING.md; the names in brackets are those of the edges there.
//
// A worker is awake and busy, awake and searching, or asleep. At most one worker searches at a time by its own choice;
// whoever is woken searches as well. Whoever hands in work wakes a sleeper only if nobody searches, so work that comes in
// a burst costs one wake-up, and each who finds something wakes the next.
//
// Thread safety: announce(), call(), wake_all() and sleeping() may be called from any thread; the others by the worker
// whose number is given, in the order that is shown at begin_search().
// Invariant:  (K1) work that is announced is seen by a worker that is awake, or wakes one, without any further event
// Cost: announce() is one load; a system call only if somebody is woken.
// Memory ordering: announce() and the changes of the state are seq_cst, and so have to be the operation that makes work
// visible and the last look of a worker that wants to sleep: one of the two comes second, and sees the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include <pool/basic/sync.hpp>
#include <pool/stealing/semaphore.hpp>

namespace pool::stealing {

class Parking {
 public:
  explicit Parking(std::size_t workers);

  // What a worker does that has found nothing:
  //
  //   bool searching = parking.begin_search();      // may it look around for a while?
  //   …look, at leisure, if it may: if there is something, found(…), and off it goes
  //   parking.prepare(worker, searching);           // from now on it can be woken
  //   …look once more: if there is something, cancel(worker), and it searches; else sleep(worker), and it searches
  //   …look: if there is something, found(…), and off it goes; else prepare(worker, true), and so on
  //
  // False: somebody searches already, and one is enough.
  [[nodiscard]] bool begin_search();
  // #region found
  // A worker that searches has found something. If nobody else searches, and more(), a look with seq_cst loads, sees
  // something, the next sleeper is woken.
  template <class More>
  void found(More&& more) {
    const State state = state_.fetch_sub(kSearching, std::memory_order_seq_cst);  // [found] first this, then the look
    if (searching_in(state) == 1 && sleeping_in(state) > 0 && more()) wake_one();
  }
  // #endregion found
  void prepare(std::size_t worker, bool searching);
  void cancel(std::size_t worker);  // it searches from here on
  void sleep(std::size_t worker);   // until it is woken, or its thread is ended; it searches from here on

  // #region announce
  // To be called after work was put where a worker that looks will see it, by a seq_cst operation.
  void announce() {
    const State state = state_.load(std::memory_order_seq_cst);  // [announce] pairs with [prepare]
    if (sleeping_in(state) > 0 && searching_in(state) == 0) wake_one();
  }
  // #endregion announce

  // Wakes this worker, if it sleeps; it searches from here on. What it shall see is stored before.
  void call(std::size_t worker);

  // Wakes everybody, and whoever would sleep from now on: there is an end, and all have to look at it.
  void wake_all();

  [[nodiscard]] std::size_t sleeping() const;

 private:
  using State = std::uint64_t;  // how many sleep, and how many search
  static constexpr State kSearching = 1;
  static constexpr State kSleeping = State{1} << 32U;
  static std::size_t sleeping_in(State state) { return static_cast<std::size_t>(state >> 32U); }
  static std::size_t searching_in(State state) { return static_cast<std::size_t>(state & (kSleeping - 1)); }

  struct alignas(64) Bed {            // one line is all that is touched of it to wake somebody
    sync::cell<bool> listed{false};   // he sleeps, and nobody has woken him; this and the next are guarded by mutex_
    sync::cell<Bed*> below{nullptr};  // on the list
    Semaphore look_again;
  };

  void wake_one();
  [[nodiscard]] bool asleep(const Bed& bed);
  void get_up(Bed& bed);

  const std::unique_ptr<Bed[]> beds_;  // for each worker
  alignas(64) sync::atomic<State> state_{0};
  sync::mutex mutex_;
  sync::cell<Bed*> top_{
      nullptr};  // the list of those who sleep: the last to come is the first to go; guarded by mutex_
  sync::cell<bool> ended_{false};  // guarded by mutex_
};

}  // namespace pool::stealing
