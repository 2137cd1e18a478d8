#include <pool/stealing/injector.hpp>

#include <algorithm>

namespace pool::stealing {

static_assert(kLevels * 12 <= 64);

Injector::Injector(std::size_t workers)
    : workers_(workers), count_(workers * ((kFewest + workers - 1) / workers)), segments_(new Segment[count_]) {
  for (std::size_t i = 0; i < count_; ++i) {
    for (auto& head : segments_[i].heads) head.store(kNobody, std::memory_order_relaxed);
  }
}

void Injector::append(UnitList& level, UnitPtr unit) {
  if (!level.empty()) unit->since = std::max(unit->since, level.back().since);  // it may have waited for room
  level.push_back(std::move(unit));
}

void Injector::note(Segment& segment) {
  std::size_t size = 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const UnitList& list = segment.levels.read()[level];
    size += list.size();
    const std::int64_t head = list.empty() ? kNobody : list.front().since.time_since_epoch().count();
    const std::int64_t before = segment.heads[level].load(std::memory_order_relaxed);
    if (head == before) continue;
    segment.heads[level].store(head, std::memory_order_release);
    const std::uint64_t one = std::uint64_t{1} << level * kBits;
    if (before == kNobody) occupied_.fetch_add(one, std::memory_order_release);  // [filled] pairs with occupied()
    if (head == kNobody) occupied_.fetch_sub(one, std::memory_order_release);
  }
  segment.size.store(size, std::memory_order_relaxed);
}

unsigned Injector::occupied() const {
  unsigned mask = 0;
  std::uint64_t counts = occupied_.load(std::memory_order_acquire);  // [filled]
  for (unsigned level = 0; counts != 0; ++level, counts >>= kBits) {
    if ((counts & ((1U << kBits) - 1)) != 0) mask |= 1U << level;
  }
  return mask;
}

void Injector::close() {
  for (std::size_t i = 0; i < count_; ++i) {
    const std::lock_guard lock(segments_[i].mutex);
    segments_[i].closed.write() = true;
  }
}

UnitList Injector::claim(std::size_t level, std::size_t worker, std::size_t most, std::size_t shares, std::size_t& turn,
                         bool homes_first) {
  for (const bool home : {true, false}) {
    for (std::size_t i = 1; i <= count_; ++i) {
      const std::size_t which = (turn + i) % count_;
      if (homes_first && (which % workers_ == worker) != home) continue;
      if (segments_[which].heads[level].load(std::memory_order_acquire) == kNobody) continue;
      UnitList claimed = take(segments_[which], level, most, shares);
      if (claimed.empty()) continue;
      turn = which;
      return claimed;
    }
  }
  return {};
}

UnitList Injector::take(Segment& from, std::size_t level, std::size_t most, std::size_t shares) {
  UnitList taken;
  const auto lock = sync::lock_spinning(from.mutex);  // [hand-over]
  UnitList& list = from.levels.write()[level];
  const std::size_t share = std::min(most, (list.size() + shares - 1) / shares);
  while (taken.size() < share) {
    UnitPtr unit = list.pop_front();
    unit->place.store(0, std::memory_order_relaxed);
    taken.push_back(std::move(unit));
  }
  note(from);
  return taken;
}

std::optional<Time> Injector::oldest(std::size_t level) const {
  std::int64_t oldest = kNobody;
  for (std::size_t i = 0; i < count_; ++i) {
    oldest = std::min(oldest, segments_[i].heads[level].load(std::memory_order_acquire));
  }
  return oldest == kNobody ? std::nullopt : std::optional(Time(Time::duration(oldest)));
}

UnitPtr Injector::take_oldest(std::size_t level) {
  for (;;) {
    Segment* from = nullptr;
    std::int64_t oldest = kNobody;
    for (std::size_t i = 0; i < count_; ++i) {
      const std::int64_t head = segments_[i].heads[level].load(std::memory_order_acquire);
      if (head >= oldest) continue;
      from = &segments_[i];
      oldest = head;
    }
    if (from == nullptr) return nullptr;
    UnitList taken = take(*from, level, 1, 1);
    if (!taken.empty()) return taken.pop_front();
  }
}

UnitPtr Injector::remove(Unit& unit) {
  const std::size_t place = unit.place.load(std::memory_order_relaxed);
  if (place == 0) return nullptr;
  Segment& segment = segments_[place - 1];
  const auto lock = sync::lock_spinning(segment.mutex);
  if (unit.place.load(std::memory_order_relaxed) != place) return nullptr;  // claimed meanwhile
  unit.place.store(0, std::memory_order_relaxed);
  UnitPtr removed = segment.levels.write()[priority::level_of(unit.priority)].remove(unit);
  note(segment);
  return removed;
}

std::size_t Injector::size(std::size_t worker) const {
  std::size_t sum = 0;
  for (std::size_t i = worker; i < count_; i += workers_) sum += segments_[i].size.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace pool::stealing
