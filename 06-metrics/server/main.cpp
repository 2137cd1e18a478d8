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
#include <string>
#include <thread>
#include <vector>

#include <pool/process/worker_main.hpp>
#include <pool/server/command_line.hpp>
#include <pool/server/log.hpp>
#include <pool/server/process_executor.hpp>
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

int serve(const Settings& settings) {
  sigset_t signals;  // blocked here, before there are threads: whoever waits for them gets them
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  raise_descriptors();

  const Log log(settings.log_level);
  ServerOptions options = options_from(settings);
  options.api.on_shutdown = [] { kill(getpid(), SIGUSR1); };  // it has drained, by whatever way
  options.add_executors = [](Executors& executors, pool::metrics::ThreadPool& pool) {
    executors.add("process", std::make_unique<ProcessExecutor>(pool, pool::process::Options{}));
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
    return serve(*reading.settings);
  } catch (const std::exception& problem) {
    std::cerr << "poolcraft-server: " << problem.what() << "\n";
    return 1;
  }
}
