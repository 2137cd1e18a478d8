// Parts: what the parts of a group and whoever waits for them know of each other: how many there are, who sleeps, what
// went wrong. A part itself: part.hpp.
//
// How many have begun is counted by the job that has made the group in a place of its own, without an exchange, and by all
// others together in another. How many have ended is counted in one word for all. Whoever reads that first, and
// then the other two, knows: if they are the same, then all had ended that had begun. So the usual part costs one
// exchange here.
// Thread safety: every member may be called from any thread; begin(true) by one only.
// Invariants:  (U1) over() is true when every part has ended that was there before, and those that they have added
//              (U2) when over() is true, and all who slept are awake, no part that has ended touches this any more: who
//                   waits may destroy it. So its end is the last that a part does; if somebody sleeps, it ends under the
//                   lock, which he needs to wake up
//              (U3) who sleeps is called when all have ended, and when there is more that he could do
//              (U4) of the errors, the first one is given out by the next take_error(), once; all failures are counted
//              (U5) no code of the user runs under the lock
// Memory ordering: what a part does before end() is visible to whoever sees over().
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/priority/cancellation.hpp>
#include <pool/priority/unit.hpp>

namespace pool::stealing {

using priority::CancelSource;
using priority::CancelToken;
using priority::Ending;
using priority::Unit;
using priority::UnitPtr;

class Parts {
 public:
  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  // #region begin
  // `here`: by the one thread that counts in a place of its own.
  void begin(bool here) {
    if (here) {
      begun_here_.store(begun_here_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    } else {
      begun_elsewhere_.fetch_add(1, std::memory_order_relaxed);
    }
  }
  // The last that is done for a part: see U2.
  void end() {
    std::uint64_t state = state_.load(std::memory_order_relaxed);
    do {
      if ((state & kAwaited) != 0) return end_awaited();
    } while (!state_.compare_exchange_weak(state, state + kOne, std::memory_order_release,  // [over] pairs with over()
                                           std::memory_order_relaxed));
  }
  // #endregion begin

  [[nodiscard]] bool over() const {
    return all_of(state_.load(std::memory_order_acquire));  // [over] first what has ended, then what has begun
  }

  // Whether somebody sleeps. Ask when something was queued, by a seq_cst operation, that he could do; then call him.
  [[nodiscard]] bool awaited() const { return (state_.load(std::memory_order_seq_cst) & kAwaited) != 0; }  // [awaited]
  void call();

  // Sleeps until all have ended, or there is a call; not if look(), a look with seq_cst loads, finds something.
  template <class Look>
  auto sleep(Look&& look) -> decltype(look());

  // --- what goes wrong ----------------------------------------------------------------------------------------------
  // How a part has ended that has thrown.
  Ending ended(std::exception_ptr error);
  void dropped(std::string_view why);
  [[nodiscard]] bool trouble() const { return trouble_.load(std::memory_order_relaxed); }  // ask when it is over
  [[nodiscard]] std::exception_ptr take_error();
  [[nodiscard]] std::size_t failed() const;

  void cancel(std::string_view why);
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_acquire); }  // [cancelled]
  // For a part that wants to be asked; cancelled with the other one, too.
  [[nodiscard]] CancelToken token(const CancelToken& other);

  // --- parts that come from outside of the job that has made the group ----------------------------------------------
  // A unit that others may run, and whoever waits as well, wherever it is queued: it is shared.
  class Outside : public Unit {
   public:
    explicit Outside(Parts& of) : of_(of) {}
    [[nodiscard]] Parts& of() const { return of_; }
    void retain() { shares_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept override {
      if (shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;  // [shares] the last one sees all
    }

   protected:
    void unlist() { of_.unlist(*this); }

   private:
    friend class Parts;
    Parts& of_;
    sync::atomic<unsigned> shares_{1};
    Outside* newer_ = nullptr;  // guarded by the mutex of the parts, as is the next
    Outside* older_ = nullptr;
    bool listed_ = false;
  };
  void list(Outside& part);
  void unlist(Outside& part);
  // The newest that is queued, if is_queued(part) says so.
  template <class IsQueued>
  [[nodiscard]] UnitPtr newest_outside(IsQueued&& is_queued);

  // Of which group the calling thread runs a part; null: of none.
  static Parts*& running() { return sync::thread_slot<Parts>(); }

 private:
  static constexpr std::uint64_t kAwaited = 1;  // in state_: somebody sleeps; changed under the lock
  static constexpr std::uint64_t kOne = 2;      // for each that has ended

  [[nodiscard]] bool all_of(std::uint64_t state) const {
    return state / kOne ==
           begun_here_.load(std::memory_order_relaxed) + begun_elsewhere_.load(std::memory_order_relaxed);
  }
  void end_awaited();
  void keep(std::exception_ptr& error, bool failed);

  sync::atomic<std::uint64_t> begun_here_{0};  // written by one thread
  sync::atomic<std::uint64_t> begun_elsewhere_{0};
  sync::atomic<std::uint64_t> state_{0};
  sync::atomic<bool> cancelled_{false};
  sync::atomic<bool> trouble_{false};

  mutable sync::mutex mutex_;
  std::optional<sync::condition_variable> called_;  // guarded by mutex_; made by the first who sleeps: few ever do
  sync::cell<std::uint32_t> calls_{0};              // guarded by mutex_, as are all below
  sync::cell<std::uint32_t> sleepers_{0};
  sync::cell<Outside*> newest_{nullptr};
  sync::cell<std::size_t> failed_{0};
  sync::cell<std::exception_ptr> error_;              // the first, until it is thrown
  sync::cell<std::unique_ptr<CancelSource>> source_;  // made when somebody wants a token
};

template <class Look>
auto Parts::sleep(Look&& look) -> decltype(look()) {
  std::unique_lock lock(mutex_);
  const std::uint32_t calls = calls_.read();
  ++sleepers_.write();
  if (!called_) called_.emplace();
  state_.fetch_or(kAwaited, std::memory_order_seq_cst);  // [awaited] from now on it is called,
  const basic::Finally up{[&] {
    if (!lock.owns_lock()) lock.lock();  // whoever has ended under it does not touch us any more: U2
    if (--sleepers_.write() == 0) state_.fetch_and(~kAwaited, std::memory_order_relaxed);
  }};
  lock.unlock();
  if (auto found = look()) return found;  // and what came before, it sees
  lock.lock();
  while (!over() && calls_.read() == calls) called_->wait(lock);
  return {};
}

template <class IsQueued>
UnitPtr Parts::newest_outside(IsQueued&& is_queued) {
  const std::lock_guard lock(mutex_);
  for (Outside* part = newest_.read(); part != nullptr; part = part->older_) {
    if (is_queued(*part)) return part->retain(), UnitPtr(part);
  }
  return nullptr;
}

}  // namespace pool::stealing
