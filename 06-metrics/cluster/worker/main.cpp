// poolcraft-worker: lends this machine to a job server.
//
//   poolcraft-worker --gearman 127.0.0.1:4730 --threads 4
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include <pool/cluster/cluster_worker.hpp>

namespace {

using pool::cluster::json;

std::uint64_t count_primes(std::uint64_t below) {
  std::uint64_t count = 0;
  for (std::uint64_t n = 2; n < below; ++n) {
    bool prime = true;
    for (std::uint64_t d = 2; prime && d * d <= n; ++d) prime = n % d != 0;
    if (prime) ++count;
  }
  return count;
}

void add_jobs(pool::process::Jobs& jobs) {
  jobs.add("echo", [](const json& argument) { return argument; });
  jobs.add("primes",
           [](const json& argument) { return json(count_primes(argument.at("below").get<std::uint64_t>())); });
}

pool::cluster::WorkerOptions parse(int argc, const char* const* argv) {
  pool::cluster::WorkerOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option != "--gearman" && option != "--threads") {
      throw std::invalid_argument("unknown option " + std::string(option));
    }
    if (++i == argc) throw std::invalid_argument(std::string(option) + " needs a value");
    const std::string_view value = argv[i];
    if (option == "--gearman") {
      options.servers = value;
    } else {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), options.threads);
      if (error != std::errc{} || end != value.data() + value.size()) {
        throw std::invalid_argument("--threads wants a number, 0 for one each core");
      }
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    add_jobs(pool::process::jobs());
    return pool::cluster::serve_cluster(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "poolcraft-worker: %s\nusage: poolcraft-worker [--gearman HOST:PORT,…] [--threads N]\n",
                 error.what());
    return 64;
  }
}
