// Tasks: what a pool knows about the work that it was given an id for.
#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/metrics/thread_pool.hpp>
#include <pool/priority/clock.hpp>
#include <pool/testing/gate.hpp>

namespace pool::metrics {
namespace {

using priority::Cancelled;
using priority::ManualClock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::Gate;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> names(const std::vector<TaskInfo>& tasks) {
  std::vector<std::string> names;
  for (const TaskInfo& task : tasks) names.push_back(task.name);
  return names;
}

// Keeps the only worker of a pool until it is told to go on.
struct Kept {
  explicit Kept(ThreadPool& pool) : job(pool.launch({}, [this] { go.wait(); })) {}
  ~Kept() {
    go.open();
    job.wait();  // it uses the gate
  }
  Gate go;
  Job<void> job;
};

// S6.1, S6.2
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
  EXPECT_EQ(pool.task(id).result, "");
  go.open();
  EXPECT_EQ(pool.get_task_result<int>(id, seconds(100)), 42);
  EXPECT_EQ(pool.get_task_result(id, seconds(0)), "42");
  const TaskInfo info = pool.task(id);
  EXPECT_EQ(info.id, id);
  EXPECT_EQ(info.name, "answer");
  EXPECT_EQ(info.state, JobState::completed);
  EXPECT_EQ(info.result, "42");
  EXPECT_EQ(info.exception, std::nullopt);
  EXPECT_EQ(info.metadata, (Metadata{{"k", "v"}}));
  EXPECT_EQ(info.executor, "thread");
  EXPECT_EQ(info.worker, 0U);
}

// S6.1
TEST(Tasks, MayHaveIdsOfTheCallersAndADuplicateIsRefused) {
  ThreadPool pool({.workers = 1});
  const Job<int> first = pool.submit(TaskOptions{.id = "mine"}, [] { return 1; });
  EXPECT_EQ(to_string(first.id()), "mine");
  EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "mine"}, [] { return 2; })), DuplicateTask);
  EXPECT_EQ(pool.get_task_result<int>("mine", seconds(100)), 1);
  EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "mine"}, [] { return 2; })), DuplicateTask)
      << "as long as it is kept";
  EXPECT_EQ(pool.clear_completed(), 1U);
  EXPECT_EQ(pool.submit(TaskOptions{.id = "mine"}, [] { return 3; }).get(), 3);
  EXPECT_EQ(pool.tasks().size(), 1U);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().submitted, 2U) << "those that were refused were never submitted";
}

// S6.1: an id that the pool has made for somebody is an id of his own.
TEST(Tasks, MayHaveAnIdThatThePoolHasMadeBefore) {
  ThreadPool pool({.workers = 1});
  const std::string id = pool.new_id();
  EXPECT_THROW(static_cast<void>(pool.task(id)), UnknownTask);
  const Job<int> job = pool.submit(TaskOptions{.id = id}, [] { return 1; });
  EXPECT_EQ(to_string(job.id()), id);
  EXPECT_EQ(pool.get_task_result<int>(id, seconds(100)), 1);
  EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = id}, [] { return 2; })), DuplicateTask);
  EXPECT_EQ(pool.get_task_result<int>(id, seconds(0)), 1) << "and the first one is still there";
}

// S6.1: each its own error.
TEST(Tasks, SayWhatIsWrongWithAQuestion) {
  ThreadPool pool({.workers = 1});
  Kept kept(pool);
  const Job<int> job = pool.submit(TaskOptions{.id = "t"}, [] { return 1; });
  EXPECT_THROW(static_cast<void>(pool.task("nobody")), UnknownTask);
  EXPECT_THROW(static_cast<void>(pool.cancel("nobody")), UnknownTask);
  EXPECT_THROW(static_cast<void>(pool.get_task_result("nobody", seconds(0))), UnknownTask);
  EXPECT_THROW(static_cast<void>(pool.get_task_result<std::string>("t", seconds(0))), WrongResultType);
  EXPECT_THROW(static_cast<void>(pool.get_task_result<int>("t", seconds(0))), ResultTimeout);
  EXPECT_THROW(static_cast<void>(pool.get_task_result("t", milliseconds(1))), ResultTimeout);
  EXPECT_THROW(static_cast<void>(pool.get_task_result("t", seconds(-1))), std::invalid_argument);
  try {
    static_cast<void>(pool.get_task_result<std::string>("t", seconds(0)));
  } catch (const WrongResultType& error) {
    EXPECT_THAT(error.what(), HasSubstr("int"));
    EXPECT_THAT(error.what(), HasSubstr("string"));
  }
  kept.go.open();
  EXPECT_EQ(pool.get_task_result<int>("t", seconds(100)), 1);
}

// S6.1
TEST(Tasks, GiveWhatTheyHaveThrownAndWhyTheyWereCancelled) {
  ThreadPool pool({.workers = 1});
  static_cast<void>(pool.submit(TaskOptions{.id = "throws"}, []() -> int { throw std::out_of_range("too far"); }));
  EXPECT_THROW(static_cast<void>(pool.get_task_result<int>("throws", seconds(100))), std::out_of_range);
  EXPECT_THROW(static_cast<void>(pool.get_task_result("throws", seconds(100))), std::out_of_range);
  EXPECT_EQ(pool.task("throws").state, JobState::failed);
  EXPECT_EQ(pool.task("throws").exception, "too far");
  EXPECT_EQ(pool.task("throws").result, "");
  static_cast<void>(pool.submit(TaskOptions{.id = "odd"}, [] { throw 3; }));
  EXPECT_THROW(pool.get_task_result<void>("odd", seconds(100)), int);
  EXPECT_EQ(pool.task("odd").exception, "(a value of type int was thrown)");
  Kept kept(pool);
  static_cast<void>(pool.submit(TaskOptions{.id = "queued"}, [] { return 1; }));
  EXPECT_TRUE(pool.cancel("queued", "no more needed"));
  EXPECT_FALSE(pool.cancel("queued"));
  EXPECT_THROW(static_cast<void>(pool.get_task_result<int>("queued", seconds(0))), Cancelled);
  EXPECT_EQ(pool.task("queued").state, JobState::cancelled);
  EXPECT_EQ(pool.task("queued").reason, "no more needed");
}

// S6.1: whoever gives up his handle takes the job's result, and not the registry's.
TEST(Tasks, KeepTheirResultsWhateverTheHandlesDo) {
  ThreadPool pool({.workers = 1});
  Job<std::string> job = pool.submit(TaskOptions{.id = "t"}, [] { return std::string(100, 'x'); });
  EXPECT_EQ(std::move(job).get(), std::string(100, 'x'));
  EXPECT_EQ(pool.get_task_result<std::string>("t", seconds(0)), std::string(100, 'x'));
  EXPECT_EQ(pool.task("t").result, std::string(100, 'x'));
}

struct Bare {};
struct CopyThrows {
  CopyThrows() = default;
  CopyThrows(const CopyThrows&) { throw std::runtime_error("no copy"); }
  CopyThrows(CopyThrows&&) = default;
};

// S6.1: results of any kind, and what cannot be copied as text.
TEST(Tasks, GiveResultsOfAnyKind) {
  ThreadPool pool({.workers = 1});
  int here = 5;
  EXPECT_EQ(&pool.submit(TaskOptions{.id = "ref"}, [&]() -> int& { return here; }).get(), &here);
  EXPECT_EQ(pool.get_task_result("ref", seconds(0)), "5");
  EXPECT_EQ(*pool.submit(TaskOptions{.id = "move"}, [] { return std::make_unique<int>(7); }).get(), 7);
  EXPECT_EQ(pool.task("move").state, JobState::completed);
  pool.submit(TaskOptions{.id = "void"}, [] {}).get();
  EXPECT_EQ(pool.get_task_result("void", seconds(0)), "");
  EXPECT_NO_THROW(pool.get_task_result<void>("void", seconds(0)));
  static_cast<void>(pool.submit(TaskOptions{.id = "bare"}, [] { return Bare(); }).get());
  EXPECT_THAT(pool.get_task_result("bare", seconds(0)), HasSubstr("Bare"));
  static_cast<void>(pool.submit(TaskOptions{.id = "copy"}, [] { return CopyThrows(); }).get());
  EXPECT_EQ(pool.get_task_result("copy", seconds(0)), "(cannot be shown: no copy)");
  EXPECT_THROW(static_cast<void>(pool.get_task_result<CopyThrows>("copy", seconds(0))), std::runtime_error);
  EXPECT_EQ(pool.submit(TaskOptions{}, [](const CancelToken& token) { return token.is_cancelled(); }).get(), false);
}

// S6.1
TEST(Tasks, AreListedTheNewestFirst) {
  ThreadPool pool({.workers = 1});
  Kept kept(pool);
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(pool.submit(TaskOptions{.id = "id" + std::to_string(i), .name = "n" + std::to_string(i)}, [] {}));
  }
  pool.cancel("id1");
  pool.cancel("id3");
  EXPECT_THAT(names(pool.tasks()), ElementsAre("n4", "n3", "n2", "n1", "n0"));
  EXPECT_THAT(names(pool.tasks(2)), ElementsAre("n4", "n3"));
  EXPECT_THAT(names(pool.tasks(0)), IsEmpty());
  EXPECT_THAT(names(pool.tasks(9, {.state = JobState::cancelled})), ElementsAre("n3", "n1"));
  EXPECT_THAT(names(pool.tasks(1, {.state = JobState::queued})), ElementsAre("n4"));
  EXPECT_THAT(names(pool.tasks(9, {.name_contains = "2"})), ElementsAre("n2"));
  EXPECT_THAT(names(pool.tasks(9, {.executor = "process"})), IsEmpty());
  EXPECT_EQ(pool.clear_completed(), 2U);
  EXPECT_THAT(names(pool.tasks()), ElementsAre("n4", "n2", "n0"));
}

// S6.3: exactly the oldest goes.
TEST(Tasks, OfThoseThatHaveEndedTheLastAreKept) {
  ThreadPool pool({.workers = 1, .history = 10});
  for (int i = 0; i < 25; ++i) pool.submit(TaskOptions{.name = std::to_string(i)}, [] {}).get();
  pool.wait_idle();
  EXPECT_THAT(names(pool.tasks()), ElementsAre("24", "23", "22", "21", "20", "19", "18", "17", "16", "15"));
}

// S6.3: 10,000, if nothing is said.
TEST(Tasks, TenThousandAreKeptByDefault) {
  ThreadPool pool({.workers = 1});
  static_cast<void>(pool.submit(TaskOptions{.id = "first"}, [] {}));
  for (int i = 0; i < 9'999; ++i) static_cast<void>(pool.submit(TaskOptions{}, [] {}));
  pool.wait_idle();
  EXPECT_EQ(pool.tasks(20'000).size(), 10'000U);
  EXPECT_EQ(pool.task("first").state, JobState::completed);
  static_cast<void>(pool.submit(TaskOptions{}, [] {}));
  pool.wait_idle();
  EXPECT_EQ(pool.tasks(20'000).size(), 10'000U);
  EXPECT_THROW(static_cast<void>(pool.task("first")), UnknownTask);
}

// S6.3: what has not ended is known, however much that is.
TEST(Tasks, WithoutAHistoryAreKnownUntilTheyEnd) {
  ThreadPool pool({.workers = 1, .history = 0});
  {
    Kept kept(pool);
    for (int i = 0; i < 20; ++i) static_cast<void>(pool.submit(TaskOptions{}, [] {}));
    EXPECT_EQ(pool.tasks().size(), 20U);
  }
  pool.wait_idle();
  EXPECT_THAT(pool.tasks(), IsEmpty());
}

// S6.3: a submit that fails has left nothing, and nothing has gone for it.
TEST(Tasks, ThatAreRefusedDriveNothingOut) {
  Gate begun;
  Gate go;
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::reject, .history = 2});
  pool.submit(TaskOptions{.name = "a"}, [] {}).get();
  pool.submit(TaskOptions{.name = "b"}, [] {}).get();
  pool.wait_idle();
  {
    const basic::Finally open{[&] { go.open(); }};
    pool.post([&] {
      begun.open();
      go.wait();
    });
    begun.wait();
    pool.post([] {});
    for (int i = 0; i < 5; ++i) {
      EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "c"}, [] {})), QueueFull);
      EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{.id = "c"}, [] {})), QueueFull) << "and its id is free";
    }
    EXPECT_THAT(names(pool.tasks()), ElementsAre("b", "a"));
    EXPECT_THROW(static_cast<void>(pool.task("c")), UnknownTask);
  }
  pool.shutdown();
  EXPECT_THROW(static_cast<void>(pool.submit(TaskOptions{}, [] {})), PoolStopped);
  EXPECT_THAT(names(pool.tasks()), ElementsAre("b", "a")) << "and one may ask for them after the end";
}

// S6.1: what was displaced was accepted, and says what has become of it.
TEST(Tasks, ThatAreDroppedSaySo) {
  ThreadPool pool({.workers = 1, .capacity = 1, .overflow = Overflow::drop_oldest});
  Gate begun;
  Gate go;
  pool.post([&] {
    begun.open();
    go.wait();
  });
  begun.wait();
  static_cast<void>(pool.submit(TaskOptions{.id = "old"}, [] {}));
  static_cast<void>(pool.submit(TaskOptions{.id = "new"}, [] {}));
  EXPECT_EQ(pool.task("old").state, JobState::cancelled);
  EXPECT_EQ(pool.task("old").reason, "dropped");
  go.open();
  pool.wait_idle();
  EXPECT_EQ(pool.task("new").state, JobState::completed);
}

// S6.1: deadline, timeout and token do what they do for every job.
TEST(Tasks, KeepDeadlinesAndTimeouts) {
  ManualClock clock;
  ThreadPool pool({.workers = 1, .clock = &clock});
  Kept kept(pool);
  const priority::CancelSource source;
  const Job<void> late = pool.submit(TaskOptions{.id = "late", .deadline = clock.now() + seconds(5)}, [] {});
  const Job<void> with = pool.submit(TaskOptions{.id = "with", .token = source.token()}, [] {});
  clock.advance(seconds(6));
  late.wait();
  source.cancel("together");
  with.wait();
  EXPECT_EQ(pool.task("late").reason, "deadline");
  EXPECT_EQ(pool.task("late").state, JobState::cancelled);
  EXPECT_EQ(pool.task("late").wait_time(clock.now()), seconds(6));
  EXPECT_EQ(pool.task("with").reason, "together");
  kept.go.open();
  pool.wait_idle();
}

// S6.1: a job may ask for itself, and wait for another one.
TEST(Tasks, MayBeAskedForByTasks) {
  ThreadPool pool({.workers = 1});
  const auto job = pool.submit(TaskOptions{.id = "outer"}, [&] {
    EXPECT_EQ(pool.task("outer").state, JobState::running);
    static_cast<void>(pool.submit(TaskOptions{.id = "inner"}, [] { return 4; }));
    return pool.get_task_result<int>("inner", seconds(100)) + 1;
  });
  EXPECT_EQ(job.get(), 5);
}

// S6.1: work that waits for something else before it is queued.
TEST(Tasks, MayBeMadeBeforeTheyAreQueued) {
  ThreadPool pool({.workers = 1});
  auto core = pool.make_task(TaskOptions{.id = "later"}, [] { return 9; });
  pool.wait_idle();
  EXPECT_EQ(pool.task("later").state, JobState::queued);
  EXPECT_THROW(static_cast<void>(pool.make_task(TaskOptions{.id = "later"}, [] { return 9; })), DuplicateTask);
  core->retain();
  pool.enqueue(priority::UnitPtr(&*core));
  EXPECT_EQ(pool.get_task_result<int>("later", seconds(100)), 9);
  const auto never = pool.make_task(TaskOptions{.id = "never"}, [] {});
  EXPECT_TRUE(never->drop("not needed"));
  EXPECT_EQ(pool.task("never").reason, "not needed");
  EXPECT_EQ(pool.clear_completed(), 2U);
}

// S6.1: work of somebody else.
TEST(Tasks, MayBeDoneBySomethingElse) {
  ThreadPool pool({.workers = 1});
  auto [job, producer] = pool.make_task<std::string>(TaskOptions{.id = "far", .executor = "process"});
  EXPECT_EQ(pool.task("far").state, JobState::queued);
  ASSERT_TRUE(producer.start());
  EXPECT_EQ(pool.task("far").state, JobState::running);
  producer.complete("done");
  EXPECT_EQ(std::move(job).get(), "done");
  EXPECT_EQ(pool.get_task_result<std::string>("far", seconds(0)), "done");
  EXPECT_EQ(pool.task("far").executor, "process");
  EXPECT_EQ(pool.tasks(9, {.executor = "process"}).size(), 1U);
  {
    const auto lost = pool.make_task<void>(TaskOptions{.id = "lost"});
    EXPECT_TRUE(lost.first);
  }
  EXPECT_EQ(pool.task("lost").state, JobState::cancelled);
  auto [failing, fails] = pool.make_task<void>(TaskOptions{.id = "fails"});
  ASSERT_TRUE(fails.start());
  fails.fail(std::make_exception_ptr(std::runtime_error("crashed")));
  EXPECT_EQ(pool.task("fails").exception, "crashed");
  const Stats::Entered entered = pool.stats().entered;
  EXPECT_EQ(entered.submitted, 3U);
  EXPECT_EQ(entered.completed, 1U);
  EXPECT_EQ(entered.cancelled, 1U);
  EXPECT_EQ(entered.failed, 1U);
  EXPECT_EQ(pool.totals().submitted, 0U);
}

// S6.1: a job that is there already.
TEST(Tasks, MayBeEntered) {
  ThreadPool pool({.workers = 1, .history = 1});
  const std::string id = pool.new_id();
  auto [job, producer] = priority::make_job<int>({.name = "elsewhere", .id = id});
  pool.enter(job, "cluster");
  EXPECT_THROW(pool.enter(job, "cluster"), DuplicateTask);
  EXPECT_EQ(pool.stats().entered.unfinished(), 1U);
  EXPECT_THROW(static_cast<void>(pool.get_task_result<int>(id, seconds(0))), ResultTimeout);
  ASSERT_TRUE(producer.start());
  producer.complete(8);
  EXPECT_EQ(pool.get_task_result<int>(id, seconds(0)), 8);
  EXPECT_EQ(pool.get_task_result(id, seconds(0)), "8");
  EXPECT_EQ(pool.task(id).name, "elsewhere");
  EXPECT_EQ(pool.stats().entered.completed, 1U);
  pool.submit(TaskOptions{.id = "next"}, [] {}).get();
  pool.wait_idle();
  EXPECT_THROW(static_cast<void>(pool.task(id)), UnknownTask) << "it has its place in the history";
}

// S6.1: what a producer still holds may end when the pool has gone.
TEST(Tasks, MayEndWhenThePoolHasGone) {
  std::optional<TaskProducer<int>> producer;
  Job<int> job;
  {
    ThreadPool pool({.workers = 1});
    auto made = pool.make_task<int>(TaskOptions{});
    job = made.first;
    producer.emplace(std::move(made.second));
  }
  ASSERT_TRUE(producer->start());
  producer->complete(3);
  EXPECT_EQ(job.get(), 3);
}

// S6.1: many at once, with ids and without, and those who read.
TEST(Tasks, AreKeptFromManyThreadsAtOnce) {
  ThreadPool pool({.workers = 2, .history = 100});
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) {
      for (const TaskInfo& info : pool.tasks(20)) {
        if (info.state == JobState::completed) {
          EXPECT_EQ(info.result, "1");
        }
      }
      static_cast<void>(pool.clear_completed());
    }
  });
  std::vector<std::thread> producers;
  std::atomic<int> sum = 0;
  for (int p = 0; p < 3; ++p) {
    producers.emplace_back([&, p] {
      for (int i = 0; i < 300; ++i) {
        const std::string id = i % 3 == 0 ? std::to_string(p) + "-" + std::to_string(i) : "";
        const Job<int> job = pool.submit(TaskOptions{.id = id}, [] { return 1; });
        if (i % 7 == 0) static_cast<void>(job.cancel());
        job.wait();
        if (job.state() == JobState::completed) sum += job.get();
      }
    });
  }
  for (std::thread& producer : producers) producer.join();
  over = true;
  reader.join();
  pool.wait_idle();
  EXPECT_LE(pool.tasks(1000).size(), 100U);
  EXPECT_EQ(pool.totals().completed, static_cast<std::size_t>(sum));
}

}  // namespace
}  // namespace pool::metrics
