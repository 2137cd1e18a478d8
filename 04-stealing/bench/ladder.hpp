// The price ladder: what each property of the pool costs. A rung is as much of a pool as W1 and W2 need, made of the
// parts of stage 04; each has what the one before it has, and one thing more.
//
// Thread safety: post() may be called from any thread, but from eight at most below `priorities`. The destructor waits
// until all that was posted has run.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <pool/basic/user_code.hpp>
#include <pool/bounded/worker_stats.hpp>
#include <pool/stealing/injector.hpp>
#include <pool/stealing/parking.hpp>

#include "bare_queue.hpp"
#include "measure.hpp"

namespace bench {

// #region rungs
enum class Rung {
  bare,        // a queue for each producing thread; a worker claims 128 jobs at a time, and keeps them
  exceptions,  // a job may throw
  claims,      // an idle worker takes from what another has claimed
  streams,     // the pool's own queue: one may fall asleep beside it, its cells have ages, and can be taken out or back
  parking,     // idle workers sleep
  priorities,  // five levels: after each job a worker looks for a higher one
  counters,    // what came in, was taken, and is out; how long the workers were busy
};
// #endregion rungs

template <Rung rung>
class Ladder {
 public:
  explicit Ladder(std::size_t workers)
      : workers_(workers), slots_(new Slot[workers]), injector_(chunks_, workers), parking_(workers) {
    for (std::size_t i = 0; i < kProducers; ++i) queues_.push_back(std::make_unique<Queue>(chunks_));
    for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this, i] { run(i); });
  }
  ~Ladder() {
    closed_.store(true, std::memory_order_seq_cst);
    parking_.wake_all();
    threads_.clear();  // which joins them
    if constexpr (has(Rung::counters)) check_counters();
  }

  void post(const auto& job) {
    if constexpr (has(Rung::priorities)) {
      Injector::Segment& segment = *injector_.own();
      append(segment.stream(kLevel), job);
      if constexpr (has(Rung::counters)) segment.count(1);
      if (segment.stream(kLevel).publish()) injector_.list(kLevel);
    } else {
      Queue& queue = *queues_.at(sync::thread_number());
      append(queue, job);
      static_cast<void>(queue.publish());
    }
    if constexpr (has(Rung::parking)) parking_.announce();
  }

 private:
  static constexpr bool has(Rung property) { return rung >= property; }
  static constexpr std::size_t kProducers = 8, kLevel = 2, kBatch = 128, kStint = 32;
  using Queue = std::conditional_t<has(Rung::streams), Stream, BareQueue>;

  struct alignas(64) Slot {
    Batch batch;                // claimed and not started: below `claims`;
    Claims claims;              // and from there on
    std::size_t turn = 0;       // of the queues
    Chunk* finished = nullptr;  // the chunk that it has last finished cells of,
    std::size_t cells = 0;      // and how many
    bool busy = false;          // as its counters have it
    std::size_t stint = 0;      // how many jobs have ended since it is,
    std::size_t longest = 1;    // and how many may, before it looks at the clock
    std::size_t unsettled = 0;  // ended, and not yet counted as out
    alignas(64) std::atomic<std::size_t> taken{0}, out{0};
    pool::bounded::WorkerCounters counters;
  };

  static void append(auto& queue, const auto& job) {
    queue.append({}, [&](Cell& cell, std::uint64_t) {
      if constexpr (has(Rung::exceptions)) {
        cell.fill([&] { return job; });
      } else {
        cell.fill([&] { return [job]() noexcept { job(); }; });
      }
    });
  }

  // --- a worker's life ----------------------------------------------------------------------------------------------
  void run(std::size_t worker) {
    Slot& slot = slots_[worker];
    while (Cell* const cell = next(worker)) {
      if constexpr (has(Rung::counters)) count_begin(slot);
      if constexpr (!has(Rung::exceptions)) {
        cell->run();
      } else if (auto error = pool::basic::catching([&] { cell->run(); })) {
        pool::basic::print_error("ladder", "a job", std::move(error));
      }
      if constexpr (has(Rung::counters)) count_end(slot);
      if (slot.finished != &cell->chunk()) flush(slot, &cell->chunk());
      ++slot.cells;
    }
  }
  void flush(Slot& slot, Chunk* next) {
    Chunk* const finished = std::exchange(slot.finished, next);
    if (finished != nullptr) chunks_.finished(*finished, std::exchange(slot.cells, 0));
  }

  // Null: it is closed, and what is left is in the hands of others.
  Cell* next(std::size_t worker) {
    bool searching = false;
    for (unsigned patience = 0;;) {
      if (Cell* const cell = take(worker)) {
        if (searching) parking_.found([this] { return anything(); });
        return cell;
      }
      flush(slots_[worker], nullptr);
      if constexpr (has(Rung::counters)) settle(slots_[worker]);
      if (closed() && !anything()) return nullptr;
      if constexpr (!has(Rung::parking)) {
        std::this_thread::yield();
      } else if (patience > 0) {
        --patience;
        sync::pause();
      } else if (!searching && parking_.begin_search()) {
        searching = true;
        patience = 100;
      } else {
        parking_.prepare(worker, searching);
        anything() || closed() ? parking_.cancel(worker) : parking_.sleep(worker);
        searching = true;
      }
    }
  }
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_seq_cst); }
  [[nodiscard]] bool anything() const {  // the last look before sleep is made of seq_cst loads: see Parking
    const auto any = [](const auto& queue) { return queue->sent() != 0 && queue->size() != 0; };
    for (std::size_t i = 0; i < workers_; ++i) {
      if (slots_[i].claims.size() != 0) return true;
    }
    return has(Rung::priorities) ? injector_.occupied() != 0 : std::ranges::any_of(queues_, any);
  }

  Cell* take(std::size_t worker) {
    Slot& slot = slots_[worker];
    while (const unsigned levels =
               has(Rung::priorities) ? slot.claims.occupied() | injector_.occupied() : 1U << kLevel) {
      const auto level = static_cast<std::size_t>(std::countr_zero(levels));
      if (Cell* const cell = claimed(level, slot)) return sync::prefetch_for_write(cell + Chunk::kAhead), cell;
      if (Cell* const cell = claim(level, worker)) return cell;
      if (!has(Rung::priorities)) break;
    }
    for (std::size_t i = 1; has(Rung::claims) && i < workers_; ++i) {
      Claims& others = slots_[(worker + i) % workers_].claims;
      for (unsigned levels = others.occupied(); levels != 0; levels &= levels - 1) {
        if (Cell* const cell = others.take(static_cast<std::size_t>(std::countr_zero(levels)))) return cell;
      }
    }
    return nullptr;
  }
  Cell* claimed(std::size_t level, Slot& slot) {
    if (!has(Rung::claims)) return slot.batch.size() == 0 ? nullptr : &(*slot.batch.chunk)[slot.batch.begin++];
    if (!slot.claims.has(level)) return nullptr;
    Cell* const cell = slot.claims.take(level);
    if (cell == nullptr) slot.claims.forget(level);
    return cell;
  }
  Cell* claim(std::size_t level, std::size_t worker) {
    Slot& slot = slots_[worker];
    Batch batch = claim_batch(level, worker, slot.turn);
    if (batch.size() == 0) return nullptr;
    Cell& first = (*batch.chunk)[batch.begin++];
    for (std::size_t i = 1; i < Chunk::kAhead; ++i) sync::prefetch_for_write(&first + i);
    if constexpr (!has(Rung::claims)) return slot.batch = batch, &first;
    if (batch.size() != 0) slot.claims.fill(level, batch);
    if constexpr (has(Rung::parking)) parking_.announce();  // who looked between the two queues saw nothing
    return &first;
  }
  Batch claim_batch(std::size_t level, std::size_t worker, std::size_t& turn) {
    if (has(Rung::priorities)) return injector_.claim(level, worker, kBatch, workers_, Duration::max(), turn);
    int change = 0;  // which only the injector wants to know
    for (std::size_t i = 0; i < kProducers; ++i) {
      Queue& queue = *queues_[++turn % kProducers];
      if (queue.size() == 0) continue;
      if (const Batch batch = queue.claim(kBatch, workers_, Duration::max(), change); batch.size() != 0) return batch;
    }
    return {};
  }

  // --- counters: as the Scheduler has them --------------------------------------------------------------------------
  static void count_begin(Slot& slot) {
    slot.taken.store(slot.taken.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    if (std::exchange(slot.busy, true)) return;
    slot.counters.begin();
    slot.stint = 0;
  }
  static void count_end(Slot& slot) {
    slot.counters.ended_within(pool::bounded::Ended::completed);
    if (++slot.stint >= slot.longest) rest(slot);
    ++slot.unsettled;
  }
  static void rest(Slot& slot) {
    if (!std::exchange(slot.busy, false)) return;
    const bool short_jobs = slot.counters.rest() < std::chrono::microseconds(1) * static_cast<int>(slot.stint);
    slot.longest = short_jobs ? std::min(2 * slot.stint, kStint) : 1;
  }
  static void settle(Slot& slot) {
    rest(slot);
    if (slot.unsettled == 0) return;
    slot.out.exchange(slot.out.load() + std::exchange(slot.unsettled, 0), std::memory_order_seq_cst);
  }
  void check_counters() const {
    std::size_t left[3]{injector_.in(), injector_.in(), injector_.in()};
    for (std::size_t i = 0; i < workers_; ++i) {
      left[0] -= slots_[i].taken;
      left[1] -= slots_[i].out;
      left[2] -= slots_[i].counters.read().completed;
    }
    if ((left[0] | left[1] | left[2]) != 0) fail("the counters of the ladder do not agree");
  }

  const std::size_t workers_;
  Chunks chunks_;
  const std::unique_ptr<Slot[]> slots_;
  std::vector<std::unique_ptr<Queue>> queues_;  // below `priorities`: of each producer, by its thread's number
  Injector injector_;                           // from there on
  alignas(64) Parking parking_;
  alignas(64) std::atomic<bool> closed_{false};
  std::vector<std::jthread> threads_;
};

}  // namespace bench
