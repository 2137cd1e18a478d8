// The pool of stage 03: priorities, and jobs that can be watched.
#include <utility>

#include <pool/priority/thread_pool.hpp>

#include "../enlist.hpp"

namespace {

class Stage03 {
 public:
  explicit Stage03(std::size_t workers, std::size_t capacity = 0) : pool_({.workers = workers, .capacity = capacity}) {}
  void post(auto job) { pool_.post(std::move(job)); }
  void post(bench::Level level, auto job) { pool_.post(static_cast<pool::priority::Priority>(level), std::move(job)); }
  auto submit(auto job) { return pool_.submit(std::move(job)); }
  auto launch(auto job) { return pool_.launch({}, std::move(job)); }

 private:
  pool::priority::ThreadPool pool_;
};

const bool enlisted = bench::enlist<Stage03>("stage 03");

}  // namespace
