// From the queue to a worker, and how a job is stopped there.
#include "core.hpp"

#include <csignal>
#include <utility>

#include <pool/basic/user_code.hpp>
#include <pool/bounded/overflow.hpp>

namespace pool::process {

using priority::UnitPtr;

Job<json> ProcessPool::Core::submit(const std::string& name, const json& argument, JobOptions options) {
  if (own_program_) jobs().require(name);
  if (name.empty() || name.size() > 255) throw UnknownJob("process: a job's name has 1 to 255 bytes");
  std::string payload = encode(Call{name, to_bytes(argument)});
  if (payload.size() > options_.max_message) {
    throw BadArgument("process: the argument of '" + name + "' has " + std::to_string(payload.size()) +
                      " bytes, but there may be " + std::to_string(options_.max_message) + " (max_message)");
  }
  if (options.name.empty()) options.name = name;
  const Ref request(new Request(std::move(options), shared_from_this(), name, std::move(payload)));
  bool queued = false;
  const basic::Finally refused{[&] {
    if (!queued) static_cast<void>(request->drop(priority::reason::asked));  // nobody has a handle
  }};
  request->watch();
  {
    const std::lock_guard lock(mutex_);
    if (closed_) throw PoolStopped();
    if (options_.capacity != 0 && queued_ >= options_.capacity) {
      throw bounded::QueueFull("process: the queue is full: " + std::to_string(queued_) + " jobs wait in it");
    }
    ++stats_.submitted;
    queued = true;
    if (request->is_over()) {
      ++stats_.cancelled;  // before it was here
    } else {
      request->retain();
      queue_[priority::level_of(request->priority)].push_back(UnitPtr(&*request));
      ++queued_;
    }
  }
  dispatch();
  return Job<json>(priority::JobRef<priority::JobResult<json>>::share(*request));
}

void ProcessPool::Core::withdraw(priority::JobCore& job) {
  UnitPtr unit;  // released without the lock
  const std::lock_guard lock(mutex_);
  priority::UnitList& level = queue_[priority::level_of(job.priority)];
  if (!level.holds(job)) return;
  unit = level.remove(job);
  --queued_;
  ++stats_.cancelled;
  if (closed_) wake();
}

void ProcessPool::Core::overran(const priority::JobCore&) {
  const std::lock_guard lock(mutex_);
  ++stats_.timeouts;
}

// Hands out jobs as long as there are some and somebody is free.
void ProcessPool::Core::dispatch() {
  for (;;) {
    Ref request;
    Seat* seat = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (idle_.empty() || queued_ == 0) return call_for_workers();
      request = next();
      seat = idle_.back();
      idle_.pop_back();
      seat->state = Seat::State::handing;
      seat->sequence = ++sequence_;
      seat->job = request;
      request->seat = seat;
    }
    hand(*seat, std::move(request));
  }
}

// With the lock held, and something queued.
ProcessPool::Core::Ref ProcessPool::Core::next() {
  --queued_;
  if (!again_.empty()) return as_request(again_.pop_front());
  priority::Heads heads;
  for (std::size_t level = 0; level < priority::kLevels; ++level) {
    if (!queue_[level].empty()) heads[level] = queue_[level].front().since;
  }
  const auto level = priority::next_level(heads, clock_.now(), options_.ageing);
  return as_request(queue_[*level].pop_front());
}

// The worker is reserved for it. Whatever begins a job can call code of the user (a deadline that has passed cancels
// it), so that is done without the lock; and once, however many workers it is handed to.
void ProcessPool::Core::hand(Seat& seat, Ref request) {
  const bool first = request->handed == 0;
  const auto now = first ? request->take_up() : clock_.now();
  std::exception_ptr error;
  if (now && first) {
    error = basic::catching([&] {
      request->begin(seat.index, *now);
      request->on_cancel = request->token().on_cancel([this, job = &*request] { ask_to_stop(*job); });
    });
  }
  Ref gone;  // released without the lock
  {
    const std::lock_guard lock(mutex_);
    if (now && !error) {
      error = basic::catching([&] {
        Frame frame{FrameKind::run, seat.sequence, std::move(request->payload), 0};
        send(seat, frame);
        request->payload = std::move(frame.payload);
      });
    }
    if (now && !error) {
      ++request->handed;
      seat.state = Seat::State::busy;
      if (seat.stop == Seat::Stop::asked) stop_job(seat);  // it was asked meanwhile
      if (seat.closed) wake();
      return;
    }
    gone = std::exchange(seat.job, Ref());
    gone->seat = nullptr;
    ++(now ? stats_.failed : stats_.cancelled);
    set_free(seat);
    if (seat.closed || closed_) wake();
  }
  if (!now) return;
  request->on_cancel = {};
  request->end(priority::JobState::failed, std::move(error));
}

// With the lock held. What the socket does not take is sent by the reactor. A worker that has gone is found out by it.
void ProcessPool::Core::send(Seat& seat, const Frame& frame) {
  std::string bytes = encode(frame);
  if (!seat.unsent.empty()) {
    seat.unsent += bytes;
    return;
  }
  const Sent sent = send_some(seat.data.number(), bytes);
  seat.unread |= sent.io == Io::ended;
  if (sent.io != Io::blocked) return;
  bytes.erase(0, sent.bytes);
  seat.unsent = std::move(bytes);
  watch(seat.data.number(), seat, 0, true, true);
}

// With the lock held: whether somebody should come for what is queued.
void ProcessPool::Core::call_for_workers() {
  if (queued_ > starting_ && !rung_ && starting_ < options_.max_workers && clock_.now() >= retry_) {
    for (const Seat& seat : seats_) {
      if (!seat.is_there()) return wake();
    }
  }
}

// --- stopping a job ------------------------------------------------------------------------------------------------

void ProcessPool::Core::ask_to_stop(Request& request) {
  const std::lock_guard lock(mutex_);
  Seat* const seat = request.seat;
  if (again_.holds(request)) {
    ended_.push_back(
        {as_request(again_.remove(request)), Ended::How::cancelled, std::string(priority::reason::asked), {}});
    --queued_;
    wake();
  }
  if (seat == nullptr || seat->stop != Seat::Stop::none) return;
  seat->stop = Seat::Stop::asked;
  if (seat->state == Seat::State::busy) stop_job(*seat);  // else, whoever hands it over does
}

// With the lock held. The message, and the time for what comes next. The number of the job goes with both.
void ProcessPool::Core::stop_job(Seat& seat) {
  const std::string reason = seat.job->info().reason;
  static_cast<void>(send_some(seat.control.number(), encode(Frame{FrameKind::cancel, seat.sequence, reason, 0})));
  later(seat, options_.grace);
}

// #region escalate
void ProcessPool::Core::escalate(std::size_t index, std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  Seat& seat = seats_[index];
  if (seat.sequence != sequence || !seat.is_there()) return;  // [R3] that job has ended
  seat.timer = {};
  if (seat.state == Seat::State::busy && seat.stop == Seat::Stop::asked) {
    seat.stop = Seat::Stop::terminated;  // from now on it is not reused
    seat.child.signal(SIGTERM);
    later(seat, options_.grace);
  } else {
    if (seat.state == Seat::State::starting) {
      seat.start_error = "it was not ready in time; does its main() call worker_main()?";
    }
    seat.kill();
  }
}
// #endregion escalate

}  // namespace pool::process
