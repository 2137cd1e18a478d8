#include <pool/cluster/cluster_worker.hpp>

#include <libgearman-1.0/gearman.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/cluster/message.hpp>
#include <pool/cluster/servers.hpp>

namespace pool::cluster {

namespace {

using basic::catching;
using std::chrono::milliseconds;

constexpr int kLookAgain = 30'000;  // milliseconds: an idle connection is made anew, lest it be dead

struct Free {
  void operator()(gearman_worker_st* worker) const { gearman_worker_free(worker); }
};
using Gearman = std::unique_ptr<gearman_worker_st, Free>;

void require(gearman_return_t answer, const std::string& what, gearman_worker_st* worker) {
  if (gearman_failed(answer)) throw ClusterError("cluster: " + what + ": " + gearman_worker_error(worker));
}

}  // namespace

struct ClusterWorker::Crew {
  Crew(WorkerOptions given, const process::Jobs& registry)
      : options(std::move(given)), servers(parse_servers(options.servers)), names(registry.names()) {
    if (names.empty()) throw std::invalid_argument("cluster: a worker without jobs: register some before it is made");
    if (options.first_pause <= milliseconds::zero() || options.longest_pause <= milliseconds::zero()) {
      throw std::invalid_argument("cluster: a pause between two attempts is 1 ms or more");
    }
    if (!options.run) {
      options.run = [&registry](const std::string& name, const json& argument) {
        return registry.call(name, argument);
      };
    }
    if (!options.on_trouble) {
      options.on_trouble = [](const std::string& what) { std::fprintf(stderr, "%s\n", what.c_str()); };
    }
  }

  WorkerOptions options;
  const std::vector<Address> servers;
  const std::vector<std::string> names;
  sync::atomic<std::uint64_t> done{0}, failed{0};
  sync::mutex joining;
  std::vector<sync::thread> threads;  // guarded by joining

  sync::mutex mutex;
  sync::condition_variable told;
  bool stopping = false;                        // guarded by mutex
  std::vector<gearman_worker_st*> to_be_woken;  // guarded by mutex: the connections of the threads

  bool is_stopping() {
    const std::lock_guard lock(mutex);
    return stopping;
  }
  void live();
  Gearman make_worker();
  std::string serve();
  static void* answer(gearman_job_st* job, void* crew, std::size_t* size, gearman_return_t* outcome);
  std::string message_for(gearman_job_st* job);
  bool rest(milliseconds pause);
};

ClusterWorker::ClusterWorker(WorkerOptions options, const process::Jobs& registry) {
  const std::size_t threads = basic::crew_size(options.threads);
  crew_ = std::make_unique<Crew>(std::move(options), registry);
  const auto error = catching([&] {
    const basic::SignalsBlocked in_the_threads;
    const std::lock_guard lock(crew_->joining);
    for (std::size_t i = 0; i < threads; ++i) {
      crew_->threads.emplace_back([crew = crew_.get(), i] {
        basic::name_this_thread(basic::thread_name("cluster", i));
        crew->live();
      });
    }
  });
  if (!error) return;
  stop();
  std::rethrow_exception(error);
}

ClusterWorker::~ClusterWorker() {
  stop();
}

WorkerStats ClusterWorker::stats() const {
  WorkerStats all;
  all.failed = crew_->failed.load(std::memory_order_relaxed);
  all.done = crew_->done.load(std::memory_order_relaxed);
  return all;
}

void ClusterWorker::stop() {
  {
    const std::lock_guard lock(crew_->mutex);
    crew_->stopping = true;
    for (gearman_worker_st* worker : crew_->to_be_woken) gearman_kill(gearman_worker_id(worker), GEARMAN_INTERRUPT);
  }
  crew_->told.notify_all();
  const std::lock_guard lock(crew_->joining);
  for (sync::thread& thread : crew_->threads) thread.join();
  crew_->threads.clear();
}

// --- a thread -----------------------------------------------------------------------------------------------------

void ClusterWorker::Crew::live() {
  milliseconds pause = options.first_pause;
  bool told_of_it = false;
  while (!is_stopping()) {
    const std::uint64_t before = done.load(std::memory_order_relaxed);
    std::string trouble;
    if (const auto error = catching([&] { trouble = serve(); })) trouble = "cluster: a worker could not be set up";
    if (trouble.empty()) {
      pause = options.first_pause;
      told_of_it = false;
      continue;
    }
    if (done.load(std::memory_order_relaxed) != before) {
      pause = options.first_pause;
      told_of_it = false;
    }
    if (!std::exchange(told_of_it, true)) {
      if (const auto error = catching([&] { options.on_trouble(trouble); })) {
        basic::print_error("cluster", "on_trouble", error);
      }
    }
    if (!rest(pause)) return;
    pause = std::min(2 * pause, options.longest_pause);
  }
}

bool ClusterWorker::Crew::rest(milliseconds pause) {
  std::unique_lock lock(mutex);
  const auto deadline = bounded::Deadline::after(pause);
  while (!stopping && deadline.wait(told, lock)) {
  }
  return !stopping;
}

Gearman ClusterWorker::Crew::make_worker() {
  Gearman worker(gearman_worker_create(nullptr));
  if (!worker) throw std::bad_alloc();
  gearman_worker_set_timeout(worker.get(), kLookAgain);
  for (const Address& server : servers) {
    require(gearman_worker_add_server(worker.get(), server.host.c_str(), server.port), to_string(server), worker.get());
  }
  for (const std::string& name : names) {
    require(gearman_worker_add_function(worker.get(), name.c_str(), 0, &Crew::answer, this), name, worker.get());
  }
  return worker;
}

// One connection's life. Gives the reason if it could not be made or was lost; nothing, if it was idle or is to stop.
std::string ClusterWorker::Crew::serve() {
  const Gearman worker = make_worker();
  {
    const std::lock_guard lock(mutex);
    if (stopping) return {};
    to_be_woken.push_back(worker.get());
  }
  const basic::Finally gone{[&] {
    const std::lock_guard lock(mutex);
    std::erase(to_be_woken, worker.get());
  }};
  while (!is_stopping()) {
    const gearman_return_t outcome = gearman_worker_work(worker.get());  // waits for a job, and does it
    if (outcome == GEARMAN_TIMEOUT || is_stopping()) return {};
    if (gearman_failed(outcome)) {
      return "cluster: the job server " + options.servers + " cannot be reached (" + gearman_strerror(outcome) +
             "); trying again";
    }
  }
  return {};
}

// What libgearman calls for a job. It sends what it gets, and frees it.
void* ClusterWorker::Crew::answer(gearman_job_st* job, void* crew, std::size_t* size, gearman_return_t* outcome) {
  Crew& self = *static_cast<Crew*>(crew);
  const std::string message = self.message_for(job);
  void* copy = std::malloc(message.size());
  *outcome = copy != nullptr ? GEARMAN_SUCCESS : GEARMAN_WORK_FAIL;
  if (copy == nullptr) return nullptr;
  *size = message.copy(static_cast<char*>(copy), message.size());
  if (message.front() != 'R') self.failed.fetch_add(1, std::memory_order_relaxed);
  self.done.fetch_add(1, std::memory_order_relaxed);
  return copy;
}

std::string ClusterWorker::Crew::message_for(gearman_job_st* job) {
  std::string message;
  unsigned started = 0;
  bool again = false;
  do {
    again = false;
    const auto error = catching([&] {
      const char* text = static_cast<const char*>(gearman_job_workload(job));
      const Request request = decode_request({text != nullptr ? text : "", gearman_job_workload_size(job)});
      ++started;
      static_cast<void>(gearman_job_send_status(job, 1, 0));  // [started] counted by the executor's ledger
      const auto died =
          catching([&] { message = result_message(options.run(gearman_job_function_name(job), request.argument)); });
      if (!died) return;
      try {
        std::rethrow_exception(died);
      } catch (const process::WorkerDied& death) {
        again = started < request.limit;
        message = lost_message(started, "cluster: the job was started " + std::to_string(started) +
                                            " times and never finished: " + death.what());
      }
    });
    if (error) message = failure_message(error);
  } while (again && !is_stopping());
  return message;
}

}  // namespace pool::cluster
