// Parking: where workers sleep when there is nothing to do, and who is woken when there is.
//
// A worker is busy, or searching, or asleep. Whoever is woken searches, until he finds something or sleeps again.
// Thread safety: announce(), end() and sleeping() may be called from any thread; found() by a worker that searches,
// park() by the worker whose number is given.
// Invariant:  (K1) work that is announced is seen by a worker that is awake, or wakes one, without any further event
// Memory ordering: the operation that makes work visible is seq_cst, and so are the looks of anything() and more().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;

class Parking {
 public:
  explicit Parking(std::size_t workers) : beds_(new Bed[workers]) {}

  // To be called when work was made visible. Wakes a sleeper, if there is one and nobody searches.
  void announce() {
    POOL_TODO("look at the state; whom does this work need?");
  }

  // A worker has nothing to do; `searching`: it is one of those who search. It sleeps until it is woken, unless
  // anything() says that there is something. It searches from its return on; false: it is the end.
  template <class Anything>
  bool park(std::size_t worker, bool searching, Anything&& anything) {
    static_cast<void>(searching);
    static_cast<void>(anything);
    return (POOL_TODO("prepare(), sleep(), and get_up() with the lock held: in which order, and where is the look?"),
            sleep(worker));
  }

  // A worker that searches has found something, and is busy now. If nobody else searches and more() says that there is
  // more, the next sleeper is woken.
  template <class More>
  void found(More&& more) {
    static_cast<void>(more);
    POOL_TODO("do not search any more; does somebody else have to?");
  }

  // Wakes everybody, and whoever would sleep from now on.
  void end() {
    std::lock_guard lock(mutex_);
    ended_.write() = true;
    for (const std::size_t worker : sleepers_.read()) call(worker);
  }

  [[nodiscard]] std::size_t sleeping() const { return sleeping_in(state_.load(std::memory_order_acquire)); }

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

  // From here on the worker is one of those who sleep, and can be woken.
  void prepare(std::size_t worker, bool searching) {
    std::lock_guard lock(mutex_);
    beds_[worker].called.write() = ended_.read();
    sleepers_.write().push_back(worker);
    static_cast<void>(searching);
    POOL_TODO("say it in the state, too: one more sleeps, and perhaps one less searches");
  }

  // Until it is called, which may have been before. False: by the end.
  bool sleep(std::size_t worker) {
    Bed& bed = beds_[worker];
    std::unique_lock lock(mutex_);
    while (!bed.called.read()) bed.called_up.wait(lock);
    get_up(worker);
    return !ended_.read();
  }

  // With the lock held: takes the worker off the list, unless somebody has done so who has woken it.
  void get_up(std::size_t worker) {
    const auto self = std::find(sleepers_.read().begin(), sleepers_.read().end(), worker);
    if (self == sleepers_.read().end()) return;
    sleepers_.write().erase(self);
    state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
  }

  // Whoever is woken searches from this moment, not only when it runs.
  void wake_one() {
    std::lock_guard lock(mutex_);
    if (sleepers_.read().empty()) return;
    const std::size_t worker = sleepers_.read().back();
    sleepers_.write().pop_back();
    state_.fetch_add(kSearching - kSleeping, std::memory_order_seq_cst);
    call(worker);
  }

  // With the lock held.
  void call(std::size_t worker) {
    beds_[worker].called.write() = true;
    beds_[worker].called_up.notify_one();
  }

  sync::atomic<State> state_{0};
  const std::unique_ptr<Bed[]> beds_;  // for each worker
  sync::mutex mutex_;
  sync::cell<std::vector<std::size_t>> sleepers_;  // guarded by mutex_; the last to come is the first to go
  sync::cell<bool> ended_{false};                  // guarded by mutex_
};

}  // namespace exercise
