// Priority processing: what is urgent goes first, whatever came before it.
#include <cstdio>
#include <string>
#include <vector>

#include <poolcraft/pool.hpp>

using poolcraft::Priority;
using poolcraft::TaskOptions;

int main() {
  poolcraft::ThreadPool pool({.workers = 1});  // one, so that the order can be seen
  std::vector<std::string> done;               // written by that worker, read at the end

  pool.pause();  // so that all of it is queued before any begins
  const auto work = [&](const std::string& what, Priority priority) {
    static_cast<void>(
        pool.submit(TaskOptions{.name = what, .priority = priority}, [&done, what] { done.push_back(what); }));
  };
  work("tidy up", Priority::lowest);
  work("newsletter", Priority::low);
  work("report", Priority::normal);
  work("invoice", Priority::high);
  work("alarm", Priority::critical);
  const auto too_late = pool.submit(TaskOptions{.name = "yesterday's news", .deadline = poolcraft::Time{}}, [] {});
  pool.resume();
  pool.wait_idle();

  for (const std::string& what : done) std::printf("%s\n", what.c_str());
  std::printf("%s: %s (%s)\n", too_late.name().c_str(), std::string(to_string(too_late.state())).c_str(),
              too_late.info().reason.c_str());
  return done.size() == 5 ? 0 : 1;
}
