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
    // #todo
    const auto held = std::make_shared<Held>(job, std::move(queue), dependencies.size() + 1);
    for (Job* const each : dependencies) {
      each->on_end([held](const Job& ended) { held->arrive(ended); });
    }
    held->arrive();  // one more than dependencies, so that it cannot be the last before all are known
    // #instead
    // static_cast<void>(job);
    // static_cast<void>(queue);
    // static_cast<void>(dependencies);
    // POOL_TODO("a Held that all their callbacks share; and some of them may have ended already, or there are none");
    // #end
  }

  // Use hold().
  Held(Job& job, Queue queue, std::size_t arrivals) : job_(job), queue_(std::move(queue)), left_(arrivals) {}

 private:
  // One of those it waits for has ended.
  void arrive(const Job& dependency) {
    // #todo
    if (dependency.state() == State::completed) return arrive();
    static_cast<void>(job_.cancel(because_of(dependency)));  // the others arrive, and never are the last
    // #instead
    // static_cast<void>(dependency);
    // POOL_TODO("completed: one fewer; else the job is cancelled, if nobody was faster");
    // #end
  }

  void arrive() {
    // #todo
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) queue_(job_);  // [arrived] pairs with itself
    // #instead
    // POOL_TODO("who is the last one?");
    // #end
  }

  // "dependency 'parse' failed: no such file". Who was cancelled because of another hands that one's reason on.
  static std::string because_of(const Job& culprit) {
    // #todo
    const std::string why = culprit.why();
    if (culprit.state() == State::cancelled && why.starts_with("dependency '")) return why;
    const char* const what = culprit.state() == State::failed ? "' failed: " : "' was cancelled: ";
    return "dependency '" + culprit.name + what + why;
    // #instead
    // static_cast<void>(culprit);
    // POOL_TODO("who is to blame?");
    // #end
  }

  Job& job_;
  const Queue queue_;
  sync::atomic<std::size_t> left_;
};

}  // namespace exercise

// #todo
// Why one more than dependencies. hold() calls on_end() for one after the other, and each of them may have ended long ago:
// then its callback arrives before the next one is even asked. With the full number set before the first, nobody who comes
// early is taken for the last. The one more belongs to hold() itself; so "no dependency" needs no case of its own, and
// nothing is queued before hold() has gone through all.
//
// Why a counter is enough. fetch_sub() gives each arrival another number, so exactly one sees a 1. A load and then a store
// is not that: two see a 2, both leave a 1, and nobody comes any more.
//
// Why acquire *and* release. Each arrival releases what its dependency did, and the last one acquires what all did; since
// read-modify-writes go on with the chain of those before, its single acquire sees every release. With relaxed the job
// would see its last dependency's work, and perhaps not that of the others.
//
// Why a failure does not count down. The job is claimed and cancelled at once, and nobody needs the counter any more. It
// stays above zero for ever, so nobody queues it. If it counted, the last one would queue a husk: no harm, and no use.
//
// Why nothing here knows of cancel(). All three who want to decide go through claim(). A cancel against the last arrival
// ends in a husk in the queue, or in a cancel() that comes too late; a lock in here could only repeat what claim() says.
// #end
