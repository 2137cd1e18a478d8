// Jobs go to a real job server and to workers in other processes, and come back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <pool/cluster/cluster_executor.hpp>
#include <pool/cluster/cluster_worker.hpp>
#include <pool/testing/gearmand.hpp>
#include <pool/testing/process.hpp>

namespace pool::cluster {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Gearmand;
using ::testing::HasSubstr;
using testing::Program;
using testing::until;

class Executor : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::find_gearmand().empty()) GTEST_SKIP() << "gearmand is not installed: apt install gearman-job-server";
  }
  testing::Folder folder;
};

std::unique_ptr<Program> worker(const Gearmand& server, const std::string& name) {
  return std::make_unique<Program>(std::vector<std::string>{POOL_WORKER, server.address(), name});
}

ClusterOptions options_for(const Gearmand& server) {
  ClusterOptions options;
  options.servers = server.address();
  options.connect_timeout = 20s;  // the machine may be loaded
  options.answer_timeout = 60s;
  return options;
}

// S6.17
TEST_F(Executor, GivesTheResultBack) {
  Gearmand server(folder);
  const auto a = worker(server, "A");
  ClusterExecutor cluster(options_for(server));
  const json argument = {{"text", "naïve"}, {"list", {1, 2.5, nullptr, true}}, {"zero", std::string("a\0b", 3)}};
  Job<json> job = cluster.submit("echo", argument, {.metadata = {{"by", "me"}}});
  EXPECT_EQ(job.get(), argument);
  EXPECT_EQ(job.name(), "echo");
  EXPECT_EQ(job.info().metadata.at("by"), "me");
  const ClusterStats stats = cluster.stats();
  EXPECT_EQ(stats.completed, 1U);
  EXPECT_EQ(stats.in_flight, 0U);
  EXPECT_EQ(stats.deliveries, 1U);
  EXPECT_EQ(stats.server, server.address());
}

// S6.17: many at a time over one connection, one of them large.
TEST_F(Executor, HasManyJobsOnTheWay) {
  Gearmand server(folder);
  const auto a = worker(server, "A");
  const auto b = worker(server, "B");
  ClusterExecutor cluster(options_for(server));
  Job<json> large = cluster.submit("echo", std::string(3U << 20U, 'x'));
  std::vector<Job<json>> jobs;
  for (int i = 0; i < 300; ++i) jobs.push_back(cluster.submit("echo", i));
  for (int i = 0; i < 300; ++i) EXPECT_EQ(jobs[static_cast<std::size_t>(i)].get(), i);
  EXPECT_EQ(large.get().get<std::string>().size(), 3U << 20U);
}

// S6.17: what a job throws is thrown here, by its type where there is one for it.
TEST_F(Executor, GivesErrorsBack) {
  Gearmand server(folder);
  const auto a = worker(server, "A");
  ClusterExecutor cluster(options_for(server));
  try {
    static_cast<void>(cluster.submit("throws", {{"what", "out of town"}}).get());
    FAIL() << "it throws";
  } catch (const process::JobFailed& error) {
    EXPECT_EQ(error.type(), "std::domain_error");
    EXPECT_STREQ(error.what(), "out of town");
  }
  EXPECT_THROW(static_cast<void>(cluster.submit("throws", json::object()).get()), process::BadArgument);
  EXPECT_THROW(static_cast<void>(cluster.submit("not_json", nullptr).get()), process::NotSerialisable);
  EXPECT_THROW(static_cast<void>(cluster.submit("echo", std::string("\xff"))), process::NotSerialisable);
  EXPECT_THROW(static_cast<void>(cluster.submit("", 1)), std::invalid_argument);
  EXPECT_EQ(cluster.stats().submitted, 3U) << "what submit() throws for was not submitted";
}

// S6.17: of what waits, the high goes first, and the low last.
TEST_F(Executor, ObservesPriorities) {
  Gearmand server(folder);
  ClusterExecutor cluster(options_for(server));
  std::vector<Job<json>> jobs;
  for (const Priority priority :
       {Priority::lowest, Priority::normal, Priority::high, Priority::low, Priority::critical, Priority::normal}) {
    const std::string text(priority::kPriorityNames.at(priority::level_of(priority)));
    jobs.push_back(cluster.submit("note", {{"log", folder.file("log")}, {"text", text}}, {.priority = priority}));
  }
  until([&] { return server.status("note") == std::vector{6, 0, 0}; });
  const auto a = worker(server, "A");
  for (const auto& job : jobs) job.wait();
  EXPECT_THAT(folder.lines("log"), ElementsAre("A high", "A critical", "A normal", "A normal", "A lowest", "A low"));
}

// S6.17: nobody listens. An error, and soon; and not even an attempt before the pause is over.
TEST_F(Executor, SaysThatThereIsNoServer) {
  ClusterOptions options;
  options.servers = "127.0.0.1:" + std::to_string(testing::free_port());
  options.first_pause = options.longest_pause = 1h;
  ClusterExecutor cluster(options);
  for (int i = 0; i < 3; ++i) {
    try {
      static_cast<void>(cluster.submit("echo", 1));
      FAIL() << "there is no server";
    } catch (const ClusterUnavailable& error) {
      EXPECT_THAT(error.what(), HasSubstr(options.servers + ": Connection refused"));
      EXPECT_THAT(error.what(), HasSubstr("is gearmand running?"));
    }
  }
  EXPECT_EQ(cluster.stats().submitted, 0U);
  EXPECT_THAT(cluster.stats().error, HasSubstr("refused"));
}

// S6.17: a server that takes connections and says nothing: stopped, or something else.
TEST_F(Executor, SaysThatTheServerHangs) {
  Gearmand server(folder);
  server.signal(SIGSTOP);
  ClusterOptions options = options_for(server);
  options.connect_timeout = 50ms;
  ClusterExecutor cluster(options);
  try {
    static_cast<void>(cluster.submit("echo", 1));
    FAIL() << "it is stopped";
  } catch (const ClusterUnavailable& error) {
    EXPECT_THAT(error.what(), HasSubstr("does not answer in time"));
  }
  server.signal(SIGCONT);
}

// The second server is taken when the first is not there; and again, when it comes back.
TEST_F(Executor, TriesTheNextServer) {
  Gearmand server(folder);
  const auto a = worker(server, "A");
  ClusterOptions options = options_for(server);
  options.servers = "127.0.0.1:" + std::to_string(testing::free_port()) + "," + server.address();
  ClusterExecutor cluster(options);
  EXPECT_EQ(cluster.submit("echo", 1).get(), 1);
  EXPECT_EQ(cluster.stats().server, server.address());
}

// S6.17: what is with the server cannot be called back, but nobody has to wait for it.
TEST_F(Executor, CancelsBeforeAndAfterItIsSent) {
  Gearmand server(folder);
  ClusterExecutor cluster(options_for(server));
  Job<json> sent = cluster.submit("echo", 1);
  until([&] { return sent.state() == priority::JobState::running; });
  EXPECT_TRUE(sent.cancel("not needed"));
  try {
    static_cast<void>(sent.get());
    FAIL() << "it was cancelled";
  } catch (const priority::Cancelled& error) {
    EXPECT_EQ(error.reason(), "not needed");
  }
  priority::CancelSource source;
  source.cancel("changed my mind");
  EXPECT_THROW(static_cast<void>(cluster.submit("echo", 2, {.token = source.token()}).get()), priority::Cancelled);
  Job<json> late = cluster.submit("echo", 3, {.timeout = 20ms});  // nobody serves it
  EXPECT_THROW(static_cast<void>(late.get()), priority::Cancelled);
  const auto a = worker(server, "A");
  EXPECT_EQ(cluster.submit("echo", 4).get(), 4) << "the answers to the others are nobody's";
  EXPECT_EQ(cluster.stats().cancelled, 3U);
}

// S6.17: a job in the background belongs to the server.
TEST_F(Executor, LeavesBackgroundJobsToTheServer) {
  Gearmand server(folder);
  {
    ClusterExecutor cluster(options_for(server));
    const json receipt =
        cluster.submit("note", {{"log", folder.file("log")}, {"text", "x"}}, {}, Mode::background).get();
    EXPECT_THAT(receipt.at("handle").get<std::string>(), HasSubstr("H:pool:"));
  }
  const auto a = worker(server, "A");
  until([&] { return folder.lines("log").size() == 1; });
}

// Shutdown is bounded, says to each job what has happened, and leaves nothing.
TEST_F(Executor, ShutdownIsBounded) {
  Gearmand server(folder);
  const std::size_t descriptors = testing::descriptor_count();
  const std::size_t threads = testing::thread_count();
  {
    ClusterOptions options = options_for(server);
    options.drain = 20ms;
    ClusterExecutor cluster(options);
    Job<json> left = cluster.submit("nobody_knows_it", 1);
    cluster.shutdown();
    EXPECT_THROW(static_cast<void>(left.get()), ClusterStopped);
    EXPECT_THROW(static_cast<void>(cluster.submit("echo", 1)), ClusterStopped);
    cluster.shutdown();
  }
  EXPECT_EQ(testing::descriptor_count(), descriptors);
  EXPECT_TRUE(testing::thread_count_becomes(threads));
}

// What a job's end calls may submit the next one, but not wait for itself.
TEST_F(Executor, CallbacksMaySubmit) {
  Gearmand server(folder);
  const auto a = worker(server, "A");
  ClusterExecutor cluster(options_for(server));
  std::atomic<bool> refused = false;
  std::atomic<bool> done = false;
  const Job<json> first = cluster.submit("hold", {{"log", folder.file("log")}, {"gate", folder.file("gate")}});
  first.on_end([&](const priority::JobCore&) {  // on the executor's thread, as the job has not ended yet
    try {
      cluster.shutdown();
    } catch (const basic::PoolError&) {
      refused = true;
    }
    cluster.submit("echo", 2).on_end([&](const priority::JobCore& second) {
      EXPECT_EQ(second.state(), priority::JobState::completed);
      done = true;
    });
  });
  folder.touch("gate");
  until([&] { return done.load(); });
  EXPECT_TRUE(refused);
}

TEST(Options, AreLookedAt) {
  EXPECT_THROW(ClusterExecutor({.servers = "127.0.0.1:0"}), std::invalid_argument);
  EXPECT_THROW(ClusterExecutor({.servers = ""}), std::invalid_argument);
  EXPECT_THROW(ClusterExecutor({.retries = 1000}), std::invalid_argument);
  EXPECT_THROW(ClusterExecutor({.connect_timeout = 0ms}), std::invalid_argument);
  const process::Jobs none;
  EXPECT_THROW(ClusterWorker({}, none), std::invalid_argument);
}

}  // namespace
}  // namespace pool::cluster
