// What the registry of tasks says when it cannot do what it was asked. Plain data.
#pragma once

#include <string>
#include <string_view>

#include <pool/basic/executor.hpp>

namespace pool::metrics {

using basic::PoolError;

// There is no task of that id: there never was, or it ended so long ago that it has been forgotten.
struct UnknownTask : PoolError {
  explicit UnknownTask(std::string_view id)
      : PoolError("pool: there is no task '" + std::string(id) +
                  "': no task had that id, or it has ended and left the history since") {}
};

// A task of that id is there already, queued, running, or in the history.
struct DuplicateTask : PoolError {
  explicit DuplicateTask(std::string_view id)
      : PoolError("pool: there is a task '" + std::string(id) +
                  "' already; choose another id, or none and get one, or clear_completed() if it has ended") {}
};

// The task's result has another type than was asked for. (Without a type, its text is asked for, which each has.)
struct WrongResultType : PoolError {
  WrongResultType(std::string_view id, std::string_view is, std::string_view asked)
      : PoolError("pool: the result of task '" + std::string(id) + "' is of type " + std::string(is) + ", not " +
                  std::string(asked)) {}
};

// It has not ended within the time that was given; it goes on.
struct ResultTimeout : PoolError {
  ResultTimeout(std::string_view id, std::string_view state)
      : PoolError("pool: task '" + std::string(id) + "' is still " + std::string(state) +
                  " after the time that was given; it goes on, and may be asked again") {}
};

}  // namespace pool::metrics
