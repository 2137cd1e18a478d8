#include <pool/flow/group.hpp>

#include <exception>
#include <optional>
#include <stdexcept>

namespace pool::flow {

void Progress::count(JobState state) {
  switch (state) {
    case JobState::queued:
      ++queued;
      return;
    case JobState::running:
      ++running;
      return;
    case JobState::completed:
      ++completed;
      return;
    case JobState::failed:
      ++failed;
      return;
    case JobState::cancelled:
      ++cancelled;
      return;
  }
}

void Group::add(AnyJob job) const {
  std::optional<std::string> why;
  {
    const std::lock_guard lock(state_->mutex);
    why = state_->cancelled.read();
    state_->jobs.write().push_back(job);
  }
  if (why) job.cancel(*why);
}

Progress Group::progress() const {
  Progress progress;
  const std::lock_guard lock(state_->mutex);
  for (const AnyJob& job : state_->jobs.read()) progress.count(job.state());
  return progress;
}

namespace {

// The one of that number; none: there are not so many.
std::optional<AnyJob> job_at(const std::vector<AnyJob>& jobs, std::size_t i) {
  return i < jobs.size() ? std::optional(jobs[i]) : std::nullopt;
}

}  // namespace

void Group::wait() const {
  for (std::size_t i = 0;; ++i) {
    std::optional<AnyJob> job;
    {
      const std::lock_guard lock(state_->mutex);
      job = job_at(state_->jobs.read(), i);
    }
    if (!job) return;
    job->wait();
  }
}

bool Group::wait_for(Duration timeout) const {
  using Clock = std::chrono::steady_clock;
  const Time now = Clock::now();
  const bool for_ever = timeout > Duration::zero() && timeout >= Time::max() - now;
  const Time end = for_ever ? Time::max() : now + timeout;
  if (timeout < Duration::zero()) throw std::invalid_argument("pool: a timeout is 0 (do not wait) or more");
  for (std::size_t i = 0;; ++i) {
    std::optional<AnyJob> job;
    {
      const std::lock_guard lock(state_->mutex);
      job = job_at(state_->jobs.read(), i);
    }
    if (!job) return true;
    if (!job->wait_for(std::max<Duration>(end - Clock::now(), Duration::zero()))) return false;
  }
}

void Group::get() const {
  wait();
  for (const AnyJob& job : jobs()) {
    const JobInfo info = job.info();
    if (info.state == JobState::completed) continue;
    if (info.error) std::rethrow_exception(info.error);
    throw priority::Cancelled(info.reason);
  }
}

std::size_t Group::cancel(std::string_view why) const {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->cancelled.read()) state_->cancelled.write() = std::string(why);
  }
  // First those that are queued: when one that runs has stopped, there must be none that its worker could take.
  std::size_t asked = 0;
  std::vector<AnyJob> rest;
  for (const AnyJob& job : jobs()) {
    if (job.state() != JobState::queued) {
      rest.push_back(job);
    } else if (job.cancel(why)) {
      ++asked;
    }
  }
  for (const AnyJob& job : rest) asked += job.cancel(why) ? 1 : 0;
  return asked;
}

std::size_t Group::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->jobs.read().size();
}

std::vector<AnyJob> Group::jobs() const {
  const std::lock_guard lock(state_->mutex);
  return state_->jobs.read();
}

}  // namespace pool::flow
