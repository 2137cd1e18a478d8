// The bounded queues of stage 02's benchmark, each with threads that receive. They take part in W11 only.
#include "../../../02-bounded-queue/bench/queues.hpp"
#include "../enlist.hpp"

namespace {

template <class Queue>
class Bounded {
 public:
  Bounded(std::size_t workers, std::size_t capacity) : queue_(capacity) {
    for (std::size_t i = 0; i < workers; ++i) {
      threads_.emplace_back([this] {
        for (auto work = queue_.receive(); work; work = queue_.receive()) work();
      });
    }
  }
  ~Bounded() {
    for (std::size_t i = 0; i < threads_.size(); ++i) queue_.send(bench::Work());  // empty: the last
  }
  void post(auto job) { queue_.send(bench::Work(std::move(job))); }

 private:
  Queue queue_;
  std::vector<std::jthread> threads_;
};

[[maybe_unused]] const bool enlisted[] = {
    bench::enlist<Bounded<bench::TextbookQueue>>("deque, every slot wakes"),
#ifdef POOL_BENCH_MOODYCAMEL
    bench::enlist<Bounded<bench::Moodycamel>>("moodycamel + semaphore"),
#endif
#ifdef POOL_BENCH_TBB
    bench::enlist<Bounded<bench::OneTbb>>("oneTBB bounded queue"),
#endif
};

}  // namespace
