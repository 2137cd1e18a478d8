// executor=process: the same task types, in worker processes of the server's program.
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <pool/server/api.hpp>
#include <pool/server/job_executor.hpp>

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using pool::metrics::ThreadPool;
using pool::server::Api;
using pool::server::Executor;
using pool::server::Executors;
using pool::server::Guard;
using pool::server::process_executor;
using pool::server::ThreadExecutor;
using ::testing::HasSubstr;

struct World {
  World() : pool({.workers = 1}), guard({}) {
    executors.add("thread", std::make_unique<ThreadExecutor>(pool));
    executors.add("process",
                  process_executor(
                      pool, pool::process::Options{.max_workers = 1, .executable = POOLCRAFT_SERVER, .grace = 50ms}));
    api.emplace(pool, executors, guard);
  }

  json posted(const std::string& target, const std::string& body = "") {
    pool::server::Request request{.method = "POST", .target = target, .headers = {{"host", "localhost"}}, .body = body};
    if (!body.empty()) request.headers.emplace_back("content-type", "application/json");
    return json::parse(api->handle(request).body);
  }
  json task(const std::string& id) {
    return json::parse(
        api->handle({.method = "GET", .target = "/api/task/" + id, .headers = {{"host", "localhost"}}}).body);
  }
  json until_state(const std::string& id, const std::string& state) {
    for (;; std::this_thread::yield()) {
      json seen = task(id);
      if (seen["state"] == state) return seen;
    }
  }
  std::string submit(json fields) {
    fields["executor"] = "process";
    const json answer = posted("/api/submit", fields.dump());
    EXPECT_TRUE(answer.contains("task_id")) << answer;
    return answer.value("task_id", "");
  }

  ThreadPool pool;
  Guard guard;
  Executors executors;
  std::optional<Api> api;
};

// S6.13 S6.20
TEST(ProcessExecutor, ATaskHasTheSameResultAndSaysWhereItRan) {
  World world;
  const std::string id = world.submit({{"type", "compute"}, {"param", "1000"}, {"label", "primes"}});
  const json task = world.until_state(id, "completed");
  EXPECT_THAT(task["result"].get<std::string>(), HasSubstr("168"));
  EXPECT_EQ(task["executor"], "process");
  EXPECT_EQ(task["meta"]["label"], "primes");
}

// S6.14: one that does not end is killed
TEST(ProcessExecutor, ATaskThatRunsIsCancelled) {
  World world;
  const std::string id = world.submit({{"type", "heavy"}, {"param", "800"}});
  world.until_state(id, "running");
  EXPECT_TRUE(world.posted("/api/task/" + id + "/cancel")["success"]);
  world.until_state(id, "cancelled");
  world.until_state(world.submit({{"type", "expression"}}), "completed");
}

// A duplicate is refused, and what was handed in for it does not stay behind.
TEST(ProcessExecutor, ADuplicateIsRefused) {
  World world;
  const std::unique_ptr<Executor> executor =
      process_executor(world.pool, {.max_workers = 1, .executable = POOLCRAFT_SERVER});
  const auto submit = [&] {
    return executor->submit(
        {.type = pool::server::task_type("compute"), .param = "10", .options = {.id = "mine", .executor = "process"}});
  };
  EXPECT_EQ(submit(), "mine");
  EXPECT_THROW(submit(), pool::metrics::DuplicateTask);
  EXPECT_TRUE(executor->wait_idle_for(60s));
}

}  // namespace
