// moodycamel's queue without locks, and threads that wait at it.
#ifdef POOL_BENCH_MOODYCAMEL
#include <blockingconcurrentqueue.h>

#include <pool/basic/work.hpp>

#include "../enlist.hpp"

namespace {

class Moodycamel {
 public:
  explicit Moodycamel(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Moodycamel() {
    for (std::size_t i = 0; i < threads_.size(); ++i) queue_.enqueue(Work());  // empty: the last
  }
  void post(auto job) { queue_.enqueue(Work(std::move(job))); }

 private:
  using Work = pool::basic::Work;
  void run() {
    for (Work work; queue_.wait_dequeue(work), work;) work();
  }
  moodycamel::BlockingConcurrentQueue<Work> queue_;
  std::vector<std::jthread> threads_;
};

const bool enlisted = bench::enlist<Moodycamel>("moodycamel");

}  // namespace
#endif
