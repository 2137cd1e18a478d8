// The pool of stage 03 in a few lines: what is urgent goes first, a job can be watched and cancelled, and the books
// balance.
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <pool/priority/thread_pool.hpp>

namespace {

// Counts words until it is asked to stop; between two texts, since a look at the token has its price.
std::ptrdiff_t count_words(const std::vector<std::string>& texts, const pool::priority::CancelToken& token) {
  std::ptrdiff_t words = 0;
  for (const std::string& text : texts) {
    if (token.is_cancelled()) break;
    std::istringstream stream(text);
    words += std::distance(std::istream_iterator<std::string>(stream), {});
  }
  return words;
}

void first_steps(const std::vector<std::string>& texts) {
  // #region first_steps
  using namespace pool::priority;
  ThreadPool pool({.workers = 2, .ageing = std::chrono::seconds(5)});
  pool.post(Priority::critical, [] { std::puts("first, if anything waits"); });
  auto words = pool.launch({.name = "count", .priority = Priority::low, .timeout = std::chrono::seconds(1)},
                           [&](const CancelToken& token) { return count_words(texts, token); });
  auto never = pool.launch({.name = "idle", .priority = Priority::lowest},
                           [](const CancelToken& token) { token.wait(std::chrono::hours(1)); });
  never.cancel();  // queued, it never runs; running, its token says so
  std::printf("%td words; idle was stopped: %s\n", words.get(), never.info().reason.c_str());
  if (!pool.wait_all(std::chrono::seconds(10))) std::puts("still at it");
  const Totals totals = pool.totals();
  std::printf("%zu = %zu + %zu + %zu\n", totals.submitted, totals.completed, totals.failed, totals.cancelled);
  // #endregion first_steps
}

}  // namespace

int main() {
  first_steps({"the most urgent work", "goes first"});
}
