// Hooks: what a program may want to hear of its pool. Each is called once for each event, on the thread where that
// happens, without a lock; several at once, if there are several threads. So a hook that takes its time takes the
// pool's.
//
// What a hook throws goes to on_error, and to stderr if there is none; it changes nothing else. A hook must not shut
// the pool down, nor wait for it. None is called when the pool has been destroyed.
//
// Thread safety: plain data; what the functions share is theirs to guard.
#pragma once

#include <cstddef>
#include <functional>

#include <pool/autoscale/events.hpp>
#include <pool/metrics/task.hpp>

namespace pool::metrics {

struct Hooks {
  // Of a task that was accepted, one after the other. (On the thread where it happens, or on one that just tells of
  // what happened to the task before. The info is of the moment of the call.) A task that never runs is submitted, and
  // finished.
  std::function<void(const TaskInfo&)> task_submitted = {};
  std::function<void(const TaskInfo&)> task_started = {};
  std::function<void(const TaskInfo&)> task_finished = {};
  // On the worker's own thread. One whose thread a job has ended is heard of by Options::on_event.
  std::function<void(std::size_t worker)> worker_started = {};
  std::function<void(std::size_t worker)> worker_stopped = {};
  std::function<void(std::size_t worker)> worker_parked = {};  // it has nothing to do, and is about to sleep
  // Another size is wanted, on the thread that watches over the pool.
  std::function<void(std::size_t workers)> scaled = {};
};

}  // namespace pool::metrics
