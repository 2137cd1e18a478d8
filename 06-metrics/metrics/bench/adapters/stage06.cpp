// The pool of stage 06 with a fixed size: with its metrics, which time tasks; without; and traced. What a task
// costs: registry.cpp.
#include <utility>

#include <pool/metrics/thread_pool.hpp>
#include <pool/stealing/invoke.hpp>
#include <pool/stealing/task_group.hpp>

#include "../../../../04-stealing/bench/enlist.hpp"
#include "../microsecond.hpp"

namespace {

enum class Mode { metrics, off, trace };

template <Mode mode>
class Stage06 {
 public:
  explicit Stage06(std::size_t workers, std::size_t capacity = 0)
      : pool_({.workers = workers,
               .capacity = capacity,
               .metrics = mode != Mode::off,
               .trace = mode == Mode::trace ? std::size_t{4096} : std::size_t{0}}) {}
  void post(auto job) { pool_.post(std::move(job)); }
  void post(bench::Level level, auto job) { pool_.post(static_cast<pool::priority::Priority>(level), std::move(job)); }
  void post_bulk(std::span<bench::Job> jobs) { pool_.post_bulk(jobs); }
  auto submit(auto job) { return pool_.submit(std::move(job)); }
  auto launch(auto job) { return pool_.launch({}, std::move(job)); }
  void fork_join(auto f, auto g) {
    pool::stealing::TaskGroup group(pool_);
    group.run(std::move(f));
    g();
    group.wait();
  }
  void invoke(const auto& f, const auto& g) { pool::stealing::invoke(pool_, f, g); }

 private:
  pool::metrics::ThreadPool pool_;
};

using namespace bench;
const bool enlisted[] = {
    enlist<Stage06<Mode::metrics>>("stage 06"),
    enlist_for<Stage06<Mode::off>, W1, W1FiveLevels, W1b, W2, W3, W3Launch, W4, W4Invoke>("stage 06, metrics off"),
    enlist_for<Stage06<Mode::metrics>, W14>("stage 06", 200),
    enlist_for<Stage06<Mode::off>, W14>("stage 06, metrics off", 200),
    enlist_for<Stage06<Mode::trace>, W14>("stage 06, traced", 200)};

}  // namespace
