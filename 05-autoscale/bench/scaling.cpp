// The pool of stage 05, and how its workers come and go. In W1, its size is changed every millisecond meanwhile.
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <thread>
#include <utility>

#include <pool/autoscale/thread_pool.hpp>

#include "../../04-stealing/bench/enlist.hpp"
#include "scaling.hpp"

namespace {

using namespace pool::autoscale;

// From one to so many workers, and nobody decides but who calls scale_to().
Options by_hand(std::size_t workers) {
  return {.on_error = [](std::exception_ptr) {},  // those who die do so on purpose
          .min_workers = 1,
          .max_workers = std::max<std::size_t>(workers, 2),
          .policy = [](const Load&) { return 0; },
          .idle_timeout = Duration::zero()};
}

class AlwaysAnotherSize {
 public:
  explicit AlwaysAnotherSize(std::size_t workers) : pool_(by_hand(workers)), max_(std::max<std::size_t>(workers, 2)) {}
  void post(auto job) { pool_.post(std::move(job)); }

 private:
  void change(const std::stop_token& stop) {
    for (std::size_t i = 0; !stop.stop_requested(); ++i) {
      pool_.scale_to(i % 2 == 0 ? max_ : 1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  ThreadPool pool_;
  const std::size_t max_;
  std::jthread changing_{[this](const std::stop_token& stop) { change(stop); }};
};

// One worker, and another one now and then.
class ComesAndGoes {
 public:
  ComesAndGoes() : pool_(options()) { came_.wait("the first worker did not come"); }
  void post(auto job) { pool_.post(std::move(job)); }
  void one_more() {
    pool_.scale_to(2);
    came_.wait("no worker has come");
  }
  void one_fewer() {
    pool_.scale_to(1);
    gone_.wait("no worker has gone");
  }
  void come_to_rest() {  // until its seat is free
    for (const bench::Patience patience; pool_.events().count(Event::Kind::retired) < gone_.times();) {
      if (patience.over()) bench::fail("a worker that has gone did not leave");
      std::this_thread::yield();
    }
  }

 private:
  Options options() {
    Options options = by_hand(2);
    options.on_start = [this](std::size_t) { came_.now(); };
    options.on_stop = [this](std::size_t) { gone_.now(); };
    return options;
  }

  bench::Signal came_, gone_;
  ThreadPool pool_;
};

// One worker, which a job may end.
class Dies {
 public:
  void end_the_worker() {
    pool_.post([] { ::pthread_exit(nullptr); });
  }
  void post(auto job) { pool_.post(std::move(job)); }

 private:
  ThreadPool pool_{{.workers = 1, .on_error = [](std::exception_ptr) {}}};
};

const bool enlisted[] = {bench::enlist_for<AlwaysAnotherSize, bench::W1>("stage 05, always another size"),
                         bench::enlist_scaling<ComesAndGoes>("stage 05"), bench::enlist_scaling<Dies>("stage 05")};

}  // namespace
