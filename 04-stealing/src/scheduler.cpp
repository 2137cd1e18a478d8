#include <pool/stealing/scheduler.hpp>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/user_code.hpp>

namespace pool::stealing {

namespace {

void add_one(sync::atomic<std::size_t>& count) {  // which has one writer
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

[[nodiscard]] std::size_t highest(unsigned levels) {
  return static_cast<std::size_t>(std::countr_zero(levels));
}

}  // namespace

Scheduler::Scheduler(const Options& options)
    : options_(options),
      count_(std::max(options.slots, options.workers)),
      slots_(new Slot[count_]),
      active_(options.workers),
      used_(options.workers),
      injector_(count_),
      parking_(count_),
      room_(options.capacity) {
  for (std::size_t worker = 0; worker < count_; ++worker) slots_[worker].random = worker;
}

void Scheduler::set_active(std::size_t workers) {
  if (workers == 0 || workers > count_) {
    throw std::invalid_argument("scheduler: " + std::to_string(workers) + " active workers, but it has from 1 to " +
                                std::to_string(count_));
  }
  std::size_t used = used_.load(std::memory_order_relaxed);
  while (used < workers && !used_.compare_exchange_weak(used, workers, std::memory_order_relaxed)) {
  }
  active_.store(workers, std::memory_order_relaxed);
}

// --- marks -----------------------------------------------------------------------------------------------------------

bool Scheduler::change(Unit& unit, Mark from, Mark to) {
  std::uint8_t expected = from;  // [mark] pairs with itself: who comes second sees what the first has done
  return unit.mark.compare_exchange_strong(expected, to, std::memory_order_acq_rel, std::memory_order_acquire);
}

// Before anybody can take it. False: it was cancelled on its way here, and nobody need queue it.
bool Scheduler::enter(Unit& unit, Time now) {
  if (unit.since == Time{}) unit.since = now;
  { bounded::InFlight::Entry(in_flight_).hand_over(); }
  room_.fill(unit.takes_room);
  if (change(unit, kFresh, kQueued)) return true;
  withdrawn(unit);
  return false;
}

bool Scheduler::enter_in_caller(Unit& unit) {
  { bounded::InFlight::Entry(elsewhere_).hand_over(); }
  moved_.fetch_add(1, std::memory_order_release);  // [moved]
  if (change(unit, kFresh, kTaken)) return true;
  elsewhere_.done();
  return false;
}

void Scheduler::ended_in_caller(Unit* skipped) {
  if (skipped != nullptr && skipped->mark.exchange(kSkipped, std::memory_order_acq_rel) != kOver) return;  // [mark]
  elsewhere_.done();
}

bool Scheduler::pass_through(Unit& unit) {
  { bounded::InFlight::Entry(in_flight_).hand_over(); }
  room_.pass();
  if (change(unit, kFresh, kTaken)) return true;
  count_withdrawn();
  return false;
}

bool Scheduler::take(Unit& unit) {
  if (!change(unit, kQueued, kTaken)) return false;
  room_.leave(unit.takes_room);
  return true;
}

void Scheduler::withdraw(JobCore& job) {
  const std::uint8_t before = job.mark.exchange(kOver, std::memory_order_acq_rel);  // [mark]
  if (before == kQueued) {
    static_cast<void>(injector_.remove(job));  // its husk; in a lane it stays until somebody comes to it
    withdrawn(job);
  }
  if (before == kSkipped) elsewhere_.done();  // and if it is fresh, enter() will see it; if taken, ended()
}

void Scheduler::withdrawn(Unit& unit) {
  room_.leave(unit.takes_room);
  count_withdrawn();
}

void Scheduler::count_withdrawn() {
  withdrawn_.fetch_add(1, std::memory_order_release);  // [withdrawn] pairs with withdrawn(): it was sent before
  done();
}

// What was skipped has ended when whoever cancels it says so; that may take him a while, and no worker waits for it.
void Scheduler::ended(Unit* skipped) {
  if (skipped != nullptr) {
    bounded::InFlight::Entry(elsewhere_).hand_over();
    moved_.fetch_add(1, std::memory_order_release);  // [moved] pairs with wait_idle(): it is elsewhere
    ended_in_caller(skipped);
  }
  done();
}

void Scheduler::close() {
  room_.close();
  injector_.close();
  { bounded::InFlight::Entry(in_flight_).hand_over(); }  // ours: so we are the last, or the last one sees the flag
  closed_.store(true, std::memory_order_release);        // [closed]
  done();
  parking_.announce();  // and the gate is open
}

// One that was in flight is not any more. After the last one workers have something to see: the end.
void Scheduler::done() {
  if (in_flight_.done() && closed_.load(std::memory_order_acquire)) parking_.announce();  // [closed]
}

bool Scheduler::over() const {
  return closed_.load(std::memory_order_acquire) && in_flight_.none();
}

bool Scheduler::wait_idle(const Deadline& deadline) {
  for (;;) {
    const std::size_t moved = moved_.load(std::memory_order_acquire);  // [moved]
    if (!in_flight_.wait(deadline) || !elsewhere_.wait(deadline)) return false;
    // While we waited for the second, what it had handed in may have gone from the first to the second.
    if (in_flight_.none() && moved_.load(std::memory_order_relaxed) == moved) return true;
  }
}

// --- handing in -------------------------------------------------------------------------------------------------------

// Read before a lock is taken, and only if somebody will ask how long work has waited: it takes longer than the rest.
Time Scheduler::now() const {
  return options_.ageing.count() > 0 || options_.displaces ? options_.clock->now() : Time{};
}

bool Scheduler::hand_in(UnitList& units, std::optional<std::size_t> worker) {
  const Time now = this->now();
  if (worker) {
    const bool closed = closed_.load(std::memory_order_acquire);  // [closed]
    if (closed && (units.front().takes_room || in_flight_.none())) return false;
    const basic::Finally announce{[&] { parking_.announce(); }};  // [T2] last
    while (!units.empty()) {
      make_room(*worker, priority::level_of(units.front().priority));
      UnitPtr unit = units.pop_front();
      if (enter(*unit, now)) slots_[*worker].own.push(std::move(unit));
    }
    return true;
  }
  if (!injector_.push(units, [&](Unit& unit) { return enter(unit, now); })) return false;
  parking_.announce();  // [T2] last
  return true;
}

void Scheduler::resume() {
  paused_.store(false, std::memory_order_release);
  parking_.announce();  // all that is queued can be taken now: T2
}

// --- a worker's life --------------------------------------------------------------------------------------------------

UnitPtr Scheduler::next(std::size_t worker) {
  Slot& slot = slots_[worker];
  release_husks(slot);  // with nothing in hand, and not counted as searching
  bool searching = false;
  for (unsigned patience = 0; !over(); --patience) {
    if (UnitPtr unit = find(worker)) {
      if (searching) parking_.found();
      if (slot.victim != worker) options_.observer->steal(worker, slot.victim);
      return unit;
    }
    if (!slot.husks.empty()) {
      if (std::exchange(searching, false)) parking_.found();
      release_husks(slot);
      patience = 1;
      continue;
    }
    if (patience > 0) {
      sync::pause();
      continue;
    }
    if (!searching && parking_.begin_search()) {
      searching = true;
      patience = options_.patience + 1;
      continue;
    }
    parking_.prepare(worker, searching);
    if (anything() || over()) {  // the last look
      parking_.cancel(worker);
    } else {
      options_.observer->park(worker);
      add_one(slot.parks);
      parking_.sleep(worker);
      add_one(slot.wakeups);
      options_.observer->unpark(worker);
    }
    searching = true;
    patience = 1;
  }
  parking_.wake_all();  // nothing is left, and nothing will come
  if (searching) parking_.found();
  return nullptr;
}

// What goes with a husk may be the user's: a result, an exception.
void Scheduler::release_husks(Slot& slot) {
  while (!slot.husks.empty()) static_cast<void>(slot.husks.pop_front());
}

UnitPtr Scheduler::find(std::size_t worker) {
  Slot& slot = slots_[worker];
  slot.victim = worker;
  bool round_is_over = ++slot.round % kRound == 0;
  while (!paused()) {
    const unsigned visible = slot.own.occupied() | slot.claimed.occupied() | injector_.occupied();
    if (visible == 0) return steal(worker);
    UnitPtr unit;
    if (!std::has_single_bit(visible) || round_is_over) unit = take_aged(worker, round_is_over);
    if (!unit && round_is_over) {
      if (UnitPtr stolen = steal_at(highest(visible), worker)) return stolen;
    }
    if (!unit) unit = take_at(highest(visible), worker, round_is_over);
    if (unit && wanted(unit, slot)) return unit;
    round_is_over = false;
  }
  return nullptr;
}

// Takes the unit; or it is a husk, and kept until somebody has time for it.
bool Scheduler::wanted(UnitPtr& unit, Slot& slot) {
  if (take(*unit)) return true;
  slot.husks.push_back(std::move(unit));
  return false;
}

UnitPtr Scheduler::take_at(std::size_t level, std::size_t worker, bool others_first) {
  Slot& slot = slots_[worker];
  UnitPtr unit;
  if (!others_first) unit = slot.own.take(level);
  if (!unit) unit = slot.claimed.take_oldest(level);
  if (!unit) unit = claim(level, worker, !others_first);
  if (!unit && others_first) unit = slot.own.take(level);
  return unit;
}

UnitPtr Scheduler::claim(std::size_t level, std::size_t worker, bool homes_first) {
  if ((injector_.occupied() >> level & 1U) == 0) return nullptr;
  Slot& slot = slots_[worker];
  // What displaces the oldest has to find it, so nothing may be between two queues then.
  std::size_t most = options_.displaces ? 1 : kBatch;
  if (basic::catching([&] { slot.claimed.make_room(level); })) most = 1;  // no memory for a lane
  UnitList claimed = injector_.claim(level, worker, most, active(), slot.turn, homes_first);
  if (claimed.empty()) return nullptr;
  add_one(slot.injector_takes);
  UnitPtr first = claimed.pop_front();
  if (claimed.empty()) return first;
  while (!claimed.empty()) slot.claimed.push(claimed.pop_front());  // its lane is empty, and has room for a batch
  parking_.announce();  // [T2] who looked for them between the two queues has not seen them
  return first;
}

UnitPtr Scheduler::steal(std::size_t worker) {
  for (unsigned levels = in_lanes(); levels != 0; levels &= levels - 1) {
    if (UnitPtr unit = steal_at(highest(levels), worker)) return unit;
  }
  return nullptr;
}

UnitPtr Scheduler::steal_at(std::size_t level, std::size_t worker) {
  Slot& thief = slots_[worker];
  thief.random = thief.random * 6364136223846793005U + 1442695040888963407U;  // Knuth's; the upper half is random
  const std::size_t used = this->used();
  const std::size_t start = (thief.random >> 33U) % used;
  for (std::size_t i = 0; i < used; ++i) {
    const std::size_t victim = (start + i) % used;
    if (victim == worker) continue;
    for (Lanes* const lanes : {&slots_[victim].claimed, &slots_[victim].own}) {
      UnitPtr unit;
      while ((lanes->occupied() >> level & 1U) != 0 && lanes->steal(level, unit) != Steal::empty) {
        if (!unit || !wanted(unit, thief)) continue;  // somebody was quicker; or it was a husk
        add_one(thief.steals);
        thief.victim = victim;
        return unit;
      }
    }
  }
  return nullptr;
}

UnitPtr Scheduler::take_aged(std::size_t worker, bool everywhere) {
  if (options_.ageing.count() == 0) return nullptr;
  std::array<Source, kLevels> sources;
  priority::Heads heads;
  for (std::size_t level = 0; level < kLevels; ++level) {
    sources[level] = everywhere ? oldest(level, 0, used()) : oldest(level, worker, 1);
    if (sources[level].since != Time::max()) heads[level] = sources[level].since;
  }
  const Time now = options_.clock->now();
  const auto level = priority::next_level(heads, now, options_.ageing);
  if (!level || now - sources[*level].since <= options_.ageing) return nullptr;
  return take_from(sources[*level], *level);
}

// At so many workers, or in the injector. What a worker has claimed was there before what is still in the injector.
Scheduler::Source Scheduler::oldest(std::size_t level, std::size_t first, std::size_t workers) const {
  Source source;
  const auto consider = [&](Lanes* lanes, std::optional<Time> since) {
    if (since && *since < source.since) source = {lanes, *since};
  };
  for (std::size_t i = first; i < first + workers; ++i) {
    consider(&slots_[i].claimed, slots_[i].claimed.oldest(level));
    consider(&slots_[i].own, slots_[i].own.oldest(level));
  }
  consider(nullptr, injector_.oldest(level));
  return source;
}

UnitPtr Scheduler::take_from(const Source& source, std::size_t level) {
  if (source.lanes == nullptr) return injector_.take_oldest(level);
  UnitPtr unit;
  static_cast<void>(source.lanes->steal(level, unit));
  return unit;
}

// The levels that some worker may have in its lanes.
unsigned Scheduler::in_lanes() const {
  unsigned levels = 0;
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) levels |= slots_[i].claimed.occupied() | slots_[i].own.occupied();
  return levels;
}

bool Scheduler::anything() const {
  if (paused()) return false;
  if (injector_.occupied() != 0) return true;
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) {
    if (!slots_[i].claimed.empty() || !slots_[i].own.empty()) return true;
  }
  return false;
}

// --- waiting inside a job ---------------------------------------------------------------------------------------------

Scheduler::Running::Running(Scheduler& scheduler, std::size_t worker, const Unit& unit)
    : scheduler_(scheduler),
      worker_(worker),
      outer_(scheduler.slots_[worker].running),
      places_(scheduler.slots_[worker].places) {
  Slot& slot = scheduler.slots_[worker];
  slot.running = &unit;
  slot.places = scheduler.places(worker);
  scheduler.options_.observer->begin(worker, unit);
}

Scheduler::Running::~Running() {
  Slot& slot = scheduler_.slots_[worker_];
  slot.running = outer_;
  slot.places = places_;
  scheduler_.options_.observer->end(worker_);
}

Scheduler::Places Scheduler::places(std::size_t worker) const {
  Places places{};
  for (std::size_t level = 0; level < kLevels; ++level) {
    places[level] = static_cast<std::uint32_t>(slots_[worker].own.place(level));
  }
  return places;
}

bool Scheduler::take_up(JobCore& job) {
  if (!take(job)) return false;
  static_cast<void>(injector_.remove(job));  // its husk
  return true;
}

// Room for one more at the level. Before the lane grows, husks are let go: so memory is bounded by what is queued, and by
// what was when the running job began.
void Scheduler::make_room(std::size_t worker, std::size_t level) {
  Lanes& own = slots_[worker].own;
  if (!own.full(level)) return own.make_room(level);
  UnitList husks;  // released when the rest is back
  std::vector<UnitPtr> kept;
  kept.reserve(own.size(level));
  while (has_since(worker, level)) {
    UnitPtr unit = own.take(level);
    if (!unit) break;
    if (unit->mark.load(std::memory_order_acquire) == kQueued) {  // [mark]
      kept.push_back(std::move(unit));
    } else {
      husks.push_back(std::move(unit));
    }
  }
  const std::size_t many = kept.size();
  for (; !kept.empty(); kept.pop_back()) own.push(std::move(kept.back()));  // where it was, or below: there is room
  own.make_room(level, many / 2 + 1);                                       // so the next time is far away
}

void Scheduler::sweep(std::size_t worker, std::size_t level) {
  Lanes& own = slots_[worker].own;
  while (has_since(worker, level)) {
    UnitPtr unit = own.take(level);
    if (!unit) return;
    if (unit->mark.load(std::memory_order_acquire) != kQueued) continue;  // [mark]
    own.push(std::move(unit));                                            // where it was: there is room
    return parking_.announce();                                           // [T2]
  }
}

// Whether the place of the next unit is above where it was when the running job began. Nothing below that is ever taken
// from this end while the job runs, or what it hands in next would lie below, too.
bool Scheduler::has_since(std::size_t worker, std::size_t level) const {
  const Slot& slot = slots_[worker];
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(slot.own.place(level)) - slot.places[level]) > 0;
}

UnitPtr Scheduler::newest_since(std::size_t worker) {
  Slot& slot = slots_[worker];
  for (std::size_t level = 0; level < kLevels; ++level) {
    while (has_since(worker, level)) {
      UnitPtr unit = slot.own.take(level);
      if (!unit) break;
      if (take(*unit)) return unit;
    }
  }
  return nullptr;
}

// --- taking away ------------------------------------------------------------------------------------------------------

UnitPtr Scheduler::take_any() {
  for (unsigned levels = injector_.occupied() | in_lanes(); levels != 0; levels &= levels - 1) {
    for (;;) {
      const Source source = oldest(highest(levels), 0, used());
      if (source.since == Time::max()) break;
      UnitPtr unit = take_from(source, highest(levels));
      if (unit && take(*unit)) return unit;
    }
  }
  return nullptr;
}

UnitPtr Scheduler::take_oldest_not_above(Priority priority) {
  for (std::size_t level = kLevels; level-- > priority::level_of(priority);) {
    for (;;) {
      const Source source = oldest(level, 0, used());
      if (source.since == Time::max()) break;
      UnitPtr unit = take_from(source, level);
      if (unit && take(*unit)) return unit;
    }
  }
  return nullptr;
}

bool Scheduler::anything_above(Priority priority) const {
  for (std::size_t level = 0; level < priority::level_of(priority); ++level) {
    if (oldest(level, 0, used()).since != Time::max()) return true;
  }
  return false;
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
  return slots_[worker].own.size() + slots_[worker].claimed.size() + injector_.size(worker);
}

}  // namespace pool::stealing
