// Taken: a piece of work that somebody has taken out of its queue, to run it or to drop it: a unit, or a closure in its
// cell; or to run it: a fork.
//
// Thread safety: none of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <pool/priority/priority.hpp>
#include <pool/priority/unit.hpp>
#include <pool/stealing/cell.hpp>
#include <pool/stealing/fork.hpp>

namespace pool::stealing {

class Taken {
 public:
  Taken() = default;  // nothing
  Taken(Cell& cell, priority::Priority level) : what_(&cell), tag_(tag(Kind::cell, level)) {}
  Taken(Fork& fork, priority::Priority level) : what_(&fork), tag_(tag(Kind::fork, level)) {}
  explicit Taken(UnitPtr unit) : tag_(tag(Kind::unit, unit->priority)) { what_ = unit.release(); }
  Taken(Taken&& other) noexcept : what_(std::exchange(other.what_, nullptr)), tag_(other.tag_) {}
  Taken& operator=(Taken&& other) noexcept {
    release();
    what_ = std::exchange(other.what_, nullptr);
    tag_ = other.tag_;
    return *this;
  }
  ~Taken() { release(); }

  explicit operator bool() const { return what_ != nullptr; }
  [[nodiscard]] priority::Priority priority() const { return static_cast<priority::Priority>(tag_ % kKind); }
  [[nodiscard]] Unit* unit() const { return static_cast<Unit*>(is(Kind::unit)); }
  [[nodiscard]] Cell* cell() const { return static_cast<Cell*>(is(Kind::cell)); }
  [[nodiscard]] Fork* fork() const { return static_cast<Fork*>(is(Kind::fork)); }  // when it has run, it may be gone

  // As Unit::run() and Unit::drop().
  Ending run(std::optional<std::size_t> worker) {
    if (Cell* const closure = cell()) return closure->run();
    if (Unit* const one = unit()) return one->run(worker);
    return fork()->run(), Ending::completed;
  }
  bool drop(std::string_view why) {
    if (Unit* const one = unit()) return one->drop(why);
    return cell()->drop(why), true;
  }
  void release() {  // the unit, when that is done
    if (Unit* const one = unit()) what_ = nullptr, one->release();
  }

 private:
  enum class Kind : unsigned { cell, fork, unit };
  static constexpr unsigned kKind = 8;
  static_assert(priority::kLevels <= kKind);
  static constexpr unsigned tag(Kind kind, priority::Priority level) {
    return kKind * static_cast<unsigned>(kind) + static_cast<unsigned>(level);
  }
  [[nodiscard]] void* is(Kind kind) const { return tag_ / kKind == static_cast<unsigned>(kind) ? what_ : nullptr; }

  // In two words of different sizes: neighbours of one size are copied as one, and to read as one what was just written
  // as two takes until both have reached the cache. This is done for each job.
  void* what_ = nullptr;
  unsigned tag_ = 0;  // the kind and the level
};

}  // namespace pool::stealing
