// HillClimbing: a policy that asks whether somebody waits, and measures what more workers bring.
//
// Throughput over the number of workers is a hill: it rises as long as workers find CPUs, discs and answers to wait
// for, is flat where those are used up, and falls where workers are in each other's way. The policy takes a step, looks
// how the throughput has changed, and goes on or turns round with half the step; at the top it rests. Where nobody
// waits there is nothing to gain, and it never adds a worker.
//
// The ideas are those of .NET's thread pool (HillClimbing in dotnet/runtime; J. Hellerstein, V. Morrison and E.
// Eilebrecht, "Applying control theory in the real world", 2009): the share of a proportional gain that a worker has to
// bring, and that a measure counts only with enough jobs in it. There, a wave in the number of workers is looked for in
// the throughput by a Fourier transform, which finds it in much noise; here, two sizes are compared. Its second
// mechanism is here, too: when no job ends at all, a worker more each time. Tomcat adds threads before it queues
// (TaskQueue::offer), and ForkJoinPool when a worker says that it blocks (managedBlock): neither measures; blocking()
// has the latter.
#pragma once

#include <chrono>
#include <cstddef>

#include <pool/autoscale/policy.hpp>

namespace pool::autoscale {

struct HillClimbing {
  // Somebody waits if the oldest job has been waiting for that long. (A queue of small capacity has short waits
  // even when it is full: less, then.)
  Duration wait = std::chrono::milliseconds(100);
  // The least that more workers have to bring, as a share of what they would if each brought as much as the others:
  // 0.3: half as many more must bring 15 % more jobs a second.
  double worth = 0.3;
  // Nobody waits, and so small a share of the workers is active, three samples in a row: one worker fewer.
  double idle = 0.5;
  // At rest, a throughput so much above or below what it was, twice in a row, is another load: it climbs anew. Where
  // one size differs by so much from itself, it climbs again and again.
  double change = 0.25;
  int patience = 60;  // at rest, after so many measures, one small step to see whether that is still the top
  double memory_share = kMemoryShare;

  // What was seen so far: a value. A new one knows nothing.
  struct State {
    enum class Phase { fresh, climbing, resting };

    Phase phase = Phase::fresh;
    std::size_t workers = 0;    // how many there should be, without those in blocking(); else somebody has changed it
    int samples = 0;            // of the measure that is going on
    std::size_t completed = 0;  // jobs in it
    Duration time{0};           // that it took
    std::size_t before = 0;     // climbing: the size that the present one is compared with
    double rate = 0;            // jobs a second; climbing: at that size; resting: at this one
    bool up = true;             // the direction
    bool turned = false;        // round, at least once: until then, each step doubles the pool
    int step = 0;               // workers
    int rested = 0;             // resting: measures so far
    int odd = 0;                // resting: of these, how many in a row have shown another throughput
    int calm = 0;               // samples in a row in which nobody waited and few were active
  };

  // Pure: what it knows beside the load is in `state`, and what it has learned is there afterwards.
  [[nodiscard]] Decision decide(const Load& load, State& state) const;

  // With a State of its own. Throws std::invalid_argument unless the wait is not negative, worth is above 0 and at most
  // 1, idle and change are from 0 to 1, the patience is 1 or more, and the share of the memory is above 0 and at most
  // 1.
  operator Policy() const;  // NOLINT(google-explicit-constructor): .policy = HillClimbing{.worth = 0.2}

 private:
  [[nodiscard]] Decision calm(const Load& load, State& state) const;
  [[nodiscard]] Decision climb(const Load& load, State& state, double rate) const;
  [[nodiscard]] Decision rest(const Load& load, State& state, double rate) const;
  [[nodiscard]] Decision move(const Load& load, State& state, double rate) const;
};

}  // namespace pool::autoscale
