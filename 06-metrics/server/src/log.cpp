#include <pool/server/log.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <mutex>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace pool::server {
namespace {

std::string now() {
  const auto time = std::chrono::system_clock::now();
  const std::time_t whole = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
  std::array<char, 8> rest{};
  std::snprintf(rest.data(), rest.size(), ".%03dZ", static_cast<int>(milliseconds));
  return std::string(text.data(), size) + rest.data();
}

std::string_view name_of(LogLevel level) {
  for (const auto& [name, each] : log_levels()) {
    if (each == level) return name;
  }
  return "?";
}

class Told : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit Told(std::function<void(std::string_view line)> to) : to_(std::move(to)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override { to_({line.payload.data(), line.payload.size()}); }
  void flush_() override {}

  const std::function<void(std::string_view line)> to_;
};

}  // namespace

struct Log::Sink {
  std::shared_ptr<spdlog::logger> logger;
};

const std::vector<std::pair<std::string, LogLevel>>& log_levels() {
  static const std::vector<std::pair<std::string, LogLevel>> levels{{"debug", LogLevel::debug},
                                                                    {"info", LogLevel::info},
                                                                    {"warn", LogLevel::warn},
                                                                    {"error", LogLevel::error},
                                                                    {"off", LogLevel::off}};
  return levels;
}

Log::Log(LogLevel least, std::function<void(std::string_view line)> to)
    : least_(least), sink_(std::make_unique<Sink>()) {
  spdlog::sink_ptr sink;
  if (to) {
    sink = std::make_shared<Told>(std::move(to));
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  sink_->logger = std::make_shared<spdlog::logger>("poolcraft", std::move(sink));
  sink_->logger->set_pattern("%v");  // the line is JSON already, and nothing in it is escaped again
  sink_->logger->set_level(spdlog::level::trace);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, const Fields& fields) const {
  if (!wants(level) || level == LogLevel::off) return;
  nlohmann::ordered_json line{{"time", now()}, {"level", name_of(level)}, {"event", event}};
  for (const auto& [name, value] : fields) line[name] = value;
  sink_->logger->log(spdlog::level::info, line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace pool::server
