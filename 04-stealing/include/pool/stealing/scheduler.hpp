// Scheduler: all that is queued in a pool, and which worker gets what, and when.
//
//   outside ──> injector ──claims──> claimed lanes (oldest first) ──┐
//                                                                  ├──> worker
//   a job ─────────────────────────> own lanes (newest first) ──────┘
//
// Between two jobs a worker takes the highest level that it can see, its own or the injector's; at the same level its
// own lane, what it has claimed, the injector. A worker with nothing steals from both kinds of lanes, oldest first.
// What has waited longer than `ageing` goes first: it is looked for whenever there is more than one level, and once in
// kRound jobs, then at all workers and within one level, too. Once in a round what is queued at others, and then what
// comes from outside, goes before the worker's own of the same level: so a job that hands in itself does not keep
// others out, nor does a thread that hands in more than can be done.
//
// Every unit has a mark (see Mark), by which those who want it agree who has it: a worker that takes it out of its
// queue, a job that waits for it, or somebody who has cancelled it. So a cancelled unit may stay in a queue as a husk
// until it is reached; it takes no room, and is not counted.
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
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/bounded/in_flight.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/job.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/injector.hpp>
#include <pool/stealing/lanes.hpp>
#include <pool/stealing/observer.hpp>
#include <pool/stealing/parking.hpp>
#include <pool/stealing/room.hpp>

namespace pool::stealing {

using priority::Clock;
using priority::Duration;
using priority::Ending;
using priority::JobCore;
using priority::Priority;

// What one worker did to get at work.
struct Scheduling {
  std::size_t steals = 0;          // units taken from another worker
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
    bool displaces = false;                    // take_oldest_not_above() will be called
    unsigned patience = 100;                   // how often a worker looks around before it sleeps
    Observer* observer = &Observer::nobody();  // must outlive the scheduler
  };
  explicit Scheduler(const Options& options);

  // --- handing in ---------------------------------------------------------------------------------------------------
  // Room for one unit that takes room. Then hand_in() uses it, or it is given back.
  Send reserve(const Deadline& deadline) { return room_.reserve(deadline); }
  void give_back() { room_.give_back(); }

  // Queues the units: at the worker whose job it is that hands them in, or for none in the injector. Those that were
  // cancelled on their way are not queued. False: it is closed, and all of them are still in the list. (A worker may
  // still hand in what takes no room, as long as something is in flight.) Throws std::bad_alloc; then those that are
  // still in the list are not queued.
  [[nodiscard]] bool hand_in(UnitList& units, std::optional<std::size_t> worker);

  // The unit is not queued: the caller runs it, then ended_in_caller(). False: it was cancelled on its way.
  [[nodiscard]] bool enter_in_caller(Unit& unit);
  void ended_in_caller(Unit* skipped);
  // It counts as one that was queued and taken at once; then ended(). False: it was cancelled on its way.
  [[nodiscard]] bool pass_through(Unit& unit);

  // Nothing more is taken in, but what jobs fork. When all that was is done, next() ends.
  void close();

  // --- a worker's life ----------------------------------------------------------------------------------------------
  // Waits for a unit that is to be run, then ended(). Null: closed, and all is done; not before, since what runs may
  // fork.
  [[nodiscard]] UnitPtr next(std::size_t worker);

  // Where the next unit of each level will lie in its own lanes; they wrap around, for only distances count.
  using Places = std::array<std::uint32_t, kLevels>;

  // So many workers are active, those with the lowest numbers, and share what comes from outside. What is queued at one
  // that is not, or not any more, is for the others. At most as many as there are slots, at least one.
  void set_active(std::size_t workers);
  [[nodiscard]] std::size_t active() const { return active_.load(std::memory_order_relaxed); }

  // The worker will not ask for a unit again; what is queued at it is for the others.
  void leave(std::size_t worker) { release_husks(slots_[worker]); }

  // While it lives, the worker runs a unit. They may be nested: a job that waits runs others.
  class Running {
   public:
    Running(Scheduler& scheduler, std::size_t worker, const Unit& unit);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();
    [[nodiscard]] bool nested() const { return outer_ != nullptr; }

   private:
    Scheduler& scheduler_;
    const std::size_t worker_;
    const Unit* const outer_;
    const Places places_;  // of the outer one
  };

  // For a job that waits (S4.5): takes the job out of its queue, wherever that is; and takes the newest unit that was
  // handed in at this worker since its running job began, higher levels first.
  [[nodiscard]] bool take_up(JobCore& job);
  [[nodiscard]] UnitPtr newest_since(std::size_t worker);
  // Lets go of the husks that are the newest of what the running job has handed in: so a job that hands in and takes
  // back, over and over, leaves none.
  void sweep(std::size_t worker, std::size_t level);

  // The unit, which was taken, is done with; `skipped`: it was cancelled in the hands of whoever took it.
  void ended(Unit* skipped);

  // --- taking away --------------------------------------------------------------------------------------------------
  // The job was cancelled, and has ended.
  void withdraw(JobCore& job);
  // Some unit, highest levels first. Null: nothing is queued.
  [[nodiscard]] UnitPtr take_any();
  // The oldest of the lowest level, if that is not above the priority. Null: what is queued is above it, or in the
  // hands of somebody who is about to take it or put it there: see anything_above().
  [[nodiscard]] UnitPtr take_oldest_not_above(Priority priority);
  [[nodiscard]] bool anything_above(Priority priority) const;

  // Workers finish what they run and start nothing, until resume() or close().
  void pause() { paused_.store(true, std::memory_order_release); }
  void resume();

  // Waits until all that was handed in, or entered in a caller, has ended; false: the time was up first.
  [[nodiscard]] bool wait_idle(const Deadline& deadline);
  [[nodiscard]] bounded::Waiting::Stats stats() const { return room_.stats(); }
  [[nodiscard]] std::size_t withdrawn() const { return withdrawn_.load(std::memory_order_acquire); }  // while queued
  [[nodiscard]] std::vector<Scheduling> scheduling() const;
  // What is queued at it, its homes in the injector included, and husks.
  [[nodiscard]] std::size_t size(std::size_t worker) const;

 private:
  // Of a unit. Fresh: not yet queued. Skipped: taken, and found to be cancelled meanwhile.
  enum Mark : std::uint8_t { kFresh, kQueued, kTaken, kSkipped, kOver };

  static constexpr std::size_t kBatch = 32;
  static constexpr unsigned kRound = 61;

  struct alignas(64) Slot {
    Lanes own;      // what its jobs have handed in
    Lanes claimed;  // from the injector, and not started

    // its worker's:
    const Unit* running = nullptr;  // the innermost
    Places places{};                // of its own lanes, when that began
    std::size_t turn = 0;           // of the injector's segments
    UnitList husks;                 // that it has come across; released when it is not searching
    std::size_t victim = 0;         // whom find() has taken from; itself, if from nobody
    unsigned round = 0;
    std::uint64_t random = 0;

    // written by its worker, read by all:
    sync::atomic<std::size_t> steals{0}, parks{0}, wakeups{0}, injector_takes{0};
  };
  struct Source {            // where the oldest unit of a level lies
    Lanes* lanes = nullptr;  // null: in the injector
    Time since = Time::max();
  };

  [[nodiscard]] bool enter(Unit& unit, Time now);
  [[nodiscard]] Time now() const;
  [[nodiscard]] bool take(Unit& unit);
  void withdrawn(Unit& unit);
  void count_withdrawn();
  [[nodiscard]] bool wanted(UnitPtr& unit, Slot& slot);
  static void release_husks(Slot& slot);
  void make_room(std::size_t worker, std::size_t level);
  void done();
  [[nodiscard]] bool over() const;
  [[nodiscard]] bool paused() const {
    return paused_.load(std::memory_order_acquire) && !closed_.load(std::memory_order_acquire);
  }
  static bool change(Unit& unit, Mark from, Mark to);
  [[nodiscard]] UnitPtr find(std::size_t worker);
  [[nodiscard]] UnitPtr take_at(std::size_t level, std::size_t worker, bool others_first);
  [[nodiscard]] UnitPtr claim(std::size_t level, std::size_t worker, bool homes_first);
  [[nodiscard]] UnitPtr steal(std::size_t worker);
  [[nodiscard]] UnitPtr steal_at(std::size_t level, std::size_t worker);
  [[nodiscard]] UnitPtr take_aged(std::size_t worker, bool everywhere);
  [[nodiscard]] Source oldest(std::size_t level, std::size_t first, std::size_t workers) const;
  [[nodiscard]] UnitPtr take_from(const Source& source, std::size_t level);
  // How many slots were ever active: in the others there is nothing. It only grows. (Relaxed: whoever has to find a unit
  // in a slot has seen it announced, and so what was before that.)
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] unsigned in_lanes() const;
  [[nodiscard]] bool anything() const;
  [[nodiscard]] bool has_since(std::size_t worker, std::size_t level) const;
  [[nodiscard]] Places places(std::size_t worker) const;

  const Options options_;
  const std::size_t count_;  // of slots
  const std::unique_ptr<Slot[]> slots_;
  sync::atomic<std::size_t> active_;
  sync::atomic<std::size_t> used_;
  Injector injector_;
  Parking parking_;
  Room room_;
  bounded::InFlight in_flight_;         // what is queued, or in the hands of workers
  bounded::InFlight elsewhere_;         // what runs in callers, or is being cancelled in the hands of others
  sync::atomic<std::size_t> moved_{0};  // how many came elsewhere, ever
  sync::atomic<std::size_t> withdrawn_{0};
  sync::atomic<bool> closed_{false};
  sync::atomic<bool> paused_{false};
};

}  // namespace pool::stealing
