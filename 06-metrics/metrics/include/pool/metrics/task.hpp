// A task: a job that the pool's registry knows by its id. What one says when handing it in, and what is known about it.
//
// Plain data.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include <pool/priority/job.hpp>

namespace pool::metrics {

using priority::CancelToken;
using priority::Duration;
using priority::JobState;
using priority::Metadata;
using priority::Priority;
using priority::Time;

// #region task_options
struct TaskOptions {
  std::string id = {};    // "": a new UUID; yours: any text that no other task has
  std::string name = {};  // "": job-17, after the job's number
  Priority priority = Priority::normal;
  std::optional<Time> deadline = {};     // not started by then, it is cancelled
  std::optional<Duration> timeout = {};  // running longer than that, its token is cancelled, and it is reported
  CancelToken token = {};                // cancelled with this one
  Metadata metadata = {};                // kept with the task, and shown with it
  std::string executor = "thread";       // what runs it; shown with it
};
// #endregion task_options

// All of one moment.
struct TaskInfo {
  std::string id, name;
  JobState state = JobState::queued;
  Priority priority = Priority::normal;
  Time submitted{};
  std::optional<Time> started, finished;
  std::optional<std::size_t> worker;     // that ran it; none: it has not started, or something else runs it
  std::string result;                    // as text; "": it has none, or not yet
  std::optional<std::string> exception;  // what it threw, if it failed
  std::string reason;                    // if it was cancelled, or asked to stop: why
  Metadata metadata;
  std::string executor;

  [[nodiscard]] Duration wait_time(Time now) const { return started.value_or(finished.value_or(now)) - submitted; }
  [[nodiscard]] Duration execution_time(Time now) const {
    return started ? finished.value_or(now) - *started : Duration::zero();
  }
};

// What all of these let through; none of them: all.
struct TaskFilter {
  std::optional<JobState> state = {};
  std::string name_contains = {};
  std::string executor = {};
};

}  // namespace pool::metrics
