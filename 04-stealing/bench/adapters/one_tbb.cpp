// oneTBB: an arena, and one task group for all that comes from outside.
#ifdef POOL_BENCH_TBB
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include "../enlist.hpp"

namespace {

class OneTbb {
 public:
  explicit OneTbb(std::size_t workers)
      : threads_(tbb::global_control::max_allowed_parallelism, workers + 1),  // the thread that posts is counted
        arena_(static_cast<int>(workers), 0) {}
  ~OneTbb() {
    arena_.execute([this] { group_.wait(); });
  }
  void post(auto job) { arena_.enqueue(group_.defer(std::move(job))); }
  auto submit(auto job) { return bench::submit_shared(*this, std::move(job)); }
  void fork_join(const auto& f, const auto& g) {
    tbb::task_group fork;
    fork.run(f);
    g();
    fork.wait();
  }

 private:
  tbb::global_control threads_;
  tbb::task_arena arena_;
  tbb::task_group group_;
};

const bool enlisted = bench::enlist<OneTbb>("oneTBB");

}  // namespace
#endif
