// Seat: where a worker process sits, and what is done about a job that does not want to stop: it is asked, then the process
// gets SIGTERM, then SIGKILL. All of it is decisions; what is done to processes is done by a World.
//
// Thread safety: none; it belongs to the thread that waits for all that can happen.
// Invariants:  (S1) each job is reported once
//              (S2) a signal that is meant for one job never reaches a process that runs another one
//              (S3) no signal is sent to a process that has exited: its number may be somebody else's by now
//              (S4) as long as the clock goes on, and a process that gets SIGKILL exits, each job is reported
#pragma once

#include <csignal>
#include <optional>
#include <string>
#include <utility>

#include <pool/priority/clock.hpp>

namespace exercise {

using pool::priority::Clock;
using pool::priority::Duration;
using pool::priority::Time;
using Number = int;  // of a job

// What a seat has done. Nothing of it calls back.
class World {
 public:
  virtual ~World() = default;
  virtual void send(Number job) = 0;                             // the job goes to the process
  virtual void ask(Number job) = 0;                              // a message to the process: this job should stop
  virtual void signal(int number) = 0;                           // SIGTERM or SIGKILL, to the process
  virtual void report(Number job, const std::string& what) = 0;  // the job has ended; whoever waits hears it
  virtual void replace() = 0;                                    // another process, with another socket, takes the seat
};

class Seat {
 public:
  Seat(Clock& clock, World& world, Duration grace) : clock_(clock), world_(world), grace_(grace) {}

  // Whether the next job may be sent to this process.
  [[nodiscard]] bool is_free() const {
    return !job_;
  }

  // Only if it is free. After the timeout the job is asked to stop, and `grace` later the next step is taken, and so on.
  void run(Number job, Duration timeout) {
    job_ = job;
    due_ = clock_.now() + timeout;
    world_.send(job);
  }

  // The process has written its answer, and it was read from the socket.
  void answered(const std::string& answer) {
    world_.report(*job_, "completed: " + answer);
    job_.reset();
  }

  // Nothing more comes from the socket: all that the process has written was read, and it has closed its end.
  void end_of_file() {
    if (job_) world_.report(*job_, "failed: the process is gone");
    job_.reset();
    world_.replace();
  }

  // The process has exited: "exited with 3", "killed by SIGSEGV". What it had written may still be in the socket.
  void exited(std::string status) {
    if (job_) world_.report(*job_, "failed: " + std::move(status));
    job_.reset();
    world_.replace();
  }

  // When to call tick(); Time::max(): there is no need.
  [[nodiscard]] Time due() const { return due_; }

  void tick() {
    if (clock_.now() < due_) return;
    due_ = Time::max();
    if (stop_ == Stop::none) {
      stop_ = Stop::asked;
      if (job_) world_.ask(*job_);
    } else if (stop_ == Stop::asked) {
      stop_ = Stop::terminated;
      world_.signal(SIGTERM);
    }
    else if (stop_ == Stop::terminated) {
      stop_ = Stop::killed;
      world_.signal(SIGKILL);
    }
    due_ = clock_.now() + grace_;
  }

 private:
  enum class Stop { none, asked, terminated, killed };

  Clock& clock_;
  World& world_;
  const Duration grace_;
  std::optional<Number> job_;  // that was sent, and not reported
  Stop stop_ = Stop::none;     // the last step that was taken
  Time due_ = Time::max();     // of the next one
};

}  // namespace exercise
