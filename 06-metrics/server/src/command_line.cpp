#include <pool/server/command_line.hpp>

#include <algorithm>
#include <sstream>

#include <CLI/CLI.hpp>

#include <pool/basic/native_thread.hpp>

namespace pool::server {
namespace {

constexpr int kMisunderstood = 2;

std::vector<std::string> level_names() {
  std::vector<std::string> names;
  for (const auto& [name, level] : log_levels()) names.push_back(name);
  return names;
}

void check(const Settings& settings) {
  if (settings.workers != 0 && (settings.min != 0 || settings.max != 0)) {
    throw CLI::ValidationError("--workers", "is a fixed number; give it, or --min and --max, not both");
  }
  if (settings.min != 0 && settings.max != 0 && settings.min > settings.max) {
    throw CLI::ValidationError("--min",
                               std::to_string(settings.min) + " is more than --max " + std::to_string(settings.max));
  }
  if (settings.role == "worker" && settings.gearman.empty()) {
    throw CLI::ValidationError("--role", "worker needs --gearman HOST:PORT, where its work comes from");
  }
  Guard guard({settings.host, settings.allowed_hosts, settings.token});  // throws if it is not safe
}

}  // namespace

Reading read_command_line(std::vector<std::string> words) {
  Settings settings;
  CLI::App app("A thread pool that can be watched and used over the network: dashboard, REST API, /metrics.",
               "poolcraft-server");
  const auto workers = CLI::Range(std::size_t{1}, basic::kMaxWorkers);
  app.add_option("--host", settings.host, "address to listen on; one that others reach needs --token")
      ->capture_default_str();
  app.add_option("--port", settings.port, "port to listen on; 0: one that is free")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--workers", settings.workers, "so many workers, all the time")->check(workers);
  app.add_option("--min", settings.min, "workers at least; more come with the load")->check(workers);
  app.add_option("--max", settings.max, "workers at most")->check(workers);
  app.add_option("--token", settings.token,
                 "a secret that requests have to know; others can see a command line, so rather set the variable")
      ->envname("POOLCRAFT_TOKEN");
  app.add_option("--allowed-host", settings.allowed_hosts,
                 "another name this server is known by, such as a proxy's; may be given again");
  std::string level = "info";
  app.add_option("--log-level", level, "what is written to stderr, as JSON lines: debug, info, warn, error or off")
      ->check(CLI::IsMember(level_names()).description(""))
      ->capture_default_str();
  app.add_option(
      "--gearman", settings.gearman,
      "job servers of a cluster, HOST:PORT and more of them with commas; then executor=cluster runs tasks there");
  app.add_option("--role", settings.role, "server; or worker: no server, but one who does what the cluster hands out")
      ->check(CLI::IsMember(std::vector<std::string>{"server", "worker"}).description(""))
      ->capture_default_str();
  app.set_version_flag("--version", "poolcraft-server " POOLCRAFT_VERSION);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(words);
    for (const auto& [name, each] : log_levels()) {
      if (name == level) settings.log_level = each;
    }
    check(settings);
    return {settings, {}, 0};
  } catch (const CLI::ParseError& end) {
    std::ostringstream out, problem;
    if (app.exit(end, out, problem) == 0) return {std::nullopt, out.str(), 0};
    return {std::nullopt, std::string("poolcraft-server: ") + end.what() + "; --help says more\n", kMisunderstood};
  } catch (const std::invalid_argument& end) {
    return {std::nullopt, std::string("poolcraft-server: ") + end.what() + "\n", kMisunderstood};
  }
}

ServerOptions options_from(const Settings& settings) {
  ServerOptions options;
  options.http.host = settings.host;
  options.http.port = static_cast<std::uint16_t>(settings.port);
  options.guard.allowed_hosts = settings.allowed_hosts;
  options.guard.token = settings.token;
  options.pool.workers = settings.workers;
  options.pool.min_workers = settings.min;
  options.pool.max_workers = settings.max;
  options.pool.trace = 2000;
  return options;
}

}  // namespace pool::server
