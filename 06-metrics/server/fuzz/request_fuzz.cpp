// Fuzzes the way of a request: bytes in any pieces, the reader, the guard, the forms, the endpoints. Nothing may crash,
// leak, or take long; every answer has a status, and a body that is JSON where it says so.
//
//   cmake -B build/fuzz -DCMAKE_CXX_COMPILER=clang++ -DPOOL_FUZZ=ON
//   cmake --build build/fuzz --target server_request_fuzz
//   build/fuzz/06-metrics/server/server_request_fuzz -max_len=4096 -timeout=5 06-metrics/server/fuzz/corpus
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include <nlohmann/json.hpp>

#include <pool/server/api.hpp>
#include <pool/server/request_reader.hpp>

namespace {

using namespace pool::server;

// Takes everything and runs nothing: what is looked for is not in the tasks.
class Nowhere : public Executor {
 public:
  std::string submit(Submission submission) override { return "id of " + submission.param; }
  bool wait_idle_for(std::chrono::milliseconds /*timeout*/) override { return true; }
};

struct World {
  World() : pool({.workers = 1}), guard({}), api(pool, with_nowhere(executors), guard) {}
  static Executors& with_nowhere(Executors& executors) {
    executors.add("thread", std::make_unique<Nowhere>());
    return executors;
  }
  pool::metrics::ThreadPool pool;
  Executors executors;
  Guard guard;
  Api api;
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t piece = size == 0 ? 1 : std::size_t{1} + data[0];  // the first byte says in what pieces it comes
  RequestReader reader({.target = 256, .header = 1024, .fields = 20, .body = 512});
  for (std::size_t at = std::min<std::size_t>(1, size); at < size; at += piece) {
    auto state = reader.feed(bytes.substr(at, piece));
    static_cast<void>(reader.wants_continue());
    while (state == RequestReader::State::done) {
      static_cast<void>(reader.keeps_alive());
      const Request request = reader.take();
      require(request.body.size() <= 512 && request.target.size() <= 256);
      if (!Api::may_wait(request)) {
        const Response response = world.api.handle(request);
        require(response.status >= 200 && response.status < 504 && response.status != 500);
        require(response.type != "application/json" || nlohmann::json::accept(response.body));
      }
      state = reader.feed({});
    }
    if (state == RequestReader::State::refused) {
      require(reader.refusal().status >= 400 && nlohmann::json::accept(reader.refusal().body));
      break;
    }
  }
  return 0;
}
