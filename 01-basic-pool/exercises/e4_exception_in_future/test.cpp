// What a task's future says, and when.
#include <e4_exception_in_future/task.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using exercise::Task;

namespace {

// An error that says more than its base class can hold.
struct NoSuchFile : std::runtime_error {
  explicit NoSuchFile(std::string name) : std::runtime_error("no such file"), file(std::move(name)) {}
  std::string file;
};

// Looks, when it is destroyed, whether the future is ready already.
class Looks {
 public:
  Looks(std::future<int>& future, bool& too_early) : future_(&future), too_early_(&too_early) {}
  Looks(const Looks&) = delete;
  Looks& operator=(const Looks&) = delete;
  ~Looks() { *too_early_ = future_->wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

 private:
  std::future<int>* future_;
  bool* too_early_;
};

}  // namespace

TEST(Task, DeliversTheResult) {
  Task task([] { return 42; });
  auto future = task.future();
  task();
  EXPECT_EQ(future.get(), 42);
}

TEST(Task, DeliversAResultThatCanOnlyBeMoved) {
  Task task([] { return std::make_unique<int>(7); });
  auto future = task.future();
  std::thread worker([&] { task(); });
  EXPECT_EQ(*future.get(), 7);
  worker.join();
}

TEST(Task, DeliversAnExceptionWhole) {
  Task task([]() -> int { throw NoSuchFile("notes.txt"); });
  auto future = task.future();
  EXPECT_NO_THROW(task());
  try {
    future.get();
    FAIL() << "get() returned";
  } catch (const NoSuchFile& error) {
    EXPECT_EQ(error.file, "notes.txt");
  }
}

TEST(Task, DeliversAnythingThatIsThrown) {
  Task task([]() -> int { throw 3; });
  auto future = task.future();
  EXPECT_NO_THROW(task());
  EXPECT_THROW(future.get(), int);
}

TEST(Task, DestroysTheClosureBeforeTheResultIsThere) {
  std::future<int> future;
  bool too_early = true;
  Task task([looks = std::make_unique<Looks>(future, too_early)] { return 1; });
  future = task.future();
  task();
  EXPECT_FALSE(too_early);
}

TEST(Task, DestroysTheClosureBeforeTheExceptionIsThere) {
  std::future<int> future;
  bool too_early = true;
  Task task([looks = std::make_unique<Looks>(future, too_early)]() -> int { throw 1; });
  future = task.future();
  task();
  EXPECT_FALSE(too_early);
}

TEST(Task, ADroppedTaskSaysSo) {
  std::future<int> future;
  {
    Task task([] { return 1; });
    future = task.future();
  }
  EXPECT_THROW(future.get(), std::future_error);
}
