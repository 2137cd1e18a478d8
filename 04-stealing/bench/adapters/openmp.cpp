// OpenMP: the tasks of a parallel region. The thread that posts belongs to the team; when many tasks are queued, it
// runs some of them itself.
#ifdef POOL_BENCH_OPENMP
#include "../enlist.hpp"

namespace {

class OpenMp {
 public:
  static constexpr bool kOneProducer = true, kQueues = false;
  template <class Body>
  static void within(std::size_t workers, Body&& body) {
#pragma omp parallel num_threads(static_cast <int>(workers) + 1)
#pragma omp master
    {
      OpenMp team;
      body(team);
    }  // the others wait at the end of the region, and run tasks
  }
  void post(auto job) {
#pragma omp task firstprivate(job)
    job();
  }
  void fork_join(const auto& f, const auto& g) {
#pragma omp task shared(f)
    f();
    g();
#pragma omp taskwait
  }
};

const bool enlisted = bench::enlist<OpenMp>("OpenMP");

}  // namespace
#endif
