// Scheduler: all that is queued in a pool, and which worker gets what, and when.
//
//   outside ──> injector ──claims──> claims (oldest first) ──┐
//                                                           ├──> worker
//   a job ─────────────────────────> own lanes (newest first) ┘
//
// Between two jobs a worker takes the highest level that it can see, its own or the injector's; at the same level its
// own lane, what it has claimed, the injector. A worker with nothing steals from claims and lanes, oldest first.
// What has waited longer than `ageing` goes first: where there is more than one level, it is looked for when the oldest
// of them comes of age, and after an eighth of `ageing` at the latest, for what comes in may have waited elsewhere; and
// when a round of kRound jobs is over, in the same way at all workers and within one level, too. Once in a round what is
// queued at others, and then what comes from outside, goes before the worker's own of the same level: so a job that
// hands in itself does not keep others out, nor does a thread that hands in more than can be done. In a batch of jobs
// that take less than a microsecond, a stint of up to 32 counts as one there: to look at what others have takes longer.
//
// What was posted is a closure in a cell, and belongs to whoever takes the cell. What has a name, or a way to be
// cancelled, is a unit. Every unit has a mark (see Mark), by which those who want it agree who has it: a worker that
// takes it out of its queue, a job that waits for it, or somebody who has cancelled it. So a cancelled unit may stay in
// a queue as a husk until it is reached; it takes no room, and is not counted.
//
// Half of an invoke() is a fork, and lies in a deque of its own. It is never older than what runs, so its worker takes it
// back before it comes to anything else; a thief takes it before what is queued at its level.
//
// Nothing is counted by two threads in one place, as long as no unit is cancelled: see Account.
//
// Thread safety: every member may be called from any thread; those that are given a worker, by that worker.
// Invariants:  (T1) a unit that was handed in is taken exactly once, or is cancelled
//              (T2) no unit that could be taken waits while a worker sleeps (K1 of Parking): whatever puts a unit where
//                   it can be seen announces it afterwards
//              (T3) a worker leaves when the scheduler is closed and nothing is in flight
//              (T4) no code of the user runs while a worker is counted as searching, or has a unit in hand that waits
//              (T5) the room of a unit is free, and it is no longer counted as queued, when it is taken or cancelled
// Memory ordering: what happens before a unit is handed in is visible to whoever takes it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/chunk.hpp>
#include <pool/stealing/claim.hpp>
#include <pool/stealing/fork.hpp>
#include <pool/stealing/injector.hpp>
#include <pool/stealing/lanes.hpp>
#include <pool/stealing/observer.hpp>
#include <pool/stealing/parking.hpp>
#include <pool/stealing/parts.hpp>
#include <pool/stealing/room.hpp>
#include <pool/stealing/taken.hpp>

namespace pool::stealing {

using priority::Clock;
using priority::Duration;
using priority::Ending;
using priority::JobCore;
using priority::Priority;
using priority::UnitList;

// What one worker did to get at work.
struct Scheduling {
  std::size_t steals = 0;          // units and forks taken from another worker
  std::size_t parks = 0;           // times it went to sleep
  std::size_t wakeups = 0;         // times it was woken
  std::size_t injector_takes = 0;  // times it took units, one or many, from the injector
};

class Scheduler {
 public:
  struct Options {
    std::size_t workers = 1;   // that are active at first: see set_active()
    std::size_t slots = 0;     // for at most so many; 0: for these
    std::size_t capacity = 0;  // 0: no limit
    Duration ageing{0};        // 0: none
    Clock* clock = nullptr;
    bool displaces = false;        // take_oldest_not_above() will be called
    unsigned patience = 100;       // how often a worker looks around before it sleeps
    Observer* observer = nullptr;  // must outlive the scheduler
    std::size_t cells = 0;         // in a chunk; 0: as many as fit
    std::size_t segments = 0;      // of the injector; 0: as many as it can have
  };
  explicit Scheduler(const Options& options);
  ~Scheduler();

  // --- handing in ---------------------------------------------------------------------------------------------------
  // Room for one unit that takes room. Then hand_in() uses it, or it is given back.
  Send reserve(const Deadline& deadline) { return room_.reserve(deadline); }
  void give_back() { room_.give_back(); }

  // Queues what `make` gives, a closure or a Bound: at the worker whose job it is that hands it in, or for none in the
  // injector. See hand_in(UnitList&, …) for what closed means; `elsewhere`: the calling thread has no segment of its own,
  // or is filling a cell of it further up the stack; it has to hand in a unit. Throws what making it throws, and
  // std::bad_alloc; it is not queued then.
  enum class [[nodiscard]] Handed{in, closed, elsewhere};
  template <class Make>
  Handed hand_in(std::size_t level, std::optional<std::size_t> worker, Make&& make);

  // What work that is handed in now waits since.
  [[nodiscard]] Time now() const;

  // The same in two steps, for work from outside in a pool without a limit: what was appended to the calling thread's
  // segment, if it has one, waits for publish() of its level by the same thread. False: it is closed, and some of it is
  // dropped.
  using Segment = Injector::Segment;
  [[nodiscard]] Segment* own_segment() { return injector_.own(); }
  template <class Make>
  [[nodiscard]] bool append(Segment& segment, std::size_t level, Time since, Make&& make);
  [[nodiscard]] bool publish(Segment& segment, std::size_t level) { return publish(segment, level, nullptr, nullptr); }

  // The same for a part of a group, at the worker whose job has made the group: it takes no room, and may be handed in as
  // long as something is in flight. False: nothing is. If a job of which this job is part sleeps until all of that is
  // done, it is called: it may do this, too.
  template <class Make>
  [[nodiscard]] bool fork(std::size_t level, std::size_t worker, Parts& of, Make&& make);
  // The same for one that comes from elsewhere, which the caller gives away. Without a worker: false, if it is closed.
  [[nodiscard]] bool fork(Parts::Outside& part, std::optional<std::size_t> worker);
  // What the worker runs: a number that nothing else has that it runs. A fork that it runs while it waits is part of what
  // waits.
  [[nodiscard]] std::uint64_t frame(std::size_t worker) const { return slots_[worker].frame; }

  // Queues the units in the same way. Those that were cancelled on their way are not queued. False: it is closed, and
  // what is not queued is still in the list. (A worker may still hand in what takes no room, as long as something is in
  // flight.) Throws std::bad_alloc; then those that are still in the list are not queued.
  [[nodiscard]] bool hand_in(UnitList& units, std::optional<std::size_t> worker);

  // The unit is not queued: the caller runs it, then ended_in_caller(). False: it was cancelled on its way.
  [[nodiscard]] bool enter_in_caller(Unit& unit);
  void ended_in_caller(Unit* skipped);
  // It counts as one that was queued and taken at once; then ended(). False: it was cancelled on its way.
  [[nodiscard]] bool pass_through(Unit& unit);

  // Nothing more is taken in, but what jobs fork. When all that was is done, next() ends.
  void close();

  // --- a worker's life ----------------------------------------------------------------------------------------------
  // Waits for work that is to be run, then ended(). Nothing: closed, and all is done; not before, since what runs may
  // fork.
  [[nodiscard]] Taken next(std::size_t worker);

  // Where the next cell of each level will lie in its own lanes; they wrap around, for only distances count.
  using Bottoms = std::array<std::uint32_t, kLevels>;

  // So many workers are active, those with the lowest numbers, and share what comes from outside. What is queued at one
  // that is not, or not any more, is for the others. At most as many as there are slots, at least one.
  void set_active(std::size_t workers);
  [[nodiscard]] std::size_t active() const { return active_.load(std::memory_order_relaxed); }

  // The worker will not ask for a unit again; what is queued at it is for the others.
  void leave(std::size_t worker);
  // Any thread: next() gives the worker nothing more, and wakes it for that, so that it leaves. Somebody has to stay.
  void retire(std::size_t worker);
  // Before the first next() of a thread that takes the place of one that has left, or of nobody. Not against retire().
  void enlist(std::size_t worker);

  // While it lives, the worker runs what it has taken. They may be nested: a job that waits runs others.
  class Running {
   public:
    Running(Scheduler& scheduler, std::size_t worker, const Taken& taken);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();

   private:
    Scheduler& scheduler_;
    const std::size_t worker_;
    Bottoms bottoms_;  // of the outer one, if there is one,
    std::uint64_t frame_ = 0;
    Forks::Within outer_;  // as is this
  };

  // For a job that waits (S4.5): takes the job out of its queue, wherever that is; and takes the newest unit that was
  // handed in at this worker since its running job began, higher levels first.
  [[nodiscard]] bool take_up(Unit& unit, std::size_t worker);
  [[nodiscard]] Taken newest_since(std::size_t worker);
  // Where the forks of the worker's jobs lie.
  [[nodiscard]] Forks& forks(std::size_t worker) { return slots_[worker].forks; }
  // What the parent of a fork does that somebody has taken: parts of the fork, and what it has handed in since its job
  // began. Waits until there is something, or the fork is done: nothing, then.
  [[nodiscard]] Taken next_until(Fork& done, std::size_t worker);
  // The same for parts: those from outside, and what jobs have handed in that are parts of it, too. `everything`: and
  // all else that lies in the worker's lanes, since its parts may lie below that.
  [[nodiscard]] Taken next_until(Parts& over, std::size_t worker, bool everything);
  // Lets go of the husks that are the newest of what the running job has handed in: so a job that hands in and takes
  // back, over and over, leaves none.
  void sweep(std::size_t worker, std::size_t level);

  // What the worker has taken is done with, and let go of; or, if that was skipped, it was cancelled in its hands.
  void ended(Taken& taken, std::size_t worker, Ending how);

  // --- taking away --------------------------------------------------------------------------------------------------
  // The job was cancelled, and has ended.
  void withdraw(JobCore& job);
  // Something, highest levels first. Nothing: nothing is queued. Then dropped().
  [[nodiscard]] Taken take_any();
  // The oldest of the lowest level, if that is not above the priority. Nothing: what is queued is above it, or in the
  // hands of somebody who is about to take it or put it there: see anything_above(). Then dropped().
  [[nodiscard]] Taken take_oldest_not_above(Priority priority);
  // As ended(), for those who are not workers.
  void dropped(Taken& taken, bool skipped);
  [[nodiscard]] bool anything_above(Priority priority) const;

  // Workers finish what they run and start nothing, until resume() or close().
  void pause() { paused_.store(true, std::memory_order_seq_cst); }
  void resume();

  // Waits until all that was handed in, or entered in a caller, has ended; false: the time was up first.
  [[nodiscard]] bool wait_idle(const Deadline& deadline);
  // How many slots were ever active: in the others there is nothing. It only grows. (seq_cst: it is part of the last look
  // of a worker, and of none().)
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_seq_cst); }
  // Since when the oldest that is queued has waited, as now() had it; Time::max(): nothing is queued.
  [[nodiscard]] Time waits_since() const;
  [[nodiscard]] bounded::Waiting::Stats stats() const;
  [[nodiscard]] std::size_t withdrawn() const { return withdrawn_.load(std::memory_order_acquire); }  // while queued
  [[nodiscard]] std::vector<Scheduling> scheduling() const;
  [[nodiscard]] bounded::WorkerStats worker_stats(std::size_t worker) const { return slots_[worker].counters.read(); }
  // What is queued at it, its homes in the injector included, and husks.
  [[nodiscard]] std::size_t size(std::size_t worker) const;

 private:
  // Of a unit. Fresh: not yet queued. Skipped: taken, and found to be cancelled meanwhile.
  enum Mark : std::uint8_t { kFresh, kQueued, kTaken, kSkipped, kOver };

  static constexpr std::size_t kBatch = 32;   // so many are claimed at a time, and so many short ones are a stint;
  static constexpr std::size_t kShorter = 4;  // of these, so many times as many are claimed
  static constexpr unsigned kRound = 61;
  static constexpr unsigned kPauses = 16;  // some 0.2 µs

  // What came in, was taken, and went out. Each worker has one that only it writes; a segment of the injector counts what
  // comes in there; and there is one for everybody else. All only grow, but for what a closed injector refuses. A unit
  // is counted as in before anybody can take it, as taken before it is out.
  struct Account {
    sync::atomic<std::size_t> in{0}, taken{0}, out{0};
  };

  struct alignas(64) Slot {
    Lanes own;      // what its jobs have handed in
    Claims claims;  // from the injector, and not started
    Forks forks;

    // its worker's:
    unsigned depth = 0;           // of what it runs
    Bottoms bottoms{};            // of its own lanes, when the innermost of it began that is a frame of its own,
    std::uint64_t frame = 0;      // and which one that is,
    std::uint64_t frames = 0;     // of so many that there were
    std::size_t turn = 0;         // of the injector's segments;
    std::size_t turn_beyond = 0;  // and when it is not for the homes to come first
    UnitList husks;               // that it has come across; released when it is not searching
    std::size_t victim = 0;       // whom find() has taken from; itself, if from nobody
    unsigned round = 0;
    bool few = false;            // when it has last claimed, there were few short jobs
    Time ages_due{};             // before that it need not look for what is aged in its own lanes and outside,
    Time ages_due_everywhere{};  // or at all workers
    bool beyond_homes = false;   // a round is over: its next claim is from the segment that comes next
    std::uint64_t random = 0;
    Chunk* arena = nullptr;     // for what its jobs hand in
    std::size_t used = 0;       // cells of that
    Chunk* finished = nullptr;  // the chunk that it has last finished cells of,
    std::size_t cells = 0;      // and how many
    std::size_t calm = 0;     // how much more it may hand in before it asks whether that is the most that ever waited,
    std::size_t most = 0;     // unless one of its lanes is longer than that
    bool busy = false;        // as its counters have it
    std::size_t stint = 0;    // how many jobs have ended since it is busy,
    std::size_t longest = 1;  // and how many may, before it looks at the clock
    std::size_t unsettled = 0;  // ended, and not yet counted as out

    // written by its worker, read by all:
    alignas(64) Account account;
    sync::atomic<std::size_t> steals{0}, parks{0}, wakeups{0}, injector_takes{0};
    bounded::WorkerCounters counters;
    sync::atomic<bool> retired{false};  // written by whoever retires it
  };
  struct Source {  // where the oldest cell of a level lies: in a claim or a lane of a worker, or in the injector
    Claims* claims = nullptr;
    Lanes* lanes = nullptr;
    std::size_t worker = 0;  // whose these are
    Time since = Time::max();
  };

  // handing in
  [[nodiscard]] bool enter(Unit& unit, Time now);
  [[nodiscard]] bool closed_for(bool takes_room) const;
  template <class Make>
  Handed hand_in_here(std::size_t level, std::size_t worker, Make&& make, bool takes_room, const void* whole);
  void hand_in_here(UnitList& units, std::size_t worker);
  void hand_in_to(Segment& segment, UnitList& units, UnitList& over);
  bool publish(Segment& segment, std::size_t level, UnitList* refused, UnitList* over);
  [[nodiscard]] bool publish_limited(Segment& segment, std::size_t level);
  void take_back(Segment& segment, std::size_t level, std::uint64_t from, UnitList* refused, UnitList* over);
  void less(Segment& segment, std::size_t many);
  [[nodiscard]] bool refuse(Cell& cell, UnitList* refused, UnitList* over);
  [[nodiscard]] Cell& new_cell(Slot& slot);
  void undo(Slot& slot, Cell& cell);
  void push(std::size_t worker, std::size_t level, Cell& cell, Time now, const void* whole);
  void count_in(Slot& slot, std::size_t level, bool takes_room);
  void make_room(std::size_t worker, std::size_t level);
  [[nodiscard]] std::size_t high_water();
  std::size_t note_most(std::size_t queued) const;

  // counting
  [[nodiscard]] std::size_t in() const;
  [[nodiscard]] std::size_t taken() const;
  [[nodiscard]] bool none() const;
  [[nodiscard]] bool wait_none(const Deadline& deadline);
  void count_taken(Slot* slot);
  void settle(Slot& slot);
  void went();
  void look_for_waiters();
  void withdrawn(Unit& unit);
  [[nodiscard]] bool over() const;
  [[nodiscard]] bool paused() const {
    return paused_.load(std::memory_order_seq_cst) && !closed_.load(std::memory_order_seq_cst);
  }
  static bool change(Unit& unit, Mark from, Mark to);

  // taking
  [[nodiscard]] Taken accept(Cell* cell, std::size_t level, Slot* slot);
  [[nodiscard]] Taken accept_unit(Cell& cell, Slot* slot);
  void finish(Cell& cell, Slot* slot);
  void flush(Slot& slot);
  void release_husks(Slot& slot);
  void rest(Slot& slot);
  void park(std::size_t worker, bool searching);
  void skipped(Unit& unit);
  [[nodiscard]] static bool is_husk(const Cell& cell);
  [[nodiscard]] unsigned visible(const Slot& slot) const {
    return slot.own.occupied() | slot.claims.occupied() | injector_.occupied();
  }
  [[nodiscard]] bool goes_on_at(std::size_t level, const Slot& slot, unsigned claimed) const;
  [[nodiscard]] Taken search(std::size_t worker);
  [[nodiscard]] Taken find(std::size_t worker);
  [[nodiscard]] Taken take_at(std::size_t level, std::size_t worker, bool round_is_over);
  [[nodiscard]] Taken take_own(std::size_t level, Slot& slot);
  [[nodiscard]] Taken take_claimed(std::size_t level, Slot& slot);
  [[nodiscard]] Taken claim(std::size_t level, std::size_t worker, bool thorough);
  [[nodiscard]] bool may_be_aged(const Slot& slot, unsigned levels, bool everywhere) const;
  [[nodiscard]] Taken steal(std::size_t worker);
  [[nodiscard]] Taken steal_at(std::size_t level, std::size_t worker);
  [[nodiscard]] Taken steal_part_of(const Fork& whole, std::size_t worker);
  [[nodiscard]] Taken steal_part_of(const Parts& whole, std::size_t worker);
  [[nodiscard]] Taken part_from_outside(Parts& of, std::size_t worker);
  [[nodiscard]] Taken newest(std::size_t worker);
  [[nodiscard]] Taken rob(Slot& victim, std::size_t level, Slot& thief);
  static void note_steal(Slot& thief, std::size_t victim);
  [[nodiscard]] Taken take_aged(std::size_t worker, bool everywhere);
  [[nodiscard]] Taken take_oldest(std::size_t level);
  [[nodiscard]] Source oldest(std::size_t level, std::size_t first, std::size_t workers) const;
  [[nodiscard]] Cell* take_from(const Source& source, std::size_t level);
  void use(std::size_t workers);
  [[nodiscard]] unsigned in_lanes() const;
  [[nodiscard]] bool anything() const;
  [[nodiscard]] bool anything_at_workers() const;
  void found();
  [[nodiscard]] bool has_since(std::size_t worker, std::size_t level) const;
  static void note_bottoms(Slot& slot);

  const Options options_;
  const std::size_t count_;  // of slots
  const bool limited_;
  const Duration spread_;  // how much younger than its first a batch may be
  Chunks chunks_;
  const std::unique_ptr<Slot[]> slots_;
  sync::atomic<std::size_t> active_;
  sync::atomic<std::size_t> used_;
  Injector injector_;
  alignas(64) Parking parking_;
  Room room_;                           // of what is limited
  alignas(64) Account others_;          // what is done by those who are no workers
  bounded::InFlight elsewhere_;         // what runs in callers, or is being cancelled in the hands of others
  sync::atomic<std::size_t> moved_{0};  // how many came elsewhere, ever
  sync::atomic<std::size_t> withdrawn_{0};
  mutable sync::atomic<std::size_t> most_queued_{0};  // that ever waited, without a limit
  sync::mutex idle_mutex_;
  sync::condition_variable idle_;  // for those who wait until nothing is in flight

  // read all the time, and seldom written
  alignas(64) sync::atomic<std::size_t> waiting_{0};  // for idle_; so many do
  sync::atomic<bool> closed_{false};
  sync::atomic<bool> paused_{false};
};

// --- what is done for each piece of work, and so in the header --------------------------------------------------------

template <class Make>
Scheduler::Handed Scheduler::hand_in(std::size_t level, std::optional<std::size_t> worker, Make&& make) {
  if (worker) return hand_in_here(level, *worker, make, true, nullptr);
  Segment* const segment = own_segment();
  if (segment == nullptr) return Handed::elsewhere;
  if (!append(*segment, level, now(), make)) return Handed::closed;
  return (limited_ ? publish_limited(*segment, level) : publish(*segment, level)) ? Handed::in : Handed::closed;
}

template <class Make>
bool Scheduler::append(Segment& segment, std::size_t level, Time since, Make&& make) {
  if (injector_.closed() || closed_.load(std::memory_order_relaxed)) return false;
  Stream& stream = segment.stream(level);
  segment.filling = true;
  const basic::Finally filled{[&] { segment.filling = false; }};
  stream.append(since, [&](Cell& cell, std::uint64_t) { cell.fill(make); });
  ++segment.appended[level];  // and counted when it is published
  return true;
}

template <class Make>
Scheduler::Handed Scheduler::hand_in_here(std::size_t level, std::size_t worker, Make&& make, bool takes_room,
                                          const void* whole) {
  if (closed_for(takes_room)) return Handed::closed;
  Slot& slot = slots_[worker];
  Cell& cell = new_cell(slot);
  bool queued = false;
  const basic::Finally undone{[&] {
    if (!queued) undo(slot, cell);
  }};
  cell.fill(make);
  push(worker, level, cell, now(), whole);
  return queued = true, Handed::in;
}

// What is part of a part is for whoever waits for that: so he may do what is below it on the stack of another.
template <class Make>
bool Scheduler::fork(std::size_t level, std::size_t worker, Parts& of, Make&& make) {
  Parts* const within = Parts::running();
  Parts& whole = within != nullptr ? *within : of;
  if (hand_in_here(level, worker, make, false, &whole) != Handed::in) return false;
  if (whole.awaited()) whole.call();
  return true;
}

// Read only if somebody will ask how long work has waited, and no more exactly than that takes.
inline Time Scheduler::now() const {
  if (options_.ageing >= std::chrono::milliseconds(100)) return options_.clock->coarse();
  return options_.ageing.count() > 0 || options_.displaces ? options_.clock->now() : Time{};
}

// What was appended can be taken now. False: it is closed, and a closure was refused. Units that are refused come back in
// the one list, and those of which nothing is wanted any more in the other.
inline bool Scheduler::publish(Segment& segment, std::size_t level, UnitList* refused, UnitList* over) {
  Stream& stream = *segment.made(level);
  const std::uint64_t from = stream.sent();
  segment.count(std::exchange(segment.appended[level], 0));  // before anybody can take them
  if (stream.publish()) injector_.list(level);
  if (!limited_) {
    if (injector_.closed()) {  // [closing] nobody claims what was published after that
      take_back(segment, level, from, refused, over);
    } else {
      const auto many = static_cast<std::size_t>(stream.written() - from);
      segment.calm = segment.calm >= many ? segment.calm - many : high_water();
    }
  }
  parking_.announce();  // [T2] last
  return !segment.refused[level];
}

// Most of the time a worker goes on with the batch that it has claimed: that is the quick way. All else is search().
inline Taken Scheduler::next(std::size_t worker) {
  Slot& slot = slots_[worker];
  if (const unsigned claimed = slot.claims.occupied(); claimed != 0) {
    const auto level = static_cast<std::size_t>(std::countr_zero(claimed));
    if (slot.round + 1 < kRound && goes_on_at(level, slot, claimed) && slot.husks.empty() && !paused() &&
        !slot.retired.load(std::memory_order_relaxed)) {  // soon is enough
      if (!slot.busy) ++slot.round;                       // a stint begins
      if (Taken taken = take_claimed(level, slot)) return taken;
    }
  }
  return search(worker);
}

// Whether nothing goes before what it has claimed at that level, the highest of those. Most of the time there is nothing
// else at all.
inline bool Scheduler::goes_on_at(std::size_t level, const Slot& slot, unsigned claimed) const {
  const unsigned own = slot.own.occupied();
  if (own == 0 && (claimed & (claimed - 1)) == 0 && !injector_.lists_others(level)) return true;
  const unsigned outside = injector_.occupied(), above = (1U << level) - 1;
  return (own & (above | 1U << level)) == 0 && ((outside & above) == 0 || !injector_.anything(outside & above)) &&
         !may_be_aged(slot, own | claimed | outside, false);
}

inline Taken Scheduler::take_claimed(std::size_t level, Slot& slot) {
  while (Cell* const cell = slot.claims.take(level)) {
    sync::prefetch_for_write(cell + Chunk::kAhead);  // another core has filled it
    if (Taken taken = accept(cell, level, &slot)) return taken;
  }
  slot.claims.forget(level);
  return {};
}

// Whether something at these levels, or anything at all workers, may go before a higher one by now, because it has
// waited for long.
inline bool Scheduler::may_be_aged(const Slot& slot, unsigned levels, bool everywhere) const {
  if (options_.ageing.count() == 0) return false;
  if (everywhere && now() >= slot.ages_due_everywhere) return true;
  return (levels & (levels - 1)) != 0 && now() >= slot.ages_due;
}

// Of a cell that was taken out of its queue. Nothing: there was none; or a husk, which is kept until somebody has time
// for it, or what was removed. `slot`: of the worker that takes it; null: it is none.
inline Taken Scheduler::accept(Cell* cell, std::size_t level, Slot* slot) {
  if (cell == nullptr) return {};
  if (cell->unit() != nullptr) return accept_unit(*cell, slot);
  if (cell->empty()) return finish(*cell, slot), Taken();
  if (limited_) room_.leave(cell->takes_room());
  count_taken(slot);
  return Taken(*cell, static_cast<Priority>(level));
}

inline void Scheduler::count_taken(Slot* slot) {
  if (slot == nullptr) {
    others_.taken.fetch_add(1, std::memory_order_release);
  } else {
    slot->account.taken.store(slot->account.taken.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
}

// The cell is not used any more. A worker notes it, and tells when it comes to another chunk, or has nothing to do.
inline void Scheduler::finish(Cell& cell, Slot* slot) {
  Chunk& chunk = cell.chunk();
  if (slot == nullptr) return chunks_.finished(chunk, 1);
  if (slot->finished != &chunk) {
    flush(*slot);
    slot->finished = &chunk;
  }
  ++slot->cells;
}

// One by one into their place: see Taken, whose two words are apart for the same reason.
inline void Scheduler::note_bottoms(Slot& slot) {
  for (unsigned levels = slot.own.made(); levels != 0; levels &= levels - 1) {
    const auto level = static_cast<std::size_t>(std::countr_zero(levels));
    slot.bottoms[level] = static_cast<std::uint32_t>(slot.own.bottom(level));
  }
}

inline Scheduler::Running::Running(Scheduler& scheduler, std::size_t worker, const Taken& taken)
    : scheduler_(scheduler), worker_(worker) {
  Slot& slot = scheduler.slots_[worker];
  const std::size_t level = priority::level_of(taken.priority());
  const bool inside = slot.depth++ != 0;
  if (inside) {
    bottoms_ = slot.bottoms;
    frame_ = slot.frame;
    outer_ = slot.forks.within();
    slot.forks.begin_inside(taken.fork(), level);
  } else {
    slot.forks.begin(taken.fork(), level);
  }
  if (!inside || taken.fork() == nullptr) {  // a fork that is run in a wait is part of what waits
    slot.frame = ++slot.frames;
    note_bottoms(slot);
  }
  if (!slot.busy) {
    slot.counters.begin();
    slot.busy = true;
    slot.stint = 0;
  }
  if (scheduler.options_.observer != nullptr) {
    scheduler.options_.observer->begin(worker, taken.priority(), taken.unit());
  }
}

inline Scheduler::Running::~Running() {
  Slot& slot = scheduler_.slots_[worker_];
  if (--slot.depth == 0) {
    slot.forks.end();
  } else {
    slot.bottoms = bottoms_;
    slot.frame = frame_;
    slot.forks.back_to(outer_);
  }
  if (scheduler_.options_.observer != nullptr) scheduler_.options_.observer->end(worker_);
}

// What was skipped has ended when whoever cancels it says so; that may take him a while, and no worker waits for it.
inline void Scheduler::ended(Taken& taken, std::size_t worker, Ending how) {
  Slot& slot = slots_[worker];
  const bool is_job = taken.fork() == nullptr;  // a fork is part of one; it takes its time here, and is not counted
  if (is_job) {
    slot.counters.ended_within(how == Ending::completed ? bounded::Ended::completed
                               : how == Ending::failed  ? bounded::Ended::failed
                                                        : bounded::Ended::cancelled);
  }
  if (slot.depth == 0 && ++slot.stint >= slot.longest) rest(slot);
  if (!is_job) return;
  if (how == Ending::skipped) skipped(*taken.unit());
  if (taken.cell() != nullptr) finish(*taken.cell(), &slot);
  ++slot.unsettled;
}

}  // namespace pool::stealing
