// Named jobs in this process: S6.13.
#include <pool/process/jobs.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include <pool/priority/thread_pool.hpp>

namespace pool::process {
namespace {

using priority::JobState;

// S6.13: threads and processes look up the same names.
TEST(Jobs, AreCalledByTheirNames) {
  Jobs registry;
  registry.add("twice", [](const json& argument) { return 2 * argument.get<int>(); });
  registry.add("told", [](const json&, const JobContext& context) { return context.state; });
  EXPECT_EQ(registry.call("twice", 21), 42);
  EXPECT_EQ(registry.call("told", nullptr, {"state", {}}), "state");
  EXPECT_TRUE(registry.has("twice"));
  EXPECT_FALSE(registry.has("thrice"));
  EXPECT_EQ(registry.names(), (std::vector<std::string>{"told", "twice"}));
  EXPECT_THROW(static_cast<void>(registry.call("twice", "text")), BadArgument);
  try {
    static_cast<void>(registry.call("thrice", 1));
    FAIL();
  } catch (const UnknownJob& error) {
    EXPECT_STREQ(error.what(), "process: no job is called 'thrice'; there are told, twice");
  }
}

TEST(Jobs, ANameStandsForOneJob) {
  Jobs registry;
  const auto nothing = [](const json&) { return json(); };
  registry.add("a", nothing);
  EXPECT_THROW(registry.add("a", nothing), std::invalid_argument);
  EXPECT_THROW(registry.add("", nothing), std::invalid_argument);
  EXPECT_THROW(registry.add(std::string(256, 'x'), nothing), std::invalid_argument);
  EXPECT_THROW(registry.add("b", std::function<json(const json&)>()), std::invalid_argument);
  registry.add(std::string(255, 'x'), nothing);
}

// S6.13: on a pool of threads, with the same errors.
TEST(Jobs, RunOnThreads) {
  Jobs registry;
  registry.add("twice", [](const json& argument) { return json(2 * argument.get<int>()); });
  registry.add("bad", [](const json&) { return json("\xff"); });
  registry.add("wait", [](const json&, const JobContext& context) -> json {
    while (!context.token.wait(std::chrono::hours(1))) {
    }
    context.token.throw_if_cancelled();
    return nullptr;
  });
  priority::ThreadPool pool({.workers = 1});
  const auto job = launch(pool, "twice", 4, {}, registry);
  EXPECT_EQ(job.get(), 8);
  EXPECT_EQ(job.name(), "twice");
  EXPECT_THROW(launch(pool, "twice", "x", {}, registry).get(), BadArgument);
  EXPECT_THROW(launch(pool, "bad", 1, {}, registry).get(), NotSerialisable);
  EXPECT_THROW(static_cast<void>(launch(pool, "nobody", 1, {}, registry)), UnknownJob);
  const auto waiting = launch(pool, "wait", 1, {}, registry);
  waiting.cancel();
  waiting.wait();
  EXPECT_EQ(waiting.state(), JobState::cancelled);
}

}  // namespace
}  // namespace pool::process
