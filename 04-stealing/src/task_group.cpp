#include <pool/stealing/task_group.hpp>

#include <algorithm>
#include <iterator>

#include <pool/basic/user_code.hpp>

namespace pool::stealing {

TaskGroup::~TaskGroup() {
  wait_for_all();
}

void TaskGroup::wait() {
  wait_for_all();
  std::exception_ptr error;
  {
    const std::lock_guard lock(mutex_);
    error = std::exchange(parts_.write().error, nullptr);
  }
  if (error) std::rethrow_exception(std::move(error));
}

// Of those that are queued the newest: in a job it is the newest of the worker's own lane, and is run without leaving a
// husk. What runs already is waited for when nothing else is left: it may itself wait for what is queued.
// #region wait_for_all
void TaskGroup::wait_for_all() {
  for (;;) {
    Job<void> next;
    std::exception_ptr replaced;  // both are let go without the lock
    {
      const std::lock_guard lock(mutex_);
      auto& started = parts_.write().started;
      if (started.empty()) return;
      const auto queued = std::find_if(started.rbegin(), started.rend(),
                                       [](const Job<void>& job) { return job.state() == priority::JobState::queued; });
      const auto part = queued != started.rend() ? std::prev(queued.base()) : std::prev(started.end());
      next = *part;
      if (priority::has_ended(part->state())) {
        note(parts_.write(), next, replaced);
        started.erase(part);
      }
    }
    next.wait();
  }
}
// #endregion wait_for_all

// An ended part. `replaced`: an exception that was kept and is not any more.
void TaskGroup::note(Parts& parts, const Job<void>& ended, std::exception_ptr& replaced) const {
  const priority::JobState state = ended.state();
  if (state == priority::JobState::failed) ++parts.failed;
  if (state == priority::JobState::completed || (state != priority::JobState::failed && cancel_.is_cancelled())) return;
  auto no_memory = basic::catching([&] {
    const priority::JobInfo info = ended.info();
    if (parts.error && parts.error_at <= *info.finished) return;
    auto error = info.error ? info.error : std::make_exception_ptr(priority::Cancelled(info.reason));
    replaced = std::exchange(parts.error, std::move(error));
    parts.error_at = *info.finished;
  });
  if (no_memory && !parts.error) parts.error = std::move(no_memory);
}

void TaskGroup::make_room() {
  std::vector<Job<void>> ended;  // let go without the lock, as are these
  std::vector<std::exception_ptr> replaced;
  const std::lock_guard lock(mutex_);
  Parts& parts = parts_.write();
  auto& started = parts.started;
  if (started.size() >= parts.tidy_at) {
    ended.reserve(started.size());
    replaced.resize(started.size());
    const auto gone = std::stable_partition(started.begin(), started.end(),
                                            [](const Job<void>& job) { return !priority::has_ended(job.state()); });
    for (auto job = gone; job != started.end(); ++job) {
      note(parts, *job, replaced[static_cast<std::size_t>(job - gone)]);
    }
    ended.assign(std::make_move_iterator(gone), std::make_move_iterator(started.end()));
    started.erase(gone, started.end());
    parts.tidy_at = std::max<std::size_t>(64, 2 * started.size());
  }
  const std::size_t needed = started.size() + parts.starting + 1;
  if (needed > started.capacity()) started.reserve(2 * needed);
  ++parts.starting;
}

void TaskGroup::started(const Job<void>& part) {
  const std::lock_guard lock(mutex_);
  Parts& parts = parts_.write();
  --parts.starting;
  if (part) parts.started.push_back(part);  // there is room
}

void TaskGroup::cancel(std::string_view why) {
  cancel_.cancel(why);
  std::vector<Job<void>> started;
  {
    const std::lock_guard lock(mutex_);
    started = parts_.read().started;
  }
  for (const Job<void>& part : started) part.cancel(why);
}

std::size_t TaskGroup::failed() const {
  const std::lock_guard lock(mutex_);
  return parts_.read().failed;
}

}  // namespace pool::stealing
