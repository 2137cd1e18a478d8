#include <pool/stealing/lanes.hpp>

#include <memory>
#include <utility>

namespace pool::stealing {

Lanes::~Lanes() {
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::unique_ptr<Lane> owned(lane(level));
    while (take(level)) {
    }
  }
}

void Lanes::make_room(std::size_t level, std::size_t many) {
  if (Lane* const made = lane(level)) return made->make_room(many);
  lanes_[level].store(new Lane, std::memory_order_release);  // [lane] pairs with lane()
}

void Lanes::push(UnitPtr unit) {
  const std::size_t level = level_of(unit->priority);
  const std::int64_t since = unit->since.time_since_epoch().count();
  lane(level)->push(unit.release(), since);
  note(level, true);  // after it, and taken back only by us, when we have seen that there is nothing: N2
}

void Lanes::note(std::size_t level, bool occupied) {
  if (has(level) == occupied) return;
  occupied_.store(occupied_.load(std::memory_order_relaxed) ^ 1U << level,
                  std::memory_order_release);  // [occupied] pairs with occupied()
}

UnitPtr Lanes::take(std::size_t level) {
  if (!has(level)) return nullptr;
  UnitPtr unit(lane(level)->take());
  if (!unit) note(level, false);
  return unit;
}

UnitPtr Lanes::take_oldest(std::size_t level) {
  if (!has(level)) return nullptr;
  UnitPtr unit;
  Steal outcome = Steal::lost;
  while (outcome == Steal::lost) outcome = steal(level, unit);
  if (!unit) note(level, false);
  return unit;
}

Steal Lanes::steal(std::size_t level, UnitPtr& unit) {
  Lane* const from = lane(level);
  Unit* stolen = nullptr;
  const Steal outcome = from == nullptr ? Steal::empty : from->steal(stolen);
  if (outcome == Steal::ok) unit.reset(stolen);
  return outcome;
}

std::uint64_t Lanes::place(std::size_t level) const {
  const Lane* const of = lane(level);
  return of == nullptr ? 0 : of->place();
}

std::optional<Time> Lanes::oldest(std::size_t level) const {
  const Lane* const of = lane(level);
  const auto since = of == nullptr ? std::nullopt : of->oldest_stamp();
  return since ? std::optional(Time(Time::duration(*since))) : std::nullopt;
}

bool Lanes::full(std::size_t level) const {
  const Lane* const of = lane(level);
  return of != nullptr && of->full();
}

std::size_t Lanes::size(std::size_t level) const {
  const Lane* const of = lane(level);
  return of == nullptr ? 0 : of->size();
}

std::size_t Lanes::size() const {
  std::size_t sum = 0;
  for (std::size_t level = 0; level < kLevels; ++level) sum += size(level);
  return sum;
}

}  // namespace pool::stealing
