#include <pool/autoscale/hill_climbing.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <stdexcept>

namespace pool::autoscale {

namespace {

using State = HillClimbing::State;
using Phase = State::Phase;

constexpr int kCalm = 3;     // samples, before a worker is taken away
constexpr int kLongest = 3;  // samples in a measure: what has been seen by then has to do
// Jobs for each worker in a measure. One of them may have been done in the sample before for the most part; among seven
// that is an error of 15 %, which is .NET's limit.
constexpr std::size_t kEnough = 7;

// A worker in blocking() has a substitute, if there may be one, and they count as one: what a size can do should not
// seem to change with them.
std::size_t size_of(const Load& load) {
  return load.workers > load.blocked ? load.workers - load.blocked : 1;
}

// The smallest step: of many workers, a single one is lost in the noise.
int finest(std::size_t workers) {
  return std::max(1, static_cast<int>(workers / 16));
}

Decision step_to(const Load& load, std::size_t workers) {
  return static_cast<Decision>(workers) - static_cast<Decision>(size_of(load));
}

std::size_t size_after(const Load& load, Decision decision) {
  return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(size_of(load)) + decision);
}

// A size that is not compared with any other.
Decision forget(const Load& load, State& state, Decision decision) {
  state = {.workers = size_after(load, decision)};
  return decision;
}

// First with a quarter of the pool, which is half of the step that doubled it; then with half of the last step.
void turn(const Load& load, State& state) {
  const int step = state.turned ? state.step / 2 : static_cast<int>(size_of(load) / 4);
  state.step = std::max(finest(size_of(load)), step);
  state.up = !state.up;
  state.turned = true;
}

void rest_at(State& state, std::size_t workers, double rate) {
  state.phase = Phase::resting;
  state.workers = workers;
  state.rate = rate;
  state.rested = state.odd = 0;
}

// Jobs a second at this size, once enough has been seen of it.
std::optional<double> measure(const Load& load, State& state) {
  ++state.samples;
  state.completed += load.completed;
  state.time += load.elapsed;
  if (state.completed < kEnough * size_of(load) && state.samples < kLongest) return std::nullopt;
  const double rate = static_cast<double>(state.completed) / std::chrono::duration<double>(state.time).count();
  state.samples = 0;
  state.completed = 0;
  state.time = Duration::zero();
  return rate;
}

}  // namespace

Decision HillClimbing::decide(const Load& load, State& state) const {
  if (size_of(load) != state.workers) forget(load, state, 0);
  if (const Decision repair = within_limits(load, 0)) return forget(load, state, repair);
  if (load.queued == 0 || load.oldest_wait < wait) return calm(load, state);
  state.calm = 0;
  if (memory_is_short(load, memory_share)) return forget(load, state, 0);
  if (load.elapsed <= Duration::zero()) return 0;
  const std::optional<double> rate = measure(load, state);
  if (!rate) return 0;
  if (*rate == 0) return forget(load, state, within_limits(load, 1, memory_share));  // starving: all are in long jobs
  return state.phase == Phase::resting ? rest(load, state, *rate) : climb(load, state, *rate);
}

// Nobody waits: how many jobs end is up to those who hand them in, and says nothing about the workers.
Decision HillClimbing::calm(const Load& load, State& state) const {
  const bool few = static_cast<double>(load.active) < idle * static_cast<double>(load.workers);
  const int calm = few ? std::min(state.calm + 1, kCalm) : 0;
  const Decision decision = forget(load, state, calm == kCalm ? within_limits(load, -1) : 0);
  state.calm = calm;
  return decision;
}

Decision HillClimbing::climb(const Load& load, State& state, double rate) const {
  if (state.phase == Phase::fresh) {
    state.phase = Phase::climbing;
    state.up = true;
    state.turned = false;
    state.step = static_cast<int>(size_of(load));
    return move(load, state, rate);
  }
  // #region climb
  const double larger = static_cast<double>(size_of(load)) / static_cast<double>(state.before) - 1;
  const bool more_is_better = (rate / state.rate - 1) / larger >= worth;  // downwards, too: the signs cancel
  if (more_is_better == state.up) {
    if (!state.turned) state.step = static_cast<int>(size_of(load));
    return move(load, state, rate);
  }
  if (state.step <= finest(size_of(load))) {  // one step too far, and there is no smaller one: back
    const std::size_t top = state.before;
    rest_at(state, top, state.rate);
    return within_limits(load, step_to(load, top), memory_share);
  }
  turn(load, state);
  return move(load, state, rate);
  // #endregion climb
}

// One step, which doubles at the most. At the end of the range it turns; if it has turned before, it rests.
Decision HillClimbing::move(const Load& load, State& state, double rate) const {
  const auto step = [&] {
    const int wanted = state.up ? std::min(state.step, static_cast<int>(size_of(load))) : -state.step;
    return within_limits(load, wanted, memory_share);
  };
  Decision decision = step();
  if (decision == 0 && !state.turned) {
    turn(load, state);
    decision = step();
  }
  if (decision == 0) {
    rest_at(state, size_of(load), rate);
    return 0;
  }
  state.before = size_of(load);
  state.rate = rate;
  state.workers = size_after(load, decision);
  return decision;
}

Decision HillClimbing::rest(const Load& load, State& state, double rate) const {
  if (std::abs(rate - state.rate) > change * state.rate) {
    if (++state.odd < 2) return 0;
    state.phase = Phase::fresh;
    return climb(load, state, rate);
  }
  state.odd = 0;
  if (++state.rested < patience) return 0;
  state.phase = Phase::climbing;  // now upwards, now downwards: what has changed shows in one of them
  state.up = !state.up;
  state.turned = true;
  state.step = finest(size_of(load));
  return move(load, state, rate);
}

HillClimbing::operator Policy() const {
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (wait < Duration::zero()) throw std::invalid_argument("pool: the wait of a policy is not negative");
  if (!(worth > 0 && worth <= 1)) throw std::invalid_argument("pool: the worth of a policy is above 0 and at most 1");
  if (!is_share(idle) || !is_share(change)) throw std::invalid_argument("pool: idle and change are from 0 to 1");
  if (patience < 1) throw std::invalid_argument("pool: the patience of a policy is 1 or more");
  if (!(memory_share > 0 && memory_share <= 1)) {
    throw std::invalid_argument("pool: the share of the memory limit is above 0 and at most 1");
  }
  return [rule = *this, state = State{}](const Load& load) mutable { return rule.decide(load, state); };
}

}  // namespace pool::autoscale
