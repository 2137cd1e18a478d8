// The pool of stage 02: a bounded channel.
#include <utility>

#include <pool/bounded/thread_pool.hpp>

#include "../enlist.hpp"

namespace {

class Stage02 {
 public:
  explicit Stage02(std::size_t workers, std::size_t capacity = 0) : pool_({.workers = workers, .capacity = capacity}) {}
  void post(auto job) { pool_.post(std::move(job)); }
  auto submit(auto job) { return pool_.submit(std::move(job)); }

 private:
  pool::bounded::ThreadPool pool_;
};

const bool enlisted = bench::enlist<Stage02>("stage 02");

}  // namespace
