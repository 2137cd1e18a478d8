// AtomicState<T>: what happens to an atomic in an execution: its values, their history, and the questions it asks.
#pragma once

#include <pool/testing/explorer/execution.hpp>
#include <pool/testing/explorer/history.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

namespace pool::explorer {

constexpr const char* to_text(std::memory_order order) {
  constexpr std::array names{"(relaxed)", "(consume)", "(acquire)", "(release)", "(acq_rel)", "(seq_cst)"};
  return names[static_cast<std::size_t>(order)];
}

template <class T>
class AtomicState : public Object {
 public:
  explicit AtomicState(T value) : Object("atomic"), initial_(value) {
    if (Execution::active()) enter();
  }

  T load(std::memory_order order, Site site) {
    Execution& execution = begin();
    const std::size_t outdated = history_.newest() - history_.oldest(execution.me(), execution.clock(), order);
    return read(history_.newest() - execution.choose(outdated + 1), {.verb = "load", .site = site}, order);
  }

  void store(T value, std::memory_order order, Site site) {
    Execution& execution = begin();
    append(value, order, false);
    execution.record(
        {.verb = "store", .order = to_text(order), .object = number(), .becomes = Shown(value), .site = site});
  }

  // A read-modify-write reads the newest store, always.
  template <class Next>
  T modify(const char* verb, std::memory_order order, Site site, Next next) {
    Execution& execution = begin();
    history_.read(history_.newest(), execution.me(), execution.clock(), order);
    const T old = values_.back().value;
    const T value = next(old);
    append(value, order, true);
    execution.record({.verb = verb,
                      .order = to_text(order),
                      .object = number(),
                      .was = Shown(old),
                      .becomes = Shown(value),
                      .site = site},
                     same(old, value) ? Effect::idle : Effect::change);
    return old;
  }

  // Succeeds on the newest store only; may fail on any visible one that differs, and if weak, on any.
  bool compare_exchange(T& expected, T desired, std::memory_order success, std::memory_order failure, bool weak,
                        Site site) {
    Execution& execution = begin();
    std::vector<std::size_t> stores{history_.newest()};
    for (std::size_t store = history_.newest();
         store-- > history_.oldest(execution.me(), execution.clock(), failure);) {
      if (!same(values_[store].value, expected)) stores.push_back(store);
    }
    const std::size_t store = stores[execution.choose(stores.size())];
    const bool matches = same(values_[store].value, expected);
    if (!matches || (weak && execution.chance())) {
      const char* note = matches ? " (fails for no reason)" : " (fails)";
      expected = read(store, {.verb = "compare_exchange", .note = note, .site = site}, failure);
      return false;
    }
    history_.read(store, execution.me(), execution.clock(), success);
    append(desired, success, true);
    execution.record({.verb = "compare_exchange",
                      .order = to_text(success),
                      .object = number(),
                      .was = Shown(expected),
                      .becomes = Shown(desired),
                      .site = site});
    return true;
  }

  // Sleeps only if `old` is the newest value, like a futex. A notification that comes before that finds nobody.
  void wait(T old, std::memory_order order, Site site) {
    while (same(load(order, site), old)) {
      if (same(values_.back().value, old)) enter().wait(*this, {.signal = this}, "waits for", site);
    }
  }

  void notify(bool all, Site site) {
    Execution& execution = enter();
    execution.point();
    execution.notify(*this, all, site);
  }

 private:
  struct Value {  // keeps a vector of them from being a vector<bool>
    T value;
  };

  static bool same(const T& a, const T& b) { return std::memcmp(&a, &b, sizeof(Value)) == 0; }

  Execution& begin() {
    Execution& execution = enter();
    execution.point();
    execution.tick();
    return execution;
  }

  T read(std::size_t store, Event event, std::memory_order order) {
    Execution& execution = enter();
    const bool news = history_.read(store, execution.me(), execution.clock(), order);
    event.order = to_text(order);
    event.object = number();
    event.was = Shown(values_[store].value);
    if (store != history_.newest() && *event.note == '\0') event.note = " (outdated)";
    execution.record(event, news ? Effect::change : Effect::idle);
    return values_[store].value;
  }

  void append(T value, std::memory_order order, bool modifies) {
    Execution& execution = enter();
    history_.write(execution.me(), execution.clock(), order, modifies);
    values_.push_back({value});
  }

  void renew() override {
    history_ = {};
    values_.clear();
    Execution::running().tick();
    append(initial_, std::memory_order_relaxed, false);
  }

  const T initial_;
  std::vector<Value> values_;  // of the stores in history_
  History history_;
};

}  // namespace pool::explorer
