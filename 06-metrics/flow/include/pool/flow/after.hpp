// after(): a job that starts when others have completed, or when its time has come.
//
//   Job<Text> text = pool.launch({.name = "read"}, read);
//   Job<Tree> tree = after(pool, {text}, {.name = "parse"}, [text] { return parse(text.get()); });
//   Job<void> late = after(pool, 30s, {.name = "tidy up"}, tidy_up);
//
// Such a job is a job as any other: it can be waited for, watched and cancelled while it waits. It takes no room in a
// bounded queue and is not held up by a rate. If a job that it waits for fails or is cancelled, it is cancelled with a
// reason that names the culprit, "dependency 'read' failed: no such file", and so is what waits for it. If the pool is
// shut down while it waits, it is cancelled ("shutdown"); what waits for jobs that still run then is run, too.
//
// Thread safety: from any thread, and in jobs. Wait for such a job within a job of the pool only if others can do what
// it waits for: the pool has one thread fewer meanwhile.
// Memory ordering: what jobs did is visible to the one that waits for them.
// Errors: std::bad_alloc, std::system_error if the pool's timer cannot be started, std::invalid_argument for an empty
// function or a negative delay; there is no job then. After a shutdown there is one, and it is cancelled.
// Fork, static destruction: as the pool.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include <pool/basic/user_code.hpp>
#include <pool/flow/any_job.hpp>
#include <pool/flow/held.hpp>
#include <pool/priority/job.hpp>

namespace pool::flow {

using priority::Launchable;

// A pool that queues what follows from jobs.
template <class P>
concept FlowExecutor = priority::PriorityExecutor<P>;

// The time that is so long from now, at most Time::max(). Throws std::invalid_argument for a negative delay.
[[nodiscard]] Time later(JobHost& host, Duration delay);

// The job waits for all of these, and perhaps for a time. `job` has not been queued.
template <class R>
[[nodiscard]] Job<R> held_job(std::shared_ptr<JobHost> host, JobRef<priority::JobResult<R>> job,
                              const std::vector<AnyJob>& dependencies) {
  bool held = false;
  const basic::Finally failed{[&] {
    if (!held) static_cast<void>(job->cancel_if_queued(priority::reason::asked));  // nobody has a handle
  }};
  // One more than there are, so that nothing starts before it has all of them.
  const auto waits = std::make_shared<Held>(JobRef<JobCore>::share(*job), std::move(host), dependencies.size() + 1);
  Held::hold(waits);
  for (const AnyJob& dependency : dependencies) {
    dependency.on_end([waits](const JobCore& ended) { waits->arrive(ended); });
  }
  held = true;
  waits->arrive();
  return Job<R>(std::move(job));
}

// The job waits for a time of the host's clock.
template <class R>
[[nodiscard]] Job<R> timed_job(const std::shared_ptr<JobHost>& host, JobRef<priority::JobResult<R>> job, Time time) {
  bool held = false;
  const basic::Finally failed{[&] {
    if (!held) static_cast<void>(job->cancel_if_queued(priority::reason::asked));
  }};
  Held::hold(std::make_shared<Held>(JobRef<JobCore>::share(*job), host, 1),
             std::min(time, Time::max() - Duration(1)));  // Time::max() would be no time
  held = true;
  return Job<R>(std::move(job));
}

template <FlowExecutor Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto after(Pool& pool, const std::vector<AnyJob>& dependencies, JobOptions options, F&& f) {
  auto job = priority::make_job_of(pool.job_host(), std::move(options), std::forward<F>(f));
  return held_job(pool.job_host(), std::move(job), dependencies);
}
template <FlowExecutor Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto after(Pool& pool, const std::vector<AnyJob>& dependencies, F&& f) {
  return after(pool, dependencies, JobOptions{}, std::forward<F>(f));
}

// On the pool's clock. A time that has passed is now.
template <FlowExecutor Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto at(Pool& pool, Time time, JobOptions options, F&& f) {
  auto job = priority::make_job_of(pool.job_host(), std::move(options), std::forward<F>(f));
  return timed_job(pool.job_host(), std::move(job), time);
}
template <FlowExecutor Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto at(Pool& pool, Time time, F&& f) {
  return at(pool, time, JobOptions{}, std::forward<F>(f));
}

template <FlowExecutor Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto after(Pool& pool, Duration delay, JobOptions options, F&& f) {
  return at(pool, later(*pool.job_host(), delay), std::move(options), std::forward<F>(f));
}
template <FlowExecutor Pool, class F>
requires Launchable<std::decay_t<F>>
[[nodiscard]] auto after(Pool& pool, Duration delay, F&& f) {
  return after(pool, delay, JobOptions{}, std::forward<F>(f));
}

}  // namespace pool::flow
