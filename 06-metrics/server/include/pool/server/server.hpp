// Server: a pool that can be watched and used over the network. The parts, put together.
//
//   Server server({.http = {.port = 5000}, .pool = {.min_workers = 2, .max_workers = 8}}, log);
//   server.drain();
//
// Thread safety: every member may be called from any thread.
// Fork, static destruction: as the pool and HttpServer; destroy it before main() returns.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <pool/metrics/thread_pool.hpp>
#include <pool/server/api.hpp>
#include <pool/server/executor.hpp>
#include <pool/server/guard.hpp>
#include <pool/server/http_server.hpp>
#include <pool/server/log.hpp>

namespace pool::server {

struct ServerOptions {
  HttpOptions http = {};       // its functions are set by the server
  GuardOptions guard = {};     // its host is set by the server
  metrics::Options pool = {};  // capacity 0: 10000; a queue that is full refuses
  ApiOptions api = {};
  // Adds to `thread` what else runs tasks: `process`, `cluster`.
  std::function<void(Executors& executors, metrics::ThreadPool& pool)> add_executors = {};
};

class Server {
 public:
  // Throws what the pool, the guard and HttpServer throw: std::invalid_argument and std::runtime_error, which say what
  // was wrong.
  Server(ServerOptions options, const Log& log);
  ~Server();

  [[nodiscard]] std::uint16_t port() const { return http_.port(); }
  [[nodiscard]] metrics::ThreadPool& pool() { return pool_; }
  [[nodiscard]] Api& api() { return api_; }

  // Takes no more tasks, lets those there are come to their ends, then no more requests. Says what was left.
  Api::Drained drain();

 private:
  const Log& log_;
  Guard guard_;
  metrics::ThreadPool pool_;
  Executors executors_;
  Api api_;
  HttpServer http_;
};

}  // namespace pool::server
