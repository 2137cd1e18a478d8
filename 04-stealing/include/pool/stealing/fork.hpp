// Fork: the second half of an invoke(), on the stack of the job that calls it. Forks: those of one worker, which the
// others may steal.
//
// A fork is no job. Its parent is one, does not return before the fork has ended, and is in flight as long; so nobody
// counts a fork, limits it or drops it, and it needs no memory but its parent's frame. Forks have a deque of their own:
// there they come and go as calls and returns do, and nothing that jobs hand in lies between.
//
// (That a job which waits helps the thief of what it waits for is "leapfrogging": D. B. Wagner and B. G. Calder, PPoPP
// 1993. Only that keeps the stack within what it is without a pool: what it runs lies below what it waits for.)
// Thread safety: of Forks, steal(), steal_part_of(), empty() and level_of_oldest() may be called from any thread; the
// others by the worker, whose job it is that forks.
// Invariants:  (F1) a fork is run at most once: by its parent, or by whoever has taken it
//              (F2) when done() is true, nobody but its parent touches the fork again
//              (F3) the newest in the deque is the fork of the innermost invoke() of the worker that was not joined; if
//                   it is not there any more, nothing is
//              (F4) who sleeps until a fork is done, is called when it is, and when its thief offers a part of it
// Memory ordering: what happens before push() is visible to whoever runs the fork; what that does is visible to whoever
// sees done().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/stealing/deque.hpp>
#include <pool/stealing/parking.hpp>

namespace pool::stealing {

class Forks;

class Fork {
 public:
  // What it does. It keeps what it throws, but for the end of its thread.
  using Run = void (*)(Fork&);
  explicit Fork(Run work) : run_(work) {}
  Fork(const Fork&) = delete;
  Fork& operator=(const Fork&) = delete;

  // Of who has taken it, and not for its parent, which can do that without. Afterwards it is done.
  void run();

  [[nodiscard]] bool done() const { return is_done(state_.load(std::memory_order_acquire)); }  // [joined]
  // Whether whoever ran it has ended the thread with that. Ask when it is done.
  [[nodiscard]] bool lost() const { return state_.load(std::memory_order_relaxed) >> 1U == kLost; }

 private:
  friend class Forks;
  // One of these, or kRunning and the number of the worker that runs it; and in the lowest bit, whether somebody sleeps
  // until it is done.
  enum : std::uint32_t { kOpen, kDone, kLost, kRunning };
  static constexpr std::uint32_t kAwaited = 1;
  static bool is_done(std::uint32_t state) { return state >> 1U == kDone || state >> 1U == kLost; }

  const Run run_;
  sync::atomic<std::uint32_t> state_{kOpen << 1U};

 protected:
  sync::cell<Forks*> parent_{nullptr};  // where it was taken from; set and used by who runs it
};

class alignas(64) Forks {
 public:
  // The worker whose they are, and where the others sleep.
  void belong_to(std::size_t worker, Parking& parking);
  [[nodiscard]] std::size_t worker() const { return worker_; }

  // Offers a fork. False: so many are offered already that this one is not needed; its parent does it.
  [[nodiscard]] bool push(Fork& fork);
  // Takes it back, in the order of returns. False: somebody has taken it.
  [[nodiscard]] bool take(Fork& fork);
  // The newest that what runs here has offered, and not what runs below it on the stack. Null: there is none.
  [[nodiscard]] Fork* take_newest();

  // For others: the oldest of the level; and that only if it is part of the fork. Null: there is none.
  [[nodiscard]] Fork* steal(std::size_t level, Forks& thief);
  [[nodiscard]] Fork* steal_part_of(const Fork& whole, Forks& thief);
  [[nodiscard]] bool empty() const { return deque_.empty(); }
  [[nodiscard]] std::optional<std::size_t> level_of_oldest() const;

  // For the parent of a fork that was taken:
  [[nodiscard]] std::uint32_t calls() const { return calls_.load(std::memory_order_acquire); }  // so many came, so far
  // It wants to be called. Then it looks once more whether the fork is done, and then it may sleep until there are more
  // calls than those.
  void expect_call(Fork& fork) const { fork.state_.fetch_or(Fork::kAwaited, std::memory_order_seq_cst); }  // [awaited]
  void expect_none(Fork& fork) const { fork.state_.fetch_and(~Fork::kAwaited, std::memory_order_relaxed); }
  void sleep(std::uint32_t calls);
  // The worker that runs the fork, if it has said so.
  [[nodiscard]] static std::optional<std::size_t> thief_of(const Fork& fork);

  // Takes the fork back, or waits until it is done, and does nothing else meanwhile: for a thread that ends.
  void let_go(Fork& fork);

  // What runs at the worker, for what it forks; and where its forks begin.
  struct Within {
    Fork* fork = nullptr;  // null: a job
    std::size_t level = 0;
    std::uint64_t base = 0;
  };
  [[nodiscard]] const Within& within() const { return within_; }
  void begin(Fork* fork, std::size_t level) { within_.fork = fork, within_.level = level; }
  void begin_inside(Fork* fork, std::size_t level) { within_ = {fork, level, deque_.bottom()}; }
  void end() { within_.fork = nullptr; }
  void back_to(const Within& outer) { within_ = outer; }

 private:
  friend class Fork;
  static constexpr std::size_t kMost = 32;
  static constexpr std::uintptr_t kLevelBits = 7;
  static_assert(alignof(Fork) > kLevelBits);

  // What others may know of a fork without having it: what it is a part of, and its level.
  [[nodiscard]] static std::int64_t stamp(const Fork* part_of, std::size_t level) {
    return static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(part_of) | level);
  }
  static std::size_t level_in(std::int64_t stamp) { return static_cast<std::uintptr_t>(stamp) & kLevelBits; }
  static bool is_part_of(const Fork& whole, std::int64_t stamp) {
    return (static_cast<std::uintptr_t>(stamp) & ~kLevelBits) == reinterpret_cast<std::uintptr_t>(&whole);
  }
  template <class Wanted>
  Fork* steal_if(Forks& thief, Wanted&& wanted);
  void began(Fork& fork, const Forks& thief);
  void call();
  void call_parent(Fork& fork) { fork.parent_.read()->call(); }

  Deque<Fork> deque_{kMost};  // never grows
  Parking* parking_ = nullptr;
  std::size_t worker_ = 0;
  Within within_;
  alignas(64) sync::atomic<std::uint32_t> calls_{0};  // written by those who took its forks, with mutex_
  sync::mutex mutex_;
  sync::condition_variable called_;
};

// --- what is done for each fork, and so in the header ----------------------------------------------------------------

// #region push
inline bool Forks::push(Fork& fork) {
  if (!deque_.try_push(&fork, stamp(within_.fork, within_.level))) return false;
  parking_->announce();                    // [T2]
  if (Fork* const whole = within_.fork) {  // [awaited] the push came first, or we see it
    if ((whole->state_.load(std::memory_order_seq_cst) & Fork::kAwaited) != 0) call_parent(*whole);
  }
  return true;
}

// F3: so it is the newest, or it is not there. (A job that the fork's parent has run meanwhile may have taken it.)
inline bool Forks::take(Fork& fork) {
  return fork.state_.load(std::memory_order_relaxed) == Fork::kOpen && deque_.take() != nullptr;
}
// #endregion push

}  // namespace pool::stealing
