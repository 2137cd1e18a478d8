// W4: fib(n) by its definition, a fork for each addition and no cut-off: nothing but forking.
//
// To count the forks would cost more than some rivals need for one. So they are counted in the run that warms up; of
// the run that is timed, the result is checked.
#pragma once

#include <array>
#include <cstdint>

#include "../adapter.hpp"
#include "../countdown.hpp"

namespace bench {

struct W4 {
  static constexpr std::string_view id = "w4", variant{};
  static constexpr std::array results{Result{"w4", "W4: fork-join, fib without cut-off", "M forks/s", "higher"}};
  template <class A>
  static constexpr bool possible = Forks<A>;

  template <class A>
  static Outcome run() {
    return measured<A>([](A& pool, const auto& f, const auto& g) { pool.fork_join(f, g); });
  }

 protected:
  // fork_join(pool, f, g) is the way to do it.
  template <class A, class ForkJoin>
  static Outcome measured(ForkJoin fork_join) {
    const auto n = static_cast<unsigned>(settings.size(30, 12)), few = n - 4;
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      const std::uint64_t first = tally.hand_out(forks(few));
      within_a_job(
          pool, [&] { return counted(pool, fork_join, few, first); }, few);
      const Stopwatch watch;
      within_a_job(
          pool, [&] { return fib(pool, fork_join, n); }, n);
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(forks(n)) / used.seconds / 1e6}, used, forks(n)};
  }

 private:
  static constexpr std::uint64_t plain(unsigned n) {
    std::uint64_t now = 0, next = 1;
    for (; n > 0; --n) now = std::exchange(next, now + next);
    return now;
  }
  static constexpr std::uint64_t forks(unsigned n) { return plain(n + 1) - 1; }

  template <class A>
  static std::uint64_t fib(A& pool, auto fork_join, unsigned n) {
    if (n < 2) return n;
    std::uint64_t a = 0, b = 0;
    fork_join(
        pool, [&] { a = fib(pool, fork_join, n - 1); }, [&] { b = fib(pool, fork_join, n - 2); });
    return a + b;
  }
  // Each fork has a number: this one, and those below it the ones after.
  template <class A>
  static std::uint64_t counted(A& pool, auto fork_join, unsigned n, std::uint64_t number) {
    if (n < 2) return n;
    std::uint64_t a = 0, b = 0;
    fork_join(
        pool,
        [&] {
          tally.ran(number);
          a = counted(pool, fork_join, n - 1, number + 1);
        },
        [&] { b = counted(pool, fork_join, n - 2, number + 1 + forks(n - 1)); });
    return a + b;
  }
  template <class A, class F>
  static void within_a_job(A& pool, F f, unsigned n) {
    Countdown done(1);
    pool.post([&] {
      if (f() != plain(n)) fail("fib(" + std::to_string(n) + ") is wrong: a fork was lost");
      done.one();
    });
    done.wait();
  }
};

// The same with another way to fork.
struct W4Invoke : W4 {
  static constexpr std::string_view variant = ", invoke";
  template <class A>
  static constexpr bool possible = Invokes<A>;

  template <class A>
  static Outcome run() {
    return measured<A>([](A& pool, const auto& f, const auto& g) { pool.invoke(f, g); });
  }
};

}  // namespace bench
