// The pool of stage 05, with a fixed size as all others have it.
#include <utility>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/stealing/invoke.hpp>
#include <pool/stealing/task_group.hpp>

#include "../../../04-stealing/bench/enlist.hpp"

namespace {

class Stage05 {
 public:
  explicit Stage05(std::size_t workers, std::size_t capacity = 0) : pool_({.workers = workers, .capacity = capacity}) {}
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
  pool::autoscale::ThreadPool pool_;
};

const bool enlisted = bench::enlist<Stage05>("stage 05");

}  // namespace
