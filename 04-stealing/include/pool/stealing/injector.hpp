// Injector: where work from outside waits until a worker claims it. It consists of segments, each with a lock of its
// own. A thread that hands in work always uses the same segment, so its work keeps its order, and threads that hand in
// at the same time use different ones. Each segment has a home, the worker that looks there first.
//
// Thread safety: every member may be called from any thread; the destructor only when nobody else uses the injector.
// Invariants:  (I1) a unit that was pushed is claimed, taken or removed exactly once
//              (I2) of one thread's units of one level, the oldest goes first
//              (I3) a level that has work in some segment has its bit in occupied()
//              (I4) a unit's `place` is its segment's number, counted from one, while it stands in it, else 0; it is
//                   written under that segment's lock
//              (I5) no code of the user runs under a lock
// Memory ordering: what happens before a push is visible to whoever gets the unit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>

namespace pool::stealing {

using priority::kLevels;
using priority::Time;
using priority::Unit;
using priority::UnitList;
using priority::UnitPtr;

class Injector {
 public:
  // Segments for so many workers: the same number for each, and in all at least kFewest.
  explicit Injector(std::size_t workers);

  // Appends all units to the calling thread's segment, each at its level. `enter` is called with each of them before
  // anybody can get it; those for which it says false are left in the list. False: the injector is closed, and all are.
  template <class Enter>
  [[nodiscard]] bool push(UnitList& units, Enter&& enter);

  // From now on push() fails.
  void close();

  // A bit for each level that has work. One load.
  [[nodiscard]] unsigned occupied() const;

  // The oldest units of a level of one segment: a fair share of what is there for one of so many workers, but at most
  // `most`. A worker's homes come first, if so wished, and of these the one after `turn`, where it was served last.
  [[nodiscard]] UnitList claim(std::size_t level, std::size_t worker, std::size_t most, std::size_t shares,
                               std::size_t& turn, bool homes_first = true);

  // Since when the oldest unit of the level has waited, in whichever segment; and that unit, or one as old.
  [[nodiscard]] std::optional<Time> oldest(std::size_t level) const;
  [[nodiscard]] UnitPtr take_oldest(std::size_t level);

  // Takes out a unit that was pushed, wherever it stands. Null if it is not here any more.
  [[nodiscard]] UnitPtr remove(Unit& unit);

  // How much waits in the segments of this home.
  [[nodiscard]] std::size_t size(std::size_t worker) const;

 private:
  static constexpr std::size_t kFewest = 16;
  static constexpr std::int64_t kNobody = INT64_MAX;
  static constexpr unsigned kBits = 12;  // for each level, in occupied_: more than there are segments

  struct alignas(64) Segment {
    sync::mutex mutex;
    sync::cell<std::array<UnitList, kLevels>> levels;  // guarded by mutex
    sync::cell<bool> closed{false};                    // guarded by mutex
    // written with the mutex held, read without:
    std::array<sync::atomic<std::int64_t>, kLevels> heads;  // since when the oldest has waited, or kNobody
    sync::atomic<std::size_t> size{0};
  };

  [[nodiscard]] std::size_t own() const { return sync::thread_number() % count_; }
  static void append(UnitList& level, UnitPtr unit);
  UnitList take(Segment& from, std::size_t level, std::size_t most, std::size_t shares);
  void note(Segment& segment);

  const std::size_t workers_;
  const std::size_t count_;
  const std::unique_ptr<Segment[]> segments_;
  alignas(64) sync::atomic<std::uint64_t> occupied_{0};  // for each level, in how many segments it has work
};

template <class Enter>
bool Injector::push(UnitList& units, Enter&& enter) {
  const std::size_t which = own();
  Segment& segment = segments_[which];
  const auto place = static_cast<std::uint16_t>(which + 1);
  UnitList refused;
  const auto lock = sync::lock_spinning(segment.mutex);  // [hand-over] its end pairs with the beginning of a later one
  if (segment.closed.read()) return false;
  auto& levels = segment.levels.write();
  while (!units.empty()) {
    UnitPtr unit = units.pop_front();
    unit->place.store(place, std::memory_order_relaxed);  // first: whoever cancels it looks there
    UnitList& list = enter(*unit) ? levels[priority::level_of(unit->priority)] : refused;
    append(list, std::move(unit));
  }
  note(segment);
  units.take_all(refused);
  return true;
}

}  // namespace pool::stealing
