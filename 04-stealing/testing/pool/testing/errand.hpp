// Errand: a unit that is nothing but a closure, and is told which worker runs it. NumberedErrand: one that is a number.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>

namespace pool::testing {

class Errand : public priority::Unit {
 public:
  using Closure = std::function<void(std::optional<std::size_t> worker)>;

  explicit Errand(priority::Priority level = priority::Priority::normal) { priority = level; }
  template <class F>
  requires std::invocable<F&>
  explicit Errand(F f, priority::Priority level = priority::Priority::normal)
      : Errand(Closure([f = std::move(f)](std::optional<std::size_t>) mutable { f(); }), level) {}
  explicit Errand(Closure closure, priority::Priority level = priority::Priority::normal)
      : closure_(std::move(closure)) {
    priority = level;
  }

  priority::Ending run(std::optional<std::size_t> worker) override {
    if (closure_) closure_(worker);
    return priority::Ending::completed;
  }
  bool drop(std::string_view) override { return true; }

 private:
  Closure closure_;
};

class NumberedErrand : public priority::Unit {
 public:
  explicit NumberedErrand(int which) : number(which) {}
  priority::Ending run(std::optional<std::size_t>) override { return priority::Ending::completed; }
  bool drop(std::string_view) override { return true; }
  const int number;
};

template <class... Args>
[[nodiscard]] priority::UnitPtr errand(Args&&... args) {
  return priority::UnitPtr(new Errand(std::forward<Args>(args)...));
}

}  // namespace pool::testing
