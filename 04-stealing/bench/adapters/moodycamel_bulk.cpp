// The same queue with batches on both sides: each thread takes up to 32 jobs at a time, which nobody can take from it.
#ifdef POOL_BENCH_MOODYCAMEL
#include <blockingconcurrentqueue.h>
#include <pool/basic/work.hpp>

#include "../enlist.hpp"

namespace {

struct MoodycamelBulk {
  using Work = pool::basic::Work;
  explicit MoodycamelBulk(std::size_t workers) {
    for (std::size_t i = 0; i < workers; ++i) threads.emplace_back([this] { run(); });
  }
  ~MoodycamelBulk() {
    for (std::size_t i = 0; i < threads.size(); ++i) queue.enqueue(Work());  // empty: the last
  }
  void post(auto job) { queue.enqueue(Work(std::move(job))); }
  void post_bulk(std::span<bench::Job> jobs) {
    std::vector<Work> works(jobs.begin(), jobs.end());
    queue.enqueue_bulk(std::make_move_iterator(works.begin()), works.size());
  }
  void run() {
    std::array<Work, 32> taken;
    for (int ends = 0; ends == 0;) {
      for (Work& work : std::span(taken).first(queue.wait_dequeue_bulk(taken.begin(), taken.size()))) {
        if (!work && ++ends > 1) queue.enqueue(Work());  // that was another's
        if (work) work();
      }
    }
  }
  moodycamel::BlockingConcurrentQueue<Work> queue;
  std::vector<std::jthread> threads;
};

const bool enlisted = bench::enlist<MoodycamelBulk>("moodycamel, bulk");

}  // namespace
#endif
