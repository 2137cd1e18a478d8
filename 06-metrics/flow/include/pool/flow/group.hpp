// Group: jobs that are waited for, cancelled and counted together. Batch<R>: those that submit_batch() has launched,
// with their results in order.
//
//   Batch<Size> sizes = submit_batch(pool, files, [](const Path& file) { return size_of(file); });
//   while (!sizes.wait_for(1s)) show(sizes.progress());
//   for (const Size& size : sizes.results()) …
//
// Thread safety: every member may be called from any thread. Copies are handles of one group.
// Memory ordering: what the jobs did is visible to whoever has waited for the group.
// Waiting within a job of the pool helps, as Job::wait() does. A group keeps its jobs, and so their results, for as
// long as there is a handle; it does not cancel them when the last one goes.
// Errors: std::bad_alloc; others are named at each member. Fork, static destruction: a group is a list of handles, and
// may outlive the pool; in a child process, do not wait for it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/flow/after.hpp>
#include <pool/flow/any_job.hpp>
#include <pool/priority/job.hpp>
#include <pool/stealing/range.hpp>

namespace pool::flow {

// How far a group is: how many of its jobs are in which state.
struct Progress {
  std::size_t queued = 0, running = 0, completed = 0, failed = 0, cancelled = 0;

  void count(JobState state);
  [[nodiscard]] std::size_t ended() const { return completed + failed + cancelled; }
  [[nodiscard]] std::size_t total() const { return queued + running + ended(); }
  [[nodiscard]] bool done() const { return ended() == total(); }
  [[nodiscard]] double percent() const {  // of nothing, all is done
    return total() == 0 ? 100.0 : 100.0 * static_cast<double>(ended()) / static_cast<double>(total());
  }
};

class Group {
 public:
  Group() : state_(std::make_shared<State>()) {}

  // Throws std::bad_alloc; the job is not in the group then.
  void add(AnyJob job) const;

  // Until all have ended, those that are added meanwhile too.
  void wait() const;
  // Whether that was so within that time. Throws std::invalid_argument for a negative timeout.
  [[nodiscard]] bool wait_for(Duration timeout) const;
  // Waits, and throws what the first one has thrown, in their order, that has not completed; or Cancelled.
  void get() const;

  // Asks all to stop that are in the group now; those that are added later are cancelled, too. How many had not ended.
  std::size_t cancel(std::string_view why = priority::reason::asked) const;

  [[nodiscard]] Progress progress() const;  // looks at each job, some nanoseconds for one; after wait() all have ended
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::vector<AnyJob> jobs() const;

 private:
  struct State {
    sync::mutex mutex;
    sync::cell<std::vector<AnyJob>> jobs;              // guarded by mutex
    sync::cell<std::optional<std::string>> cancelled;  // guarded by mutex: why
  };
  std::shared_ptr<State> state_;
};

template <class R>
class Batch {
 public:
  explicit Batch(Group group, std::vector<Job<R>> jobs) : group_(std::move(group)), jobs_(std::move(jobs)) {}

  void wait() const { group_.wait(); }
  [[nodiscard]] bool wait_for(Duration timeout) const { return group_.wait_for(timeout); }
  std::size_t cancel(std::string_view why = priority::reason::asked) const { return group_.cancel(why); }
  [[nodiscard]] Progress progress() const { return group_.progress(); }
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }
  [[nodiscard]] const std::vector<Job<R>>& jobs() const { return jobs_; }
  [[nodiscard]] const Group& group() const { return group_; }

  // Waits for all, and copies the results, in the order of the range. Throws as Group::get().
  [[nodiscard]] std::vector<R> results() const requires(!std::is_void_v<R> && !std::is_reference_v<R>) {
    group_.get();
    std::vector<R> results;
    results.reserve(jobs_.size());
    for (const Job<R>& job : jobs_) results.push_back(job.get());
    return results;
  }
  void get() const { group_.get(); }

 private:
  Group group_;
  std::vector<Job<R>> jobs_;
};

// What submit_batch() does, by whatever launch(number, work) makes a job of.
template <class Range, class F, class Launch>
[[nodiscard]] auto batch_of(Range&& items, F&& f, const Launch& launch) {
  using Item = stealing::ElementOf<Range>;
  using Shared = const std::decay_t<F>;
  using R = std::invoke_result_t<Shared&, Item>;
  basic::require_callable<std::decay_t<F>>(f);
  const auto shared = std::make_shared<Shared>(std::forward<F>(f));
  Group group;
  std::vector<Job<R>> jobs;
  bool complete = false;
  const basic::Finally failed{[&] {
    if (complete) return;
    static_cast<void>(basic::catching([&] {
      for (const Job<R>& job : jobs) group.add(job);
      group.cancel("the rest of its batch was refused");
    }));
  }};
  for (auto&& item : items) {
    jobs.emplace_back();  // first, for want of memory
    bool launched = false;
    const basic::Finally refused{[&] {
      if (!launched) jobs.pop_back();
    }};
    jobs.back() = launch(jobs.size() - 1, [shared, own = Item(stealing::element_of<Range>(item))]() mutable -> R {
      return std::invoke(*shared, std::move(own));
    });
    launched = true;
  }
  for (const Job<R>& job : jobs) group.add(job);
  complete = true;
  return Batch<R>(std::move(group), std::move(jobs));
}

// Launches f(item) for each item of the range, in its order; the items are copied, or moved if the range is given up.
// All get the same options; if there is a name, "name 0", "name 1" and so on. f is shared: it is called by several
// threads at a time. Throws as launch does; those that were launched before are cancelled then.
template <FlowExecutor Pool, std::ranges::input_range Range, class F>
[[nodiscard]] auto submit_batch(Pool& pool, Range&& items, const JobOptions& options, F&& f) {
  return batch_of<Range>(std::forward<Range>(items), std::forward<F>(f), [&](std::size_t number, auto&& work) {
    JobOptions one = options;
    if (!one.name.empty()) one.name += " " + std::to_string(number);
    return pool.launch(std::move(one), std::forward<decltype(work)>(work));
  });
}
template <FlowExecutor Pool, std::ranges::input_range Range, class F>
[[nodiscard]] auto submit_batch(Pool& pool, Range&& items, F&& f) {
  return submit_batch(pool, std::forward<Range>(items), JobOptions{}, std::forward<F>(f));
}
// The same for a range of functions.
template <FlowExecutor Pool, std::ranges::input_range Range>
requires std::invocable<stealing::ElementOf<Range>>
[[nodiscard]] auto submit_batch(Pool& pool, Range&& functions, const JobOptions& options = {}) {
  return submit_batch(pool, std::forward<Range>(functions), options,
                      [](stealing::ElementOf<Range> f) { return std::invoke(std::move(f)); });
}

}  // namespace pool::flow
