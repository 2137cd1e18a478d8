#include <pool/metrics/trace.hpp>

#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include <pool/basic/user_code.hpp>
#include <pool/metrics/utf8.hpp>
#include <pool/priority/job.hpp>

namespace pool::metrics {

using basic::catching;

struct Trace::Line {
  explicit Line(std::size_t events) : ring(events) {}
  TraceRing ring;
  std::vector<TraceEvent> running = {};  // the worker's own; the innermost last
  std::int64_t parked = 0;               // the same
};

Trace::Trace(std::size_t events, const Clock& clock, std::string thread_name)
    : events_(events),
      clock_(clock),
      thread_name_(std::move(thread_name)),
      begun_(clock.now()),
      sizes_(std::make_unique<TraceRing>(events)) {}

Trace::~Trace() {
  for (auto& line : lines_) delete line.load(std::memory_order_relaxed);
}

std::int64_t Trace::now() const {
  return priority::Duration(clock_.now() - begun_).count();
}

Trace::Line* Trace::line_of(std::size_t worker) noexcept {
  if (worker >= lines_.size()) return nullptr;
  Line* line = lines_[worker].load(std::memory_order_relaxed);
  if (line != nullptr) return line;
  static_cast<void>(catching([&] { line = std::make_unique<Line>(events_).release(); }));
  lines_[worker].store(line, std::memory_order_release);  // [line] pairs with json()
  return line;
}

void Trace::begin(std::size_t worker, Priority priority, const priority::Unit* unit) noexcept {
  Line* const line = line_of(worker);
  if (line == nullptr) return;
  TraceEvent event{.about = static_cast<std::uint32_t>(priority), .begin = now()};
  static_cast<void>(catching([&] {
    const auto* const job = dynamic_cast<const priority::JobCore*>(unit);
    event.set_name(job != nullptr ? job->name() : "work");
  }));
  static_cast<void>(catching([&] { line->running.push_back(event); }));
}

void Trace::end(std::size_t worker) noexcept {
  Line* const line = line_of(worker);
  if (line == nullptr || line->running.empty()) return;
  TraceEvent event = line->running.back();
  line->running.pop_back();
  event.duration = now() - event.begin;
  line->ring.add(event);
}

void Trace::steal(std::size_t thief, std::size_t victim) noexcept {
  Line* const line = line_of(thief);
  if (line == nullptr) return;
  line->ring.add(
      {.kind = TraceEvent::Kind::steal, .about = static_cast<std::uint32_t>(victim), .begin = now(), .name = {}});
}

void Trace::park(std::size_t worker) noexcept {
  if (Line* const line = line_of(worker)) line->parked = now();
}

void Trace::unpark(std::size_t worker) noexcept {
  Line* const line = line_of(worker);
  if (line == nullptr) return;
  line->ring.add({.kind = TraceEvent::Kind::park, .begin = line->parked, .duration = now() - line->parked, .name = {}});
}

void Trace::scaled(std::size_t workers) noexcept {
  sizes_->add(
      {.kind = TraceEvent::Kind::scale, .about = static_cast<std::uint32_t>(workers), .begin = now(), .name = {}});
}

// --- Chrome's format ------------------------------------------------------------------------------------------------
// "Trace Event Format", Google, 2016: X is an event that lasts, i one that does not, C a counter, M says what a thread
// is called.

namespace {

std::string microseconds(std::int64_t ns) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%03lld", static_cast<long long>(ns / 1000),
                static_cast<long long>(ns % 1000));
  return text.data();
}

std::string head(std::string_view name, std::string_view category, char phase, std::size_t thread) {
  return "\n{\"name\":" + json_string(name) + ",\"cat\":\"" + std::string(category) + "\",\"ph\":\"" + phase +
         "\",\"pid\":1,\"tid\":" + std::to_string(thread);
}

}  // namespace

void Trace::add_event(std::string& json, const TraceEvent& event, std::size_t thread) const {
  const std::string about = std::to_string(event.about);
  const std::string at = ",\"ts\":" + microseconds(event.begin);
  const std::string lasts = at + ",\"dur\":" + microseconds(event.duration);
  if (!json.empty()) json += ',';
  switch (event.kind) {
    case TraceEvent::Kind::task:
      json += head(event.name_text(), "task", 'X', thread) + lasts + ",\"args\":{\"priority\":" + about + "}}";
      return;
    case TraceEvent::Kind::park:
      json += head("parked", "park", 'X', thread) + lasts + "}";
      return;
    case TraceEvent::Kind::steal:
      json += head("steal", "steal", 'i', thread) + at + ",\"s\":\"t\",\"args\":{\"from\":" + about + "}}";
      return;
    case TraceEvent::Kind::scale:
      json += head("workers wanted", "scale", 'C', thread) + at + ",\"args\":{\"workers\":" + about + "}}";
      return;
  }
}

void Trace::add_line(std::string& json, const Line& line, std::size_t thread, std::string_view name) const {
  if (!json.empty()) json += ',';
  json += head("thread_name", "__metadata", 'M', thread) + ",\"args\":{\"name\":" + json_string(name) + "}}";
  for (const TraceEvent& event : line.ring.read()) add_event(json, event, thread);
}

std::string Trace::json() const {
  std::string json;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const Line* const line = lines_[i].load(std::memory_order_acquire);  // [line]
    if (line != nullptr) add_line(json, *line, i, basic::thread_name(thread_name_, i));
  }
  for (const TraceEvent& event : sizes_->read()) add_event(json, event, 0);
  return "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[" + json + "\n]}\n";
}

}  // namespace pool::metrics
