// Trace: what each worker did lately, and when: the work it ran, what it took from others, when it slept; and when
// another size was wanted. Chrome's format, which https://ui.perfetto.dev and chrome://tracing show.
//
// Thread safety: begin(), end(), steal(), park() and unpark() by the worker they are about, scaled() by one thread at a
// time; json() by any.
// Invariants:  (X1) a worker's memory is bounded: `events` of 64 bytes, and what runs on its stack
//              (X2) nothing here throws: what there is no memory for is not noted
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/sync.hpp>
#include <pool/metrics/trace_ring.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>

namespace pool::metrics {

using priority::Clock;
using priority::Priority;
using priority::Time;

class Trace {
 public:
  Trace(std::size_t events, const Clock& clock, std::string thread_name);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  void begin(std::size_t worker, Priority priority, const priority::Unit* unit) noexcept;
  void end(std::size_t worker) noexcept;
  void steal(std::size_t thief, std::size_t victim) noexcept;
  void park(std::size_t worker) noexcept;
  void unpark(std::size_t worker) noexcept;
  void scaled(std::size_t workers) noexcept;

  // Times are microseconds since the trace was begun. What runs and who sleeps now is not in it yet.
  [[nodiscard]] std::string json() const;

 private:
  struct Line;  // of one thread

  [[nodiscard]] Line* line_of(std::size_t worker) noexcept;
  [[nodiscard]] std::int64_t now() const;
  void add_line(std::string& json, const Line& line, std::size_t thread, std::string_view name) const;
  void add_event(std::string& json, const TraceEvent& event, std::size_t thread) const;

  const std::size_t events_;
  const Clock& clock_;
  const std::string thread_name_;
  const Time begun_;
  std::array<sync::atomic<Line*>, basic::kMaxWorkers> lines_{};  // made when first used
  std::unique_ptr<TraceRing> sizes_;
};

}  // namespace pool::metrics
