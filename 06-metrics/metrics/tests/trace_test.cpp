// Trace: events in rings, and the JSON that is made of them.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include <pool/metrics/thread_pool.hpp>
#include <pool/metrics/trace_ring.hpp>
#include <pool/metrics/utf8.hpp>
#include <pool/priority/clock.hpp>
#include <pool/testing/gate.hpp>

namespace pool::metrics {
namespace {

using nlohmann::json;
using priority::ManualClock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using testing::Gate;

void until(const std::function<bool()>& happened) {
  while (!happened()) std::this_thread::yield();
}

std::vector<json> events_of(const ThreadPool& pool, const std::string& category) {
  std::vector<json> events;
  const json trace = json::parse(pool.trace_json());
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("cat") == category) events.push_back(event);
  }
  return events;
}

// S6.12
TEST(Trace, ShowsWhatRanAndWhen) {
  ManualClock clock;
  ThreadPool pool({.workers = 1, .name = "W", .clock = &clock, .trace = 100});
  clock.advance(microseconds(5));
  pool.submit(TaskOptions{.name = "outer", .priority = Priority::high},
              [&] {
                clock.advance(nanoseconds(1'500));
                pool.submit(TaskOptions{.name = "inner"}, [&] { clock.advance(microseconds(10)); }).get();
                clock.advance(microseconds(1));
              })
      .wait();
  pool.wait_idle();
  pool.post([] {});
  pool.wait_idle();
  pool.shutdown();
  const std::vector<json> tasks = events_of(pool, "task");
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0].at("name"), "inner") << "in the order of their ends";
  EXPECT_EQ(tasks[0].at("ts"), 6.5);
  EXPECT_EQ(tasks[0].at("dur"), 10);
  EXPECT_EQ(tasks[1].at("name"), "outer");
  EXPECT_EQ(tasks[1].at("ph"), "X");
  EXPECT_EQ(tasks[1].at("ts"), 5);
  EXPECT_EQ(tasks[1].at("dur"), 12.5);
  EXPECT_EQ(tasks[1].at("tid"), 0);
  EXPECT_EQ(tasks[1].at("args").at("priority"), 1);
  EXPECT_EQ(tasks[2].at("name"), "work") << "what has no name";
  const std::vector<json> threads = events_of(pool, "__metadata");
  ASSERT_EQ(threads.size(), 1U);
  EXPECT_EQ(threads[0].at("args").at("name"), "W-0");
}

// S6.12: who sleeps, who steals, and how many are wanted.
TEST(Trace, ShowsStealsParksAndSizes) {
  ThreadPool pool({.min_workers = 2,
                   .max_workers = 3,
                   .policy = [](const Load&) { return 0; },
                   .idle_timeout = Duration::zero(),
                   .trace = 1'000});
  until([&] {
    for (const stealing::Scheduling& worker : pool.scheduling()) {
      if (worker.parks == 0) return false;
    }
    return true;
  });
  Gate last;
  pool.post([&] {  // what it hands in lies at its worker: somebody else has to steal it
    pool.post([&] { last.open(); });
    last.wait();
  });
  pool.wait_idle();
  pool.scale_to(3);
  until([&] { return !events_of(pool, "scale").empty(); });
  EXPECT_EQ(events_of(pool, "scale").back().at("args").at("workers"), 3);
  pool.shutdown();
  EXPECT_GE(events_of(pool, "park").size(), 1U);
  const std::vector<json> steals = events_of(pool, "steal");
  EXPECT_GE(steals.size(), 1U);
  for (const json& steal : steals) EXPECT_NE(steal.at("tid"), steal.at("args").at("from"));
}

// S6.12: off, unless it is asked for.
TEST(Trace, IsOffByDefault) {
  const ThreadPool pool({.workers = 1});
  EXPECT_THROW(static_cast<void>(pool.trace_json()), PoolError);
}

// S6.12: bounded: the last ones are kept.
TEST(Trace, KeepsTheLastEvents) {
  ThreadPool pool({.workers = 1, .trace = 3});
  for (int i = 0; i < 10; ++i) static_cast<void>(pool.submit(TaskOptions{.name = std::to_string(i)}, [] {}));
  pool.wait_idle();
  const json trace = json::parse(pool.trace_json());
  EXPECT_LE(trace.at("traceEvents").size(), 1U + 3U) << "the thread's name, and three events";
}

// S6.12: whatever a task is called, it is JSON.
TEST(Trace, EscapesHostileNames) {
  ThreadPool pool({.workers = 1, .name = "\"\\\xff", .trace = 100});
  for (const std::string name : {"\"],}{", "\\", "\n\t\x01", "\xff\xc0\xaf", "</script>", "\xe2\x82\xac"}) {
    static_cast<void>(pool.submit(TaskOptions{.name = name}, [] {}));
  }
  static_cast<void>(pool.submit(TaskOptions{.name = std::string(39, 'x') + "\xe2\x82\xac"}, [] {}));
  pool.shutdown();
  const std::vector<json> tasks = events_of(pool, "task");
  ASSERT_EQ(tasks.size(), 7U);
  EXPECT_EQ(tasks[0].at("name"), "\"],}{");
  EXPECT_EQ(tasks[1].at("name"), "\\");
  EXPECT_EQ(tasks[2].at("name"), "\n\t\x01");
  EXPECT_EQ(tasks[3].at("name"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(tasks[4].at("name"), "</script>");
  EXPECT_EQ(tasks[5].at("name"), "\xe2\x82\xac");
  EXPECT_EQ(tasks[6].at("name"), std::string(39, 'x')) << "cut before a character that has no room";
}

// S6.12: a ring that is read while it is written gives whole events, in their order.
TEST(TraceRing, GivesWholeEvents) {
  TraceRing ring(4);
  std::atomic<bool> over = false;
  std::thread writer([&] {
    for (std::int64_t i = 0; !over; ++i) {
      TraceEvent event{.about = static_cast<std::uint32_t>(i & 0xffff), .begin = i, .duration = -i, .name = {}};
      event.set_name(std::to_string(i));
      ring.add(event);
    }
  });
  until([&] { return ring.added() > 10; });
  for (int i = 0; i < 2'000; ++i) {
    std::int64_t before = -1;
    for (const TraceEvent& event : ring.read()) {
      ASSERT_EQ(event.duration, -event.begin);
      ASSERT_EQ(event.name_text(), std::to_string(event.begin));
      ASSERT_EQ(event.about, static_cast<std::uint32_t>(event.begin & 0xffff));
      ASSERT_GT(event.begin, before);
      before = event.begin;
    }
  }
  over = true;
  writer.join();
  EXPECT_EQ(ring.read().size(), 4U);
}

// S6.12
TEST(TraceRing, KeepsTheLastEvents) {
  TraceRing ring(3);
  EXPECT_TRUE(ring.read().empty());
  for (int i = 0; i < 5; ++i) ring.add({.begin = i, .name = {}});
  const std::vector<TraceEvent> events = ring.read();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].begin, 2);
  EXPECT_EQ(events[2].begin, 4);
}

// S6.12: RFC 3629, by its own table.
TEST(Utf8, KeepsCharactersAndReplacesTheRest) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(valid_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(valid_utf8("\x80"), bad);
  EXPECT_EQ(valid_utf8("\xc1\x81"), bad + bad) << "overlong";
  EXPECT_EQ(valid_utf8("\xe0\x80\x80"), bad + bad + bad) << "overlong";
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), bad + bad + bad) << "a surrogate";
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), bad + bad + bad + bad) << "beyond the last";
  EXPECT_EQ(valid_utf8("\xe2\x82"), bad + bad) << "cut off";
  EXPECT_EQ(valid_utf8("\xc3x"), bad + "x");
  EXPECT_EQ(json_string("\"\\\n\x1f"), R"("\"\\\u000a\u001f")");
}

}  // namespace
}  // namespace pool::metrics
