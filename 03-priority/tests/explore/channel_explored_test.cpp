// The priority channel under every interleaving.
#include <pool/priority/priority_channel.hpp>
#include <pool/testing/explorer/test.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace pool::priority {
namespace {

using sync::thread;

UnitPtr unit_of(Priority priority) {
  UnitPtr unit(new Posted(basic::Work([] {})));
  unit->priority = priority;
  unit->since = Time{} + std::chrono::seconds(1);
  return unit;
}

EXPLORE(PriorityChannel, WithdrawAgainstReceiveGivesTheUnitToOne) {
  ManualClock clock;
  PriorityChannel channel(0, {}, clock);
  UnitPtr first = unit_of(Priority::low);
  Unit& unit = *first;
  EXPECT_EQ(channel.send(first, Deadline::now()), Send::ok);
  bool withdrawn = false;
  UnitPtr kept;
  thread other([&] {
    kept = channel.withdraw(unit);
    withdrawn = kept != nullptr;
    channel.close();
  });
  const UnitPtr received = channel.receive();
  other.join();
  EXPECT_NE(withdrawn, received != nullptr);
  EXPECT_EQ(channel.size(), 0U);
}

EXPLORE(PriorityChannel, AWithdrawnUnitMakesRoomForWhoeverWaits) {
  ManualClock clock;
  PriorityChannel channel(1, {}, clock);
  UnitPtr first = unit_of(Priority::low);
  Unit& unit = *first;
  EXPECT_EQ(channel.send(first, Deadline::now()), Send::ok);
  thread sender([&] {
    UnitPtr second = unit_of(Priority::high);
    EXPECT_EQ(channel.send(second, Deadline::never()), Send::ok);
  });
  EXPECT_NE(channel.withdraw(unit), nullptr);
  sender.join();
  EXPECT_EQ(channel.size(), 1U);
}

EXPLORE(PriorityChannel, TheHighestOfWhatIsThereComesFirst) {
  ManualClock clock;
  PriorityChannel channel(0, {}, clock);
  UnitPtr low = unit_of(Priority::low);
  UnitPtr high = unit_of(Priority::high);
  EXPECT_EQ(channel.send(low, Deadline::now()), Send::ok);
  EXPECT_EQ(channel.send(high, Deadline::now()), Send::ok);
  UnitPtr taken;
  thread other([&] { taken = channel.receive(); });
  const UnitPtr mine = channel.receive();
  other.join();
  EXPECT_NE(mine->priority, taken->priority);
}

EXPLORE(PriorityChannel, WhatIsWithdrawnLeavesTheRest) {
  ManualClock clock;
  PriorityChannel channel(0, {}, clock);
  UnitPtr units[3] = {unit_of(Priority::low), unit_of(Priority::low), unit_of(Priority::low)};
  Unit* const raw[3] = {&*units[0], &*units[1], &*units[2]};
  for (UnitPtr& unit : units) EXPECT_EQ(channel.send(unit, Deadline::now()), Send::ok);
  UnitPtr middle;
  UnitPtr last;
  thread other([&] {
    middle = channel.withdraw(*raw[1]);
    last = channel.withdraw(*raw[2]);
  });
  const UnitPtr first = channel.receive();
  other.join();
  EXPECT_EQ(first.get(), raw[0]);
  EXPECT_EQ(middle.get(), raw[1]);
  EXPECT_EQ(last.get(), raw[2]);
  EXPECT_EQ(channel.size(), 0U);
  UnitPtr again = unit_of(Priority::low);
  const Unit* const expected = again.get();
  EXPECT_EQ(channel.send(again, Deadline::now()), Send::ok);
  EXPLORE_CHECK(channel.receive().get() == expected);
}

// A unit that others may take, as the jobs are.
class Wanted : public Unit {
 public:
  Ending run(std::optional<std::size_t>) override { return Ending::completed; }
  bool drop(std::string_view) override { return true; }
  [[nodiscard]] bool is_over() const override { return over.load(std::memory_order_relaxed); }
  sync::atomic<bool> over{false};
};

EXPLORE(PriorityChannel, WhatIsCancelledOnItsWayIsNeverLeftInTheQueue) {
  ManualClock clock;
  PriorityChannel channel(1, {}, clock);
  auto* const wanted = new Wanted;
  UnitPtr unit(wanted);
  UnitPtr withdrawn;
  thread canceller([&] {
    wanted->over.store(true, std::memory_order_relaxed);
    withdrawn = channel.withdraw(*wanted);
  });
  EXPECT_EQ(channel.send(unit, Deadline::never()), Send::ok);
  canceller.join();
  EXPECT_EQ(channel.size(), 0U);
  EXPECT_NE(unit == nullptr, withdrawn == nullptr) << "it is with one of the two";
  EXPECT_EQ(channel.stats().sent, 1U);
}

EXPLORE(PriorityChannel, NoneHasWaitedLongerThanTheOneBeforeIt) {
  ManualClock clock;
  PriorityChannel channel(0, std::chrono::seconds(10), clock);
  UnitPtr quick = unit_of(Priority::low);
  UnitPtr slow = unit_of(Priority::low);  // was handed in first, and had to wait for room
  quick->since += std::chrono::seconds(5);
  EXPECT_EQ(channel.send(quick, Deadline::now()), Send::ok);
  EXPECT_EQ(channel.send(slow, Deadline::now()), Send::ok);
  const UnitPtr first = channel.receive();
  EXPECT_GE(channel.receive()->since, first->since);
}

}  // namespace
}  // namespace pool::priority
