// Supervisor: the threads of a pool's workers, which come and go. It has a seat for each that there can be, sees to it
// that as many live as are wanted, and starts another where one was ended by a job.
//
// It has no thread of its own: whoever has one calls tend() when `call` was called, and when tend() has said.
//
//   a seat:  free ──> starting ──> working ──> retiring ──> free      retire: as soon as it has nothing in hand
//              ^          │            │          │
//              └──────────┴────────────┴──────────┘                    its thread could not begin, or was ended
//
// What a worker leaves behind, in its lanes and claims, is for the others: see Scheduler::leave(). A thread that comes
// gets the free seat with the lowest number, so numbers and names stay small and are used again.
//
// Thread safety: every member may be called from any thread; start(), tend() and join() by one at a time each.
// Invariants:  (V1) a seat has one thread at a time: the next one begins when the one before has left the scheduler
//              (V2) unless a thread cannot be created, as many live as are wanted, or it is about to be so
//              (V3) of those that work, one at least is not retired: what is queued finds somebody
//              (V4) no code of the user runs under the lock
// Memory ordering: what a worker did before it left is visible to the next one in its seat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <pool/autoscale/events.hpp>
#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/stealing/scheduler.hpp>

namespace pool::autoscale {

using priority::Clock;
using priority::Duration;
using stealing::Scheduler;

class Supervisor {
 public:
  struct Options {
    std::size_t min = 1;  // of workers; 1 <= min <= max
    std::size_t max = 1;
    Duration idle_timeout{0};                              // who sleeps so long, above min, may go; 0: nobody
    Duration first_pause = std::chrono::milliseconds(10);  // after a thread that could not be created,
    Duration longest_pause = std::chrono::seconds(10);     // and twice as long each time, up to this
    std::function<void(std::size_t worker)> life = {};     // what a thread does; it calls started(), and left() last
    std::function<void()> call = [] {};                    // tend() is to be called soon
    std::function<void()> give_up = [] {};                 // at the end: nobody is left to do what is queued
  };

  // The scheduler has `max` slots, of which `min` are active.
  Supervisor(Scheduler& scheduler, Clock& clock, Events& events, Options options);

  // Starts `min` workers, and returns when all have begun. Throws what creating a thread throws, and what started() was
  // told; then there is no worker, once the scheduler is closed, and after replace_no_more() join() has returned.
  void start();

  // When a policy is asked: how many workers there are, and how much there is to do: jobs that run, or are queued.
  struct Asked {
    std::size_t workers = 0;
    std::size_t work = 0;
  };

  // So many are wanted from now on, or so many more or fewer than there are; as far as that lies between min and max. The
  // second is told of each answer of a policy, even of 0: who is idle does not bring the size back to one at which it has
  // asked for more, unless there was less to do than then for as long as idle_timeout.
  void scale_to(std::size_t workers);
  void scale_by(int workers, Asked at);

  // One worker is about to block, or no longer does: as long as it does, one more is wanted, up to max. When it is
  // back, those that are too many go at the next trim(), or in idle_timeout, so that who blocks often does not cost a thread
  // each time.
  void blocks();
  void goes_on();
  void trim();

  // Starts what is missing, sends home who is idle for long. When to call it next, if nothing happens; max(): never.
  [[nodiscard]] Time tend();

  // Waits until all are gone, for the scheduler is closed. Until then tend() is still called; or it was said before that
  // nobody comes any more, whoever goes.
  void join();
  void replace_no_more();

  // What `life` says, on its thread: how on_start ended (neither ready nor an error: it has ended the thread); and that
  // the worker has left the scheduler: whether a job has ended its thread.
  void started(std::size_t worker, bool ready, std::exception_ptr error);
  void left(std::size_t worker, bool died);

  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }  // without those retired
  [[nodiscard]] std::vector<bool> manned() const;  // who these are: of each seat, whether it has one of them
  [[nodiscard]] std::size_t blocked() const { return blocked_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t min() const { return options_.min; }
  [[nodiscard]] std::size_t max() const { return options_.max; }
  [[nodiscard]] std::optional<Time> changed() const;  // when the number of workers changed last, after the start

 private:
  enum class State : std::uint8_t { free, starting, working, retiring };
  using Threads = std::list<sync::thread>;  // from one to another nothing is allocated
  struct Seat {
    State state = State::free;
    bool ready = false;        // it has begun
    std::size_t failures = 0;  // that there had been when it was to begin
    Threads::iterator thread;
    std::size_t parks = 0;  // as it was when it was seen asleep,
    Time asleep{};          // which it is since then; Time{}: it was awake
  };

  // all with the lock held
  void want(std::size_t workers);
  void remember(int step, Asked at);
  [[nodiscard]] std::size_t least() const;
  [[nodiscard]] std::size_t wanted_now() const;
  enum class [[nodiscard]] Filled{all, later, failed};  // as many as there are seats for; not before retry_
  Filled fill();
  void take(std::size_t seat);
  void thin(std::size_t workers);
  void retire(std::size_t worker);
  void look_for_idle();
  void change_size(std::size_t size);
  void failed(std::size_t worker);
  void note(Event::Kind kind, std::size_t worker, std::size_t workers) {
    events_.note({kind, clock_.now(), worker, workers});
  }

  Scheduler& scheduler_;
  Clock& clock_;
  Events& events_;
  const Options options_;
  sync::atomic<std::size_t> size_{0};     // of those that are starting or working; written with mutex_ held
  sync::atomic<std::size_t> blocked_{0};  // written with mutex_ held

  mutable sync::mutex mutex_;
  sync::condition_variable told_;  // of a start, or of an end
  // guarded by mutex_:
  std::vector<Seat> seats_;
  Threads threads_;
  Threads gone_;                   // that have left, to be joined
  std::size_t wanted_;             // without substitutes
  Asked asked_{};                  // when a policy has wanted more last; forgotten when there is less to do,
  Time less_since_ = Time::max();  // which is so since then
  std::size_t taken_ = 0;          // seats that are not free
  Time changed_{};                 // Time{}: not since the start
  Time retry_{};                   // no thread is created before that
  Duration pause_;                 // after the next failure,
  std::size_t failures_ = 0;       // and how many there were
  Time look_{};                    // for who is idle
  bool ending_ = false;            // join() was called
  bool vain_ = false;              // and since then, or since a worker has gone, a thread could not begin
  bool over_ = false;              // a worker has left because all is done, or nobody can come
  std::exception_ptr error_;       // of the start
};

}  // namespace pool::autoscale
