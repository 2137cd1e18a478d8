// Job: work that runs once or is cancelled before it starts.
//
// Thread safety: every member may be called from any thread.
// Invariants:  (J1) of all calls of run() and cancel(), exactly one is true
//              (J2) the closure is destroyed before the state says that the job has ended
// Memory ordering: what the work did is visible to whoever sees that the job has ended.
#pragma once

#include <functional>
#include <utility>

#include <pool/basic/sync.hpp>

namespace exercise {

namespace sync = pool::sync;

enum class State { queued, running, completed, cancelled };

class Job {
 public:
  using Closure = std::function<void()>;

  explicit Job(Closure closure) : closure_(std::move(closure)) {}

  // Calls the work and destroys it. False: it is not ours, because it was cancelled or another one runs it.
  bool run() {
    // #todo
    if (!claim()) return false;
    state_.store(State::running, std::memory_order_relaxed);  // says something, and decides nothing
    closure_.read()();
    end(State::completed);
    return true;
    // #instead
    // if (state_.load(std::memory_order_acquire) != State::queued) return false;
    // state_.store(State::running, std::memory_order_release);
    // closure_.read()();
    // end(State::completed);
    // return true;
    // #end
  }

  // The work will never be called: true. False: too late, it runs, has run, or was cancelled by another one.
  bool cancel() {
    // #todo
    if (!claim()) return false;
    end(State::cancelled);
    return true;
    // #instead
    // if (state_.load(std::memory_order_acquire) != State::queued) return false;
    // end(State::cancelled);
    // return true;
    // #end
  }

  [[nodiscard]] State state() const { return state_.load(std::memory_order_acquire); }  // [ended]

  // Returns when the job has ended, with its last state.
  State wait() const {
    for (;;) {
      const State now = state();
      if (now == State::completed || now == State::cancelled) return now;
      state_.wait(now, std::memory_order_acquire);
    }
  }

 private:
  // #todo
  // [J1] Whether the job is the caller's, to run or to cancel: true once.
  bool claim() { return !claimed_.exchange(true, std::memory_order_acq_rel); }

  // #end
  void end(State state) {
    // #todo
    closure_.write() = nullptr;                      // [J2] it still belongs to whoever has claimed it
    state_.store(state, std::memory_order_release);  // [ended] pairs with state()
    // #instead
    // state_.store(state, std::memory_order_release);  // [ended] pairs with state()
    // closure_.write() = nullptr;
    // #end
    state_.notify_all();
  }

  // #todo
  sync::atomic<bool> claimed_{false};
  // #end
  sync::atomic<State> state_{State::queued};
  sync::cell<Closure> closure_;
};

}  // namespace exercise

// #todo
// Why this. exchange() writes and tells what was there before, in one step. However many come, one of them is told
// "false": that is the owner, and from now on the closure is its alone, without a lock. There is no moment between
// looking and acting, because there are not two steps. All others go away; they never touch what they do not own.
//
// Why a second atomic, and not compare_exchange on the state, queued to cancelled: that has one winner as well, but
// then the state says "cancelled" before the closure is destroyed, and somebody who waits for the end goes on too
// early. With a state between the two ("about to be cancelled") it would work; so who owns the job and what others may
// know of it are two questions, and here they have a variable each. Why not a mutex around look and act: the owner must
// destroy the closure, and then publish the end. Under the mutex a destructor that asks for the state waits for itself.
//
// The last store is a release, and state() an acquire: whoever sees the end sees what the work wrote.
// #end
