// The registry under every interleaving: a task that is accepted by one thread and ended by another, while a third
// forgets what has ended.
#include <pool/metrics/registry.hpp>
#include <pool/testing/explorer/test.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>

namespace pool::metrics {
namespace {

using sync::thread;

// A task whose state is what the test says.
class Fake : public Record {
 public:
  using Record::Record;
  void end() { ended_.store(true, std::memory_order_release); }

  [[nodiscard]] priority::JobInfo info() const override { return {}; }
  [[nodiscard]] JobState state() const override {
    return ended_.load(std::memory_order_acquire) ? JobState::completed : JobState::queued;
  }
  [[nodiscard]] std::string name() const override { return {}; }
  bool cancel(std::string_view) const override { return false; }
  void on_end(std::function<void(const priority::JobCore&)>) const override {}
  [[nodiscard]] bool wait_for(Duration) const override { return true; }
  void rethrow() const override {}
  [[nodiscard]] const std::type_info& type() const override { return typeid(void); }
  [[nodiscard]] std::string result_text() const override { return {}; }

 private:
  sync::atomic<bool> ended_{false};
};

struct Counted {
  explicit Counted(std::size_t history)
      : registry(history, {.submitted = [this](const Record&) { tell(submitted, 0); },
                           .started = [this](const Record&) { tell(started, 1); },
                           .finished = [this](const Record&) { tell(finished, 2); }}) {}

  void tell(sync::atomic<int>& what, int least) {
    EXPECT_EQ(telling.fetch_add(1, std::memory_order_acq_rel), 0) << "one after the other";
    EXPECT_GE(told.fetch_add(1, std::memory_order_acq_rel), least == 0 ? 0 : 1) << "first it is submitted";
    what.fetch_add(1, std::memory_order_acq_rel);
    telling.fetch_sub(1, std::memory_order_acq_rel);
  }

  std::shared_ptr<Fake> insert(std::string id = "") {
    auto fake = std::make_shared<Fake>(registry.ids().next(), std::move(id), "");
    registry.insert(fake);
    return fake;
  }
  void end(Fake& fake) {
    fake.end();
    registry.ended(fake);
  }

  sync::atomic<int> submitted{0}, started{0}, finished{0}, telling{0}, told{0};
  Registry registry;
};

// S6.1, S6.6: whoever is first, it is submitted once and finished once, and is kept.
EXPLORE(RegistryExplored, AcceptAgainstEnd) {
  Counted counted(1);
  const auto fake = counted.insert();
  thread worker([&] {  // which has begun it, so it knows that it was accepted
    counted.registry.started(*fake);
    counted.end(*fake);
  });
  counted.registry.accept(*fake);
  worker.join();
  EXPECT_EQ(counted.submitted.load(), 1);
  EXPECT_EQ(counted.started.load(), 1);
  EXPECT_EQ(counted.finished.load(), 1);
  EXPECT_EQ(counted.registry.size(), 1U);
}

// S6.1, S6.6: cancelled before it was accepted.
EXPLORE(RegistryExplored, AcceptAgainstACancellation) {
  Counted counted(1);
  const auto fake = counted.insert("mine");
  thread canceller([&] { counted.end(*fake); });
  counted.registry.accept(*fake);
  canceller.join();
  EXPECT_EQ(counted.finished.load(), 1);
  EXPECT_EQ(counted.registry.find("mine"), fake);
}

// S6.3: refused while it is cancelled: nothing is left, and nothing was driven out.
EXPLORE(RegistryExplored, RefuseAgainstACancellation) {
  Counted counted(1);
  const auto kept = counted.insert();
  counted.registry.accept(*kept);
  counted.end(*kept);
  EXPECT_EQ(counted.finished.load(), 1);
  const auto fake = counted.insert("mine");
  thread canceller([&] { counted.end(*fake); });
  counted.registry.refuse(*fake);
  canceller.join();
  EXPECT_EQ(counted.finished.load(), 1) << "the other one";
  EXPECT_EQ(counted.registry.find("mine"), nullptr);
  EXPECT_EQ(counted.registry.size(), 1U);
}

// S6.3: two that end at once, in a history of one, and somebody who forgets what has ended.
EXPLORE_WITH(RegistryExplored, EndsAgainstClearing, (Explore{.strategy = Strategy::pct, .executions = 2000})) {
  Counted counted(1);
  const auto first = counted.insert("a");
  const auto second = counted.insert("b");  // which has not ended
  counted.registry.accept(*first);
  std::size_t cleared = 0;
  thread one([&] { counted.end(*first); });
  thread two([&] { cleared = counted.registry.clear_completed(); });
  one.join();
  two.join();
  EXPECT_LE(cleared, 1U);
  EXPECT_EQ(counted.registry.find("a") == nullptr, cleared == 1);
  EXPECT_EQ(counted.registry.clear_completed(), 1U - cleared);
  EXPECT_EQ(counted.registry.size(), 1U);
  EXPECT_EQ(counted.registry.find("b"), second);
}

// S6.3: never more than the history holds, when all is noted.
EXPLORE_WITH(RegistryExplored, TheHistoryHoldsItsBound, (Explore{.strategy = Strategy::pct, .executions = 2000})) {
  Registry registry(1);
  const auto make = [&] {
    auto fake = std::make_shared<Fake>(registry.ids().next(), "", "");
    registry.insert(fake);
    registry.accept(*fake);
    return fake;
  };
  const auto first = make();
  const auto second = make();
  thread other([&] {
    first->end();
    registry.ended(*first);
  });
  second->end();
  registry.ended(*second);
  other.join();
  EXPECT_EQ(registry.size(), 1U);
}

// S6.1: of two who want one id, one gets it.
EXPLORE_WITH(RegistryExplored, AnIdIsGivenOnce, (Explore{.strategy = Strategy::pct, .executions = 2000})) {
  Registry registry(1);
  sync::atomic<int> refused{0};
  const auto insert = [&] {
    try {
      registry.insert(std::make_shared<Fake>(registry.ids().next(), "mine", ""));
    } catch (const DuplicateTask&) {
      refused.fetch_add(1);
    }
  };
  thread other(insert);
  insert();
  other.join();
  EXPECT_EQ(refused.load(), 1);
  EXPECT_EQ(registry.size(), 1U);
}

}  // namespace
}  // namespace pool::metrics
