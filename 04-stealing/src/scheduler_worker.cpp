// A worker's life: what it looks for, where, and when it sleeps.
#include <algorithm>
#include <bit>
#include <utility>

#include <pool/stealing/scheduler.hpp>

namespace pool::stealing {

namespace {

void add_one(sync::atomic<std::size_t>& count, std::memory_order order = std::memory_order_relaxed) {
  count.store(count.load(std::memory_order_relaxed) + 1, order);  // which has one writer
}

[[nodiscard]] std::size_t highest(unsigned levels) {
  return static_cast<std::size_t>(std::countr_zero(levels));
}

}  // namespace

Taken Scheduler::search(std::size_t worker) {
  Slot& slot = slots_[worker];
  if (!slot.husks.empty()) release_husks(slot);  // with nothing in hand, and not counted as searching
  bool searching = false;
  for (unsigned patience = 0;; --patience) {
    if (slot.retired.load(std::memory_order_acquire)) {  // [retired]
      if (searching) found();                            // what it was woken for is for somebody else
      return {};
    }
    if (Taken taken = find(worker)) {
      if (searching) found();
      if (options_.observer != nullptr && slot.victim != worker) options_.observer->steal(worker, slot.victim);
      return taken;
    }
    if (!slot.husks.empty()) {
      if (std::exchange(searching, false)) found();
      release_husks(slot);
      patience = 1;
      continue;
    }
    slot.few = false;
    rest(slot);
    settle(slot);
    if (over()) break;
    if (patience > 0) {
      sync::pause();
      continue;
    }
    if (!searching && parking_.begin_search()) {
      searching = true;
      patience = options_.patience + 1;
      continue;
    }
    park(worker, searching);
    searching = true;
    patience = 1;
  }
  parking_.wake_all();  // nothing is left, and nothing will come
  if (searching) found();
  return {};
}

// If there is more, somebody else is to come.
void Scheduler::found() {
  parking_.found([this] { return anything() || over(); });
}

// #region park
void Scheduler::park(std::size_t worker, bool searching) {
  Slot& slot = slots_[worker];
  flush(slot);
  chunks_.trim();
  parking_.prepare(worker, searching);
  const bool retired = slot.retired.load(std::memory_order_acquire);    // [retired] retire() calls who sleeps already
  if (retired || anything() || over()) return parking_.cancel(worker);  // the last look
  if (options_.observer != nullptr) options_.observer->park(worker);
  add_one(slot.parks);
  {
    bool woken = false;
    const basic::Finally gone{[&] {
      if (!woken) found();  // its thread is ended while it sleeps: another one goes on for it
    }};
    parking_.sleep(worker);
    woken = true;
  }
  add_one(slot.wakeups);
  if (options_.observer != nullptr) options_.observer->unpark(worker);
}
// #endregion park

// What goes with a husk may be the user's: a result, an exception; it may take its time. So what was done is said before.
void Scheduler::release_husks(Slot& slot) {
  rest(slot);
  settle(slot);
  while (!slot.husks.empty()) static_cast<void>(slot.husks.pop_front());
}

void Scheduler::leave(std::size_t worker) {
  Slot& slot = slots_[worker];
  flush(slot);
  chunks_.trim();
  release_husks(slot);
  slot.counters.stop();
}

// What is queued at it was announced when it came there; and somebody who stays, or comes, looks before he sleeps.
void Scheduler::retire(std::size_t worker) {
  slots_[worker].retired.store(true, std::memory_order_release);  // [retired] pairs with search() and park()
  parking_.call(worker);
}

void Scheduler::enlist(std::size_t worker) {
  Slot& slot = slots_[worker];
  slot.retired.store(false, std::memory_order_relaxed);
  slot.counters.start();
  slot.wakeups.store(slot.parks.load(std::memory_order_relaxed), std::memory_order_relaxed);  // the last may have died
  use(worker + 1);                                                                            // asleep
}

// #region find
Taken Scheduler::find(std::size_t worker) {
  Slot& slot = slots_[worker];
  slot.victim = worker;
  const bool round_is_over = ++slot.round >= kRound;
  if (round_is_over) {
    slot.round = 0;
    slot.beyond_homes = true;
  }
  if (paused()) return {};
  unsigned levels = visible(slot);
  if (round_is_over) levels |= in_lanes();  // what nobody comes to whose it is, has its level and its age all the same
  if (levels != 0 && may_be_aged(slot, levels, round_is_over)) {
    if (Taken taken = take_aged(worker, round_is_over)) return taken;
  }
  for (; levels != 0; levels &= levels - 1) {
    Taken taken;
    if (round_is_over) taken = steal_at(highest(levels), worker);
    if (!taken) taken = take_at(highest(levels), worker, round_is_over);
    if (taken) return taken;
  }
  return steal(worker);
}
// #endregion find

// --- what it has taken -----------------------------------------------------------------------------------------------

Taken Scheduler::accept_unit(Cell& cell, Slot* slot) {
  UnitPtr unit = cell.take_unit();
  finish(cell, slot);
  if (!change(*unit, kQueued, kTaken)) {
    if (slot != nullptr) slot->husks.push_back(std::move(unit));
    return {};
  }
  if (limited_) room_.leave(unit->takes_room);
  count_taken(slot);
  return Taken(std::move(unit));
}

void Scheduler::flush(Slot& slot) {
  if (Chunk* const chunk = std::exchange(slot.finished, nullptr)) {
    chunks_.finished(*chunk, std::exchange(slot.cells, 0));
  }
}

void Scheduler::skipped(Unit& unit) {
  bounded::InFlight::Entry(elsewhere_).hand_over();
  moved_.fetch_add(1, std::memory_order_release);  // [moved] pairs with wait_idle(): it is elsewhere
  ended_in_caller(&unit);
}

// To look at the clock twice takes longer than a short job. So it is done for a stint of jobs, up to 32 if the last ones
// took less than a microsecond each: then what `running` says of the one that runs includes those before it.
void Scheduler::rest(Slot& slot) {
  if (!std::exchange(slot.busy, false)) return;
  const auto busy = slot.counters.rest();
  const bool short_jobs = busy < std::chrono::microseconds(1) * static_cast<std::int64_t>(slot.stint);
  slot.longest = short_jobs ? std::min(2 * slot.stint, kBatch) : 1;
}

// --- where it takes it from ------------------------------------------------------------------------------------------

Taken Scheduler::take_at(std::size_t level, std::size_t worker, bool round_is_over) {
  Slot& slot = slots_[worker];
  Taken taken;
  if (!round_is_over) taken = take_own(level, slot);
  if (!taken && slot.claims.has(level)) taken = take_claimed(level, slot);
  if (!taken) taken = claim(level, worker, round_is_over);
  if (!taken && slot.claims.has(level)) taken = take_claimed(level, slot);  // the first of a batch was a husk
  if (!taken && round_is_over) taken = take_own(level, slot);
  return taken;
}

// A husk does not hide what lies below it.
Taken Scheduler::take_own(std::size_t level, Slot& slot) {
  while (Cell* const cell = slot.own.take(level)) {
    if (Taken taken = accept(cell, level, &slot)) return taken;
  }
  return {};
}

// A stream that is empty stays listed for a while: to list it again costs its producer, and all who look at what is
// occupied, more than it costs to look into it. It is unlisted by whoever passes it on the way to another one that has
// something; or, if there is none, by a search that is `thorough`.
//
// Where short jobs come in about as quickly as they are done, every claim would be one of a few; and it costs as much as
// some ten of them, here and at the producer, whose line is taken away. So it lets more come first.
Taken Scheduler::claim(std::size_t level, std::size_t worker, bool thorough) {
  const unsigned wanted = injector_.occupied() & 1U << level;
  if (wanted == 0 || !(thorough || injector_.anything(wanted))) return {};
  Slot& slot = slots_[worker];
  const bool short_jobs = slot.longest == kBatch;
  // What displaces the oldest has to find it, so nothing may be between two queues then.
  const std::size_t most = options_.displaces ? 1 : short_jobs ? kShorter * kBatch : kBatch;
  if (slot.few) {
    for (unsigned i = 0; i < kPauses; ++i) sync::pause();
  }
  const bool homes_first = !slot.beyond_homes;
  std::size_t& turn = homes_first ? slot.turn : slot.turn_beyond;
  const Batch batch = injector_.claim(level, worker, most, active(), spread_, turn, homes_first, now());
  slot.few = short_jobs && !limited_ && batch.size() != 0 && batch.size() * active() < kBatch;
  if (batch.size() == 0) return {};
  slot.beyond_homes = false;
  add_one(slot.injector_takes);
  Cell& first = (*batch.chunk)[batch.begin];
  if (batch.size() > 1) {
    slot.claims.fill(level, {batch.chunk, batch.begin + 1, batch.end, batch.since});  // which is empty
    for (std::size_t i = 1; i < std::min(batch.size(), Chunk::kAhead); ++i) sync::prefetch_for_write(&first + i);
  }
  parking_
      .announce();  // [T2] who looked for them between the two queues, or while the stream was not listed, saw nothing
  return accept(&first, level, &slot);
}

Taken Scheduler::steal(std::size_t worker) {
  for (unsigned levels = in_lanes(); levels != 0; levels &= levels - 1) {
    if (Taken taken = steal_at(highest(levels), worker)) return taken;
  }
  return {};
}

Taken Scheduler::steal_at(std::size_t level, std::size_t worker) {
  Slot& thief = slots_[worker];
  thief.random = thief.random * 6364136223846793005U + 1442695040888963407U;  // Knuth's; the upper half is random
  const std::size_t used = this->used();
  const std::size_t start = (thief.random >> 33U) % used;
  for (std::size_t i = 0; i < used; ++i) {
    const std::size_t victim = (start + i) % used;
    if (victim == worker) continue;
    if (Taken taken = rob(slots_[victim], level, thief)) {
      note_steal(thief, victim);
      return taken;
    }
  }
  return {};
}

void Scheduler::note_steal(Slot& thief, std::size_t victim) {
  add_one(thief.steals);
  thief.victim = victim;
}

// What has begun first: somebody waits for it.
Taken Scheduler::rob(Slot& victim, std::size_t level, Slot& thief) {
  if (Fork* const fork = victim.forks.steal(level, thief.forks)) return {*fork, static_cast<Priority>(level)};
  if (victim.claims.has(level)) {
    while (Cell* const cell = victim.claims.take(level)) {
      if (Taken taken = accept(cell, level, &thief)) return taken;
    }
  }
  Cell* cell = nullptr;
  while ((victim.own.occupied() >> level & 1U) != 0 && victim.own.steal(level, cell) != Steal::empty) {
    if (Taken taken = accept(std::exchange(cell, nullptr), level, &thief)) return taken;
  }
  return {};
}

// It looks again when the oldest comes of age; and soon, for what comes in may have waited elsewhere.
Taken Scheduler::take_aged(std::size_t worker, bool everywhere) {
  if (options_.ageing.count() == 0) return {};
  Slot& slot = slots_[worker];
  for (;;) {  // until it is no husk
    Source oldest;
    std::size_t level = 0;
    for (std::size_t i = 0; i < kLevels; ++i) {
      const Source source = everywhere ? this->oldest(i, 0, used()) : this->oldest(i, worker, 1);
      if (source.since < oldest.since) oldest = source, level = i;
    }
    const Time now = this->now();
    const auto waited = std::max<Duration>(now - oldest.since, Duration::zero());  // none has waited for no time
    Time& due = everywhere ? slot.ages_due_everywhere : slot.ages_due;
    due = now;
    if (waited <= options_.ageing) {
      due += std::min(options_.ageing / 8, options_.ageing - waited);
      return {};
    }
    Cell* const cell = take_from(oldest, level);
    if (cell == nullptr) return {};
    const bool outside = oldest.claims == nullptr && oldest.lanes == nullptr;
    if (outside) add_one(slot.injector_takes);
    if (Taken taken = accept(cell, level, &slot)) {
      if (!outside && oldest.worker != worker) note_steal(slot, oldest.worker);
      return taken;
    }
  }
}

// At so many workers, or in the injector. What a worker has claimed was there before what is still in the injector.
Scheduler::Source Scheduler::oldest(std::size_t level, std::size_t first, std::size_t workers) const {
  Source source;
  const auto consider = [&](Claims* claims, Lanes* lanes, std::size_t worker, std::optional<Time> since) {
    if (since && *since < source.since) source = {claims, lanes, worker, *since};
  };
  for (std::size_t i = first; i < first + workers; ++i) {
    consider(&slots_[i].claims, nullptr, i, slots_[i].claims[level].since());
    consider(nullptr, &slots_[i].own, i, slots_[i].own.oldest(level));
  }
  consider(nullptr, nullptr, 0, injector_.oldest(level));
  return source;
}

Cell* Scheduler::take_from(const Source& source, std::size_t level) {
  Cell* cell = nullptr;
  if (source.claims != nullptr) return source.claims->take(level);
  if (source.lanes != nullptr) return static_cast<void>(source.lanes->steal(level, cell)), cell;
  const Batch batch = injector_.claim_oldest(level);
  return batch.size() == 0 ? nullptr : &(*batch.chunk)[batch.begin];
}

// The levels that some worker may have claimed, or in its lanes.
unsigned Scheduler::in_lanes() const {
  unsigned levels = 0;
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) {
    levels |= slots_[i].claims.occupied() | slots_[i].own.occupied();
    if (const auto level = slots_[i].forks.level_of_oldest()) levels |= 1U << *level;
  }
  return levels;
}

// Streams stay listed when they are empty, so it looks into them: one job wakes one worker.
bool Scheduler::anything() const {
  return !paused() && (injector_.anything() || anything_at_workers());
}

bool Scheduler::anything_at_workers() const {
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) {
    if (slots_[i].claims.size() != 0 || !slots_[i].own.empty() || !slots_[i].forks.empty()) return true;
  }
  return false;
}

Time Scheduler::waits_since() const {
  Time since = Time::max();
  for (std::size_t level = 0; level < kLevels; ++level) since = std::min(since, oldest(level, 0, used()).since);
  return since;
}

std::vector<Scheduling> Scheduler::scheduling() const {
  std::vector<Scheduling> all;
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) {
    const Slot& slot = slots_[i];
    all.push_back({slot.steals.load(std::memory_order_relaxed), slot.parks.load(std::memory_order_relaxed),
                   slot.wakeups.load(std::memory_order_relaxed), slot.injector_takes.load(std::memory_order_relaxed)});
  }
  return all;
}

std::size_t Scheduler::size(std::size_t worker) const {
  return slots_[worker].own.size() + slots_[worker].claims.size() + injector_.size(worker);
}

}  // namespace pool::stealing
