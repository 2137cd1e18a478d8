// The pool of stage 06 in a few lines: a task that is known by its id, what comes after it, and what the pool saw.
#include <chrono>
#include <cstdio>
#include <string>

#include <poolcraft/pool.hpp>

namespace {

std::size_t count_words(const std::string& text) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n';
    words += !space && !inside ? 1 : 0;
    inside = !space;
  }
  return words;
}

}  // namespace

int main() {
  using namespace std::chrono_literals;
  const std::string text = "a task is a job that has an id";
  // #region first_steps
  poolcraft::ThreadPool pool({.workers = 2});
  const auto words = pool.submit({.id = "words", .metadata = {{"of", "a text"}}}, [&] { return count_words(text); });
  const auto twice = pool.after({words}, {.name = "twice"}, [&] { return 2 * words.get(); });
  std::printf("twice as many: %zu\n", twice.get());

  const poolcraft::TaskInfo info = pool.task("words");  // the handle is not needed for that
  std::printf("%s: %s, result %s, of %s\n", info.id.c_str(), std::string(to_string(info.state)).c_str(),
              info.result.c_str(), info.metadata.at("of").c_str());
  std::printf("and typed: %zu\n", pool.get_task_result<std::size_t>("words", 1s));
  try {
    static_cast<void>(pool.task("wrods"));
  } catch (const poolcraft::UnknownTask& error) {
    std::printf("%s\n", error.what());
  }
  const poolcraft::Stats stats = pool.stats();
  std::printf("%zu submitted, %zu completed\n", stats.pool.submitted, stats.pool.completed);
  // #endregion first_steps
  return 0;
}
