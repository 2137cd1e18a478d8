// The lanes of a worker and those who steal from them, under every interleaving.
#include <pool/stealing/lanes.hpp>
#include <pool/testing/explorer/test.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace pool::stealing {
namespace {

using sync::thread;

constexpr std::size_t kNormal = 2;  // Unit's level

class Errand : public Unit {
 public:
  explicit Errand(Time now = Time{}) { since = now; }
  priority::Ending run(std::optional<std::size_t>) override { return priority::Ending::completed; }
  bool drop(std::string_view) override { return true; }
};

void push(Lanes& lanes) {
  lanes.make_room(kNormal);
  lanes.push(UnitPtr(new Errand));
}

[[nodiscard]] bool has(const Lanes& lanes) {
  return (lanes.occupied() >> kNormal & 1U) != 0;
}

// N2, first half.
EXPLORE(Lanes, WhoSeesTheBitFindsTheWork) {
  Lanes lanes;
  thread thief([&] {
    while (!has(lanes)) sync::this_thread::yield();
    UnitPtr unit;
    EXPECT_EQ(lanes.steal(kNormal, unit), Steal::ok) << "nobody else takes it";
  });
  push(lanes);
  thief.join();
}

EXPLORE(Lanes, WhatComesWhileAThiefFindsNothingHasItsBit) {
  Lanes lanes;
  push(lanes);
  thread thief([&] {
    UnitPtr unit;
    while (lanes.steal(kNormal, unit) == Steal::ok) {
    }
  });
  push(lanes);
  thief.join();
  EXPECT_TRUE(lanes.empty() || has(lanes));
}

EXPLORE(Lanes, TheOwnerWhoFoundNothingKeepsTheBitOfWhatComesThen) {
  Lanes lanes;
  push(lanes);
  UnitPtr stolen;
  thread thief([&] { static_cast<void>(lanes.steal(kNormal, stolen)); });
  const UnitPtr taken = lanes.take(kNormal);
  push(lanes);
  thief.join();
  EXPECT_TRUE(taken || stolen);
  EXPECT_TRUE(lanes.empty() || has(lanes));
}

EXPLORE(Lanes, TheOldestIsTakenThoughAThiefIsInTheWay) {
  Lanes lanes;
  push(lanes);
  push(lanes);
  UnitPtr stolen;
  thread thief([&] { static_cast<void>(lanes.steal(kNormal, stolen)); });
  EXPECT_TRUE(lanes.take_oldest(kNormal)) << "there are two, and he takes one";
  thief.join();
}

}  // namespace
}  // namespace pool::stealing
