// The injector under every interleaving: those who hand in, those who claim, those who take a unit out, and the end.
#include <pool/stealing/injector.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr std::size_t kNormal = 2;  // Unit's level

class Errand : public Unit {
 public:
  Errand(int thread, int which) : from(thread), number(which) {}
  priority::Ending run(std::optional<std::size_t>) override { return priority::Ending::completed; }
  bool drop(std::string_view) override { return true; }
  const int from, number;
};

[[nodiscard]] bool push(Injector& injector, int from, int number) {
  UnitList units;
  units.push_back(UnitPtr(new Errand(from, number)));
  return injector.push(units, [](const Unit&) { return true; });
}

[[nodiscard]] bool has(const Injector& injector) {
  return (injector.occupied() >> kNormal & 1U) != 0;
}

// What somebody has claimed, in its order.
class Claimed {
 public:
  void claim(Injector& injector, std::size_t most = 32, std::size_t worker = 0) {
    UnitList units = injector.claim(kNormal, worker, most, 1, turn_);
    while (!units.empty()) {
      const UnitPtr unit = units.pop_front();
      const auto& errand = static_cast<const Errand&>(*unit);
      errands_.emplace_back(errand.from, errand.number);
    }
  }
  void claim_all(Injector& injector) {
    for (std::size_t before = 0; before != size() || has(injector);) {
      before = size();
      claim(injector);
    }
  }
  [[nodiscard]] std::size_t size() const { return errands_.size(); }
  void check_order() const {
    std::vector<int> last(8, -1);
    for (const auto& [from, number] : errands_) {
      EXPECT_LT(std::exchange(last.at(static_cast<std::size_t>(from)), number), number);
    }
  }

 private:
  std::vector<std::pair<int, int>> errands_;  // from whom, and which
  std::size_t turn_ = 0;
};

EXPLORE_WITH(Injector, TwoThreadsWorkIsClaimedOnceInTheOrderOfEach, (Explore{.preemptions = 1})) {
  Injector injector(1);
  const auto produce = [&](int from) {
    EXPECT_TRUE(push(injector, from, 0));
    EXPECT_TRUE(push(injector, from, 1));
  };
  Claimed claimed;
  thread one([&] { produce(1); });
  thread other([&] { produce(2); });
  claimed.claim(injector, 1);
  claimed.claim(injector);
  one.join();
  other.join();
  claimed.claim_all(injector);
  EXPECT_EQ(claimed.size(), 4U);
  claimed.check_order();
  EXPECT_EQ(injector.size(0), 0U);
}

EXPLORE(Injector, TwoClaimIt) {
  Injector injector(1);
  EXPECT_TRUE(push(injector, 0, 0));
  Claimed one;
  Claimed other;
  thread claims([&] { one.claim(injector); });
  other.claim(injector);
  claims.join();
  EXPECT_EQ(one.size() + other.size(), 1U);
  EXPECT_FALSE(has(injector));
}

// I3; and nobody else takes it.
EXPLORE(Injector, WhoSeesTheBitFindsTheWork) {
  Injector injector(1);
  thread producer([&] { EXPECT_TRUE(push(injector, 1, 0)); });
  if (has(injector)) {
    Claimed claimed;
    claimed.claim(injector);
    EXPECT_EQ(claimed.size(), 1U);
  }
  producer.join();
}

// Two segments are filled and emptied at once; in the end the level has work or none, and its bit says so.
EXPLORE(Injector, TheBitIsThatOfAllSegments) {
  Injector injector(1);
  EXPECT_TRUE(push(injector, 0, 0));
  Claimed claimed;
  thread producer([&] { EXPECT_TRUE(push(injector, 1, 0)); });
  claimed.claim(injector, 1);
  producer.join();
  EXPECT_TRUE(has(injector));
  claimed.claim(injector, 1);
  EXPECT_EQ(claimed.size(), 2U);
  EXPECT_FALSE(has(injector));
}

EXPLORE(Injector, WhatCameBeforeTheEndIsThereAndNothingElse) {
  Injector injector(1);
  bool accepted = false;
  thread producer([&] { accepted = push(injector, 1, 0); });
  injector.close();
  Claimed claimed;
  claimed.claim_all(injector);
  producer.join();
  EXPECT_EQ(claimed.size(), accepted ? 1U : 0U) << "nothing comes after the end";
}

// Whoever waits for it takes it out, at the moment at which a worker claims it.
EXPLORE(Injector, WhatIsRemovedIsNotClaimed) {
  Injector injector(1);
  UnitList units;
  units.push_back(UnitPtr(new Errand(0, 0)));
  units.push_back(UnitPtr(new Errand(0, 1)));
  Unit& second = const_cast<Unit&>(units.back());
  EXPECT_TRUE(injector.push(units, [](const Unit&) { return true; }));
  UnitList claimed;
  thread worker([&] {
    std::size_t turn = 0;
    UnitList some = injector.claim(kNormal, 0, 32, 1, turn);
    claimed.take_all(some);
  });
  const UnitPtr removed = injector.remove(second);
  worker.join();
  EXPECT_EQ(claimed.size(), removed ? 1U : 2U);
  EXPECT_FALSE(has(injector));
  EXPECT_EQ(injector.size(0), 0U);
}

EXPLORE(Injector, TwoWhoRemoveIt) {
  Injector injector(1);
  auto* const errand = new Errand(0, 0);
  UnitList units;
  units.push_back(UnitPtr(errand));
  EXPECT_TRUE(injector.push(units, [](const Unit&) { return true; }));
  UnitPtr removed;
  thread other([&] { removed = injector.remove(*errand); });
  const UnitPtr mine = injector.remove(*errand);
  other.join();
  EXPECT_NE(mine != nullptr, removed != nullptr);
  EXPECT_FALSE(has(injector));
}

// take_oldest looks without a lock, and may come too late.
EXPLORE(Injector, TheOldestIsTakenOnce) {
  Injector injector(1);
  EXPECT_TRUE(push(injector, 0, 0));
  UnitPtr taken;
  thread other([&] { taken = injector.take_oldest(kNormal); });
  const UnitPtr mine = injector.take_oldest(kNormal);
  other.join();
  EXPECT_NE(mine != nullptr, taken != nullptr);
  EXPECT_EQ(injector.oldest(kNormal), std::nullopt);
}

}  // namespace
}  // namespace pool::stealing
