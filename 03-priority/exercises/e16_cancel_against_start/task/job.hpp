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
    if (state_.load(std::memory_order_acquire) != State::queued) return false;
    state_.store(State::running, std::memory_order_release);
    closure_.read()();
    end(State::completed);
    return true;
  }

  // The work will never be called: true. False: too late, it runs, has run, or was cancelled by another one.
  bool cancel() {
    if (state_.load(std::memory_order_acquire) != State::queued) return false;
    end(State::cancelled);
    return true;
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
  void end(State state) {
    state_.store(state, std::memory_order_release);  // [ended] pairs with state()
    closure_.write() = nullptr;
    state_.notify_all();
  }

  sync::atomic<State> state_{State::queued};
  sync::cell<Closure> closure_;
};

}  // namespace exercise
