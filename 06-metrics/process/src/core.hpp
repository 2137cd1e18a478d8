// The heart of a ProcessPool: its queue, its workers, and the thread that starts them, listens to them and buries them.
// Shared by the pool, its thread and its jobs.
//
// Who may do what: the pool's thread ("reactor") alone starts workers, reads their sockets and reaps them. A job is sent
// by whoever finds it and a free worker, mostly the thread that submits it. Signals are sent by anybody with the lock: a
// child is reaped with it held, so none goes astray.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/priority/priority.hpp>
#include <pool/process/process_pool.hpp>

#include "request.hpp"
#include "seat.hpp"

namespace pool::process {

class ProcessPool::Core final : public priority::JobHost, public std::enable_shared_from_this<Core> {
 public:
  explicit Core(Options options);

  // --- JobHost -----------------------------------------------------------------------------------------------------
  Clock& clock() override { return clock_; }
  priority::Timer& timer() override { return timer_; }
  void withdraw(priority::JobCore& job) override;
  void overran(const priority::JobCore& job) override;

  // --- for the pool ------------------------------------------------------------------------------------------------
  [[nodiscard]] Job<json> submit(const std::string& name, const json& argument, JobOptions options);
  void close(Shutdown how);
  void wait_for_end();
  [[nodiscard]] Job<void> when_ended();
  [[nodiscard]] CancelToken stopping_token() const { return stopping_.token(); }
  [[nodiscard]] Stats stats() const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t pending() const;
  [[nodiscard]] bool on_own_thread() const { return sync::thread_slot<const Core>() == this; }
  [[nodiscard]] bool has_ended() const;
  void stop_timer() { timer_.stop(); }

  void run();  // the life of the reactor

 private:
  using Lock = std::unique_lock<sync::mutex>;
  using Ref = priority::JobRef<Request>;

  // What is to be done when the lock is let go.
  struct Ended {
    enum class How { result, failure, error, cancelled };
    Ref job;
    How how;
    std::string text;          // an encoded value; an encoded failure; the reason
    std::exception_ptr error;  // instead
  };

  // dispatch.cpp: from the queue to a worker
  void dispatch();
  [[nodiscard]] Ref next();
  void hand(Seat& seat, Ref request);
  void send(Seat& seat, const Frame& frame);
  void call_for_workers();
  void ask_to_stop(Request& request);
  void stop_job(Seat& seat);
  void escalate(std::size_t index, std::uint64_t sequence);

  // core.cpp: the reactor
  void wake();
  [[nodiscard]] bool turn(std::vector<Ended>& ended, int& patience);
  void handle(std::uint64_t event, bool out);
  void receive(Seat& seat);
  void take(Seat& seat, Frame frame);
  void answered(Seat& seat, Frame frame);
  void send_rest(Seat& seat);
  void watch(int descriptor, Seat& seat, std::uint64_t kind, bool out, bool again);
  void look_after();
  [[nodiscard]] int patience() const;
  void finish(std::vector<Ended>& ended);
  void end_job(Ended& ended);

  // crew.cpp: who comes and goes
  [[nodiscard]] bool start_worker(Lock& lock);
  void start_one(Seat& seat, Lock& lock);
  void start_failed(const std::string& why);
  void became_ready(Seat& seat);
  void set_free(Seat& seat);
  void retire(Seat& seat);
  void misbehaved(Seat& seat, Death::Cause why);
  void look_for_dead(Seat& seat);
  void buried(Seat& seat, Death death, pid_t pid);
  void end_job_of_dead(Seat& seat, const Death& death, pid_t pid);
  void later(Seat& seat, Duration pause);
  [[nodiscard]] bool is_done() const;

  const Options options_;
  const bool own_program_;
  Clock& clock_;
  priority::Timer timer_;
  const Descriptor poll_, bell_;
  const std::string setup_;  // the frame that every worker gets first
  const priority::CancelSource stopping_;

  mutable sync::mutex mutex_;  // guards all below
  sync::condition_variable all_gone_;
  std::array<priority::UnitList, priority::kLevels> queue_;
  priority::UnitList again_;  // whose workers died before they had read the job: these come first
  std::size_t queued_ = 0;    // in all of these lists
  std::deque<Seat> seats_;
  std::vector<Seat*> idle_;  // the one that was busy last is the last
  std::vector<Ended> ended_;
  std::uint64_t sequence_ = 0;
  bool rung_ = false;            // the bell
  std::size_t starting_ = 0;     // workers
  std::size_t deaths_ = 0;       // without a success in between
  std::size_t vain_starts_ = 0;  // in succession
  std::string vain_;             // why the last one was
  priority::Time retry_{};       // no worker is started before
  bool closed_ = false, now_ = false, over_ = false;
  std::vector<priority::JobProducer<void>> waiting_;  // for the end
  Stats stats_;
};

}  // namespace pool::process
