// The injector without a race: whose segment is whose, and where a worker looks first. With other threads:
// explore/injector_explored_test.cpp.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <pool/stealing/injector.hpp>
#include <pool/testing/errand.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using testing::Gate;
using Errand = testing::NumberedErrand;

constexpr std::size_t kNormal = 2;

void hand_in(Injector& injector, Injector::Segment& segment, int number, std::size_t level = kNormal) {
  segment.count(1);
  Stream& stream = segment.stream(level);
  stream.append(Time{}, [&](Cell& cell, std::uint64_t) { cell.hold(UnitPtr(new Errand(number))); });
  if (stream.publish()) injector.list(level);
}

void in_a_thread(const std::function<void()>& f) {
  std::thread(f).join();
}

// So many threads live at once, and each hands in its number: 0, 1, ….
void hand_in_from(Injector& injector, std::size_t threads) {
  std::vector<Gate> done(threads);
  Gate end;
  std::vector<std::thread> all;
  for (std::size_t i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      hand_in(injector, *injector.own(), static_cast<int>(i));
      done[i].open();
      end.wait();
    });
    done[i].wait();
  }
  end.open();
  for (std::thread& one : all) one.join();
}

class Worker {
 public:
  Worker(Chunks& chunks, Injector& injector, std::size_t number)
      : chunks_(chunks), injector_(injector), number_(number) {}
  // The number of the one errand that it claims; none: -1.
  int claim(bool homes_first = true, std::size_t level = kNormal) {
    const Batch batch = injector_.claim(level, number_, 1, 1, Duration::max(), turn_, homes_first);
    if (batch.size() == 0) return -1;
    const UnitPtr unit = (*batch.chunk)[batch.begin].take_unit();
    chunks_.finished(*batch.chunk, 1);
    return static_cast<const Errand&>(*unit).number;
  }

 private:
  Chunks& chunks_;
  Injector& injector_;
  const std::size_t number_;
  std::size_t turn_ = 0;
};

TEST(Injector, AThreadHasASegmentAndSoHasTheNextWithItsNumber) {
  Chunks chunks;
  Injector injector(chunks, 1);
  Injector::Segment* const mine = injector.own();
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(injector.own(), mine);
  Injector::Segment* first = nullptr;
  in_a_thread([&] { first = injector.own(); });
  EXPECT_NE(first, nullptr);
  EXPECT_NE(first, mine);
  for (int i = 0; i < 100; ++i) in_a_thread([&] { EXPECT_EQ(injector.own(), first); });
  EXPECT_EQ(injector.used(), 2U);
}

TEST(Injector, ThreadsThatAreTooManyShareOne) {
  Chunks chunks;
  Injector injector(chunks, 1, 1);
  EXPECT_NE(injector.own(), nullptr) << "the first";
  in_a_thread([&] { EXPECT_EQ(injector.own(), nullptr); });
  in_a_thread([&] { hand_in(injector, Injector::Shared(injector).segment(), 7); });
  Worker worker(chunks, injector, 0);
  EXPECT_EQ(worker.claim(), 7);
  EXPECT_EQ(injector.in(), 1U);
}

// An object of a thread that hands in when it is destroyed, after the thread's number is gone.
struct HandsInAtTheEnd {
  explicit HandsInAtTheEnd(Injector& to) : injector(to) {}
  ~HandsInAtTheEnd() {
    EXPECT_EQ(injector.own(), nullptr);
    hand_in(injector, Injector::Shared(injector).segment(), 9);
  }
  Injector& injector;
};

TEST(Injector, AThreadThatEndsSharesOneToo) {
  Chunks chunks;
  Injector injector(chunks, 1);
  in_a_thread([&] {
    thread_local const HandsInAtTheEnd last(injector);
    hand_in(injector, *injector.own(), 8);
  });
  Worker worker(chunks, injector, 0);
  const int one = worker.claim();
  EXPECT_EQ((std::set{one, worker.claim()}), (std::set{8, 9}));
}

TEST(Injector, AWorkersHomesComeFirstAndTakeTurns) {
  Chunks chunks;
  Injector injector(chunks, 2);
  ASSERT_EQ(sync::thread_number(), 0U) << "so the others have 1, 2, 3, 4, and the homes 1, 0, 1, 0";
  hand_in_from(injector, 4);
  hand_in_from(injector, 4);
  EXPECT_EQ(injector.size(0), 4U);
  EXPECT_EQ(injector.size(1), 4U);
  EXPECT_EQ(injector.in(), 8U);
  Worker second(chunks, injector, 1);
  for (const int number : {0, 2, 0, 2}) EXPECT_EQ(second.claim(), number);
  EXPECT_EQ(injector.size(1), 0U);
  EXPECT_EQ(second.claim(), 3) << "then those of the others, after its last turn";
  EXPECT_EQ(second.claim(), 1);
  hand_in_from(injector, 1);
  Worker first(chunks, injector, 0);
  EXPECT_EQ(first.claim(false), 0) << "any, if so wished";
  for (const int number : {1, 3, -1}) EXPECT_EQ(first.claim(), number);
  EXPECT_EQ(injector.occupied(), 0U);
}

// Who looks for the last time sees what can be claimed, and nothing else: it would search, and search.
TEST(Injector, WhatIsAboutToBeListedIsNotThereYet) {
  Chunks chunks;
  Injector injector(chunks, 1);
  Worker worker(chunks, injector, 0);
  EXPECT_FALSE(injector.anything());
  hand_in(injector, *injector.own(), 1, 3);
  EXPECT_TRUE(injector.anything());
  EXPECT_EQ(worker.claim(true, 3), 1);
  EXPECT_EQ(injector.occupied(), 1U << 3) << "it stays listed";
  EXPECT_FALSE(injector.anything());
  Stream& stream = injector.own()->stream(kNormal);
  stream.append(Time{}, [&](Cell& cell, std::uint64_t) { cell.hold(UnitPtr(new Errand(2))); });
  EXPECT_TRUE(stream.publish());
  EXPECT_FALSE(injector.anything()) << "nobody would look at that level";
  injector.list(kNormal);
  EXPECT_TRUE(injector.anything());
  EXPECT_EQ(worker.claim(), 2);
}

TEST(Injector, EachLevelHasItsBit) {
  Chunks chunks;
  Injector injector(chunks, 1);
  for (std::size_t level = 0; level < kLevels; ++level) {
    EXPECT_EQ(injector.occupied(), (1U << level) - 1);
    hand_in(injector, *injector.own(), static_cast<int>(level), level);
  }
  Worker worker(chunks, injector, 0);
  for (std::size_t level = 0; level < kLevels; ++level) {
    EXPECT_EQ(worker.claim(true, level), static_cast<int>(level));
    EXPECT_EQ(worker.claim(true, level), -1);
    EXPECT_EQ(injector.occupied() & ((2U << level) - 1), 0U);
  }
}

TEST(Injector, AUnitIsTakenOutOfItsSegmentAndLevel) {
  Chunks chunks(2);
  Injector injector(chunks, 1);
  std::vector<Unit*> units;
  const auto hand_in_unit = [&] {
    Injector::Segment& own = *injector.own();
    own.stream(kNormal).append(Time{}, [&](Cell& cell, std::uint64_t position) {
      UnitPtr unit(new Errand(static_cast<int>(units.size())));
      unit->place = own.place;
      unit->position = position;
      unit->at = &cell;
      units.push_back(unit.get());
      cell.hold(std::move(unit));
    });
    if (own.made(kNormal)->publish()) injector.list(kNormal);
  };
  hand_in_unit();
  in_a_thread([&] {
    hand_in_unit();
    hand_in_unit();
  });
  EXPECT_EQ(injector.remove(*units[1]).get(), units[1]);
  EXPECT_EQ(injector.remove(*units[0]).get(), units[0]);
  Worker worker(chunks, injector, 0);
  EXPECT_EQ(worker.claim(), 2);
  EXPECT_EQ(worker.claim(), -1);
  const UnitPtr elsewhere(new Errand(7));
  EXPECT_EQ(injector.remove(*elsewhere), nullptr) << "it never was in a segment";
}

TEST(Injector, WhatIsLeftGoesWithIt) {
  Chunks chunks(2);
  Injector injector(chunks, 1);
  for (int i = 0; i < 5; ++i) hand_in(injector, *injector.own(), i);
}

TEST(Injector, SaysWhatIsWrongWithItsNumbers) {
  Chunks chunks;
  const auto expect_refused = [&](std::size_t workers, std::size_t segments, const std::string& what) {
    try {
      const Injector injector(chunks, workers, segments);
      ADD_FAILURE() << what;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(),
                "injector: " + what + " segments, but it is for one worker or more, and has at most 512 segments");
    }
  };
  expect_refused(0, 4, "0 workers and 4");
  expect_refused(1, 513, "1 workers and 513");
}

// The calling thread hands it in.
void push(Injector& injector, const std::function<void()>& f, std::size_t level = 2) {
  Injector::Segment& own = *injector.own();
  own.stream(level).append(Time{}, [&](Cell& cell, std::uint64_t) { cell.fill([&] { return f; }); });
  if (own.stream(level).publish()) injector.list(level);
}

TEST(Injector, AThreadsWorkKeepsItsOrderWithinALevel) {
  Chunks chunks;
  Injector injector(chunks, 2);
  std::vector<int> order;
  for (int i = 0; i < 6; ++i)
    push(
        injector, [&order, i] { order.push_back(i); }, i % 2 == 0 ? 3 : 1);
  EXPECT_EQ(injector.occupied(), 0b01010U);
  std::size_t turn = 0;
  for (const std::size_t level : {3U, 3U, 1U, 3U, 1U, 1U}) {
    const Batch claimed = injector.claim(level, 0, 1, 2, Duration::max(), turn);
    ASSERT_EQ(claimed.size(), 1U);
    static_cast<void>((*claimed.chunk)[claimed.begin].run());
    chunks.finished(*claimed.chunk, 1);
  }
  EXPECT_EQ(order, (std::vector<int>{0, 2, 1, 4, 3, 5}));
  for (const std::size_t level : {3U, 1U}) EXPECT_EQ(injector.claim(level, 0, 1, 2, Duration::max(), turn).size(), 0U);
  EXPECT_EQ(injector.occupied(), 0U) << "when somebody has looked and found nothing";
}

TEST(Injector, ThreadsHaveSegmentsOfTheirOwnAndHomesTakeTurns) {
  Chunks chunks;
  Injector injector(chunks, 4);
  push(injector, [] {});
  Gate all;
  std::atomic<int> there{0};
  std::vector<std::thread> producers;
  for (int i = 0; i < 7; ++i) {
    producers.emplace_back([&] {
      push(injector, [] {});
      if (++there == 7) all.open();
      all.wait();  // so that nobody gets the number of one that has ended
    });
  }
  for (auto& producer : producers) producer.join();
  std::size_t sum = 0;
  for (std::size_t worker = 0; worker < 4; ++worker) {
    EXPECT_LE(injector.size(worker), 2U + (injector.used() - 8 + 3) / 4) << worker;
    sum += injector.size(worker);
  }
  EXPECT_EQ(sum, 8U);
}

TEST(Injector, AThreadThatFillsACellHasNoSegmentMeanwhile) {
  Chunks chunks;
  Injector injector(chunks, 1);
  Injector::Segment* const own = injector.own();
  ASSERT_NE(own, nullptr);
  own->filling = true;
  EXPECT_EQ(injector.own(), nullptr);
  const Injector::Shared shared(injector);
  EXPECT_NE(&shared.segment(), own);
  own->filling = false;
  EXPECT_EQ(injector.own(), own);
}

TEST(Injector, WhatIsPublishedWhenItIsClosedIsClaimedAndWhatComesLaterIsNot) {
  Chunks chunks;
  Injector injector(chunks, 1);
  std::size_t turn = 0;
  push(injector, [] {});
  injector.close();
  push(injector, [] {});
  push(
      injector, [] {}, 4);  // in a stream that is new
  Stream& stream = injector.own()->stream(2);
  const Batch claimed = injector.claim(2, 0, 32, 1, Duration::max(), turn);
  EXPECT_EQ(claimed.size(), 1U);
  EXPECT_EQ(injector.claim(2, 0, 32, 1, Duration::max(), turn).size(), 0U);
  EXPECT_EQ(injector.claim(4, 0, 32, 1, Duration::max(), turn).size(), 0U);
  EXPECT_EQ(stream.take_back(0, [](Cell& cell) { cell.drop(); }), 1U);
  EXPECT_EQ(injector.own()->stream(4).take_back(0, [](Cell& cell) { cell.drop(); }), 1U);
  (*claimed.chunk)[claimed.begin].drop();
  chunks.finished(*claimed.chunk, 1);
}

}  // namespace
}  // namespace pool::stealing
