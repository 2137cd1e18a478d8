// The experiments of the chapter: a real job server, two workers, and a knife.
//
//   cluster_kills            the experiments
//   cluster_kills measure    how many jobs a second
//   cluster_kills worker …   what the first two start
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <pool/cluster/cluster_executor.hpp>
#include <pool/cluster/cluster_worker.hpp>
#include <pool/testing/gearmand.hpp>

namespace {

using namespace pool::cluster;
using namespace std::chrono_literals;
using pool::testing::Folder;
using pool::testing::Gearmand;
using pool::testing::Program;
using pool::testing::until;

std::string own_path;

// --- the worker ---------------------------------------------------------------------------------------------------

void add_line(const std::string& path, const std::string& line) {
  std::ofstream(path, std::ios::app) << line << std::endl;  // NOLINT(performance-avoid-endl): one write
}

int work(const char* servers, const char* folder, const char* name) {
  const std::string in = std::string(folder) + "/";
  auto& jobs = pool::process::jobs();
  jobs.add("echo", [](const json& argument) { return argument; });
  // #region pay
  jobs.add("pay", [=](const json& amount) {  // not idempotent
    add_line(in + "account", amount.dump());
    add_line(in + "who", name);
    while (access((in + "go").c_str(), F_OK) != 0) usleep(1000);  // a slow bank
    return "paid";
  });
  // #endregion pay
  jobs.add("poison", [=](const json&) -> json {
    add_line(in + "who", name);
    std::raise(SIGKILL);
    return nullptr;
  });
  jobs.add("note", [=](const json& text) {
    add_line(in + "notes", text.get<std::string>());
    return nullptr;
  });
  WorkerOptions options;
  options.servers = servers;
  options.threads = 1;
  options.longest_pause = 100ms;
  return serve_cluster(options);
}

std::unique_ptr<Program> start_worker(const Gearmand& server, const Folder& folder, const std::string& name) {
  return std::make_unique<Program>(
      std::vector<std::string>{own_path, "worker", server.address(), folder.file(""), name});
}

ClusterOptions options_for(const Gearmand& server) {
  ClusterOptions options;
  options.servers = server.address();
  options.first_pause = 10ms;
  return options;
}

// --- the experiments ----------------------------------------------------------------------------------------------

void kill_a_worker() {
  std::puts("1. A job pays 10, and waits for the bank. Its worker is killed.");
  Folder folder;
  Gearmand server(folder, {"--job-retries=3"});
  auto a = start_worker(server, folder, "a");
  auto b = start_worker(server, folder, "b");
  ClusterExecutor cluster(options_for(server));
  Job<json> job = cluster.submit("pay", 10);
  until([&] { return folder.lines("who").size() == 1; });
  (folder.lines("who")[0] == "a" ? a : b)->kill();
  until([&] { return folder.lines("who").size() == 2; });
  folder.touch("go");
  std::printf("   the job says         %s\n", job.get().dump().c_str());
  std::printf("   it was started       %zu times, on two workers\n", folder.lines("who").size());
  int paid = 0;
  for (const std::string& line : folder.lines("account")) paid += std::stoi(line);
  std::printf("   paid                 %d\n", paid);
}

void spend_the_retries() {
  std::puts("2. A job kills whoever takes it. gearmand --job-retries=2, and three workers.");
  Folder folder;
  Gearmand server(folder, {"--job-retries=2"});
  std::vector<std::unique_ptr<Program>> workers;
  for (const char* name : {"a", "b", "c"}) workers.push_back(start_worker(server, folder, name));
  ClusterExecutor cluster(options_for(server));
  try {
    static_cast<void>(cluster.submit("poison", nullptr).get());
  } catch (const RetriesSpent& error) {
    std::printf("   the job says         %s\n", error.what());
  }
  const auto left = [&] {
    return std::count_if(workers.begin(), workers.end(), [](auto& one) { return !one->has_ended(); });
  };
  until([&] { return left() == 1; });
  std::puts("   workers left         1 of 3");
}

void kill_the_server(const char* how, std::vector<std::string> more) {
  std::printf("3. Three jobs in the background, one in the foreground; then the server is killed. Its queue: %s.\n",
              how);
  Folder folder;
  for (std::string& option : more) {
    if (option.ends_with('=')) option += folder.file("queue.db");
  }
  Gearmand server(folder, more);
  ClusterExecutor cluster(options_for(server));
  for (const char* text : {"one", "two", "three"}) cluster.submit("note", text, {}, Mode::background).wait();
  Job<json> job = cluster.submit("echo", "hello");
  until([&] { return server.status("echo") == std::vector{1, 0, 0}; });
  server.kill();
  server.start_again();
  const auto worker = start_worker(server, folder, "a");
  std::printf("   in the foreground    %s, sent %s times\n", job.get().dump().c_str(),
              std::to_string(1 + cluster.stats().resent).c_str());
  until([&] { return server.status("note") == std::vector{0, 0, 1}; });
  std::printf("   in the background    %zu of 3\n", folder.lines("notes").size());
}

void no_server() {
  std::puts("4. Nobody listens.");
  ClusterExecutor cluster({.servers = "127.0.0.1:1"});
  try {
    static_cast<void>(cluster.submit("echo", 1));
  } catch (const ClusterUnavailable& error) {
    std::printf("   submit() says        %s\n", error.what());
  }
}

// --- the numbers --------------------------------------------------------------------------------------------------

double rate(ClusterExecutor& cluster, std::size_t jobs, std::size_t in_flight, Mode mode) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<Job<json>> window(in_flight);
  for (std::size_t i = 0, at = 0; i < jobs; ++i, at = at + 1 < window.size() ? at + 1 : 0) {
    if (window[at]) window[at].wait();
    window[at] = cluster.submit("echo", i, {}, mode);
  }
  for (const auto& job : window) {
    if (job) job.wait();
  }
  return static_cast<double>(jobs) / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void measure() {
  Folder folder;
  Gearmand server(folder);
  ClusterExecutor cluster(options_for(server));
  std::vector<std::unique_ptr<Program>> workers;
  for (const char* name : {"a", "b"}) {
    workers.push_back(start_worker(server, folder, name));
    until([&] { return server.status("echo") == std::vector{0, 0, static_cast<int>(workers.size())}; });
    for (const std::size_t in_flight : {std::size_t{1}, std::size_t{100}}) {
      std::vector<double> rates;
      for (int i = 0; i < 5; ++i) rates.push_back(rate(cluster, 2000, in_flight, Mode::foreground));
      std::sort(rates.begin(), rates.end());
      std::printf("%zu worker%s %3zu jobs at a time: %6.0f a second (%.0f to %.0f)\n", workers.size(),
                  workers.size() == 1 ? ", " : "s,", in_flight, rates[2], rates[0], rates[4]);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  own_path = std::filesystem::read_symlink("/proc/self/exe").string();
  if (argc == 5 && std::strcmp(argv[1], "worker") == 0) return work(argv[2], argv[3], argv[4]);
  if (pool::testing::find_gearmand().empty()) {
    std::puts("gearmand is not installed: apt install gearman-job-server");
    return 1;
  }
  if (argc == 2 && std::strcmp(argv[1], "measure") == 0) return measure(), 0;
  kill_a_worker();
  spend_the_retries();
  kill_the_server("memory", {});
  kill_the_server("SQLite, on disc", {"--queue-type=libsqlite3", "--libsqlite3-db="});
  no_server();
}
