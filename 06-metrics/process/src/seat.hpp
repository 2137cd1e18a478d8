// Seat: a place for one worker process, and what the pool knows of who has it.
//
// Thread safety: guarded by the pool's lock; starting and reaping are the pool's thread's alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <pool/priority/timer.hpp>
#include <pool/process/child.hpp>
#include <pool/process/descriptor.hpp>
#include <pool/process/frame.hpp>

#include "request.hpp"

namespace pool::process {

struct Seat {
  // handing: a thread has taken a job for it, and is about to send it.
  // leaving: nothing more is sent; its end is waited for.
  enum class State { empty, starting, idle, handing, busy, leaving };
  enum class Stop { none, asked, terminated, killed };  // how far it went to stop its job, or the worker

  explicit Seat(std::size_t number) : index(number) {}

  const std::size_t index;
  std::uint64_t generation = 0;  // how many had it before
  State state = State::empty;
  Child child;
  Descriptor data, control;
  FrameReader reader;
  std::string unsent;   // of a message, as the socket was full
  bool unread = false;  // it has gone, and had not read all that it was sent
  std::uint64_t jobs = 0;

  priority::JobRef<Request> job;
  std::uint64_t sequence = 0;  // its number
  Stop stop = Stop::none;
  std::optional<Death::Cause> fault;     // why it was killed, if it was for that
  std::string start_error;               // what it said instead of `ready`
  priority::Timer::Id timer;             // the next step: of stopping, or of a start that takes too long
  std::optional<priority::Time> closed;  // since when its socket is, by the steady clock

  [[nodiscard]] bool is_there() const { return state != State::empty; }
  void kill() {
    if (stop == Stop::killed) return;
    stop = Stop::killed;
    child.signal(9);
  }
};

}  // namespace pool::process
