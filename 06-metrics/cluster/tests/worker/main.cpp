// The worker of the tests: jobs that end in all the ways there are. They talk to the test by files.
//
//   cluster_test_worker SERVERS NAME
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <pool/cluster/cluster_worker.hpp>

namespace {

using pool::cluster::json;

void add_line(const std::string& path, const std::string& line) {
  std::FILE* file = std::fopen(path.c_str(), "a");  // one write: several processes append
  if (file == nullptr) throw std::runtime_error("cannot write " + path);
  std::fputs((line + "\n").c_str(), file);
  std::fclose(file);
}

void until_exists(const std::string& path) {
  while (access(path.c_str(), F_OK) != 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  const std::string me = argv[2];
  auto& jobs = pool::process::jobs();
  jobs.add("echo", [](const json& argument) { return argument; });
  jobs.add("throws",
           [](const json& argument) -> json { throw std::domain_error(argument.at("what").get<std::string>()); });
  jobs.add("not_json", [](const json&) { return json(std::string("\xff")); });
  jobs.add("note", [&](const json& argument) {  // says that it was here
    add_line(argument.at("log"), me + " " + argument.at("text").get<std::string>());
    return argument.at("text");
  });
  jobs.add("hold", [&](const json& argument) {  // says that it has started, and waits for a file
    add_line(argument.at("log"), me);
    until_exists(argument.at("gate"));
    return json(me);
  });
  jobs.add("dies", [&](const json& argument) -> json {
    add_line(argument.at("log"), me);
    kill(getpid(), SIGKILL);
    return nullptr;
  });
  jobs.add("dies_inside", [&](const json& argument) -> json {  // as a pool of processes has it
    add_line(argument.at("log"), me);
    throw pool::process::WorkerDied("dies_inside", 1, {pool::process::Death::Cause::signal, SIGKILL});
  });
  pool::cluster::WorkerOptions options;
  options.servers = argv[1];
  options.threads = 1;
  options.longest_pause = std::chrono::milliseconds(200);
  return pool::cluster::serve_cluster(options, jobs);
}
