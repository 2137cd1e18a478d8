// Handing in, counting, and the end. What workers do: scheduler_worker.cpp; waiting inside a job, and taking away:
// scheduler_waiting.cpp.
#include <pool/stealing/scheduler.hpp>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

namespace pool::stealing {

Scheduler::Scheduler(const Options& options)
    : options_(options),
      count_(std::max(options.slots, options.workers)),
      limited_(options.capacity != 0),
      spread_(options.ageing.count() > 0 ? options.ageing / 16 : Duration::max()),
      chunks_(options.cells),
      slots_(new Slot[count_]),
      active_(options.workers),
      used_(options.workers),
      injector_(chunks_, count_, options.segments == 0 ? Injector::kSegments : options.segments),
      parking_(count_),
      room_(options.capacity) {
  for (std::size_t worker = 0; worker < count_; ++worker) {
    slots_[worker].random = worker;
    slots_[worker].forks.belong_to(worker, parking_);
  }
}

Scheduler::~Scheduler() {
  for (std::size_t worker = 0; worker < count_; ++worker) {
    Slot& slot = slots_[worker];
    for (std::size_t level = 0; level < kLevels; ++level) {
      for (Cell* cell = slot.claims.take(level); cell != nullptr; cell = slot.claims.take(level)) undo(slot, *cell);
      for (Cell* cell = slot.own.take(level); cell != nullptr; cell = slot.own.take(level)) undo(slot, *cell);
    }
    flush(slot);
    if (slot.arena != nullptr) chunks_.finished(*slot.arena, chunks_.cells() - slot.used + 1);
  }
}

void Scheduler::set_active(std::size_t workers) {
  if (workers == 0 || workers > count_) {
    throw std::invalid_argument("scheduler: " + std::to_string(workers) + " active workers, but it has from 1 to " +
                                std::to_string(count_));
  }
  use(workers);
  active_.store(workers, std::memory_order_relaxed);
}

void Scheduler::use(std::size_t workers) {
  std::size_t used = used_.load(std::memory_order_relaxed);
  while (used < workers &&
         !used_.compare_exchange_weak(used, workers, std::memory_order_seq_cst, std::memory_order_relaxed)) {
  }
}

// --- counting --------------------------------------------------------------------------------------------------------

// The injector first: what it refuses may move from there to the others.
std::size_t Scheduler::in() const {
  std::size_t sum = injector_.in();
  sum += others_.in.load(std::memory_order_acquire);
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) sum += slots_[i].account.in.load(std::memory_order_acquire);
  return sum;
}

std::size_t Scheduler::taken() const {
  std::size_t sum = others_.taken.load(std::memory_order_acquire);
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) sum += slots_[i].account.taken.load(std::memory_order_acquire);
  return sum;
}

// What is out was in before, and so was what it has handed in; whoever sees the one sees the other. So if as much is out
// as, read afterwards, is in, then it is the same: all that was handed in by then has ended.
bool Scheduler::none() const {
  std::size_t out = others_.out.load(std::memory_order_seq_cst);  // [out] pairs with settle() and went()
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) out += slots_[i].account.out.load(std::memory_order_seq_cst);
  return out == in();
}

// The worker has nothing to do. First it says what it has done, then it looks who waits for that; those who wait do the
// opposite.
void Scheduler::settle(Slot& slot) {
  if (slot.unsettled == 0) return;
  flush(slot);  // whoever waits for the end finds the chunks given back
  const std::size_t out = slot.account.out.load(std::memory_order_relaxed) + std::exchange(slot.unsettled, 0);
  slot.account.out.exchange(out, std::memory_order_seq_cst);  // [out]
  look_for_waiters();
  if (closed_.load(std::memory_order_seq_cst)) parking_.announce();  // [closed] it may be the end
}

void Scheduler::went() {
  others_.out.fetch_add(1, std::memory_order_seq_cst);  // [out]
  look_for_waiters();
  if (closed_.load(std::memory_order_seq_cst)) parking_.announce();  // [closed]
}

void Scheduler::look_for_waiters() {
  if (waiting_.load(std::memory_order_seq_cst) == 0 || !none()) return;  // [waiting]
  { std::lock_guard lock(idle_mutex_); }  // whoever looked before this sleeps by now: the notification finds it
  idle_.notify_all();
}

bool Scheduler::wait_none(const Deadline& deadline) {
  if (none()) return true;
  std::unique_lock lock(idle_mutex_);
  waiting_.fetch_add(1, std::memory_order_seq_cst);  // [waiting]
  const basic::Finally gone{[&] { waiting_.fetch_sub(1, std::memory_order_relaxed); }};
  while (!none()) {
    if (deadline.is_now()) return false;
    if (!deadline.wait(idle_, lock)) return none();
  }
  return true;
}

bool Scheduler::wait_idle(const Deadline& deadline) {
  for (;;) {
    const std::size_t moved = moved_.load(std::memory_order_acquire);  // [moved]
    if (!wait_none(deadline) || !elsewhere_.wait(deadline)) return false;
    // While we waited for the second, what it had handed in may have gone from the first to the second.
    if (none() && moved_.load(std::memory_order_relaxed) == moved) return true;
  }
}

// Sums up what waits, and notes it if it is the most. How much more the caller may hand in before it has to ask again: if
// others are as quick, it is not the most before that. Above some thousand, one in 64 may be missed.
std::size_t Scheduler::high_water() {
  const std::size_t in = this->in();  // first: so it is never too much
  const std::size_t taken = this->taken();
  const std::size_t queued = in > taken ? in - taken : 0;
  const std::size_t most = note_most(queued);
  return std::max((most - queued) / (used() + injector_.used()), most < 1024 ? 0 : most / 64);
}

std::size_t Scheduler::note_most(std::size_t queued) const {
  std::size_t most = most_queued_.load(std::memory_order_relaxed);
  while (most < queued && !most_queued_.compare_exchange_weak(most, queued, std::memory_order_relaxed)) {
  }
  return std::max(most, queued);
}

bounded::Waiting::Stats Scheduler::stats() const {
  if (limited_) return room_.stats();
  bounded::Waiting::Stats stats;
  std::size_t taken = 0;
  for (int tries = 0; tries < 8;
       ++tries) {  // while nothing is taken, the difference is exact; else it is a bit too much
    taken = this->taken();
    stats.sent = in();
    if (this->taken() == taken) break;
  }
  stats.queued = stats.sent - taken;
  stats.high_water = note_most(stats.queued);
  return stats;
}

// --- marks -----------------------------------------------------------------------------------------------------------

bool Scheduler::change(Unit& unit, Mark from, Mark to) {
  std::uint8_t expected = from;  // [mark] pairs with itself: who comes second sees what the first has done
  return unit.mark.compare_exchange_strong(expected, to, std::memory_order_acq_rel, std::memory_order_acquire);
}

// Before anybody can take it; it is counted already. False: it was cancelled on its way here, and nobody need queue it.
bool Scheduler::enter(Unit& unit, Time now) {
  if (unit.since == Time{}) unit.since = now;
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
  others_.in.fetch_add(1, std::memory_order_relaxed);
  others_.taken.fetch_add(1, std::memory_order_relaxed);
  if (limited_) room_.pass();
  if (change(unit, kFresh, kTaken)) return true;
  withdrawn_.fetch_add(1, std::memory_order_release);  // [withdrawn]
  went();
  return false;
}

void Scheduler::withdraw(JobCore& job) {
  const std::uint8_t before = job.mark.exchange(kOver, std::memory_order_acq_rel);  // [mark]
  if (before == kQueued) {
    static_cast<void>(injector_.remove(job));  // its husk; elsewhere it stays until somebody comes to it
    withdrawn(job);
  }
  if (before == kSkipped) elsewhere_.done();  // and if it is fresh, enter() will see it; if taken, ended()
}

void Scheduler::withdrawn(Unit& unit) {
  if (limited_) room_.leave(unit.takes_room);
  others_.taken.fetch_add(1, std::memory_order_release);
  withdrawn_.fetch_add(1, std::memory_order_release);  // [withdrawn] pairs with withdrawn(): it was sent before
  went();
}

// --- handing in ------------------------------------------------------------------------------------------------------

// A worker may hand in what takes no room, as long as something is in flight.
bool Scheduler::closed_for(bool takes_room) const {
  return closed_.load(std::memory_order_acquire) && (takes_room || none());
}

bool Scheduler::hand_in(UnitList& units, std::optional<std::size_t> worker) {
  if (worker) return !closed_for(units.front().takes_room) && (hand_in_here(units, *worker), true);
  if (injector_.closed() || closed_.load(std::memory_order_relaxed)) return false;
  UnitList over;  // let go of last, without a lock
  if (Segment* const own = own_segment()) {
    hand_in_to(*own, units, over);
  } else {
    const Injector::Shared shared(injector_);
    hand_in_to(shared.segment(), units, over);
  }
  return units.empty();
}

void Scheduler::hand_in_here(UnitList& units, std::size_t worker) {
  const Time now = this->now();
  const basic::Finally announce{[&] { parking_.announce(); }};  // [T2] last
  while (!units.empty()) {
    const std::size_t level = priority::level_of(units.front().priority);
    make_room(worker, level);
    Slot& slot = slots_[worker];
    Cell& cell = new_cell(slot);
    UnitPtr unit = units.pop_front();
    unit->place = 0;
    count_in(slot, level, unit->takes_room);
    if (enter(*unit, now)) {
      const Time since = unit->since;
      cell.hold(std::move(unit));
      slot.own.push(level, cell, since);
    } else {
      finish(cell, &slot);
    }
  }
}

void Scheduler::push(std::size_t worker, std::size_t level, Cell& cell, Time now, const void* whole) {
  Slot& slot = slots_[worker];
  if (!slot.own.has_room(level)) make_room(worker, level);
  count_in(slot, level, cell.takes_room());
  slot.own.push(level, cell, now, whole);
  parking_.announce();  // [T2] last
}

// Before anybody can take it. To sum up takes a while, and lanes are now longer, now shorter, all the time: so what makes
// this one no longer than it was is asked for once in a while, and the most may be a few more than it says.
void Scheduler::count_in(Slot& slot, std::size_t level, bool takes_room) {
  slot.account.in.store(slot.account.in.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  if (limited_) return room_.enter(takes_room);
  const std::size_t here = slot.own.size(level) + 1;
  if (slot.calm > 0 && here <= slot.most) {
    --slot.calm;
  } else {
    slot.calm = high_water() + kBatch;
    slot.most = std::max(slot.most, here + here / 64);
  }
}

// It is listed first: when it can be taken, whoever takes it takes it off the list.
bool Scheduler::fork(Parts::Outside& part, std::optional<std::size_t> worker) {
  part.takes_room = false;
  part.retain();
  const UnitPtr ours(&part);  // so that it is there if it was refused
  Parts& of = part.of();
  bool queued = false;
  const basic::Finally refused{[&] {
    if (!queued) static_cast<void>(basic::catching([&] { part.drop({}); }));
  }};
  of.list(part);
  UnitList units;
  units.push_back(UnitPtr(&part));
  queued = hand_in(units, worker);
  if (queued) of.call();  // who waits may do it himself
  return queued;
}

void Scheduler::hand_in_to(Segment& segment, UnitList& units, UnitList& over) {
  const Time now = this->now();
  if (injector_.closed() || closed_.load(std::memory_order_relaxed)) return;  // or the one who shared it, just now
  unsigned levels = 0;                                                        // that have something to be published
  const basic::Finally published{[&] {
    UnitList refused;
    for (; levels != 0; levels &= levels - 1) {
      publish(segment, static_cast<std::size_t>(std::countr_zero(levels)), &refused, &over);
    }
    refused.take_all(units);  // they come after those
    units.take_all(refused);
  }};
  while (!units.empty()) {
    const Unit& first = units.front();
    const std::size_t level = priority::level_of(first.priority);
    Stream& stream = segment.stream(level);
    stream.make_room();
    segment.count(1);  // before it has its room, and may be refused for want of an open one: see over()
    if (limited_ && !room_.fill(first.takes_room)) {
      less(segment, 1);
      break;
    }
    stream.append(first.since == Time{} ? now : first.since, [&](Cell& cell, std::uint64_t position) {
      UnitPtr unit = units.pop_front();
      unit->place = segment.place;
      unit->position = position;
      unit->at = &cell;
      const bool wanted = enter(*unit, now);
      wanted ? cell.hold(std::move(unit)) : over.push_back(std::move(unit));
    });
    levels |= 1U << level;
  }
}

// Code of the user may run: what it hands in goes elsewhere.
void Scheduler::take_back(Segment& segment, std::size_t level, std::uint64_t from, UnitList* refused, UnitList* over) {
  segment.filling = true;
  const std::size_t many = segment.made(level)->take_back(from, [&](Cell& cell) {
    if (refuse(cell, refused, over)) segment.refused[level] = true;
  });
  segment.filling = false;
  if (many != 0) less(segment, many);
}

// So many are not in, after all. Who waits for nothing to be in flight, or for the end, may have counted them.
void Scheduler::less(Segment& segment, std::size_t many) {
  segment.discount(many);  // [less]
  look_for_waiters();
  parking_.announce();
}

// Whether it was a closure. A unit that somebody has cancelled or taken up meanwhile is not refused: it was in.
bool Scheduler::refuse(Cell& cell, UnitList* refused, UnitList* over) {
  if (cell.unit() == nullptr) {
    static_cast<void>(basic::catching([&] { cell.drop(); }));
    return true;
  }
  UnitPtr unit = cell.take_unit();
  if (change(*unit, kQueued, kFresh)) {
    refused->push_back(std::move(unit));
  } else {
    others_.in.fetch_add(1, std::memory_order_release);
    over->push_back(std::move(unit));
  }
  return false;
}

bool Scheduler::publish_limited(Segment& segment, std::size_t level) {
  segment.count(std::exchange(segment.appended[level], 0));  // before it has its room: see over()
  if (room_.fill(true)) return publish(segment, level);
  take_back(segment, level, segment.made(level)->sent(), nullptr, nullptr);
  return !segment.refused[level];
}

// A cell for what the worker's job hands in; in a chunk of its own, so nobody else takes one there.
Cell& Scheduler::new_cell(Slot& slot) {
  if (slot.arena == nullptr || slot.used == chunks_.cells()) {
    Chunk& chunk = chunks_.take();
    if (slot.arena != nullptr) chunks_.finished(*slot.arena, 1);
    slot.arena = &chunk;
    slot.used = 0;
  }
  return (*slot.arena)[slot.used++];
}

void Scheduler::undo(Slot& slot, Cell& cell) {
  static_cast<void>(basic::catching([&] {
    if (!cell.empty()) cell.drop();
  }));
  finish(cell, &slot);
}

void Scheduler::close() {
  room_.close();
  if (!limited_) injector_.close();                // before the workers hear of it: what they can claim then is in
  closed_.store(true, std::memory_order_seq_cst);  // [closed]
  parking_.announce();                             // it may be the end; and the gate is open
}

bool Scheduler::over() const {
  return closed_.load(std::memory_order_seq_cst) && none();
}

void Scheduler::resume() {
  paused_.store(false, std::memory_order_seq_cst);
  parking_.announce();  // all that is queued can be taken now: T2
}

}  // namespace pool::stealing
