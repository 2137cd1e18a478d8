// The endpoints, without a socket: a request goes in, an answer comes out.
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <pool/server/api.hpp>
#include <pool/testing/gate.hpp>

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using pool::metrics::ThreadPool;
using pool::server::Api;
using pool::server::ApiOptions;
using pool::server::Executors;
using pool::server::Guard;
using pool::server::Request;
using pool::server::Response;
using pool::server::ThreadExecutor;
using pool::testing::Gate;

struct World {
  explicit World(ApiOptions options = {}, std::size_t capacity = 100)
      : pool({.workers = 2, .capacity = capacity, .overflow = pool::metrics::Overflow::reject, .trace = 100}),
        guard({}) {
    executors.add("thread", std::make_unique<ThreadExecutor>(pool));
    api.emplace(pool, executors, guard, std::move(options));
  }

  Response get(const std::string& target) {
    return api->handle({.method = "GET", .target = target, .headers = {{"host", "localhost:5000"}}});
  }
  Response post(const std::string& target, const std::string& body = "", const std::string& type = "application/json") {
    Request request{
        .method = "POST", .target = target, .headers = {{"host", "localhost"}}, .body = body, .peer = "::1"};
    if (!body.empty()) request.headers.emplace_back("content-type", type);
    return api->handle(request);
  }
  json got(const std::string& target) {
    const Response response = get(target);
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body);
  }
  std::string submit(const json& fields) {
    const Response response = post("/api/submit", fields.dump());
    EXPECT_EQ(response.status, 200) << response.body;
    return json::parse(response.body).value("task_id", "");
  }
  json finished(const std::string& id) {
    static_cast<void>(pool.wait_idle_for(60s));
    return got("/api/task/" + id);
  }
  // Both workers run something until the gate is open.
  void block() {
    for (int i = 0; i < 2; ++i) {
      pool.post([this] {
        blocked.fetch_add(1);
        gate.wait();
      });
    }
    while (blocked.load() < 2) std::this_thread::yield();
  }

  Gate gate;
  std::atomic<int> blocked{0};
  ThreadPool pool;
  Executors executors;
  Guard guard;
  std::optional<Api> api;
};

std::set<std::string> names_of(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

bool has_all(const json& object, const std::vector<std::string>& names) {
  bool all = true;
  for (const std::string& name : names) {
    if (!object.contains(name)) {
      ADD_FAILURE() << name << " is not in " << object.dump();
      all = false;
    }
  }
  return all;
}

// S6.19
TEST(Api, StatsHasEveryGroupAndField) {
  World world;
  const json stats = world.got("/api/stats");
  has_all(stats, {"pool_config", "workers", "queue", "tasks", "metrics", "latency", "system_health"});
  has_all(stats["pool_config"], {"total_workers", "metrics_enabled", "min_workers", "max_workers"});
  ASSERT_EQ(stats["workers"].size(), 2);
  has_all(stats["workers"][0],
          {"id", "name", "queue_size", "current_task", "completed", "failed", "total_time", "idle_time", "is_alive"});
  has_all(stats["queue"], {"total_pending"});
  has_all(stats["tasks"], {"queued", "running", "completed", "failed", "cancelled"});
  has_all(stats["metrics"], {"total_submitted", "total_completed", "total_failed", "total_cancelled", "uptime_seconds",
                             "success_rate", "avg_task_time"});
  for (const char* kind : {"wait", "execution"}) has_all(stats["latency"][kind], {"p50", "p90", "p99"});
  has_all(stats["system_health"], {"cpu_percent", "memory_mb", "memory_percent", "num_threads"});
}

// S6.19
TEST(Api, CountsInOneAnswerAgree) {
  World world;
  std::thread feeds([&] {
    for (int i = 0; i < 60; ++i) {
      if (world.post("/api/submit", R"({"type": "expression"})").status == 503) std::this_thread::yield();
    }
  });
  for (int i = 0; i < 60; ++i) {
    const json stats = world.got("/api/stats");
    const json& tasks = stats["tasks"];
    const auto sum = tasks["queued"].get<long>() + tasks["running"].get<long>() + tasks["completed"].get<long>() +
                     tasks["failed"].get<long>() + tasks["cancelled"].get<long>();
    EXPECT_EQ(sum, stats["metrics"]["total_submitted"].get<long>());
    EXPECT_EQ(tasks["queued"], stats["queue"]["total_pending"]);
    EXPECT_EQ(tasks["completed"], stats["metrics"]["total_completed"]);
  }
  feeds.join();
}

// S6.20, S6.21
TEST(Api, ATaskIsSubmittedAndShownWithEveryField) {
  World world;
  const std::string id = world.submit({{"type", "compute"}, {"param", 100}, {"priority", 1}, {"label", "mine"}});
  const json task = world.finished(id);
  EXPECT_EQ(names_of(task), (std::set<std::string>{"id", "name", "state", "result", "exception", "reason",
                                                   "execution_time", "wait_time", "submitted_at", "started_at",
                                                   "finished_at", "worker", "priority", "executor", "meta"}));
  EXPECT_EQ(task["id"], id);
  EXPECT_EQ(task["state"], "completed");
  EXPECT_EQ(task["result"], "25 primes up to 100");
  EXPECT_TRUE(task["exception"].is_null());
  EXPECT_EQ(task["priority"], 1);
  EXPECT_EQ(task["executor"], "thread");
  EXPECT_EQ(task["meta"], (json{{"type", "compute"}, {"label", "mine"}, {"param", "100"}, {"submitted_by", "::1"}}));
  EXPECT_LE(task["submitted_at"], task["started_at"]);
  EXPECT_LE(task["started_at"], task["finished_at"]);
  EXPECT_LT(task["worker"], 2);
}

// S6.20
TEST(Api, AFormIsAsGoodAsJsonAndTheDefaultsAreUsed) {
  World world;
  const Response response = world.post("/api/submit", "type=expression&label=a%20b+c&priority=low&param=&timeout=2.5",
                                       "application/x-www-form-urlencoded; charset=utf-8");
  ASSERT_EQ(response.status, 200) << response.body;
  const json answer = json::parse(response.body);
  EXPECT_EQ(answer["success"], true);
  const json task = world.finished(answer["task_id"]);
  EXPECT_EQ(task["result"], "98");
  EXPECT_EQ(task["priority"], 3);
  EXPECT_EQ(task["meta"]["label"], "a b c");
}

// S6.21
TEST(Api, ATaskThatFailsSaysWhy) {
  World world;
  const json task = world.finished(world.submit({{"type", "expression"}, {"param", "1/0"}}));
  EXPECT_EQ(task["state"], "failed");
  EXPECT_EQ(task["exception"], "the value is not finite: a division by zero?");
}

// S6.20, S6.23: refused with 422, and nothing has changed
TEST(Api, ValuesThatCannotBeAreRefusedAndNothingHasChanged) {
  World world;
  const std::vector<json> refused{
      json::object(),
      {{"type", "shell"}},
      {{"type", "compute"}, {"param", "0"}},
      {{"type", "compute"}, {"param", -1}},
      {{"type", "compute"}, {"param", 5'000'001}},
      {{"type", "compute"}, {"param", "1e3"}},
      {{"type", "compute"}, {"param", " 5"}},
      {{"type", "compute"}, {"param", "99999999999999999999999999"}},
      {{"type", "compute"}, {"param", std::string(50'000, '9')}},
      {{"type", "heavy"}, {"param", 801}},
      {{"type", "io"}, {"param", 1025}},
      {{"type", "expression"}, {"param", "1+"}},
      {{"type", "expression"}, {"param", "system(1)"}},
      {{"type", "expression"}, {"param", "x = 1"}},
      {{"type", "expression"}, {"param", std::string(201, '1')}},
      {{"type", "compute"}, {"priority", 9}},
      {{"type", "compute"}, {"priority", -1}},
      {{"type", "compute"}, {"priority", "urgent"}},
      {{"type", "compute"}, {"timeout", 0}},
      {{"type", "compute"}, {"timeout", "1e999"}},
      {{"type", "compute"}, {"timeout", 3601}},
      {{"type", "compute"}, {"label", std::string(201, 'x')}},
      {{"type", "compute"}, {"executor", "process"}},
      {{"type", "compute"}, {"executor", "cluster"}},
      {{"type", "compute"}, {"executor", "cloud"}},
      {{"type", "compute"}, {"workers", 3}},
  };
  for (const json& fields : refused) {
    const Response response = world.post("/api/submit", fields.dump());
    EXPECT_EQ(response.status, 422) << fields.dump().substr(0, 100) << response.body;
    EXPECT_EQ(json::parse(response.body)["success"], false);
    EXPECT_LT(response.body.size(), 400);
  }
  for (const char* query : {"limit=0", "limit=1001", "limit=x", "limit=1.5", "state=lost", "colour=red"}) {
    EXPECT_EQ(world.get(std::string("/api/tasks?") + query).status, 422) << query;
  }
  EXPECT_EQ(world.got("/api/stats")["metrics"]["total_submitted"], 0);
}

// S6.23
TEST(Api, WhatIsNoJsonOrIsAmbiguousIs400AndOtherTypesAre415) {
  World world;
  const std::vector<std::string> bad{"{",
                                     "[]",
                                     "\"text\"",
                                     "{\"type\": \"compute\", \"type\": \"io\"}",
                                     "{\"type\": [\"compute\"]}",
                                     "{\"type\": NaN}",
                                     "{\"type\": \"\xff\"}",
                                     std::string(60'000, '['),
                                     "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}",
                                     "{\"type\": \"compute\"} more"};
  for (const std::string& body : bad) {
    EXPECT_EQ(world.post("/api/submit", body).status, 400) << body.substr(0, 60);
  }
  for (const char* body : {"type=compute&type=io", "type=%4", "type=%zz", "type=%ff"}) {
    EXPECT_EQ(world.post("/api/submit", body, "application/x-www-form-urlencoded").status, 400) << body;
  }
  EXPECT_EQ(world.post("/api/submit", "{}", "text/plain").status, 415);
  EXPECT_EQ(world.post("/api/submit", "{}", "application/jsonp").status, 415);
  EXPECT_EQ(world.post("/api/clear-completed", "x", "multipart/form-data").status, 415);
}

// S6.18
TEST(Api, AnUnknownPathIs404AndAWrongMethodSaysTheRightOne) {
  World world;
  for (const char* path :
       {"/nothing", "/api", "/api/task/", "/api/task/a/b", "/../etc/passwd", "/app.js/", "/embed.cmake"}) {
    EXPECT_EQ(world.get(path).status, 404) << path;
  }
  const Response response = world.get("/api/submit");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers, (pool::server::Headers{{"Allow", "POST"}}));
  const Response other = world.post("/api/stats");
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(other.headers, (pool::server::Headers{{"Allow", "GET, HEAD"}}));
  EXPECT_EQ(world.get("/api/task/unknown").status, 404);
  EXPECT_EQ(world.post("/api/task/unknown/cancel").status, 404);
}

// S6.18
TEST(Api, ATaskIsCancelledWhetherItWaitsOrRuns) {
  World world;
  world.block();
  const std::string queued = world.submit({{"type", "compute"}});
  EXPECT_EQ(world.post("/api/task/" + queued + "/cancel").status, 200);
  EXPECT_EQ(world.got("/api/task/" + queued)["state"], "cancelled");
  EXPECT_EQ(world.post("/api/task/" + queued + "/cancel").status, 409);
  world.gate.open();

  const std::string running = world.submit({{"type", "compute"}, {"param", 5'000'000}});
  while (world.got("/api/task/" + running)["state"] == "queued") std::this_thread::yield();
  EXPECT_EQ(world.post("/api/task/" + running + "/cancel").status, 200);
  EXPECT_EQ(world.finished(running)["state"], "cancelled");
}

// S6.20
TEST(Api, ATaskThatRunsOutOfItsTimeIsCancelled) {
  World world;
  const std::string id = world.submit({{"type", "compute"}, {"param", 5'000'000}, {"timeout", 0.001}});
  const json task = world.finished(id);
  EXPECT_EQ(task["state"], "cancelled");
  EXPECT_EQ(task["reason"], "timeout");
}

// S6.18
TEST(Api, TasksAreListedNewestFirstAndCleared) {
  World world;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(world.submit({{"type", "expression"}, {"label", "n" + std::to_string(i)}}));
  const json last = world.finished(world.submit({{"type", "expression"}, {"param", "1/0"}}));
  const json tasks = world.got("/api/tasks?limit=3")["tasks"];
  ASSERT_EQ(tasks.size(), 3);
  EXPECT_EQ(tasks[0]["id"], last["id"]);
  EXPECT_EQ(tasks[1]["id"], ids[4]);
  EXPECT_EQ(world.got("/api/tasks?state=failed")["tasks"].size(), 1);
  EXPECT_EQ(world.got("/api/tasks?name=n3")["tasks"].size(), 1);
  EXPECT_EQ(world.post("/api/clear-completed").body, R"({"cleared":6})");
  EXPECT_EQ(world.got("/api/tasks")["tasks"].size(), 0);
  EXPECT_EQ(world.got("/api/stats")["metrics"]["total_submitted"], 6);
}

// S6.18, S6.23
TEST(Api, AFullQueueIs503AndHealthIsAnsweredAllTheSame) {
  World world({}, 3);
  world.block();
  int status = 200;
  for (int i = 0; i < 10 && status == 200; ++i) status = world.post("/api/submit", R"({"type": "io"})").status;
  EXPECT_EQ(status, 503);
  const Response full = world.post("/api/submit", R"({"type": "io"})");
  EXPECT_EQ(full.headers, (pool::server::Headers{{"Retry-After", "1"}}));
  EXPECT_EQ(world.got("/health")["status"], "ok");
  world.gate.open();
}

// S6.18
TEST(Api, AShutdownWaitsForWhatThereIsAndTakesNothingMore) {
  Gate ended;
  World world({.on_shutdown = [&] { ended.open(); }});
  world.block();
  const std::string id = world.submit({{"type", "expression"}});
  Response response;
  std::thread ends([&] { response = world.post("/api/shutdown"); });
  while (world.get("/health").status == 200) std::this_thread::yield();
  EXPECT_EQ(world.post("/api/submit", R"({"type": "io"})").status, 503);
  EXPECT_EQ(world.got("/api/task/" + id)["state"], "queued");
  world.gate.open();
  ends.join();
  ended.wait();
  EXPECT_EQ(response.body, R"({"success":true,"drained":true,"left":0})");
  EXPECT_EQ(world.got("/api/task/" + id)["state"], "completed");
  EXPECT_EQ(world.post("/api/shutdown").body, response.body);
}

// S6.18
TEST(Api, AShutdownSaysWhatWasLeft) {
  World world({.drain = 10ms});
  world.block();
  const std::string id = world.submit({{"type", "expression"}});
  EXPECT_EQ(world.post("/api/shutdown").body, R"({"success":true,"drained":false,"left":3})");
  EXPECT_EQ(world.got("/api/task/" + id)["state"], "cancelled");
  world.gate.open();
}

// S6.12
TEST(Api, MetricsAndTraceAreThere) {
  World world;
  world.finished(world.submit({{"type", "expression"}}));
  EXPECT_NE(world.get("/metrics").body.find("# TYPE "), std::string::npos);
  EXPECT_EQ(world.get("/metrics").type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(json::accept(world.get("/api/trace").body));
}

// S6.18: what is described is there, and what is there is described
TEST(Api, TheDescriptionNamesEveryEndpointAndNoOther) {
  World world;
  const json description = world.got("/openapi.json");
  EXPECT_EQ(description["openapi"], "3.0.3");
  const std::set<std::string> of_the_page{"GET /index.html", "GET /style.css", "GET /app.js", "GET /charts.js",
                                          "GET /favicon.svg"};
  std::set<std::string> described;
  for (const auto& [path, methods] : description["paths"].items()) {
    if (methods.contains("get")) described.insert("GET " + path);
    if (methods.contains("post")) described.insert("POST " + path);
  }
  std::set<std::string> there;
  for (const std::string& endpoint : Api::endpoints()) {
    if (!of_the_page.contains(endpoint)) there.insert(endpoint);
  }
  EXPECT_EQ(described, there);
  const json& schemas = description["components"]["schemas"];
  const json stats = world.got("/api/stats");
  EXPECT_EQ(names_of(schemas["Stats"]["properties"]), names_of(stats));
  for (const auto& [group, fields] : stats.items()) {
    if (group == "workers") {
      EXPECT_EQ(names_of(schemas["Stats"]["properties"][group]["items"]["properties"]), names_of(fields[0]));
    } else {
      EXPECT_EQ(names_of(schemas["Stats"]["properties"][group]["properties"]), names_of(fields)) << group;
    }
  }
  const json task = world.finished(world.submit({{"type", "expression"}}));
  EXPECT_EQ(names_of(schemas["Task"]["properties"]), names_of(task));
}

// S6.22
TEST(Api, ThePageAndWhatItNeedsAreCompiledIn) {
  World world;
  EXPECT_EQ(world.get("/").type, "text/html; charset=utf-8");
  const std::string page = world.get("/").body;
  EXPECT_NE(page.find("<script src=\"/app.js\""), std::string::npos);
  EXPECT_EQ(page.find("http://"), std::string::npos);  // works with no network
  EXPECT_EQ(page.find("https://"), std::string::npos);
  EXPECT_EQ(world.get("/app.js").type, "text/javascript; charset=utf-8");
  EXPECT_EQ(world.get("/style.css").type, "text/css; charset=utf-8");
}

}  // namespace
