// Crew: workers that take jobs from a heap and sleep when there is none; and some of them are sent home.
//
// Thread safety: hand_in(), retire() and end() may be called from any thread; next() by the worker whose number is given.
// Invariants:  (K1) work that is handed in is taken by a worker that is awake, or wakes one, without any further event;
//                   as long as one worker is not sent home
//              (K2) who is sent home takes nothing more, and goes without any further event
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

// Where workers sleep. A worker is busy, or searching, or asleep; whoever is woken searches, until he finds something, or
// sleeps again, or goes.
class Parking {
 public:
  explicit Parking(std::size_t workers) : beds_(new Bed[workers]) {}

  // To be called when work was made visible. Wakes a sleeper, if there is one and nobody searches.
  void announce() {
    const State state = state_.load(std::memory_order_seq_cst);  // [announce] pairs with [prepare] and [found]
    if (sleeping_in(state) > 0 && searching_in(state) == 0) wake_one();
  }

  // A worker that searches does so no more. If nobody else does and more() says that there is something, the next
  // sleeper is woken.
  template <class More>
  void found(More&& more) {
    const State state = state_.fetch_sub(kSearching, std::memory_order_seq_cst);  // [found] first this, then the look
    if (searching_in(state) == 1 && sleeping_in(state) > 0 && more()) wake_one();
  }

  // From here on the worker is one of those who sleep, and can be woken. `searching`: it was one of those who search.
  void prepare(std::size_t worker, bool searching) {
    std::lock_guard lock(mutex_);
    beds_[worker].called.write() = false;
    sleepers_.write().push_back(worker);
    state_.fetch_add(kSleeping - (searching ? kSearching : 0), std::memory_order_seq_cst);  // [prepare] before the look
  }

  // After prepare(): it does not sleep after all. From here on it searches.
  void cancel(std::size_t worker) {
    std::lock_guard lock(mutex_);
    get_up(worker);
  }

  // After prepare(): until it is woken, which may have been before. From here on it searches.
  void sleep(std::size_t worker) {
    Bed& bed = beds_[worker];
    std::unique_lock lock(mutex_);
    while (!bed.called.read()) bed.called_up.wait(lock);
    get_up(worker);
  }

  // Wakes this one, if it is one of those who sleep.
  void call(std::size_t worker) {
    std::lock_guard lock(mutex_);
    if (get_up(worker)) wake(worker);
  }
  void call_all() {
    std::lock_guard lock(mutex_);
    while (!sleepers_.read().empty()) {
      const std::size_t worker = sleepers_.read().back();
      get_up(worker);
      wake(worker);
    }
  }

  [[nodiscard]] std::size_t sleeping() const { return sleeping_in(state_.load(std::memory_order_acquire)); }
  [[nodiscard]] std::size_t searching() const { return searching_in(state_.load(std::memory_order_acquire)); }

 private:
  using State = std::uint64_t;  // how many sleep, and how many search
  static constexpr State kSearching = 1;
  static constexpr State kSleeping = State{1} << 32U;
  static std::size_t sleeping_in(State state) { return static_cast<std::size_t>(state >> 32U); }
  static std::size_t searching_in(State state) { return static_cast<std::size_t>(state & (kSleeping - 1)); }

  struct Bed {
    sync::cell<bool> called{false};  // guarded by mutex_
    sync::condition_variable called_up;
  };

  // All with the lock held. Who is woken searches from this moment, not only when it runs.
  bool get_up(std::size_t worker) {
    const auto self = std::find(sleepers_.read().begin(), sleepers_.read().end(), worker);
    if (self == sleepers_.read().end()) return false;
    sleepers_.write().erase(self);
    state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
    return true;
  }
  void wake(std::size_t worker) {
    beds_[worker].called.write() = true;
    beds_[worker].called_up.notify_one();
  }
  void wake_one() {
    std::lock_guard lock(mutex_);
    if (sleepers_.read().empty()) return;
    const std::size_t worker = sleepers_.read().back();
    get_up(worker);
    wake(worker);
  }

  sync::atomic<State> state_{0};
  const std::unique_ptr<Bed[]> beds_;  // for each worker
  sync::mutex mutex_;
  sync::cell<std::vector<std::size_t>> sleepers_;  // guarded by mutex_; the last to come is the first to be woken
};

class Crew {
 public:
  explicit Crew(std::size_t workers) : retired_(new sync::atomic<bool>[workers]), parking_(workers) {
    for (std::size_t i = 0; i < workers; ++i) retired_[i].store(false, std::memory_order_relaxed);
  }

  // One job more.
  void hand_in() {
    heap_.fetch_add(1, std::memory_order_seq_cst);
    parking_.announce();
  }

  // The worker is to go, as soon as it has nothing in hand. Not for the last one.
  void retire(std::size_t worker) {
    // #todo
    retired_[worker].store(true, std::memory_order_seq_cst);  // [retired] first this,
    parking_.call(worker);                                    // then who sleeps
    // #instead
    // static_cast<void>(worker);
    // POOL_TODO("it is to go; and if it sleeps?");
    // #end
  }

  // Waits for a job, and takes it: true. False: the worker goes, because it is sent home, or at the end.
  bool next(std::size_t worker) {
    // #todo
    const auto more = [this] { return heap_.load(std::memory_order_seq_cst) > 0; };
    for (bool searching = false;; searching = true) {
      const bool goes = retired_[worker].load(std::memory_order_seq_cst);
      const bool taken = !goes && take();
      if (goes || taken || over()) {
        if (searching) parking_.found(more);  // who is woken is counted on, also when it goes
        return taken;
      }
      parking_.prepare(worker, searching);
      if (more() || over() || retired_[worker].load(std::memory_order_seq_cst)) {  // [retired] the last look
        parking_.cancel(worker);
      } else {
        parking_.sleep(worker);
      }
    }
    // #instead
    // static_cast<void>(worker);
    // POOL_TODO("look, then prepare(), look once more, sleep(): what else is there to be looked at, and who is told?");
    // return take() || over();
    // #end
  }

  // All who find nothing go.
  void end() {
    ended_.store(true, std::memory_order_seq_cst);
    parking_.call_all();
  }

  [[nodiscard]] const Parking& parking() const { return parking_; }

 private:
  bool take() {
    int heap = heap_.load(std::memory_order_seq_cst);
    while (heap > 0) {
      if (heap_.compare_exchange_weak(heap, heap - 1, std::memory_order_seq_cst)) return true;
    }
    return false;
  }
  [[nodiscard]] bool over() const { return ended_.load(std::memory_order_seq_cst); }

  sync::atomic<int> heap_{0};
  sync::atomic<bool> ended_{false};
  const std::unique_ptr<sync::atomic<bool>[]> retired_;  // for each worker
  Parking parking_;
};

}  // namespace exercise

// #todo
// Why found() when it goes. A searcher is somebody on whom others rely: announce() has seen him, and has woken nobody.
// There are two ways for him to stop searching, he finds something or he sleeps, and after each of the two comes a look.
// To go is a third way, and needs the same. It is the one that is forgotten, because the worker has found nothing.
//
// Why only if it searches. A busy worker that goes between two jobs is counted nowhere. Whoever handed in and saw that all
// are busy relies on them to look before they sleep; those who stay will do so, and one stays. If found() were called for
// a busy one, the count of those who search would be one too small, and for ever.
//
// Why the last look is at `retired_`, too. retire() stores, then looks who sleeps; a worker says that it sleeps, then looks
// whether it may stay. The same pattern as with work, so all four are seq_cst, or under one lock: call() takes the lock
// that prepare() has taken, so acquire would be enough for this load. The worker's own look before it takes a job needs no
// pattern at all; if it comes a moment too early, the worker does one job more.
//
// Why not hand over what it has. It has nothing: jobs are in the heap, or in lanes that all look into. A pool in which a
// queue belongs to its worker, and to nobody else, has to move the jobs, and there is a moment in which they are nowhere.
// That is the reason why ours does not.
// #end
