// Crew: workers' queues, and jobs that wait for other jobs by running them.
//
// Thread safety: every member may be called from any thread; run() and wait() by the one that is the worker.
// Invariants:  (C1) a job runs once
//              (C2) within a job that waits runs what it waits for, or what was queued at its worker since it began:
//                   nothing older
//              (C3) no job runs under the lock
// Memory ordering: what a job did is visible to whoever has waited for it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

namespace exercise {

namespace sync = pool::sync;

// What a job does. It is told which worker runs it. It must not throw.
using Closure = std::function<void(std::size_t worker)>;

enum class State { queued, taken, done };

struct Job {
  Job(Closure f, std::size_t n) : closure(std::move(f)), number(n) {}
  const Closure closure;
  const std::size_t number;                // of all that were handed in: what came later has a higher one
  sync::cell<State> state{State::queued};  // guarded by the crew's lock
};

using JobPtr = std::shared_ptr<Job>;

class Crew {
 public:
  explicit Crew(std::size_t workers) : crew_(std::vector<Worker>(workers)) {}

  // Queues a job at the worker: the one that runs the job that calls, as a rule.
  JobPtr hand_in(std::size_t worker, Closure closure) {
    std::lock_guard lock(mutex_);
    auto job = std::make_shared<Job>(std::move(closure), next_number_.write()++);
    crew_.write()[worker].queue.push_back(job);
    return job;
  }

  // What the worker is to run next: the newest of its own, or the oldest of another's. Null if there is nothing.
  JobPtr take(std::size_t worker) {
    std::lock_guard lock(mutex_);
    auto& crew = crew_.write();
    if (!crew[worker].queue.empty()) return taken(crew[worker].queue, crew[worker].queue.end() - 1);
    for (Worker& other : crew) {
      if (!other.queue.empty()) return taken(other.queue, other.queue.begin());
    }
    return nullptr;
  }

  // Runs a job that was taken, on the worker; then tells all who wait. Jobs may be nested: one that waits runs others.
  void run(std::size_t worker, const JobPtr& job) {
    static_cast<void>(worker);
    static_cast<void>(job);
    POOL_TODO("note since when this job runs; run it; it is done; what held for the job around it holds again");
  }

  // For a job that runs on the worker: returns when the target is done.
  void wait(std::size_t worker, const JobPtr& target) {
    static_cast<void>(worker);
    static_cast<void>(target);
    POOL_TODO("three rules: is it queued, wherever that is? have I handed in something? else: sleep");
  }

 private:
  using Queue = std::deque<JobPtr>;
  struct Worker {
    Queue queue;            // the newest at the back
    std::size_t since = 0;  // the number that was next when the innermost job that runs here began
  };

  // These with the lock held. The first takes a job that stands at `at`.
  static JobPtr taken(Queue& queue, Queue::iterator at) {
    JobPtr job = std::move(*at);
    queue.erase(at);
    job->state.write() = State::taken;
    return job;
  }
  JobPtr take_out(const JobPtr& job) {
    static_cast<void>(job);
    return (POOL_TODO("a job that is queued somewhere: find it, and take it"), nullptr);
  }

  sync::mutex mutex_;
  sync::condition_variable done_;           // a job is
  sync::cell<std::vector<Worker>> crew_;    // guarded by mutex_
  sync::cell<std::size_t> next_number_{0};  // guarded by mutex_
};

}  // namespace exercise
