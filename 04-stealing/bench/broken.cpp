// Pools with a fault, for the test of the checks: every workload has to notice each of them.
//
// They stay out of --list. What runs below them is the pool of stage 01. It is honest while a quick run warms up; then
// every seventh job is not what it should be.
#include <atomic>
#include <functional>
#include <utility>

#include <pool/basic/thread_pool.hpp>

#include "enlist.hpp"

namespace {

enum class Fault { loses, repeats, swaps };

template <Fault fault>
class Broken {
 public:
  explicit Broken(std::size_t workers, std::size_t = 0) : pool_({.workers = workers, .on_error = [](auto) {}}) {}

  void post(auto job) {
    for (int times = times_now(); times > 0; --times) pool_.post(job);
  }
  void post(bench::Level, auto job) { post(job); }
  void post_bulk(std::span<bench::Job> jobs) {
    for (const bench::Job& job : jobs) post(job);
  }
  auto submit(auto job) {
    return pool_.submit([job, times = times_now()] {
      for (int i = 0; i < times; ++i) job();
    });
  }
  auto launch(auto job) { return submit(job); }
  void fork_join(const auto& f, const auto& g) {
    for (int times = times_of(forked_++); times > 0; --times) f();
    g();
  }

 private:
  int times_now() {
    constexpr unsigned kHonest = 2000;
    const unsigned n = handed_in_++;
    return n < kHonest ? 1 : times_of(n);
  }
  // How often a job is run. To swap is to lose one and repeat another: the count is right.
  static int times_of(unsigned n) {
    if (n % 7 != 6) return 1;
    if (fault == Fault::swaps) return n % 2 == 0 ? 0 : 2;
    return fault == Fault::loses ? 0 : 2;
  }

  std::atomic<unsigned> handed_in_{0}, forked_{0};
  pool::basic::ThreadPool pool_;
};

template <Fault fault>
bool enlist(const std::string& who) {
  return bench::enlist<Broken<fault>>(who) && bench::enlist_rung<Broken<fault>>(who);
}
const bool enlisted[] = {enlist<Fault::loses>("broken: loses jobs"), enlist<Fault::repeats>("broken: repeats jobs"),
                         enlist<Fault::swaps>("broken: loses one, repeats another")};

}  // namespace
