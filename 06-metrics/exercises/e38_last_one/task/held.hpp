// Held: a job that is queued when all that it depends on has completed.
//
// Thread safety: all but hold() may be called from any thread.
// Invariants:  (H1) when the last dependency has completed, the job is queued, once
//              (H2) if one fails, or is cancelled, the job is cancelled at once, and its reason names that one
//              (H3) a failure, a cancel() and a start: exactly one of them decides
// Memory ordering: what any dependency did is visible to the job.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;

enum class State { waiting, completed, failed, cancelled };

// What happens to a job is decided by whoever claims it.
class Job {
 public:
  using Callback = std::function<void(const Job&)>;
  explicit Job(std::string its_name) : name(std::move(its_name)) {}

  const std::string name;

  // True for one caller, whatever he wants with it: to run it, or to cancel it. He has to end() it.
  [[nodiscard]] bool claim() { return !claimed_.exchange(true, std::memory_order_relaxed); }

  // Once, by who has claimed it. Calls the callbacks, in their order, on this thread and without a lock.
  void end(State state, std::string why = {}) {
    std::vector<Callback> callbacks;
    {
      const std::lock_guard lock(mutex_);
      End& end = end_.write();
      if (end.state != State::waiting) throw std::logic_error("job '" + name + "' was ended twice");
      end.state = state;
      end.why = std::move(why);
      callbacks.swap(end.callbacks);
    }
    for (const Callback& each : callbacks) each(*this);
  }

  // Called when the job has ended; at once, if it has.
  void on_end(Callback callback) {
    {
      const std::lock_guard lock(mutex_);
      End& end = end_.write();
      if (end.state == State::waiting) return end.callbacks.push_back(std::move(callback));
    }
    callback(*this);
  }

  bool cancel(std::string_view why) {
    if (!claim()) return false;
    end(State::cancelled, std::string(why));
    return true;
  }

  [[nodiscard]] State state() const {
    const std::lock_guard lock(mutex_);
    return end_.read().state;
  }
  [[nodiscard]] std::string why() const {
    const std::lock_guard lock(mutex_);
    return end_.read().why;
  }

 private:
  struct End {
    State state = State::waiting;
    std::string why;  // it failed, or was cancelled
    std::vector<Callback> callbacks;
  };
  sync::atomic<bool> claimed_{false};
  mutable sync::mutex mutex_;
  sync::cell<End> end_;  // guarded by mutex_
};

// Where jobs are queued. Whoever takes one claims it, and runs it if it is his; of a husk, cancelled meanwhile, nothing
// comes.
using Queue = std::function<void(Job&)>;

class Held {
 public:
  // Queues the job when all of these have completed; at once, if there are none. Job and dependencies outlive all of it.
  static void hold(Job& job, Queue queue, const std::vector<Job*>& dependencies) {
    static_cast<void>(job);
    static_cast<void>(queue);
    static_cast<void>(dependencies);
    POOL_TODO("a Held that all their callbacks share; and some of them may have ended already, or there are none");
  }

  // Use hold().
  Held(Job& job, Queue queue, std::size_t arrivals) : job_(job), queue_(std::move(queue)), left_(arrivals) {}

 private:
  // One of those it waits for has ended.
  void arrive(const Job& dependency) {
    static_cast<void>(dependency);
    POOL_TODO("completed: one fewer; else the job is cancelled, if nobody was faster");
  }

  void arrive() {
    POOL_TODO("who is the last one?");
  }

  // "dependency 'parse' failed: no such file". Who was cancelled because of another hands that one's reason on.
  static std::string because_of(const Job& culprit) {
    static_cast<void>(culprit);
    POOL_TODO("who is to blame?");
  }

  Job& job_;
  const Queue queue_;
  sync::atomic<std::size_t> left_;
};

}  // namespace exercise
