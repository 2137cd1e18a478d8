// Log: what happens, as JSON lines on stderr: {"time": ..., "level": "warn", "event": "task_failed", ...}. Whatever a
// label or an error says, a line stays one line.
//
// Thread safety: every member may be called from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pool::server {

enum class LogLevel { debug, info, warn, error, off };

[[nodiscard]] const std::vector<std::pair<std::string, LogLevel>>& log_levels();

class Log {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  explicit Log(LogLevel least = LogLevel::info, std::function<void(std::string_view line)> to = {});  // empty: stderr
  ~Log();

  void write(LogLevel level, std::string_view event, const Fields& fields = {}) const;
  [[nodiscard]] bool wants(LogLevel level) const { return level >= least_; }

 private:
  struct Sink;
  const LogLevel least_;
  const std::unique_ptr<Sink> sink_;
};

}  // namespace pool::server
