#include <pool/stealing/injector.hpp>

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <string>
#include <utility>

namespace pool::stealing {

Injector::Injector(Chunks& chunks, std::size_t workers, std::size_t segments)
    : chunks_(chunks), workers_(workers), shared_(segments), segments_(new sync::atomic<Segment*>[segments + 1]) {
  if (workers == 0 || segments > kSegments) {
    throw std::invalid_argument("injector: " + std::to_string(workers) + " workers and " + std::to_string(segments) +
                                " segments, but it is for one worker or more, and has at most " +
                                std::to_string(kSegments) + " segments");
  }
  for (std::size_t i = 0; i <= segments; ++i) segments_[i].store(nullptr, std::memory_order_relaxed);
}

Injector::~Injector() {
  for (std::size_t i = 0; i < used(); ++i) delete segments_[i].load(std::memory_order_relaxed);
}

Injector::Segment::~Segment() {
  for (auto& stream : streams_) delete stream.load(std::memory_order_relaxed);
}

Stream& Injector::Segment::make(std::size_t level) {
  auto* const stream = new Stream(chunks_);
  streams_[level].store(stream, std::memory_order_seq_cst);      // [stream] pairs with made()
  if (closed_.load(std::memory_order_seq_cst)) stream->close();  // [closing] close() may not have seen it
  return *stream;
}

Injector::Shared::Shared(Injector& injector) : lock_(injector.sharing_), segment_(injector.make(injector.shared_)) {}

Injector::Segment& Injector::make(std::size_t number) {
  if (Segment* const made = segments_[number].load(std::memory_order_relaxed)) return *made;
  auto* const segment = new Segment(chunks_, number, closed_);
  segments_[number].store(segment, std::memory_order_seq_cst);  // [segment] pairs with stream()
  std::size_t used = used_.load(std::memory_order_relaxed);
  while (used <= number &&
         !used_.compare_exchange_weak(used, number + 1, std::memory_order_seq_cst, std::memory_order_relaxed)) {
  }
  return *segment;
}

Stream* Injector::stream(std::size_t number, std::size_t level) const {
  const Segment* const segment = segments_[number].load(std::memory_order_seq_cst);  // [segment]
  return segment != nullptr ? segment->made(level) : nullptr;
}

// First this, then a look at what there is. Who publishes, or makes a stream, does the opposite.
void Injector::close() {
  closed_.store(true, std::memory_order_seq_cst);  // [closing]
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) {
    for (std::size_t level = 0; level < kLevels; ++level) {
      if (Stream* const one = stream(i, level)) one->close();
    }
  }
}

// Whoever lists a stream counts it, whoever unlists it discounts it, a moment later. So the number may be wrong for that
// moment, and a level, that one or a higher one, be missing or seem to have work; when the last of them has counted, it is
// right, and whoever has added something announces it afterwards.
void Injector::list(std::size_t level, int change) {
  const std::uint64_t one = std::uint64_t{1} << level * kBits;
  if (change > 0) occupied_.fetch_add(one, std::memory_order_seq_cst);
  if (change < 0) occupied_.fetch_sub(one, std::memory_order_seq_cst);
}

bool Injector::anything(unsigned levels) const {
  if (levels == 0) return false;
  const std::size_t used = this->used();
  for (; levels != 0; levels &= levels - 1) {
    const auto level = static_cast<std::size_t>(std::countr_zero(levels));
    for (std::size_t i = 0; i < used; ++i) {
      const Stream* const one = stream(i, level);
      if (one != nullptr && !one->empty()) return true;
    }
  }
  return false;
}

Batch Injector::claim(Stream& from, std::size_t level, std::size_t most, std::size_t shares, Duration spread,
                      Time now) {
  int change = 0;
  const Batch batch = from.claim(most, shares, spread, change, now);
  list(level, change);
  return batch;
}

Batch Injector::claim(std::size_t level, std::size_t worker, std::size_t most, std::size_t shares, Duration spread,
                      std::size_t& turn, bool homes_first, Time now) {
  const std::size_t used = this->used();
  for (const bool home : {true, false}) {
    std::size_t which = turn;
    for (std::size_t i = 0; i < used; ++i) {
      if (++which >= used) which = 0;
      if (homes_first && (which % workers_ == worker) != home) continue;
      Stream* const from = stream(which, level);
      if (from == nullptr || (!from->listed() && from->empty())) continue;  // if not, its producer is about to list it
      const Batch batch = claim(*from, level, most, shares, spread, now);
      if (batch.size() == 0) continue;
      turn = which;
      return batch;
    }
    if (!homes_first) break;
  }
  return {};
}

Stream* Injector::oldest_stream(std::size_t level, std::optional<Time>& since) const {
  Stream* oldest = nullptr;
  const std::size_t used = this->used();
  for (std::size_t i = 0; i < used; ++i) {
    Stream* const one = stream(i, level);
    if (one == nullptr || !one->listed()) continue;
    const auto waits_since = one->oldest();
    if (!waits_since || (since && *since <= *waits_since)) continue;
    oldest = one;
    since = waits_since;
  }
  return oldest;
}

std::optional<Time> Injector::oldest(std::size_t level) const {
  std::optional<Time> since;
  static_cast<void>(oldest_stream(level, since));
  return since;
}

Batch Injector::claim_oldest(std::size_t level) {
  for (;;) {
    std::optional<Time> since;
    Stream* const from = oldest_stream(level, since);
    if (from == nullptr) return {};
    const Batch batch = claim(*from, level, 1, 1, Duration::max());
    if (batch.size() != 0) return batch;
  }
}

UnitPtr Injector::remove(Unit& unit) {
  const std::size_t place = unit.place;
  Stream* const from = place == 0 ? nullptr : stream(place - 1, priority::level_of(unit.priority));
  return from != nullptr ? from->remove(unit) : nullptr;
}

// Whoever knows that it is closed finds all that anybody may claim: close() has looked at the end of each stream, which
// brings what was counted before. Whoever does not may miss what is new, unless it happened before.
std::size_t Injector::in() const {
  std::size_t sum = 0;
  const std::size_t used = used_.load(std::memory_order_seq_cst);  // [segment]
  for (std::size_t i = 0; i < used; ++i) {
    if (const Segment* const one = segments_[i].load(std::memory_order_seq_cst)) sum += one->in();
  }
  return sum;
}

std::size_t Injector::size(std::size_t worker) const {
  std::size_t sum = 0;
  const std::size_t used = this->used();
  for (std::size_t i = worker; i < used; i += workers_) {
    for (std::size_t level = 0; level < kLevels; ++level) {
      if (const Stream* const one = stream(i, level)) sum += one->size();
    }
  }
  return sum;
}

}  // namespace pool::stealing
