// Graphs: refused before they run, or run in an order that fits.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <pool/autoscale/thread_pool.hpp>
#include <pool/flow/task_graph.hpp>
#include <pool/testing/gate.hpp>

namespace pool::flow {
namespace {

using autoscale::ThreadPool;
using ::testing::ElementsAre;
using testing::Gate;
using ::testing::HasSubstr;

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const GraphError& error) {
    return error.what();
  }
  return "no error";
}

struct Graph : ::testing::Test {
  std::function<void()> step(std::string name) {
    return [this, name] {
      const std::lock_guard lock(mutex);
      done.push_back(name);
    };
  }
  std::mutex mutex;
  std::vector<std::string> done;  // guarded by mutex
  ThreadPool pool{{.workers = 2}};
};

// S6.4
TEST_F(Graph, RunsInAnOrderThatFits) {
  TaskGraph graph;
  graph.add("show", {"index", "stop words"}, step("show"));
  graph.add("index", {"parse"}, step("index"));
  graph.add("parse", {"read"}, step("parse"));
  graph.add("stop words", {"read"}, step("stop words"));
  graph.add("read", step("read"));
  EXPECT_THAT(graph.order(), ElementsAre("read", "parse", "index", "stop words", "show"));
  const GraphRun run = graph.run(pool);
  run.get();
  EXPECT_EQ(done.front(), "read");
  EXPECT_EQ(done.back(), "show");
  EXPECT_EQ(done.size(), 5U);
  EXPECT_EQ(run.progress().completed, 5U);
  EXPECT_EQ(run.states().at("index"), JobState::completed);
  EXPECT_EQ(run.job("index").name(), "index");
}

TEST_F(Graph, CyclesAreRefusedByName) {
  TaskGraph graph;
  graph.add("start", step("start"));
  graph.add("a", {"b", "start"}, step("a"));
  graph.add("b", {"a"}, step("b"));
  graph.add("after", {"a"}, step("after"));
  EXPECT_THAT(error_of([&] { static_cast<void>(graph.run(pool)); }), HasSubstr(": a → b → a"));
  pool.wait_idle();
  EXPECT_TRUE(done.empty()) << "nothing has run";
}

TEST_F(Graph, CyclesAreNamedInTheDirectionOfTime) {
  TaskGraph graph;
  for (const char* name : {"c", "a", "b"}) graph.add(name, step(name));
  graph.connect("a", "b").connect("b", "c").connect("c", "a");
  EXPECT_THAT(error_of([&] { static_cast<void>(graph.order()); }), HasSubstr(": c → a → b → c"));
}

TEST_F(Graph, WhatComesAfterItselfIsACycle) {
  TaskGraph graph;
  graph.add("a", {"a"}, step("a"));
  EXPECT_THAT(error_of([&] { static_cast<void>(graph.order()); }), HasSubstr(": a → a"));
}

TEST_F(Graph, NamesAreUniqueAndKnown) {
  TaskGraph graph;
  graph.add("a", {"nobody"}, step("a"));
  EXPECT_THAT(error_of([&] { graph.add("a", step("a")); }), HasSubstr("'a' already"));
  EXPECT_THAT(error_of([&] { graph.add("", step("")); }), HasSubstr("needs a name"));
  EXPECT_THAT(error_of([&] { graph.connect("a", "b"); }), HasSubstr("no node 'b'"));
  EXPECT_THAT(error_of([&] { static_cast<void>(graph.run(pool)); }), HasSubstr("'a' comes after 'nobody'"));
  EXPECT_THROW(graph.add("b", std::function<void()>()), std::invalid_argument);
  EXPECT_EQ(graph.size(), 1U);
}

TEST_F(Graph, AFailureCancelsWhatComesAfterItAndNothingElse) {
  TaskGraph graph;
  graph.add("read", [] { throw std::runtime_error("no such file"); });
  graph.add("parse", {"read"}, step("parse"));
  graph.add("index", {"parse"}, step("index"));
  graph.add("other", step("other"));
  const GraphRun run = graph.run(pool);
  run.wait();
  EXPECT_THAT(done, ElementsAre("other"));
  EXPECT_EQ(run.job("index").info().reason, "dependency 'read' failed: no such file");
  EXPECT_EQ(run.progress().cancelled, 2U);
  EXPECT_THROW(run.get(), std::runtime_error);
  EXPECT_THROW(static_cast<void>(run.job("nobody")), GraphError);
}

TEST_F(Graph, CanBeCancelled) {
  Gate started;
  TaskGraph graph;
  graph.add("first", [&](const CancelToken& token) {
    started.open();
    while (!token.is_cancelled()) std::this_thread::yield();
  });
  graph.add("second", {"first"}, step("second"));
  const GraphRun run = graph.run(pool);
  started.wait();
  EXPECT_EQ(run.cancel("enough"), 2U);
  run.wait();
  EXPECT_TRUE(done.empty());
  EXPECT_EQ(run.states().at("second"), JobState::cancelled);
}

TEST_F(Graph, CanBeRunAgainAndAtTheSameTime) {
  TaskGraph graph;
  std::atomic<int> ran = 0;
  graph.add("a", [&] { ++ran; });
  graph.add("b", {"a", "a"}, [&] { ++ran; });
  std::vector<GraphRun> runs;
  for (int i = 0; i < 20; ++i) runs.push_back(graph.run(pool));
  for (const GraphRun& run : runs) run.get();
  EXPECT_EQ(ran, 40);
}

TEST_F(Graph, ThousandsOfNodes) {
  TaskGraph graph;
  std::atomic<int> ran = 0;
  graph.add("0", [&] { ++ran; });
  for (int i = 1; i < 3000; ++i) {
    graph.add(std::to_string(i), {std::to_string(i - 1), std::to_string(i / 2)}, [&] { ++ran; });
  }
  graph.run(pool).get();
  EXPECT_EQ(ran, 3000);
}

TEST_F(Graph, OfNothingIsDone) {
  const GraphRun run = TaskGraph().run(pool);
  run.get();
  EXPECT_TRUE(run.progress().done());
}

TEST_F(Graph, RunOnAPoolThatHasStoppedIsRefused) {
  TaskGraph graph;
  graph.add("a", step("a"));
  pool.shutdown();
  EXPECT_THROW(static_cast<void>(graph.run(pool)), basic::PoolStopped);
}

}  // namespace
}  // namespace pool::flow
