// What is new for whoever uses a pool of this stage.
#include <pthread.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

#include <pool/autoscale/hill_climbing.hpp>
#include <pool/autoscale/thread_pool.hpp>

namespace {

void read_slowly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

}  // namespace

int main() {
  using namespace pool::autoscale;
  // #region first_steps
  ThreadPool pool({.on_error = [](std::exception_ptr) {},  // who dies is an event, too
                   .min_workers = 2,
                   .max_workers = 20,
                   .policy = HillClimbing{}});
  for (int i = 0; i < 4; ++i) {
    pool.post([&] { pool.blocking(read_slowly); });  // one more, as long as this one waits
  }
  const Job<void> dies = pool.launch({}, [] { pthread_exit(nullptr); });
  pool.wait_idle();
  std::printf("the job that ends its thread: %s\n", std::string(to_string(dies.state())).c_str());

  pool.scale_to(8);  // until the policy decides on another number
  std::printf("%zu workers\n", pool.size());
  pool.shutdown();
  std::printf("%zu has died, and was replaced\n", pool.events().count(Event::Kind::died));
  // #endregion first_steps
}
