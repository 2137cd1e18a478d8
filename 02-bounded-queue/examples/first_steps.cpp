// The pool of stage 02 in a few lines: a capacity, work for which there may be no room, waiting until all is done, and
// what the workers did meanwhile.
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <future>
#include <iterator>
#include <latch>
#include <sstream>
#include <string>

#include <pool/bounded/thread_pool.hpp>

namespace {

std::size_t count_words(const std::string& text) {
  std::istringstream words(text);
  return static_cast<std::size_t>(
      std::distance(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()));
}

void first_steps(const std::string& text) {
  // #region first_steps
  pool::bounded::ThreadPool pool({.workers = 2, .capacity = 100});
  std::future<std::size_t> words = pool.submit(count_words, text);    // waits, while there is no room
  if (!pool.try_submit(count_words, text)) std::puts("no room now");  // never waits
  pool.wait_idle();                                                   // all is done, and the pool goes on
  const auto stats = pool.worker_stats();
  std::printf("%zu words; %zu jobs done, %zu refused\n", words.get(), stats.completed(), stats.rejected);
  // #endregion first_steps
}

// The worker is kept busy, so we know what is in the queue.
void no_room(const std::string& text) {
  std::latch running(1);
  std::latch go(1);
  pool::bounded::ThreadPool pool({.workers = 1, .capacity = 2});
  pool.post([&] {
    running.count_down();
    go.wait();
  });
  running.wait();
  for (int i = 1; i <= 3; ++i) {
    // #region try
    if (const auto words = pool.try_submit_for(std::chrono::milliseconds(20), count_words, text)) {
      std::puts("taken: words->get() will wait for the result");
    } else {
      std::puts("no room, and 20 ms were all the time there was");
    }
    // #endregion try
  }
  go.count_down();
  pool.wait_idle();
  const auto stats = pool.worker_stats();
  std::printf("%zu accepted, %zu refused, at most %zu waited\n", stats.accepted, stats.rejected, stats.high_water);
}

}  // namespace

int main() {
  const std::string text = "the queue that never says no";
  first_steps(text);
  no_room(text);
}
