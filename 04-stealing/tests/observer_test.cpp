// Options::observer: what somebody hears who listens to the workers of a pool.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <pool/stealing/observer.hpp>
#include <pool/stealing/task_group.hpp>
#include <pool/stealing/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using testing::Gate;

// Writes down what each worker does, but for how it sleeps.
class Listener : public Observer {
 public:
  explicit Listener(std::size_t workers) : heard_(workers) {}
  void begin(std::size_t worker, Priority /*priority*/, const priority::Unit* /*unit*/) noexcept override {
    note(worker, "begin");
  }
  void end(std::size_t worker) noexcept override { note(worker, "end"); }
  void steal(std::size_t thief, std::size_t victim) noexcept override {
    note(thief, "steal from " + std::to_string(victim));
  }

  [[nodiscard]] std::vector<std::string> heard(std::size_t worker) {
    const std::lock_guard lock(mutex_);
    return heard_.at(worker);
  }
  [[nodiscard]] std::size_t count(std::string_view what) {
    const std::lock_guard lock(mutex_);
    std::size_t times = 0;
    for (const auto& lines : heard_) times += static_cast<std::size_t>(std::count(lines.begin(), lines.end(), what));
    return times;
  }

 private:
  void note(std::size_t worker, std::string what) {
    const std::lock_guard lock(mutex_);
    heard_.at(worker).push_back(std::move(what));
  }

  std::mutex mutex_;
  std::vector<std::vector<std::string>> heard_;
};

TEST(Observer, HearsOfEachJobOnItsWorkerAndOfOneWithinAnother) {
  Listener listener(1);
  {
    ThreadPool pool({.workers = 1, .observer = &listener});
    pool.launch({},
                [&] {
                  TaskGroup group(pool);
                  group.run([] {});
                  group.wait();  // nobody else is there to run it
                })
        .get();
  }
  EXPECT_EQ(listener.heard(0), (std::vector<std::string>{"begin", "begin", "end", "end"}));
}

TEST(Observer, HearsWhoStealsFromWhom) {
  Listener listener(2);
  std::size_t owner = 0, thief = 0;
  {
    ThreadPool pool({.workers = 2, .observer = &listener});
    pool.launch({},
                [&] {
                  Gate stolen;
                  owner = *pool.current_worker();
                  TaskGroup group(pool);
                  group.run([&] { thief = *pool.current_worker(), stolen.open(); });
                  stolen.wait();  // which is not how one waits in a job: so that somebody else has to run it
                  group.wait();
                })
        .get();
  }
  EXPECT_NE(owner, thief);
  EXPECT_EQ(listener.heard(thief), (std::vector<std::string>{"steal from " + std::to_string(owner), "begin", "end"}));
}

TEST(Observer, HearsOfAllThatWasHandedInInABulk) {
  Listener listener(3);
  {
    ThreadPool pool({.workers = 3, .observer = &listener});
    pool.post_bulk(std::vector(1000, [] {}));
  }
  EXPECT_EQ(listener.count("begin"), 1000U);
  EXPECT_EQ(listener.count("end"), 1000U);
}

}  // namespace
}  // namespace pool::stealing
