// Pools with a fault, for the test of the checks: W12 and W13 have to notice each of them. They stay out of --list.
#include <utility>

#include "scaling.hpp"

namespace {

enum class Fault { loses, repeats, swaps };

// A job is not run; or twice; or the first one twice, and the second one not.
template <Fault fault>
class Broken {
 public:
  void one_more() {}
  void one_fewer() {}
  void come_to_rest() {}
  void end_the_worker() {}
  void post(auto job) {
    for (int times = times_now(); times > 0; --times) job();
  }

 private:
  int times_now() {
    const int n = handed_in_++;
    if (fault == Fault::swaps) return n == 0 ? 2 : n == 1 ? 0 : 1;
    return fault == Fault::loses ? 0 : 2;
  }

  int handed_in_ = 0;
};

const bool enlisted[] = {bench::enlist_scaling<Broken<Fault::loses>>("broken: loses jobs"),
                         bench::enlist_scaling<Broken<Fault::repeats>>("broken: repeats jobs"),
                         bench::enlist_scaling<Broken<Fault::swaps>>("broken: loses one, repeats another")};

}  // namespace
