// What a job does that waits for what it has handed in; and taking away what is queued.
#include <bit>
#include <utility>
#include <vector>

#include <pool/stealing/scheduler.hpp>

namespace pool::stealing {

// --- waiting inside a job ---------------------------------------------------------------------------------------------

// #region take_up
bool Scheduler::take_up(Unit& unit, std::size_t worker) {
  if (!change(unit, kQueued, kTaken)) return false;
  if (limited_) room_.leave(unit.takes_room);
  count_taken(&slots_[worker]);
  static_cast<void>(injector_.remove(unit));  // its husk
  return true;
}
// #endregion take_up

// A husk: somebody has taken or cancelled the unit. So nobody wants the cell any more.
bool Scheduler::is_husk(const Cell& cell) {
  const Unit* const unit = cell.unit();
  return unit != nullptr && unit->mark.load(std::memory_order_acquire) != kQueued;  // [mark]
}

// Room for one more at the level. Before the lane grows, husks are let go: so memory is bounded by what is queued, and by
// what was when the running job began.
void Scheduler::make_room(std::size_t worker, std::size_t level) {
  Slot& slot = slots_[worker];
  if (!slot.own.full(level)) return slot.own.make_room(level);
  UnitList husks;  // released when the rest is back
  struct Kept {
    Cell& cell;
    Time since;
    const void* whole;
  };
  std::vector<Kept> kept;
  kept.reserve(slot.own.size(level));
  while (has_since(worker, level)) {
    const Time since = slot.own.newest(level);
    const void* const whole = slot.own.newest_whole(level);
    Cell* const cell = slot.own.take(level);
    if (cell == nullptr) break;
    if (is_husk(*cell)) {
      husks.push_back(cell->take_unit());
      finish(*cell, &slot);
    } else {
      kept.push_back({*cell, since, whole});
    }
  }
  const std::size_t many = kept.size();
  for (; !kept.empty(); kept.pop_back()) {  // where it was, or below: there is room
    slot.own.push(level, kept.back().cell, kept.back().since, kept.back().whole);
  }
  parking_.announce();                      // [T2] now: what follows may throw
  slot.own.make_room(level, many / 2 + 1);  // so the next time is far away
}

void Scheduler::sweep(std::size_t worker, std::size_t level) {
  Slot& slot = slots_[worker];
  UnitList husks;
  while (has_since(worker, level)) {
    const Time since = slot.own.newest(level);
    const void* const whole = slot.own.newest_whole(level);
    Cell* const cell = slot.own.take(level);
    if (cell == nullptr) return;
    if (!is_husk(*cell)) {
      slot.own.push(level, *cell, since, whole);  // where it was: there is room
      return parking_.announce();                 // [T2]
    }
    husks.push_back(cell->take_unit());
    finish(*cell, &slot);
  }
}

// Whether the place of the next cell is above where it was when the running job began. Nothing below that is ever taken
// from this end while the job runs, or what it hands in next would lie below, too.
bool Scheduler::has_since(std::size_t worker, std::size_t level) const {
  const Slot& slot = slots_[worker];
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(slot.own.bottom(level)) - slot.bottoms[level]) > 0;
}

// #region newest_since
Taken Scheduler::newest_since(std::size_t worker) {
  Slot& slot = slots_[worker];
  for (unsigned levels = slot.own.occupied(); levels != 0; levels &= levels - 1) {
    const auto level = static_cast<std::size_t>(std::countr_zero(levels));
    while (has_since(worker, level)) {
      Cell* const cell = slot.own.take(level);
      if (cell == nullptr) break;
      if (Taken taken = accept(cell, level, &slot)) return taken;
    }
  }
  const std::size_t level = slot.forks.within().level;
  Fork* const fork = slot.forks.take_newest();
  return fork == nullptr ? Taken() : Taken(*fork, static_cast<Priority>(level));
}
// #endregion newest_since

// #region next_until
// Before it sleeps, it says so, and looks once more: whatever comes later, calls it.
Taken Scheduler::next_until(Fork& done, std::size_t worker) {
  Forks& own = slots_[worker].forks;
  for (unsigned patience = options_.patience;; patience = options_.patience) {
    for (;; --patience) {
      if (done.done()) return {};
      if (Taken part = steal_part_of(done, worker)) return part;
      if (Taken taken = newest_since(worker)) return taken;
      if (patience == 0) break;
      sync::pause();
    }
    const std::uint32_t calls = own.calls();
    own.expect_call(done);
    if (Taken part = steal_part_of(done, worker)) return own.expect_none(done), std::move(part);
    if (!done.done()) own.sleep(calls);
    own.expect_none(done);
  }
}
// #endregion next_until

Taken Scheduler::steal_part_of(const Fork& whole, std::size_t worker) {
  const std::optional<std::size_t> thief = Forks::thief_of(whole);
  if (!thief) return {};
  Slot& slot = slots_[worker];
  const std::size_t level = slot.forks.within().level;
  Fork* const fork = slots_[*thief].forks.steal_part_of(whole, slot.forks);
  if (fork == nullptr) return {};
  slot.steals.store(slot.steals.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (options_.observer != nullptr) options_.observer->steal(worker, *thief);
  return {*fork, static_cast<Priority>(level)};
}

// #region next_until_over
Taken Scheduler::next_until(Parts& over, std::size_t worker, bool everything) {
  const auto not_ours = [&] {
    Taken taken = part_from_outside(over, worker);
    return taken ? std::move(taken) : steal_part_of(over, worker);
  };
  for (;;) {
    for (unsigned patience = options_.patience;; --patience) {
      if (over.over()) return {};
      if (Taken taken = newest_since(worker)) return taken;
      if (Taken taken = not_ours()) return taken;
      if (everything) {
        if (Taken taken = newest(worker)) return taken;
      }
      if (patience == 0) break;
      sync::pause();
    }
    if (Taken taken = over.sleep(not_ours)) return taken;
  }
}
// #endregion next_until_over

// Of its lanes, whoever has handed it in.
Taken Scheduler::newest(std::size_t worker) {
  Slot& slot = slots_[worker];
  for (std::size_t level = 0; level < kLevels; ++level) {
    while (Cell* const cell = slot.own.take(level)) {
      if (Taken taken = accept(cell, level, &slot)) return taken;
    }
  }
  return {};
}

// The newest that nobody has taken.
Taken Scheduler::part_from_outside(Parts& of, std::size_t worker) {
  while (UnitPtr part =
             of.newest_outside([](Unit& unit) { return unit.mark.load(std::memory_order_acquire) == kQueued; })) {
    if (take_up(*part, worker)) return Taken(std::move(part));
  }
  return {};
}

// The oldest of a lane, if it is one.
Taken Scheduler::steal_part_of(const Parts& whole, std::size_t worker) {
  Slot& thief = slots_[worker];
  const std::size_t used = this->used();
  for (std::size_t victim = 0; victim < used; ++victim) {
    if (victim == worker) continue;
    for (std::size_t level = 0; level < kLevels; ++level) {
      Cell* cell = nullptr;
      while (slots_[victim].own.steal_part_of(&whole, level, cell) != Steal::empty) {
        Taken taken = accept(std::exchange(cell, nullptr), level, &thief);
        if (!taken) continue;  // somebody was quicker
        note_steal(thief, victim);
        if (options_.observer != nullptr) options_.observer->steal(worker, victim);
        return taken;
      }
    }
  }
  return {};
}

// --- taking away ------------------------------------------------------------------------------------------------------

Taken Scheduler::take_oldest(std::size_t level) {
  for (;;) {
    const Source source = oldest(level, 0, used());
    if (source.since == Time::max()) return {};
    if (Taken taken = accept(take_from(source, level), level, nullptr)) return taken;
  }
}

Taken Scheduler::take_any() {
  for (std::size_t level = 0; level < kLevels; ++level) {
    if (Taken taken = take_oldest(level)) return taken;
  }
  return {};
}

Taken Scheduler::take_oldest_not_above(Priority priority) {
  for (std::size_t level = kLevels; level-- > priority::level_of(priority);) {
    if (Taken taken = take_oldest(level)) return taken;
  }
  return {};
}

bool Scheduler::anything_above(Priority priority) const {
  for (std::size_t level = 0; level < priority::level_of(priority); ++level) {
    if (oldest(level, 0, used()).since != Time::max()) return true;
  }
  return false;
}

void Scheduler::dropped(Taken& taken, bool skipped) {
  if (skipped) this->skipped(*taken.unit());
  if (taken.cell() != nullptr) finish(*taken.cell(), nullptr);
  went();
}

}  // namespace pool::stealing
