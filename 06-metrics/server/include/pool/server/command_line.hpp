// The command line of poolcraft-server.
//
// Thread safety: pure functions, but for the environment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <pool/server/log.hpp>
#include <pool/server/server.hpp>

namespace pool::server {

struct Settings {
  std::string host = "127.0.0.1";
  int port = 5000;
  std::size_t workers = 0;
  std::size_t min = 0, max = 0;
  std::string token;
  std::vector<std::string> allowed_hosts;
  LogLevel log_level = LogLevel::info;
  std::string role = "server";  // or "worker", of a cluster
  std::string gearman;          // job servers, HOST:PORT,…; empty: there is no cluster
};

// What the words say; or what the program is to print, and the status with which it is to end: 0 for --help and
// --version, 2 for what cannot be understood.
struct Reading {
  std::optional<Settings> settings;
  std::string text;
  int status = 0;
};
[[nodiscard]] Reading read_command_line(std::vector<std::string> words);

[[nodiscard]] ServerOptions options_from(const Settings& settings);

}  // namespace pool::server
