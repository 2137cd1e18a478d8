#include <pool/bounded/thread_pool.hpp>

#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>

namespace pool::bounded {

using basic::catching;
using basic::Finally;

// What a worker's thread knows of itself.
struct ThreadPool::Worker {
  const ThreadPool* pool;
  std::size_t index;
  std::string name;
};

ThreadPool::ThreadPool(Options options)
    : options_(std::move(options)),
      size_(basic::crew_size(options_.workers)),
      channel_(options_.capacity),
      counters_(size_),
      alive_(size_) {
  const basic::SignalsBlocked in_the_workers;
  bool complete = false;
  const Finally cleanup{[&] {
    if (complete) return;
    channel_.close();
    join();
  }};
  threads_.reserve(size_);
  for (std::size_t index = 0; index < size_; ++index) threads_.emplace_back(&ThreadPool::run, this, index);  // [start]
  std::unique_lock lock(starting_);  // [started] pairs with the unlock in start()
  one_more_.wait(lock, [this] { return started_.read() == size_; });
  if (start_error_.read()) std::rethrow_exception(std::exchange(start_error_.write(), nullptr));
  if (start_failed_.read()) throw PoolError("pool: on_start ended the thread of a worker");
  complete = true;
}

ThreadPool::~ThreadPool() {
  if (current_worker()) {
    std::fputs(
        "pool: a pool was destroyed by one of its own jobs. The destructor would wait for that job for ever; "
        "destroy the pool on a thread that is not one of its workers.\n",
        stderr);
    std::terminate();
  }
  shutdown();
}

// #region enqueue
void ThreadPool::enqueue(Work work) {
  InFlight::Entry entry(in_flight_);
  std::optional<Work> oldest;
  const bool waits = options_.overflow == Overflow::block && !current_worker();
  const Send sent = options_.overflow == Overflow::drop_oldest ? channel_.send_displacing(std::move(work), oldest)
                    : waits                                    ? channel_.send(std::move(work))
                                                               : channel_.try_send(std::move(work));
  if (sent == Send::closed) throw PoolStopped();
  if (sent == Send::full) return no_room(std::move(work));  // NOLINT(bugprone-use-after-move): it is as it was
  entry.hand_over();
  if (oldest) drop(*oldest);
}
// #endregion enqueue

void ThreadPool::no_room(Work work) {
  if (options_.overflow == Overflow::run_in_caller) {
    ++ran_in_caller_;
    if (auto error = catching(work)) report("posted work", std::move(error));
    return;
  }
  ++rejected_;
  const std::string full = "pool: the queue is full (capacity = " + std::to_string(options_.capacity) + ")";
  if (options_.overflow == Overflow::reject) throw QueueFull(full);
  throw QueueFull(full +
                  ", and a job must not wait for room in its own pool: the worker that waits is one that makes room. "
                  "Use try_submit, or overflow = run_in_caller, or no capacity");
}

bool ThreadPool::reserve(Room& room, const Deadline& deadline) {
  const Send reserved = channel_.reserve(room, deadline);
  if (reserved == Send::closed) throw PoolStopped();
  if (reserved == Send::full) ++rejected_;
  return reserved == Send::ok;
}

void ThreadPool::enqueue(Work work, Room& room) {
  InFlight::Entry entry(in_flight_);
  if (channel_.send(std::move(room), std::move(work)) == Send::closed) throw PoolStopped();
  entry.hand_over();
}

bool ThreadPool::wait_idle_by(const Deadline& deadline) {
  if (current_worker()) {
    throw PoolError(
        "pool: wait_idle was called by one of the pool's own jobs, which would wait for itself; "
        "call it on a thread that is not one of its workers");
  }
  return in_flight_.wait(deadline);
}

void ThreadPool::shutdown(Shutdown queued) {
  if (current_worker()) {
    throw PoolError(
        "pool: shutdown was called by one of the pool's own jobs, which would wait for itself; "
        "call it on a thread that is not one of its workers");
  }
  channel_.close();
  if (queued == Shutdown::discard) discard_queue();
  join();
}

void ThreadPool::discard_queue() {
  for (Work& work : channel_.drain()) drop(work);
}

void ThreadPool::drop(Work& work) {
  const Finally counted{[this] {
    ++dropped_;
    in_flight_.done();
  }};
  if (auto error = catching([&] { work.reset(); })) report("the destructor of dropped work", std::move(error));
}

void ThreadPool::join() {
  std::lock_guard lock(joining_);  // [ended] a second caller sees what the first has waited for
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();  // [end] pairs with the end of run()
  }
}

// #region run
void ThreadPool::run(std::size_t index) {  // [start] pairs with the constructor, [end] with join()
  const Worker self{this, index, basic::thread_name(options_.name, index)};
  sync::thread_slot<const Worker>() = &self;
  basic::name_this_thread(self.name);

  const Finally leave{[&] {
    counters_[index].stop();
    sync::thread_slot<const Worker>() = nullptr;
    if (alive_.fetch_sub(1) != 1) return;
    channel_.close();  // the last one out: if jobs have ended all threads, nobody is left to run what is queued
    discard_queue();
  }};
  if (!start(index)) return;
  const Finally stop{[&] {
    if (!options_.on_stop) return;
    if (auto error = catching([&] { options_.on_stop(index); })) report("on_stop", std::move(error));
  }};
  while (auto work = channel_.receive()) {
    const Finally counted{[&] {
      counters_[index].end();
      in_flight_.done();
    }};
    counters_[index].begin();
    if (auto error = catching(*work)) report("posted work", std::move(error));
  }
}
// #endregion run

// Calls on_start and tells the constructor how that ended, even if it ended this thread.
bool ThreadPool::start(std::size_t index) {
  std::exception_ptr error;
  bool ready = false;
  const Finally announce{[&] {
    {
      std::lock_guard lock(starting_);  // [started] pairs with the constructor
      ++started_.write();
      if (!ready) start_failed_.write() = true;
      if (error) start_error_.write() = std::move(error);
    }
    one_more_.notify_one();
  }};
  if (options_.on_start) error = catching([&] { options_.on_start(index); });
  ready = !error;
  return ready;
}

void ThreadPool::report(const char* from, std::exception_ptr error) const {
  if (options_.on_error) {
    error = catching([&] { options_.on_error(std::move(error)); });
    if (!error) return;
    from = "on_error";
  }
  const Worker* self = sync::thread_slot<const Worker>();
  basic::print_error(self != nullptr ? self->name : options_.name, from, std::move(error));
}

PoolStats ThreadPool::worker_stats() const {
  PoolStats stats;
  for (const WorkerCounters& worker : counters_) stats.workers.push_back(worker.read());
  stats.dropped = dropped_;
  stats.ran_in_caller = ran_in_caller_;
  const auto [sent, queued, high_water] = channel_.stats();  // after what became of the work: that was sent before
  stats.accepted = sent + stats.ran_in_caller;
  stats.rejected = rejected_;
  stats.queued = queued;
  stats.high_water = high_water;
  return stats;
}

std::optional<std::size_t> ThreadPool::current_worker() const {
  const Worker* self = sync::thread_slot<const Worker>();
  if (self == nullptr || self->pool != this) return std::nullopt;
  return self->index;
}

}  // namespace pool::bounded
