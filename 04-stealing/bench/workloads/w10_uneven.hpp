// W10: work that is not spread evenly.
//
//   W10u  a tree of 755,101 tiny jobs, each of which posts its children. It is pseudo-random, and always the same: the
//         root has 3,000 children, most of them leaves; below one of them hangs nearly half of the tree
//   W10s  2,000 jobs, known from the start, half of them of 10 µs, a quarter of 20, and so on up to 10 ms. Efficiency:
//         the time of one thread, divided by the number of workers, as a share of the time it took
#pragma once

#include <array>
#include <vector>

#include "../../../02-bounded-queue/bench/busy_work.hpp"
#include "../adapter.hpp"
#include "../countdown.hpp"

namespace bench {

struct W10u {
  static constexpr std::string_view id = "w10u", variant{};
  static constexpr std::array results{Result{"w10u", "W10u: a tree of tiny jobs", "M jobs/s", "higher"}};
  template <class A>
  static constexpr bool possible = Crew<A>;

  template <class A>
  static Outcome run() {
    std::uint64_t nodes = 0;
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      nodes = expect(kRoot);
      const Stopwatch watch;
      pool.post(Node<A>{&pool, kRoot});
      tally.wait();
      used = watch.stop();
    });
    tally.check();
    return {{static_cast<double>(nodes) / used.seconds / 1e6}, used, nodes};
  }

 private:
  static constexpr std::uint64_t kRoot = mix(18);
  static std::uint64_t children(std::uint64_t node) {
    return node == kRoot ? settings.size(3000, 30) : node % 1000 < 199 ? 5 : 0;
  }
  static std::uint64_t child(std::uint64_t node, std::uint64_t number) { return mix(node + number); }

  // Tells the tally of this node and all below it; returns how many they are.
  static std::uint64_t expect(std::uint64_t node) {
    tally.expect(node);
    std::uint64_t nodes = 1;
    for (std::uint64_t i = 0; i < children(node); ++i) nodes += expect(child(node, i));
    return nodes;
  }
  template <class A>
  struct Node {
    A* pool;
    std::uint64_t number;
    void operator()() const {
      for (std::uint64_t i = 0; i < children(number); ++i) pool->post(Node{pool, child(number, i)});
      tally.ran(number);
    }
  };
};

struct W10s {
  static constexpr std::string_view id = "w10s", variant{};
  static constexpr std::array results{Result{"w10s", "W10s: skewed lengths", "efficiency", "higher"}};
  template <class A>
  static constexpr bool possible = Crew<A>;

  template <class A>
  static Outcome run() {
    const std::uint64_t rounds = calibrate();
    std::vector<std::uint64_t> lengths(settings.size(2000, 100));
    for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = (rounds * 10) << halvings(mix(i));
    const double before = one_by_one(lengths);
    Countdown done(static_cast<std::int64_t>(lengths.size()));
    Used used;
    with_pool<A>(settings.workers, [&](A& pool) {
      warm_up(pool);
      const std::uint64_t first = tally.hand_out(lengths.size());
      const Stopwatch watch;
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        pool.post([&done, length = lengths[i], number = first + i] {
          spin(length);
          tally.ran(number);
          done.one();
        });
      }
      done.wait();
      used = watch.stop();
    });
    tally.check();
    const double serial = (before + one_by_one(lengths)) / 2;  // the machine may have become slower, or faster
    return {{serial / static_cast<double>(settings.workers) / used.seconds}, used, lengths.size()};
  }

 private:
  // 0 for a half of all numbers, 1 for a quarter, and so on: ten at most.
  static unsigned halvings(std::uint64_t x) {
    unsigned count = 0;
    for (; count < 10 && (x & 1U) == 0; x >>= 1U) ++count;
    return count;
  }
  static double one_by_one(const std::vector<std::uint64_t>& lengths) {
    const Stopwatch watch;
    for (const std::uint64_t length : lengths) spin(length);
    return watch.stop().seconds;
  }
};

}  // namespace bench
