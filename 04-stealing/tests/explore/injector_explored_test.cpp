// The injector under every interleaving: those who hand in, those who claim, and those who take a unit out. Two cells in
// a chunk.
#include <pool/stealing/injector.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

#include "errands.hpp"

namespace pool::stealing {
namespace {

using sync::thread;
using namespace std::chrono_literals;

constexpr std::size_t kNormal = 2;  // Unit's level

void publish(Injector& injector, Injector::Segment& segment, std::size_t level) {
  if (segment.made(level)->publish()) injector.list(level);
}

// As the scheduler does it: counted, appended, published, listed.
Errand& hand_in(Injector& injector, int number, std::size_t level = kNormal, Time since = Time{}) {
  Injector::Segment& own = *injector.own();
  own.count(1);
  Errand& errand = append(own.stream(level), number, since);
  errand.place = own.place;
  publish(injector, own, level);
  return errand;
}

[[nodiscard]] bool has(const Injector& injector, std::size_t level = kNormal) {
  return (injector.occupied() >> level & 1U) != 0;
}

class Worker : public Got {
 public:
  using Got::Got;
  bool claim(Injector& injector, std::size_t most = 32, std::size_t level = kNormal) {
    const Batch batch = injector.claim(level, 0, most, 1, Duration::max(), turn_);
    take(batch);
    return batch.size() != 0;
  }
  void claim_all(Injector& injector) {
    while (claim(injector)) {
    }
  }

 private:
  std::size_t turn_ = 0;
};

// One stream stays listed, though it is empty; another one is filled, and about to be listed. Whoever looks, and sees that
// there is something, gets it: or all who are idle would look again and again, for as long as that producer is kept.
EXPLORE_WITH(Injector, WhatIsSeenCanBeClaimed, (Explore{.preemptions = 2})) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  Worker worker(chunks);
  hand_in(injector, 0);
  EXPECT_TRUE(worker.claim(injector));
  thread other([&] { hand_in(injector, 1); });
  if (injector.anything()) {
    EXPECT_TRUE(worker.claim(injector));
  }
  other.join();
  worker.claim_all(injector);
  expect_each_once(2, {&worker});
}

// I1, and the order of the even and of the odd numbers: I2.
EXPLORE_WITH(Injector, TwoThreadsWorkIsClaimedOnceInTheOrderOfEach, (Explore{.preemptions = 1})) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  Worker worker(chunks);
  thread one([&] {
    for (const int i : {0, 2, 4}) hand_in(injector, i);
  });
  thread other([&] {
    for (const int i : {1, 3}) hand_in(injector, i);
  });
  worker.claim(injector, 1);
  worker.claim(injector);
  one.join();
  other.join();
  worker.claim_all(injector);
  expect_each_once(5, {&worker});
  std::vector<int> last{-1, -1};
  for (const int number : worker.numbers()) {
    int& before = last.at(static_cast<std::size_t>(number) % 2);
    EXPECT_LT(before, number);
    before = number;
  }
  EXPECT_FALSE(has(injector));
}

EXPLORE(Injector, TwoClaimIt) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  hand_in(injector, 0);
  Worker one(chunks);
  Worker other(chunks);
  thread claims([&] { one.claim(injector); });
  other.claim(injector);
  claims.join();
  expect_each_once(1, {&one, &other});
  one.claim_all(injector);
  EXPECT_FALSE(has(injector));
}

// I3: when all have said what they have done, a level has its bit if something is left there, and only then.
EXPLORE(Injector, WhatIsLeftHasItsBit) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  Worker worker(chunks);
  hand_in(injector, 0);
  thread producer([&] { hand_in(injector, 1); });
  worker.claim(injector, 1);
  worker.claim(injector, 1);
  producer.join();
  EXPECT_TRUE(injector.size(0) == 0 || has(injector));
  worker.claim_all(injector);
  expect_each_once(2, {&worker});
  EXPECT_FALSE(has(injector));
}

// The next level has something all the time.
EXPLORE(Injector, ALevelsCountMayBeWrongForAMomentButNotNothing) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  hand_in(injector, 0, kNormal + 1);
  Worker worker(chunks);
  thread producer([&] { hand_in(injector, 1); });
  thread observer([&] { EXPECT_NE(injector.occupied(), 0U); });
  worker.claim(injector);
  worker.claim(injector);
  producer.join();
  observer.join();
  EXPECT_TRUE(has(injector, kNormal + 1));
  EXPECT_EQ(injector.occupied() & ~(3U << kNormal), 0U);
}

// For Parking: whoever hands in and then looks who sleeps, and who falls asleep and then looks what there is.
EXPLORE(Injector, OneOfTheTwoSeesTheOther) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  sync::atomic<bool> sleeps{false};
  bool found = false;
  thread sleeper([&] {
    sleeps.store(true, std::memory_order_seq_cst);
    found = injector.occupied() != 0;
  });
  hand_in(injector, 0);
  const bool seen = sleeps.load(std::memory_order_seq_cst);
  sleeper.join();
  EXPECT_TRUE(seen || found);
}

// For the end: whoever has closed it sums up what is in, and may leave when all of that is out. So what was published
// is in that sum, or its producer sees that it is closed, and takes it back; and nobody claims what is not in the sum.
// (The level is the first that close() looks at: the explorer lets a thread read what is outdated only twice.)
void close_against_a_producer(Chunks& chunks, Injector& injector) {
  std::size_t in = 0;
  thread closes([&] {
    injector.close();
    in = injector.in();
  });
  hand_in(injector, 0, 0);
  const bool seen = injector.closed();
  Worker worker(chunks);
  worker.claim(injector, 32, 0);  // before it is taken back
  closes.join();
  EXPECT_TRUE(seen || in == 1);
  EXPECT_LE(worker.size(), in);
}

// The thread's segment, and its stream, are new.
EXPLORE(Injector, WhatBeginsAfterTheCloseWasCounted) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  close_against_a_producer(chunks, injector);
}

// And there are segments already, with higher numbers.
EXPLORE(Injector, SoItWasInASegmentBetweenOthers) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  { const Injector::Shared the_last(injector); }
  close_against_a_producer(chunks, injector);
}

// And it is a stream in use.
EXPLORE(Injector, SoItWasInAStreamInUse) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  sync::atomic<int> published{0};
  bool seen = false;
  thread producer([&] {
    hand_in(injector, 0);
    published.store(1, std::memory_order_release);
    hand_in(injector, 1);
    seen = injector.closed();
  });
  Worker worker(chunks);
  const bool first = published.load(std::memory_order_acquire) == 1;
  injector.close();
  const std::size_t in = injector.in();
  worker.claim_all(injector);
  producer.join();
  EXPECT_TRUE(seen || in == 2);
  EXPECT_TRUE(!first || in >= 1);
  EXPECT_LE(worker.size(), in);
}

// Whoever waits for it takes it out, at the moment at which a worker claims it.
EXPLORE(Injector, WhatIsRemovedIsNotClaimed) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  hand_in(injector, 0);
  Errand& second = hand_in(injector, 1);
  Worker worker(chunks);
  Got removed(chunks);
  thread claims([&] { worker.claim(injector); });
  if (UnitPtr unit = injector.remove(second)) removed.take(std::move(unit));
  claims.join();
  worker.claim_all(injector);
  expect_each_once(2, {&worker, &removed});
  EXPECT_FALSE(has(injector));
  EXPECT_EQ(injector.size(0), 0U);
}

// claim_oldest() looks, and may come too late; of two threads' work the older goes first.
EXPLORE(Injector, TheOldestIsTakenOnce) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  hand_in(injector, 0, kNormal, Time(1s));
  thread another([&] { hand_in(injector, 1, kNormal, Time(2s)); });
  another.join();
  EXPECT_EQ(injector.oldest(kNormal), Time(1s));
  Got one(chunks);
  Got other(chunks);
  thread takes([&] { one.take(injector.claim_oldest(kNormal)); });
  other.take(injector.claim_oldest(kNormal));
  takes.join();
  expect_each_once(2, {&one, &other});
  EXPECT_EQ(one.size(), 1U);
  EXPECT_EQ(injector.oldest(kNormal), std::nullopt);
}

// For threads that have no segment of their own.
EXPLORE(Injector, TwoShareASegment) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 0);
  EXPECT_EQ(injector.own(), nullptr);
  const auto share = [&](int number) {
    const Injector::Shared shared(injector);
    shared.segment().count(1);
    append(shared.segment().stream(kNormal), number);
    publish(injector, shared.segment(), kNormal);
  };
  thread other([&] { share(1); });
  share(0);
  other.join();
  EXPECT_EQ(injector.in(), 2U);
  Worker worker(chunks);
  worker.claim_all(injector);
  expect_each_once(2, {&worker});
}

// Each makes a segment at the same time, and both are found.
EXPLORE(Injector, NewSegmentsAreFound) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  thread one([&] { hand_in(injector, 0); });
  thread other([&] { hand_in(injector, 1); });
  one.join();
  other.join();
  EXPECT_EQ(injector.used(), 3U) << "of the body, which has none, and of the two";
  Worker worker(chunks);
  worker.claim_all(injector);
  expect_each_once(2, {&worker});
  EXPECT_EQ(injector.occupied(), 0U);
}

// Whoever is filling a cell hands in to another segment meanwhile.
EXPLORE(Injector, WhoIsFillingACellHasNoSegment) {
  Chunks chunks(2);
  Injector injector(chunks, 1, 4);
  Injector::Segment& own = *injector.own();
  own.filling = true;
  EXPECT_EQ(injector.own(), nullptr);
  own.filling = false;
  EXPECT_EQ(injector.own(), &own);
  thread other([&] { EXPECT_NE(injector.own(), &own); });
  other.join();
}

}  // namespace
}  // namespace pool::stealing
