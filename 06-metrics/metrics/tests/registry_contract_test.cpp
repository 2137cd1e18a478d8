// The stage's own pool against the contract by which exercise e40 judges its reader's.
#include <pool/metrics/thread_pool.hpp>

#include "../../testing/pool/testing/contract/registers.hpp"

namespace pool::testing {

namespace {

// With the names and numbers of the exercise.
class Ours : public metrics::ThreadPool {
 public:
  struct Options {
    std::size_t workers = 0;
    std::size_t capacity = 0;
    bounded::Overflow overflow = bounded::Overflow::block;
    priority::Clock* clock = nullptr;
  };
  static constexpr std::size_t kHistory = 100;

  explicit Ours(const Options& options)
      : metrics::ThreadPool({.workers = options.workers,
                             .capacity = options.capacity,
                             .overflow = options.overflow,
                             .clock = options.clock,
                             .history = kHistory}) {}

  template <class F>
  auto submit_task(TaskOptions options, F&& f) {
    return submit(std::move(options), std::forward<F>(f));
  }
  [[nodiscard]] TaskInfo task_info(std::string_view id) const { return task(id); }
  [[nodiscard]] std::vector<TaskInfo> newest_tasks(std::size_t limit) const { return tasks(limit); }
  bool cancel_task(std::string_view id, std::string_view why) { return cancel(id, why); }
  template <class R>
  R task_result(std::string_view id, priority::Duration timeout) {
    return get_task_result<R>(id, timeout);
  }
  [[nodiscard]] std::string task_text(std::string_view id, priority::Duration timeout) {
    return get_task_result(id, timeout);
  }

  struct Snapshot {  // all work, tasks or not
    std::size_t submitted, queued, running, completed, failed, cancelled, kept;
    metrics::Distribution wait, execution;
  };
  [[nodiscard]] Snapshot task_snapshot() const {
    const metrics::Stats seen = stats();
    return {seen.pool.submitted, seen.pool.pending, seen.pool.active, seen.pool.completed, seen.pool.failed,
            seen.pool.cancelled, seen.pool.kept,    seen.wait,        seen.execution};
  }
};

using Pools = ::testing::Types<Ours>;

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Ours, PoolRegisters, Pools);

}  // namespace pool::testing
