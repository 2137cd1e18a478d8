// Jobs that end their threads, and jobs that block them: on the pool of stage 04, and on that of this stage.
#include <pthread.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <future>
#include <thread>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/stealing/thread_pool.hpp>

namespace {

const auto quiet = [](std::exception_ptr) {};

// #region deaths
template <class Pool>
void four_deaths(const char* name) {
  Pool pool({.workers = 4, .on_error = quiet});
  for (int i = 0; i < 4; ++i) pool.launch({}, [] { pthread_exit(nullptr); }).wait();
  try {
    std::printf("%s: the answer is %d\n", name, pool.submit([] { return 42; }).get());
  } catch (const std::exception&) {
    std::printf("%s: nobody is left to answer\n", name);
  }
}
// #endregion deaths

// #region blocked
// Two jobs wait for what a third one brings, and there are two workers.
template <class Pool, class Wait>
void two_wait_for_a_third(const char* name, Pool& pool, Wait&& wait) {
  std::promise<void> brought;
  const std::shared_future<void> it = brought.get_future().share();
  std::vector<std::future<void>> waiting;
  for (int i = 0; i < 2; ++i) waiting.push_back(pool.submit([&] { wait(pool, it); }));
  std::future<void> third = pool.submit([&] { brought.set_value(); });
  if (third.wait_for(std::chrono::seconds(1)) == std::future_status::ready) {
    std::printf("%s: brought\n", name);
  } else {
    std::printf("%s: after a second both workers wait, and the third job is queued\n", name);
    std::jthread ends([&] { pool.shutdown(pool::basic::Shutdown::discard); });  // which drops the third, and waits
    third.wait();
    brought.set_value();
  }
  for (std::future<void>& one : waiting) one.get();
}
// #endregion blocked

}  // namespace

int main() {
  four_deaths<pool::stealing::ThreadPool>("stage 04, four deaths");
  four_deaths<pool::autoscale::ThreadPool>("stage 05, four deaths");
  {
    pool::stealing::ThreadPool pool({.workers = 2});
    two_wait_for_a_third("stage 04, two block", pool, [](auto&, const auto& it) { it.wait(); });
  }
  {
    pool::autoscale::ThreadPool pool({.min_workers = 2, .max_workers = 4});
    two_wait_for_a_third("stage 05, two block", pool, [](auto& p, const auto& it) { p.blocking([&] { it.wait(); }); });
  }
}
