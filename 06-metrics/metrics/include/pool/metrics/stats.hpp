// Stats: what a pool looks like at one moment. Plain data.
//
// The numbers of one snapshot do not contradict each other: pending = submitted - active - completed - failed -
// cancelled, and none of them is more than was submitted. Workers are read before the pool, so the sums of theirs are
// never more than the pool's; a histogram's count is that of its buckets. At rest all are exact.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <pool/metrics/histogram.hpp>

namespace pool::metrics {

struct Stats {
  struct Pool {
    std::string name;         // as in Options
    std::size_t workers = 0;  // there are; not those that are about to go
    std::size_t min_workers = 0, max_workers = 0;
    bool metrics = true;  // whether tasks are timed
    bool paused = false;

    std::size_t submitted = 0;  // accepted: all work, tasks or not
    std::size_t completed = 0, failed = 0, cancelled = 0;
    std::size_t active = 0;    // running
    std::size_t pending = 0;   // queued
    std::size_t rejected = 0;  // and therefore not submitted
    std::size_t kept = 0;      // tasks that the registry has, ended or not
    Duration uptime{0};
    double success_rate = 0;     // percent: completed of submitted; 0 when nothing was submitted
    Duration mean_task_time{0};  // of tasks, or if nothing was a task, of all work
  } pool;

  struct Worker {
    std::size_t id = 0;
    std::string name;
    std::size_t queue_size = 0;               // queued at it
    std::optional<std::string> current_task;  // the task's id; none: it runs none
    bool busy = false;                        // it runs something, a task or not
    std::size_t completed = 0, failed = 0;    // completed: without an exception, and not cancelled
    std::size_t cancelled = 0;
    Duration total_time{0};  // that it has worked
    Duration idle_time{0};
    bool alive = false;  // one of Pool::workers; not one that is about to go
    std::size_t steals = 0, parks = 0, wakeups = 0, injector_takes = 0;
  };
  std::vector<Worker> workers;  // that there ever were, by their ids

  // Work of others that is in the registry: see ThreadPool::enter(). It is not in the counts above.
  struct Entered {
    std::size_t submitted = 0, completed = 0, failed = 0, cancelled = 0;
    [[nodiscard]] std::size_t unfinished() const { return submitted - completed - failed - cancelled; }
  } entered;

  Distribution wait, execution;  // of tasks: until they started, and while they ran
};

}  // namespace pool::metrics
