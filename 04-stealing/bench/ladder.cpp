// The rungs of the price ladder, from a bare queue to the pool of stage 04.
#include "ladder.hpp"

#include <pool/stealing/thread_pool.hpp>

#include "enlist.hpp"

namespace {

using bench::enlist_rung;
using bench::Ladder;
using bench::Rung;

// All else: closing, bounds, cancelling, waiting, pausing, fairness, ageing, the most that ever waited.
struct Stage04 {
  explicit Stage04(std::size_t workers) : pool({.workers = workers}) {}
  void post(const auto& job) { pool.post(job); }
  pool::stealing::ThreadPool pool;
};

const bool enlisted[] = {enlist_rung<Ladder<Rung::bare>>("rung 1: bare queues"),
                         enlist_rung<Ladder<Rung::exceptions>>("rung 2: + exceptions"),
                         enlist_rung<Ladder<Rung::claims>>("rung 3: + stealable claims"),
                         enlist_rung<Ladder<Rung::streams>>("rung 4: + streams"),
                         enlist_rung<Ladder<Rung::parking>>("rung 5: + parking"),
                         enlist_rung<Ladder<Rung::priorities>>("rung 6: + priorities"),
                         enlist_rung<Ladder<Rung::counters>>("rung 7: + counters"),
                         enlist_rung<Stage04>("rung 8: stage 04, complete")};

}  // namespace
