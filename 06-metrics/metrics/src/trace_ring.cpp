#include <pool/metrics/trace_ring.hpp>

#include <algorithm>
#include <bit>
#include <cstring>

namespace pool::metrics {

void TraceEvent::set_name(std::string_view text) {
  std::size_t length = std::min(text.size(), kName);
  while (length < text.size() && length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    --length;  // not in the midst of a character
  }
  name = {};
  std::copy_n(text.begin(), length, name.begin());
}

std::string_view TraceEvent::name_text() const {
  return {name.data(), static_cast<std::size_t>(std::find(name.begin(), name.end(), '\0') - name.begin())};
}

TraceRing::Words TraceRing::packed(const TraceEvent& event) {
  Words words{};
  words[0] = std::uint64_t{event.about} << 8 | static_cast<std::uint64_t>(event.kind);
  words[1] = static_cast<std::uint64_t>(event.begin);
  words[2] = static_cast<std::uint64_t>(event.duration);
  std::memcpy(&words[3], event.name.data(), event.name.size());
  return words;
}

TraceEvent TraceRing::unpacked(const Words& words) {
  TraceEvent event;
  event.kind = static_cast<TraceEvent::Kind>(words[0] & 0xff);
  event.about = static_cast<std::uint32_t>(words[0] >> 8);
  event.begin = static_cast<std::int64_t>(words[1]);
  event.duration = static_cast<std::int64_t>(words[2]);
  std::memcpy(event.name.data(), &words[3], event.name.size());
  return event;
}

// Whoever sees a word of event n sees, too, that n were added before it: so a reader knows that what it has read of the
// event that lay there may be torn.
void TraceRing::add(const TraceEvent& event) {
  const std::uint64_t turn = added_.load(std::memory_order_relaxed);
  const Words words = packed(event);
  Place& place = places_[turn % (capacity_ + 1)];
  for (std::size_t i = 0; i < kWords; ++i) place[i].store(words[i], std::memory_order_release);  // [torn] with read()
  added_.store(turn + 1, std::memory_order_release);                                             // [whole] with read()
}

// There is one place more than events are read: in it the next one may be on its way.
std::vector<TraceEvent> TraceRing::read() const {
  const std::uint64_t end = added_.load(std::memory_order_acquire);  // [whole]
  std::vector<TraceEvent> events;
  events.reserve(std::min<std::uint64_t>(end, capacity_));
  for (std::uint64_t turn = end - std::min<std::uint64_t>(end, capacity_); turn < end; ++turn) {
    Words words{};
    const Place& place = places_[turn % (capacity_ + 1)];
    for (std::size_t i = 0; i < kWords; ++i) words[i] = place[i].load(std::memory_order_acquire);  // [torn]
    const bool overwritten = added_.load(std::memory_order_relaxed) >= turn + capacity_ + 1;
    if (!overwritten) events.push_back(unpacked(words));
  }
  return events;
}

}  // namespace pool::metrics
