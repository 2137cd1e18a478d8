#include <csignal>
#include <cstdio>

#include <pool/cluster/cluster_worker.hpp>

namespace pool::cluster {

int serve_cluster(WorkerOptions options, const process::Jobs& registry) {
  sigset_t ends;
  sigset_t before;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, &before);
  const std::string servers = options.servers;
  ClusterWorker worker(std::move(options), registry);
  std::string names;
  for (const std::string& name : registry.names()) names += (names.empty() ? "" : ", ") + name;
  std::printf("worker: serves %s for %s\n", names.c_str(), servers.c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&ends, &signal);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);  // the next one ends it at once
  std::printf("worker: finishes what it does\n");
  std::fflush(stdout);
  worker.stop();
  const WorkerStats stats = worker.stats();
  std::printf("worker: %llu jobs done, %llu of them failed\n", static_cast<unsigned long long>(stats.done),
              static_cast<unsigned long long>(stats.failed));
  return 0;
}

}  // namespace pool::cluster
