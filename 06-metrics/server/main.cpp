// poolcraft-server: the pool, its REST API and its dashboard. SIGINT or SIGTERM drain it; a second one ends it at once.
//
// Status: 0 all tasks had ended; 1 it could not start, or some were left; 2 the command line was not understood.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#ifdef POOLCRAFT_CLUSTER
#include <pool/cluster/cluster_executor.hpp>
#include <pool/cluster/cluster_worker.hpp>
#endif
#include <pool/process/worker_main.hpp>
#include <pool/server/command_line.hpp>
#include <pool/server/job_executor.hpp>
#include <pool/server/log.hpp>
#include <pool/server/server.hpp>

namespace {

using namespace pool::server;

// A connection is a descriptor; the usual limit of 1024 is less than a server may need.
void raise_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 65'536);
  setrlimit(RLIMIT_NOFILE, &limit);
}

#ifdef POOLCRAFT_CLUSTER
std::unique_ptr<Executor> cluster_executor(pool::metrics::ThreadPool& pool, const std::string& servers) {
  pool::cluster::ClusterOptions options;
  options.servers = servers;
  const auto cluster = std::make_shared<pool::cluster::ClusterExecutor>(options);
  return std::make_unique<JobExecutor>(
      pool, "cluster",
      [cluster](const std::string& name, const pool::process::json& argument, pool::process::JobOptions job) {
        return cluster->submit(name, argument, std::move(job));
      });
}

// The other side: what a cluster hands out is done here.
int work(const Settings& settings) {
  pool::cluster::WorkerOptions options;
  options.servers = settings.gearman;
  options.threads = settings.workers;
  return pool::cluster::serve_cluster(options);
}
#else
int work(const Settings&) {
  throw std::runtime_error("--role worker: this program was built without libgearman; see POOLCRAFT_CLUSTER");
}
#endif

int serve(const Settings& settings) {
  sigset_t signals;  // blocked here, before there are threads: whoever waits for them gets them
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  raise_descriptors();

  const Log log(settings.log_level);
  ServerOptions options = options_from(settings);
  options.api.on_shutdown = [] { kill(getpid(), SIGUSR1); };  // it has drained, by whatever way
  options.add_executors = [servers = settings.gearman](Executors& executors, pool::metrics::ThreadPool& pool) {
    executors.add("process", process_executor(pool, {}));
#ifdef POOLCRAFT_CLUSTER
    if (!servers.empty()) executors.add("cluster", cluster_executor(pool, servers));
#else
    static_cast<void>(servers);
#endif
  };
  Server server(std::move(options), log);
  std::cout << "poolcraft-server: http://"
            << (settings.host.find(':') == std::string::npos ? settings.host : "[" + settings.host + "]") << ":"
            << server.port() << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  log.write(LogLevel::info, "draining", {{"signal", std::to_string(signal)}});
  std::thread drains([&] { static_cast<void>(server.api().drain()); });  // at once, if that has been done
  if (signal != SIGUSR1) sigwait(&signals, &signal);
  if (signal != SIGUSR1) _exit(128 + signal);  // again: somebody is in a hurry
  drains.join();
  const Api::Drained drained = server.drain();
  log.write(LogLevel::info, "stopped", {{"left", std::to_string(drained.left)}});
  return drained.all ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  register_task_types(pool::process::jobs());
  if (const auto status = pool::process::worker_main(argc, argv)) return *status;  // in a worker process, this is all
  const Reading reading = read_command_line({argv + 1, argv + argc});
  (reading.status == 0 ? std::cout : std::cerr) << reading.text;
  if (!reading.settings) return reading.status;
  try {
    return reading.settings->role == "worker" ? work(*reading.settings) : serve(*reading.settings);
  } catch (const std::exception& problem) {
    std::cerr << "poolcraft-server: " << problem.what() << "\n";
    return 1;
  }
}
