// The classic litmus tests of weak memory, as tests of the explorer: what the C++ memory model forbids never happens,
// and what it allows is seen, every bit of it. Names as in the literature: SB store buffering, MP message passing,
// CoXY coherence, IRIW independent reads of independent writes, WRC write-to-read causality, LB load buffering.
#include <pool/testing/explorer/test.hpp>

#include <functional>
#include <set>
#include <vector>

namespace pool {
namespace {

using explorer::explore;
using explorer::Verdict;
using Order = std::memory_order;
constexpr Order relaxed = std::memory_order_relaxed;
constexpr Order acquire = std::memory_order_acquire;
constexpr Order release = std::memory_order_release;
constexpr Order acq_rel = std::memory_order_acq_rel;
constexpr Order seq_cst = std::memory_order_seq_cst;

using Outcome = std::vector<int>;  // what the loads read, in the order of the text
using Outcomes = std::set<Outcome>;
using Int = sync::atomic<int>;

void run_all(std::vector<std::function<void()>> threads) {
  std::vector<sync::thread> running;
  for (auto& body : threads) running.emplace_back(std::move(body));
  for (auto& thread : running) thread.join();
}

Outcomes outcomes(const std::function<Outcome()>& body) {
  Outcomes seen;
  const auto result = explore({.preemptions = 3}, [&] { seen.insert(body()); });
  EXPECT_EQ(result.verdict, Verdict::passed) << result.report;
  return seen;
}

Outcomes store_buffering(Order store, Order load) {
  return outcomes([=]() -> Outcome {
    Int x{0};
    Int y{0};
    Outcome r(2);
    run_all({[&] { x.store(1, store), r[0] = y.load(load); },  //
             [&] { y.store(1, store), r[1] = x.load(load); }});
    return r;
  });
}

TEST(StoreBuffering, BothMayMissTheOtherUnlessSeqCst) {
  const Outcomes all{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const Outcomes strong{{0, 1}, {1, 0}, {1, 1}};
  EXPECT_EQ(store_buffering(relaxed, relaxed), all);
  EXPECT_EQ(store_buffering(release, acquire), all);
  EXPECT_EQ(store_buffering(seq_cst, acquire), all);
  EXPECT_EQ(store_buffering(seq_cst, seq_cst), strong);
}

TEST(StoreBuffering, AcqRelExchangeIsNoFence) {
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    Int y{0};
    Outcome r(2);
    run_all({[&] { x.exchange(1, acq_rel), r[0] = y.load(acquire); },  //
             [&] { y.exchange(1, acq_rel), r[1] = x.load(acquire); }});
    return r;
  });
  EXPECT_TRUE(seen.contains({0, 0}));
}

Outcomes message_passing(Order store, Order load) {
  return outcomes([=]() -> Outcome {
    Int data{0};
    Int flag{0};
    Outcome r(2);
    run_all({[&] { data.store(1, relaxed), flag.store(1, store); },
             [&] { r[0] = flag.load(load), r[1] = data.load(relaxed); }});
    return r;
  });
}

TEST(MessagePassing, TheFlagCarriesTheDataIfReleasedAndAcquired) {
  const Outcomes all{{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  const Outcomes passed{{0, 0}, {0, 1}, {1, 1}};
  EXPECT_EQ(message_passing(relaxed, relaxed), all);
  EXPECT_EQ(message_passing(release, relaxed), all);
  EXPECT_EQ(message_passing(relaxed, acquire), all);
  EXPECT_EQ(message_passing(release, acquire), passed);
  EXPECT_EQ(message_passing(seq_cst, seq_cst), passed);
}

// The flag goes through a third thread: by a read-modify-write, which continues the release sequence, or by a store.
Outcomes relay(bool modify) {
  return outcomes([=]() -> Outcome {
    Int data{0};
    Int flag{0};
    Outcome r(2);
    run_all({[&] { data.store(1, relaxed), flag.store(1, release); },
             [&] {
               int one = 1;
               if (modify) flag.compare_exchange_strong(one, 2, relaxed, relaxed);
               if (!modify && flag.load(relaxed) == 1) flag.store(2, relaxed);
             },
             [&] { r[0] = flag.load(acquire), r[1] = data.load(relaxed); }});
    return r;
  });
}

TEST(ReleaseSequence, GoesOnThroughReadModifyWrites) {
  EXPECT_TRUE(relay(true).contains({2, 1}));
  EXPECT_FALSE(relay(true).contains({2, 0}));
  EXPECT_TRUE(relay(false).contains({2, 0})) << "a relaxed store ends it";
}

TEST(Coherence, ReadsOfOneThreadDoNotGoBack) {
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    Outcome r(2);
    run_all(
        {[&] { x.store(1, relaxed), x.store(2, relaxed); }, [&] { r[0] = x.load(relaxed), r[1] = x.load(relaxed); }});
    return r;
  });
  EXPECT_EQ(seen, (Outcomes{{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}}));
}

TEST(Coherence, ReadsDoNotGoBackAcrossThreads) {  // what another thread has read, and told us, we cannot unread
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    Int told{0};
    Outcome r(3);
    run_all({[&] { x.store(1, relaxed); },  //
             [&] { r[0] = x.load(relaxed), told.store(1, release); },
             [&] { r[1] = told.load(acquire), r[2] = x.load(relaxed); }});
    return r;
  });
  EXPECT_TRUE(seen.contains({1, 0, 0}));
  EXPECT_TRUE(seen.contains({1, 1, 1}));
  EXPECT_FALSE(seen.contains({1, 1, 0}));
}

TEST(Coherence, AThreadReadsItsOwnStoreOrALaterOne) {
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    Outcome r(1);
    run_all({[&] { x.store(1, relaxed), r[0] = x.load(relaxed); }, [&] { x.store(2, relaxed); }});
    return r;
  });
  EXPECT_EQ(seen, (Outcomes{{1}, {2}}));
}

TEST(Coherence, ReadModifyWritesLoseNothing) {
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    const auto add = [&] { x.fetch_add(1, relaxed); };
    run_all({add, add, add});
    return {x.load(relaxed)};
  });
  EXPECT_EQ(seen, (Outcomes{{3}}));
}

Outcomes independent_reads(Order store, Order load) {
  return outcomes([=]() -> Outcome {
    Int x{0};
    Int y{0};
    Outcome r(4);
    run_all({[&] { x.store(1, store); },  //
             [&] { y.store(1, store); },  //
             [&] { r[0] = x.load(load), r[1] = y.load(load); }, [&] { r[2] = y.load(load), r[3] = x.load(load); }});
    return r;
  });
}

TEST(IndependentReads, MayDisagreeOnTheOrderUnlessSeqCst) {
  EXPECT_EQ(independent_reads(relaxed, relaxed).size(), 16U);
  EXPECT_EQ(independent_reads(release, acquire).size(), 16U);
  EXPECT_EQ(independent_reads(seq_cst, acquire).size(), 16U);
  const Outcomes strong = independent_reads(seq_cst, seq_cst);
  EXPECT_EQ(strong.size(), 15U);
  EXPECT_FALSE(strong.contains({1, 0, 1, 0}));
}

Outcomes causality(Order store, Order load) {
  return outcomes([=]() -> Outcome {
    Int x{0};
    Int y{0};
    Outcome r(3);
    run_all({[&] { x.store(1, relaxed); }, [&] { r[0] = x.load(relaxed), y.store(1, store); },
             [&] { r[1] = y.load(load), r[2] = x.load(relaxed); }});
    return r;
  });
}

TEST(WriteToReadCausality, HoldsIfReleasedAndAcquired) {
  EXPECT_TRUE(causality(relaxed, relaxed).contains({1, 1, 0}));
  EXPECT_FALSE(causality(release, acquire).contains({1, 1, 0}));
  EXPECT_TRUE(causality(release, acquire).contains({1, 1, 1}));
}

// The limits: the standard allows the two outcomes below, and the explorer does not show them (docs/explorer.md).
TEST(Limits, NoLoadReadsAStoreThatIsYetToCome) {
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    Int y{0};
    Outcome r(2);
    run_all({[&] { r[0] = x.load(relaxed), y.store(1, relaxed); },  //
             [&] { r[1] = y.load(relaxed), x.store(1, relaxed); }});
    return r;
  });
  EXPECT_EQ(seen, (Outcomes{{0, 0}, {0, 1}, {1, 0}}));
}

TEST(Limits, StoresTakeEffectInTheOrderOfTheirExecution) {
  const Outcomes seen = outcomes([]() -> Outcome {
    Int x{0};
    Int y{0};
    run_all({[&] { x.store(1, relaxed), y.store(2, relaxed); },  //
             [&] { y.store(1, relaxed), x.store(2, relaxed); }});
    return {x.load(), y.load()};
  });
  EXPECT_EQ(seen, (Outcomes{{1, 2}, {2, 1}, {2, 2}}));
}

}  // namespace
}  // namespace pool
