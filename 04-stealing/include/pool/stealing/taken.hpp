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
  Taken(Cell& cell, priority::Priority level) : priority_(level), cell_(&cell) {}
  Taken(Fork& fork, priority::Priority level) : priority_(level), fork_(&fork) {}
  explicit Taken(UnitPtr unit) : priority_(unit->priority), unit_(std::move(unit)) {}

  explicit operator bool() const { return cell_ != nullptr || unit_ || fork_ != nullptr; }
  [[nodiscard]] priority::Priority priority() const { return priority_; }
  [[nodiscard]] Unit* unit() const { return unit_.get(); }
  [[nodiscard]] Cell* cell() const { return cell_; }
  [[nodiscard]] Fork* fork() const { return fork_; }  // when it has run, it may be gone

  // As Unit::run() and Unit::drop().
  Ending run(std::optional<std::size_t> worker) {
    if (fork_ != nullptr) return fork_->run(), Ending::completed;
    return unit_ ? unit_->run(worker) : cell_->run();
  }
  bool drop(std::string_view why) { return unit_ ? unit_->drop(why) : (cell_->drop(why), true); }
  void release() { unit_ = nullptr; }  // the unit, when that is done

 private:
  priority::Priority priority_ = priority::Priority::normal;
  Cell* cell_ = nullptr;
  Fork* fork_ = nullptr;
  UnitPtr unit_;
};

}  // namespace pool::stealing
