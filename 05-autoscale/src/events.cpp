#include <pool/autoscale/events.hpp>

#include <algorithm>

namespace pool::autoscale {

void Events::note(const Event& event) {
  const std::lock_guard lock(mutex_);
  Log& log = log_.write();
  ++log.counts[static_cast<std::size_t>(event.kind)];
  log.ring[log.noted++ % kLog] = event;
}

Events::Seen Events::seen() const {
  Seen seen;
  seen.last.reserve(kLog);
  const std::lock_guard lock(mutex_);
  const Log& log = log_.read();
  for (std::size_t i = log.noted - std::min(log.noted, kLog); i < log.noted; ++i) {
    seen.last.push_back(log.ring[i % kLog]);
  }
  seen.counts = log.counts;
  return seen;
}

std::optional<Event> Events::next_after(std::size_t& many) const {
  const std::lock_guard lock(mutex_);
  const Log& log = log_.read();
  if (many == log.noted) return std::nullopt;
  many = std::max(many, log.noted - std::min(log.noted, kLog));
  return log.ring[many++ % kLog];
}

}  // namespace pool::autoscale
