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
    // #todo
    std::unique_lock lock(mutex_);
    const std::size_t outer = std::exchange(crew_.write()[worker].since, next_number_.read());
    lock.unlock();
    job->closure(worker);
    lock.lock();
    crew_.write()[worker].since = outer;
    job->state.write() = State::done;
    done_.notify_all();
    // #instead
    // static_cast<void>(worker);
    // static_cast<void>(job);
    // POOL_TODO("note since when this job runs; run it; it is done; what held for the job around it holds again");
    // #end
  }

  // For a job that runs on the worker: returns when the target is done.
  void wait(std::size_t worker, const JobPtr& target) {
    // #todo
    std::unique_lock lock(mutex_);
    while (target->state.read() != State::done) {
      JobPtr next;
      Worker& self = crew_.write()[worker];
      if (target->state.read() == State::queued) {
        next = take_out(target);
      } else if (!self.queue.empty() && self.queue.back()->number >= self.since) {
        next = taken(self.queue, self.queue.end() - 1);
      } else {
        done_.wait(lock);
        continue;
      }
      lock.unlock();
      run(worker, next);
      lock.lock();
    }
    // #instead
    // static_cast<void>(worker);
    // static_cast<void>(target);
    // POOL_TODO("three rules: is it queued, wherever that is? have I handed in something? else: sleep");
    // #end
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
    // #todo
    for (Worker& worker : crew_.write()) {
      const auto at = std::find(worker.queue.begin(), worker.queue.end(), job);
      if (at != worker.queue.end()) return taken(worker.queue, at);
    }
    return nullptr;
    // #instead
    // static_cast<void>(job);
    // return (POOL_TODO("a job that is queued somewhere: find it, and take it"), nullptr);
    // #end
  }

  sync::mutex mutex_;
  sync::condition_variable done_;           // a job is
  sync::cell<std::vector<Worker>> crew_;    // guarded by mutex_
  sync::cell<std::size_t> next_number_{0};  // guarded by mutex_
};

}  // namespace exercise

// #todo
// Why this. The first rule is what makes a fork cheap: as a rule nobody has stolen the child, and then to wait for it
// is to call it. The second keeps the worker busy, and the pool live: what the target needs may lie in this very queue,
// where nobody else comes to fetch it because all others wait as well. The third is safe for that reason only: what is
// left in the queue is older than this job, and cannot be what it has handed in.
//
// Why a number and not the length of the queue: thieves take from the front and whoever waits from the middle, so the
// queue is shorter than when the job began, with something new at its back. Why nothing older: it may take as long as
// it likes, it may want a lock that this job holds, and each that waits in turn would put another one on the stack.
// With (C2) a stack is as deep as the calls would be without a pool.
//
// Why run() restores `since`: the inner job has begun later. If its mark stayed, the outer one would take its own
// children for older ones, and leave them there. Why notify_all: several may wait for several jobs at one condition
// variable, and notify_one() may call the wrong one.
// #end
