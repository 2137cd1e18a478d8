// A question that is answered in no time, asked while the pool indexes a large folder: on the pool of stage 02, and on
// this one. How long does it wait until somebody begins with it?
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

#include <pool/bounded/thread_pool.hpp>
#include <pool/priority/thread_pool.hpp>

namespace {

using pool::priority::Priority;
using Clock = std::chrono::steady_clock;

constexpr int kTexts = 400;

std::size_t count_words(const std::string& text) {
  std::istringstream words(text);
  return static_cast<std::size_t>(
      std::distance(std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()));
}

double milliseconds_since(Clock::time_point moment) {
  return std::chrono::duration<double, std::milli>(Clock::now() - moment).count();
}

// #region bounded
double first_come_first_served(const std::string& text) {
  std::atomic<int> done = 0;
  pool::bounded::ThreadPool pool({.workers = 2});
  for (int i = 0; i < kTexts; ++i) {
    pool.post([&] {
      count_words(text);
      ++done;
    });
  }
  while (done < 20) std::this_thread::yield();
  const auto asked = Clock::now();
  return pool.submit([asked] { return milliseconds_since(asked); }).get();
}
// #endregion bounded

// #region priority
double urgent_first(const std::string& text) {
  std::atomic<int> done = 0;
  pool::priority::ThreadPool pool({.workers = 2});
  for (int i = 0; i < kTexts; ++i) {
    pool.post(Priority::low, [&] {
      count_words(text);
      ++done;
    });
  }
  while (done < 20) std::this_thread::yield();
  const auto asked = Clock::now();
  return pool.submit(Priority::critical, [asked] { return milliseconds_since(asked); }).get();
}
// #endregion priority

}  // namespace

int main() {
  std::string text;
  while (text.size() < 200'000) text += "which files mention this name? ";
  const auto begin = Clock::now();
  count_words(text);
  std::printf("%d texts to index, %.1f ms each, 2 workers; then a question\n", kTexts, milliseconds_since(begin));
  std::printf("pool::bounded:   it waited %6.2f ms\n", first_come_first_served(text));
  std::printf("pool::priority:  it waited %6.2f ms\n", urgent_first(text));
}
