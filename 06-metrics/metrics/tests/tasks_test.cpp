// Tasks: what a pool knows about the work that it was given an id for.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

#include <pool/metrics/thread_pool.hpp>
#include <pool/testing/gate.hpp>

namespace pool::metrics {
namespace {

using std::chrono::seconds;
using testing::Gate;

// S6.1
TEST(Tasks, AreKnownByTheirIdsAtOnce) {
  ThreadPool pool({.workers = 1});
  Gate go;
  const Job<int> job = pool.submit(TaskOptions{.name = "answer", .metadata = {{"k", "v"}}}, [&] {
    go.wait();
    return 42;
  });
  const std::string id = to_string(job.id());
  EXPECT_EQ(id.size(), 36U);
  EXPECT_FALSE(has_ended(pool.task(id).state));
  go.open();
  EXPECT_EQ(pool.get_task_result<int>(id, seconds(100)), 42);
  EXPECT_EQ(pool.get_task_result(id, seconds(0)), "42");
  const TaskInfo info = pool.task(id);
  EXPECT_EQ(info.name, "answer");
  EXPECT_EQ(info.state, JobState::completed);
  EXPECT_EQ(info.result, "42");
  EXPECT_EQ(info.metadata.at("k"), "v");
  EXPECT_EQ(info.executor, "thread");
  EXPECT_EQ(info.worker, 0U);
  EXPECT_EQ(pool.clear_completed(), 1U);
  EXPECT_THROW(static_cast<void>(pool.task(id)), UnknownTask);
}

}  // namespace
}  // namespace pool::metrics
