// The pool of stage 01: one channel, one lock.
#include <utility>

#include <pool/basic/thread_pool.hpp>

#include "../enlist.hpp"

namespace {

class Stage01 {
 public:
  explicit Stage01(std::size_t workers) : pool_({.workers = workers}) {}
  void post(auto job) { pool_.post(std::move(job)); }
  auto submit(auto job) { return pool_.submit(std::move(job)); }

 private:
  pool::basic::ThreadPool pool_;
};

const bool enlisted = bench::enlist<Stage01>("stage 01");

}  // namespace
