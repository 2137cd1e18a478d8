// Who comes and who goes: all on the reactor's thread, with the lock held but for the start itself.
#include "core.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include <pool/basic/user_code.hpp>
#include <pool/process/worker_main.hpp>

namespace pool::process {

using State = Seat::State;
using Stop = Seat::Stop;

// As many as there are jobs for which nobody is free or on the way: one now; true: there should be more.
bool ProcessPool::Core::start_worker(Lock& lock) {
  std::size_t there = 0;
  for (const Seat& seat : seats_) there += seat.is_there() ? 1 : 0;
  const bool wanted = queued_ > starting_ + idle_.size() || (there < options_.min_workers && !closed_);
  if (!wanted || now_ || clock_.now() < retry_) return false;
  const auto free = std::find_if(seats_.begin(), seats_.end(), [](const Seat& s) { return !s.is_there(); });
  if (free == seats_.end()) return false;
  start_one(*free, lock);
  return true;
}

void ProcessPool::Core::start_one(Seat& seat, Lock& lock) {
  seat.state = State::starting;
  ++starting_;
  ++seat.generation;
  lock.unlock();  // a start takes a millisecond; nobody else touches a seat of which the state is `starting`
  Child child;
  Descriptor data;
  Descriptor control;
  std::string why;
  const auto error = basic::catching([&] {
    auto data_ends = socket_pair();
    auto control_ends = socket_pair();
    child = Child::spawn({own_program_ ? "/proc/self/exe" : options_.executable, options_.arguments},
                         data_ends.second.number(), control_ends.second.number(), options_.pidfd);
    data = std::move(data_ends.first);
    control = std::move(control_ends.first);
  });
  if (error) {
    static_cast<void>(basic::catching([&] {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& thrown) {
        why = thrown.what();
      }
    }));
  }
  lock.lock();
  if (error) {
    seat.state = State::empty;
    --starting_;
    return start_failed(why);
  }
  ++stats_.started;
  seat.child = std::move(child);
  seat.data = std::move(data);
  seat.control = std::move(control);
  seat.reader = FrameReader(options_.max_message);
  seat.unsent.clear();
  seat.unread = false;
  seat.jobs = 0;
  seat.sequence = ++sequence_;
  seat.stop = Stop::none;
  seat.fault.reset();
  seat.start_error.clear();
  seat.closed.reset();
  if (basic::catching([&] {
        watch(seat.data.number(), seat, 0, false, false);
        if (seat.child.pidfd() >= 0) watch(seat.child.pidfd(), seat, 1, false, false);
        later(seat, options_.start_timeout);
        const Sent sent = send_some(seat.data.number(), setup_);
        if (sent.io == Io::blocked) {
          seat.unsent = setup_.substr(sent.bytes);
          watch(seat.data.number(), seat, 0, true, true);
        }
      })) {
    seat.kill();  // no memory for it; its death is seen to
  }
  if (now_) seat.kill();
}

void ProcessPool::Core::start_failed(const std::string& why) {
  ++vain_starts_;
  vain_ = why;
  const auto doubled = options_.first_pause * (1U << std::min<std::size_t>(vain_starts_ - 1, 20));
  const Duration pause = std::min<Duration>(doubled, options_.longest_pause);
  retry_ = clock_.now() + pause;
  static_cast<void>(timer_.at(retry_, [this] {
    const std::lock_guard lock(mutex_);
    wake();
  }));
  if (vain_starts_ < options_.start_attempts) return;
  for (const Seat& seat : seats_) {
    if (seat.is_there() && seat.state != State::leaving) return;  // somebody is there to do it, or on the way
  }
  const auto error = std::make_exception_ptr(WorkerNotStarted(
      "process: no worker could be started, " + std::to_string(vain_starts_) + " times in succession; last: " + vain_));
  vain_starts_ = 0;
  while (queued_ > 0) ended_.push_back({next(), Ended::How::error, {}, error});
}

void ProcessPool::Core::became_ready(Seat& seat) {
  --starting_;
  vain_starts_ = 0;
  timer_.cancel(std::exchange(seat.timer, {}));
  seat.state = State::busy;
  set_free(seat);
}

// Of a worker that has nothing to do any more: the next job is for it, unless it has to go.
void ProcessPool::Core::set_free(Seat& seat) {
  seat.sequence = ++sequence_;  // what was to be done to the job that had the old one is done no more
  const bool worn = options_.recycle_after_jobs != 0 && seat.jobs >= options_.recycle_after_jobs;
  if (seat.stop >= Stop::terminated || worn) {
    retire(seat);
  } else {
    seat.stop = Stop::none;
    seat.state = State::idle;
    idle_.push_back(&seat);
  }
}

// The end of the sockets is the end of a worker; one that got a signal is not given the time for it.
void ProcessPool::Core::retire(Seat& seat) {
  seat.state = State::leaving;
  std::erase(idle_, &seat);
  if (seat.stop >= Stop::terminated) {
    seat.kill();
  } else {
    seat.data.close();
    seat.control.close();
    later(seat, options_.grace);
  }
}

// It is killed for that.
void ProcessPool::Core::misbehaved(Seat& seat, Death::Cause why) {
  if (!seat.fault) seat.fault = why;
  std::erase(idle_, &seat);
  seat.data.close();
  seat.child.signal(SIGKILL);
}

void ProcessPool::Core::look_for_dead(Seat& seat) {
  if (!seat.is_there() || !seat.child.is_there() || seat.state == State::handing) return;
  const pid_t pid = seat.child.pid();
  if (seat.data.is_open()) receive(seat);  // what it said before it died
  if (auto death = seat.child.reap()) buried(seat, *death, pid);
}

void ProcessPool::Core::buried(Seat& seat, Death death, pid_t pid) {
  if (seat.fault) death = {*seat.fault, 0};
  const State was = std::exchange(seat.state, State::empty);
  const bool by_itself = seat.stop < Stop::terminated && was != State::leaving;
  ++(by_itself ? stats_.died : stats_.killed);
  if (seat.timer.number != 0) timer_.cancel(std::exchange(seat.timer, {}));
  seat.data.close();
  seat.control.close();
  seat.unread |= !seat.unsent.empty();
  seat.unsent.clear();
  std::erase(idle_, &seat);
  if (was == State::starting) {
    --starting_;
    if (!now_) start_failed(seat.start_error.empty() ? "it died " + to_string(death) : seat.start_error);
    return;
  }
  if (by_itself && deaths_++ > 0) {  // [R5]
    const auto doubled = options_.first_pause * (1U << std::min<std::size_t>(deaths_ - 2, 20));
    retry_ = clock_.now() + std::min<Duration>(doubled, options_.longest_pause);
    static_cast<void>(timer_.at(retry_, [this] {
      const std::lock_guard lock(mutex_);
      wake();
    }));
  }
  if (seat.job) end_job_of_dead(seat, death, pid);
}

// Or it has not begun: its worker was killed between two jobs, and has not read this one. Then another one gets it.
void ProcessPool::Core::end_job_of_dead(Seat& seat, const Death& death, pid_t pid) {
  constexpr std::size_t kHandings = 3;  // there may be somebody who kills all that comes
  Ref job = std::exchange(seat.job, Ref());
  job->seat = nullptr;
  const bool stopped = seat.stop >= Stop::terminated || (seat.unread && seat.stop == Stop::asked);
  if (!stopped && seat.unread && job->handed < kHandings) {
    job->retain();  // the list's share
    again_.push_back(priority::UnitPtr(&*job));
    ++queued_;
  } else if (stopped) {
    ended_.push_back({std::move(job), Ended::How::cancelled,
                      std::string(now_ ? priority::reason::shutdown : priority::reason::asked), nullptr});
  } else {
    auto error = std::make_exception_ptr(WorkerDied(job->task, pid, death));
    ended_.push_back({std::move(job), Ended::How::error, {}, std::move(error)});
  }
}

void ProcessPool::Core::later(Seat& seat, Duration pause) {
  if (seat.timer.number != 0) timer_.cancel(seat.timer);
  seat.timer = timer_.at(clock_.now() + pause,
                         [this, index = seat.index, sequence = seat.sequence] { escalate(index, sequence); });
}

bool ProcessPool::Core::is_done() const {
  return closed_ && queued_ == 0 && ended_.empty() &&
         std::none_of(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.is_there(); });
}

}  // namespace pool::process
