#include <pool/stealing/lanes.hpp>

namespace pool::stealing {

Lanes::~Lanes() {
  for (auto& lane : lanes_) delete lane.load(std::memory_order_relaxed);
}

void Lanes::make_room(std::size_t level, std::size_t many) {
  if (Lane* const made = lane(level)) return made->make_room(many);
  made_ |= 1U << level;
  lanes_[level].store(new Lane, std::memory_order_seq_cst);  // [lane] pairs with lane()
}

Steal Lanes::steal(std::size_t level, Cell*& cell) {
  Lane* const from = lane(level);
  return from == nullptr ? Steal::empty : from->steal(cell);
}

Steal Lanes::steal_part_of(const void* whole, std::size_t level, Cell*& cell) {
  Lane* const from = lane(level);
  return from == nullptr ? Steal::empty : from->steal_part_of(whole, cell);
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

std::size_t Lanes::size() const {
  std::size_t sum = 0;
  for (std::size_t level = 0; level < kLevels; ++level) sum += size(level);
  return sum;
}

}  // namespace pool::stealing
