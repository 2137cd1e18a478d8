// Who dies, and what becomes of the job: workers and servers are killed while a job runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <pool/cluster/cluster_executor.hpp>
#include <pool/cluster/cluster_worker.hpp>
#include <pool/testing/gearmand.hpp>

namespace pool::cluster {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Gearmand;
using ::testing::HasSubstr;
using testing::Program;
using ::testing::SizeIs;
using testing::until;

class Delivery : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::find_gearmand().empty()) GTEST_SKIP() << "gearmand is not installed: apt install gearman-job-server";
  }
  testing::Folder folder;
  ClusterOptions options_for(const Gearmand& server) {
    ClusterOptions options;
    options.servers = server.address();
    options.connect_timeout = 20s;
    options.answer_timeout = 60s;
    options.give_up_after = 120s;
    options.first_pause = 5ms;
    options.longest_pause = 20ms;
    return options;
  }
  void start(const Gearmand& server, const std::string& name) {
    workers[name] = std::make_unique<Program>(std::vector<std::string>{POOL_WORKER, server.address(), name});
  }
  json hold() { return {{"log", folder.file("log")}, {"gate", folder.file("gate")}}; }
  std::map<std::string, std::unique_ptr<Program>> workers;
};

// S6.17: a job whose worker dies is run again elsewhere.
TEST_F(Delivery, TheOtherWorkerFinishesIt) {
  Gearmand server(folder, {"--job-retries=3"});
  start(server, "A");
  start(server, "B");
  ClusterExecutor cluster(options_for(server));
  Job<json> job = cluster.submit("hold", hold());
  until([&] { return folder.lines("log").size() == 1; });
  const std::string first = folder.lines("log").front();
  workers.at(first)->kill();
  folder.touch("gate");
  const std::string other = first == "A" ? "B" : "A";
  EXPECT_EQ(job.get(), other);
  EXPECT_THAT(folder.lines("log"), ElementsAre(first, other)) << "it was begun twice";
  EXPECT_EQ(cluster.stats().deliveries, 2U);
}

// S6.17: the retries are bounded by the server, if it was told so,
TEST_F(Delivery, TheServersRetriesAreSpent) {
  Gearmand server(folder, {"--job-retries=2"});
  for (const char* name : {"A", "B", "C"}) start(server, name);
  ClusterExecutor cluster(options_for(server));
  Job<json> job = cluster.submit("dies", {{"log", folder.file("log")}});
  try {
    static_cast<void>(job.get());
    FAIL() << "nobody can have done it";
  } catch (const RetriesSpent& error) {
    EXPECT_EQ(error.deliveries(), 2U);
    EXPECT_THAT(error.what(), HasSubstr("started 2 times and never finished; the job server gave it up"));
  }
  EXPECT_THAT(folder.lines("log"), SizeIs(2));
  Job<json> next = cluster.submit("echo", 1);
  EXPECT_EQ(next.get(), 1) << "one worker is left";
}

// S6.17: and by us, if it was not: its default is none.
TEST_F(Delivery, OurRetriesAreSpent) {
  Gearmand server(folder);
  for (const char* name : {"A", "B", "C"}) start(server, name);
  ClusterOptions options = options_for(server);
  options.retries = 1;
  ClusterExecutor cluster(options);
  Job<json> job = cluster.submit("dies", {{"log", folder.file("log")}});
  try {
    static_cast<void>(job.get());
    FAIL() << "nobody can have done it";
  } catch (const RetriesSpent& error) {
    EXPECT_EQ(error.deliveries(), 2U);
    EXPECT_THAT(error.what(), HasSubstr("started 2 times and never finished; it is not waited for any more"));
  }
}

// S6.17: a worker with processes of its own survives, and counts itself.
TEST_F(Delivery, WhatDiesInsideAWorkerIsBoundedToo) {
  Gearmand server(folder);
  start(server, "A");
  ClusterOptions options = options_for(server);
  options.retries = 2;
  ClusterExecutor cluster(options);
  Job<json> job = cluster.submit("dies_inside", {{"log", folder.file("log")}});
  try {
    static_cast<void>(job.get());
    FAIL() << "nobody can have done it";
  } catch (const RetriesSpent& error) {
    EXPECT_EQ(error.deliveries(), 3U);
    EXPECT_THAT(error.what(), HasSubstr("started 3 times"));
  }
  EXPECT_THAT(folder.lines("log"), SizeIs(3));
}

// S6.17: background jobs survive the death of the server in its queue on disc. (A job in the foreground does not,
// there: it is sent again, see below.)
TEST_F(Delivery, BackgroundJobsSurviveTheServer) {
  Gearmand server(folder, {"--queue-type=libsqlite3", "--libsqlite3-db=" + folder.file("queue.db")});
  {
    ClusterExecutor cluster(options_for(server));
    for (const char* text : {"one", "two", "three"}) {
      const json receipt =
          cluster.submit("note", {{"log", folder.file("log")}, {"text", text}}, {}, Mode::background).get();
      EXPECT_TRUE(receipt.contains("handle"));
    }
  }
  server.kill();
  server.start_again();
  start(server, "A");
  until([&] { return folder.lines("log").size() >= 3; });
  EXPECT_THAT(folder.lines("log"), ::testing::UnorderedElementsAre("A one", "A two", "A three"));
}

// S6.17: a job in the foreground is sent again when the server has come back; and its worker finds the server again.
TEST_F(Delivery, ForegroundJobsAreSentAgain) {
  Gearmand server(folder);
  ClusterExecutor cluster(options_for(server));
  Job<json> job = cluster.submit("echo", 7);
  start(server, "A");
  EXPECT_EQ(job.get(), 7);
  Job<json> waits = cluster.submit("nobody_yet", 8);
  until([&] { return server.status("nobody_yet") == std::vector{1, 0, 0}; });
  server.kill();
  server.start_again();
  until([&] { return server.status("nobody_yet") == std::vector{1, 0, 0}; });
  EXPECT_EQ(cluster.stats().resent, 1U);
  EXPECT_EQ(cluster.submit("echo", 9).get(), 9) << "the worker is back as well";
  EXPECT_EQ(waits.state(), priority::JobState::running);
  EXPECT_TRUE(waits.cancel());
}

// S6.17: not for ever. And submit() says so at once.
TEST_F(Delivery, WithoutAServerJobsFailInTheEnd) {
  Gearmand server(folder);
  ClusterOptions options = options_for(server);
  options.give_up_after = 50ms;
  ClusterExecutor cluster(options);
  Job<json> job = cluster.submit("echo", 1);
  until([&] { return server.status("echo") == std::vector{1, 0, 0}; });
  server.kill();
  try {
    static_cast<void>(job.get());
    FAIL() << "there is no server";
  } catch (const ClusterUnavailable& error) {
    EXPECT_THAT(error.what(), HasSubstr("may have run"));
  }
  EXPECT_THROW(static_cast<void>(cluster.submit("echo", 2)), ClusterUnavailable);
  server.start_again();
  start(server, "A");
  until([&] {  // it comes back by itself, after the pause
    try {
      return cluster.submit("echo", 3).get() == 3;
    } catch (const ClusterUnavailable&) {
      return false;
    }
  });
}

// S6.17: a worker that is asked to stop finishes what it does, and takes nothing more.
TEST_F(Delivery, AWorkerThatStopsFinishesItsJob) {
  Gearmand server(folder);
  const std::string out = folder.file("out");
  Program worker({POOL_WORKER, server.address(), "A"}, out);
  ClusterExecutor cluster(options_for(server));
  Job<json> job = cluster.submit("hold", hold());
  until([&] { return folder.lines("log").size() == 1; });
  Job<json> next = cluster.submit("echo", 1);
  worker.signal(SIGTERM);
  until([&] { return folder.lines("out").size() == 2; });
  folder.touch("gate");
  EXPECT_EQ(job.get(), "A");
  EXPECT_EQ(worker.wait(), 0);
  EXPECT_EQ(folder.lines("out").back(), "worker: 1 jobs done, 0 of them failed");
  EXPECT_FALSE(has_ended(next.state())) << "it is for the next worker";
  start(server, "B");
  EXPECT_EQ(next.get(), 1);
}

// An idle worker can be stopped, and one that cannot reach its server.
TEST_F(Delivery, StopDoesNotWaitForAJob) {
  Gearmand server(folder);
  process::Jobs jobs;
  jobs.add("idle", [](const json& argument) { return argument; });
  {
    ClusterWorker worker({.servers = server.address(), .threads = 2}, jobs);
    until([&] { return server.status("idle") == std::vector{0, 0, 2}; });
    worker.stop();
  }
  until([&] { return server.status("idle") != std::vector{0, 0, 2}; });
  std::atomic<int> told = 0;
  ClusterWorker vain({.servers = "127.0.0.1:" + std::to_string(testing::free_port()),
                      .threads = 1,
                      .first_pause = 1ms,
                      .longest_pause = 1ms,
                      .on_trouble =
                          [&](const std::string& what) {
                            EXPECT_THAT(what, HasSubstr("cannot be reached"));
                            ++told;
                          }},
                     jobs);
  until([&] { return told == 1; });
  vain.stop();
  EXPECT_EQ(told, 1) << "once";
}

}  // namespace
}  // namespace pool::cluster
