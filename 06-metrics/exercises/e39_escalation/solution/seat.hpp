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
    // #todo
    return !job_ && stop_ < Stop::terminated && !closed_ && !status_;
    // #instead
    // return !job_;
    // #end
  }

  // Only if it is free. After the timeout the job is asked to stop, and `grace` later the next step is taken, and so on.
  void run(Number job, Duration timeout) {
    job_ = job;
    // #todo
    stop_ = Stop::none;
    // #end
    due_ = clock_.now() + timeout;
    world_.send(job);
  }

  // The process has written its answer, and it was read from the socket.
  void answered(const std::string& answer) {
    // #todo
    if (!job_) return;
    report("completed: " + answer);
    if (is_free()) due_ = Time::max();
    // #instead
    // world_.report(*job_, "completed: " + answer);
    // job_.reset();
    // #end
  }

  // Nothing more comes from the socket: all that the process has written was read, and it has closed its end.
  void end_of_file() {
    // #todo
    closed_ = true;
    if (status_) return settle();
    if (stop_ != Stop::killed) due_ = clock_.now() + grace_;  // it should exit now
    // #instead
    // if (job_) world_.report(*job_, "failed: the process is gone");
    // job_.reset();
    // world_.replace();
    // #end
  }

  // The process has exited: "exited with 3", "killed by SIGSEGV". What it had written may still be in the socket.
  void exited(std::string status) {
    // #todo
    status_ = std::move(status);
    if (closed_) return settle();
    due_ = clock_.now() + grace_;  // a child of its own may keep the socket open
    // #instead
    // if (job_) world_.report(*job_, "failed: " + std::move(status));
    // job_.reset();
    // world_.replace();
    // #end
  }

  // When to call tick(); Time::max(): there is no need.
  [[nodiscard]] Time due() const { return due_; }

  void tick() {
    if (clock_.now() < due_) return;
    due_ = Time::max();
    // #todo
    if (status_) return settle();  // who has exited needs no signal
    if (closed_ || stop_ == Stop::terminated) {
      stop_ = Stop::killed;
      return world_.signal(SIGKILL);
    }
    // #end
    if (stop_ == Stop::none) {
      stop_ = Stop::asked;
      if (job_) world_.ask(*job_);
    } else if (stop_ == Stop::asked) {
      stop_ = Stop::terminated;
      world_.signal(SIGTERM);
    }
    // #todo
    // #instead
    // else if (stop_ == Stop::terminated) {
    //   stop_ = Stop::killed;
    //   world_.signal(SIGKILL);
    // }
    // #end
    due_ = clock_.now() + grace_;
  }

 private:
  enum class Stop { none, asked, terminated, killed };

  // #todo
  void report(const std::string& what) { world_.report(*std::exchange(job_, std::nullopt), what); }

  // All is known of the process: how it ended, and that it has said nothing more.
  void settle() {
    if (job_) report("failed: " + *status_);
    closed_ = false;
    status_.reset();
    stop_ = Stop::none;
    due_ = Time::max();
    world_.replace();
  }

  // #end
  Clock& clock_;
  World& world_;
  const Duration grace_;
  std::optional<Number> job_;  // that was sent, and not reported
  Stop stop_ = Stop::none;     // the last step that was taken
  Time due_ = Time::max();     // of the next one
  // #todo
  bool closed_ = false;
  std::optional<std::string> status_;
  // #end
};

}  // namespace exercise

// #todo
// Why a process that got SIGTERM is not used again. The signal and the answer are on their way at the same time, in opposite
// directions. That the answer is here says nothing about where the signal is; it may arrive a second later, in the middle of
// the next job, which has done nothing. There is no way to take a signal back, or to ask whether it has arrived. So the
// process goes. A message in the socket is another matter: it carries the job's number, and who has ended that job ignores
// it. That is why asking costs no process.
//
// Why both, end of file and status. They come from the kernel by two ways, in either order. The status says *why*; without
// it, "the process is gone" is all one could say. The end of file says that there is *nothing more*; before it, the answer
// may lie in the socket of a process that has written it and exited, which is a job that has completed. Whoever takes the
// first of the two for both loses an answer once in a thousand runs, and reports a job twice in the others.
//
// Why due_ survives an answer, if a signal was sent. The job has ended, the process has not: it may ignore SIGTERM, and
// nobody would ever get its seat. The escalation is against the process from that moment on.
//
// Why no signal after exited(). waitpid() has given the number back to the system. kill() with it hits whoever has it now.
//
// Why a time for each half. An end of file without an exit is a process that has closed its socket and lives on; nobody can
// reach it any more. An exit without an end of file is one that has left a child of its own behind, with the socket open.
// Whoever waits for the other half without a limit waits for ever.
// #end
