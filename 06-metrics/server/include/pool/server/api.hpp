// Api: the endpoints. A request goes in, an answer comes out; no socket is needed to test them.
//
// Thread safety: handle() may be called from several threads. It waits for nothing, but for POST /api/shutdown.
// Invariants:  (A1) a request that is refused has changed nothing
//              (A2) the counts in one answer are of one moment
//              (A3) after a shutdown has begun, nothing is submitted any more
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pool/basic/sync.hpp>
#include <pool/metrics/health.hpp>
#include <pool/metrics/thread_pool.hpp>
#include <pool/server/executor.hpp>
#include <pool/server/form.hpp>
#include <pool/server/guard.hpp>
#include <pool/server/message.hpp>
#include <pool/server/render.hpp>

namespace pool::server {

struct ApiOptions {
  std::chrono::milliseconds drain{30'000};  // that POST /api/shutdown waits for what is queued and running
  std::function<void()> on_shutdown = {};   // when it has: the program may end
};

class Api {
 public:
  Api(metrics::ThreadPool& pool, Executors& executors, const Guard& guard, ApiOptions options = {});

  [[nodiscard]] Response handle(const Request& request);

  // What POST /api/shutdown does: takes nothing any more, waits for what there is, asks what is left to stop, and calls
  // on_shutdown. Again: waits for that, and says the same.
  struct Drained {
    bool all = false;
    std::size_t left = 0;  // tasks that had not ended
  };
  Drained drain();

  // For the HTTP layer: what may take time, and what has to be answered whatever happens.
  [[nodiscard]] static bool may_wait(const Request& request);
  [[nodiscard]] static bool always(const Request& request);

  // All there are, as "GET /api/task/{id}".
  [[nodiscard]] static std::vector<std::string> endpoints();

 private:
  struct Route {
    std::string_view method, path;  // a path that ends in /* takes one more part
    Response (Api::*answer)(const Request& request, std::string_view part);
  };
  static const std::vector<Route>& routes();

  Response dispatch(const Request& request);
  Response page(const Request& request, std::string_view part);
  Response health(const Request& request, std::string_view part);
  Response metrics(const Request& request, std::string_view part);
  Response stats(const Request& request, std::string_view part);
  Response trace(const Request& request, std::string_view part);
  Response types(const Request& request, std::string_view part);
  Response openapi(const Request& request, std::string_view part);
  Response task(const Request& request, std::string_view id);
  Response tasks(const Request& request, std::string_view part);
  Response submit(const Request& request, std::string_view part);
  Response cancel(const Request& request, std::string_view id);
  Response clear(const Request& request, std::string_view part);
  Response shutdown(const Request& request, std::string_view part);
  Response login(const Request& request, std::string_view part);

  [[nodiscard]] Now now() const;
  [[nodiscard]] Submission submission_from(Form form, const std::string& peer) const;

  metrics::ThreadPool& pool_;
  Executors& executors_;
  const Guard& guard_;
  const ApiOptions options_;
  const Now begun_;
  metrics::HealthMonitor monitor_;
  sync::atomic<bool> ending_{false};  // a shutdown has begun
  sync::atomic<int> handing_in_{0};   // so many are about to submit, and may not have seen that
  sync::mutex draining_;              // held by who waits for the end
  std::optional<Drained> drained_;    // guarded by draining_
};

}  // namespace pool::server
