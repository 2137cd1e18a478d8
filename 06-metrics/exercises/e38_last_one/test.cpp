// Jobs that wait for others, which end on several threads, under every interleaving.
#include <e38_last_one/held.hpp>

#include <string>
#include <vector>

#include <pool/testing/explorer/test.hpp>

using exercise::Held;
using exercise::Job;
using exercise::Queue;
using exercise::State;
using pool::sync::atomic;
using pool::sync::cell;
using pool::sync::thread;

namespace {

void complete(Job& job) {
  EXPLORE_CHECK(job.claim());
  job.end(State::completed);
}

void fail(Job& job, const char* why) {
  EXPLORE_CHECK(job.claim());
  job.end(State::failed, why);
}

// A job that depends on two, and whoever queues it runs it.
struct Graph {
  Job one{"one"}, other{"other"}, job{"job"};
  atomic<int> queued{0}, runs{0};
  Queue queue = [this](Job& which) {
    ++queued;
    if (!which.claim()) return;
    ++runs;
    which.end(State::completed);
  };
  void hold() { Held::hold(job, queue, {&one, &other}); }
};

}  // namespace

EXPLORE(Alone, AJobWithoutDependenciesIsQueuedAtOnce) {
  Graph graph;
  Held::hold(graph.job, graph.queue, {});
  EXPECT_EQ(graph.queued.load(), 1);
  EXPECT_EQ(graph.job.state(), State::completed);
}

EXPLORE(Alone, ThoseThatHaveEndedCountToo) {
  Graph graph;
  complete(graph.one);
  graph.hold();
  EXPECT_EQ(graph.queued.load(), 0);
  complete(graph.other);
  EXPECT_EQ(graph.queued.load(), 1);

  Graph before;
  complete(before.one);
  complete(before.other);
  before.hold();
  EXPECT_EQ(before.queued.load(), 1);
}

EXPLORE(Alone, TheSameOneTwiceIsTwoArrivals) {
  Graph graph;
  Held::hold(graph.job, graph.queue, {&graph.one, &graph.one});
  complete(graph.one);
  EXPECT_EQ(graph.queued.load(), 1);
}

// Both end at the same time.
EXPLORE_WITH(Last, QueuesItOnce, (Explore{.preemptions = 2})) {
  Graph graph;
  graph.hold();
  thread worker([&] { complete(graph.one); });
  complete(graph.other);
  worker.join();
  EXPECT_EQ(graph.queued.load(), 1);
  EXPECT_EQ(graph.runs.load(), 1);
  EXPECT_EQ(graph.job.state(), State::completed);
}

// They end while hold() is on its way through them.
EXPLORE_WITH(Last, MayComeWhileTheyAreCounted, (Explore{.preemptions = 2})) {
  Graph graph;
  thread worker([&] { complete(graph.one); });
  graph.hold();
  EXPECT_EQ(graph.queued.load(), 0) << "the other one has not ended";
  complete(graph.other);
  worker.join();
  EXPECT_EQ(graph.queued.load(), 1);
}

// Whoever runs the job sees what both did.
EXPLORE_WITH(Last, SeesWhatAllHaveDone, (Explore{.preemptions = 2})) {
  Graph graph;
  cell<int> left{0}, right{0};
  Held::hold(graph.job,
             [&](Job& job) {
               EXPLORE_CHECK(job.claim());
               EXPECT_EQ(left.read() + right.read(), 42);
               job.end(State::completed);
             },
             {&graph.one, &graph.other});
  thread worker([&] {
    left.write() = 40;
    complete(graph.one);
  });
  right.write() = 2;
  complete(graph.other);
  worker.join();
  EXPECT_EQ(graph.job.state(), State::completed);
}

EXPLORE(Failure, CancelsAtOnceAndNamesTheCulprit) {
  Graph graph;
  graph.hold();
  fail(graph.one, "no such file");
  EXPECT_EQ(graph.job.state(), State::cancelled) << "the other one may never end";
  EXPECT_EQ(graph.job.why(), "dependency 'one' failed: no such file");
  complete(graph.other);
  EXPECT_EQ(graph.runs.load(), 0);
}

EXPLORE(Failure, IsHandedOnAsItIs) {
  Graph graph;
  Job report("report"), letter("letter");
  graph.hold();
  Held::hold(report, graph.queue, {&graph.job});
  Held::hold(letter, graph.queue, {&report});
  fail(graph.other, "no such file");
  EXPECT_EQ(report.why(), "dependency 'other' failed: no such file");
  EXPECT_EQ(letter.state(), State::cancelled);
  EXPECT_EQ(letter.why(), "dependency 'other' failed: no such file");
  EXPECT_EQ(graph.runs.load(), 0);
}

EXPLORE(Failure, ThatWasACancelSaysSo) {
  Graph graph;
  graph.hold();
  graph.one.cancel("no longer needed");
  EXPECT_EQ(graph.job.state(), State::cancelled);
  EXPECT_EQ(graph.job.why(), "dependency 'one' was cancelled: no longer needed");
}

// Two culprits, and one end.
EXPLORE_WITH(Failure, OfTwoIsOneEnd, (Explore{.preemptions = 2})) {
  Graph graph;
  atomic<int> ends{0};
  graph.job.on_end([&](const Job&) { ++ends; });
  graph.hold();
  thread worker([&] { fail(graph.one, "no such file"); });
  fail(graph.other, "no memory");
  worker.join();
  EXPECT_EQ(ends.load(), 1);
  EXPECT_EQ(graph.queued.load(), 0);
  EXPECT_EQ(graph.job.state(), State::cancelled);
}

// A failure while it is cancelled by somebody.
EXPLORE_WITH(Cancel, AgainstAFailureIsOneEnd, (Explore{.preemptions = 2})) {
  Graph graph;
  graph.hold();
  thread worker([&] { fail(graph.one, "no such file"); });
  const bool mine = graph.job.cancel("asked");
  worker.join();
  EXPECT_EQ(graph.job.state(), State::cancelled);
  EXPECT_EQ(graph.job.why(), mine ? "asked" : "dependency 'one' failed: no such file");
}

// The last one completes while it is cancelled: it runs, or it is cancelled, and not both.
EXPLORE_WITH(Cancel, AgainstTheLastOneIsOneOfTheTwo, (Explore{.preemptions = 2})) {
  Graph graph;
  graph.hold();
  complete(graph.one);
  thread worker([&] { complete(graph.other); });
  const bool mine = graph.job.cancel("asked");
  worker.join();
  EXPECT_EQ(graph.runs.load(), mine ? 0 : 1);
  EXPECT_EQ(graph.job.state(), mine ? State::cancelled : State::completed);
}
