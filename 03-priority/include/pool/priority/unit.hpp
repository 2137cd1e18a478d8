// Unit: what the queues of this stage and the later ones hold. A piece of work that brings its own link, so that
// queueing it allocates nothing and runs no code of the user.
//
// Thread safety: none of its own; the link belongs to whichever queue the unit is in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <pool/basic/sync.hpp>
#include <pool/basic/work.hpp>
#include <pool/priority/clock.hpp>
#include <pool/priority/priority.hpp>

namespace pool::priority {

// skipped: somebody else has it, to cancel it: see settle().
enum class Ending { completed, failed, cancelled, skipped };

class Unit {
 public:
  Unit() = default;
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  // Calls the work, and destroys the closure. Throws what posted work throws; work that has a future or a job keeps
  // that for itself.
  virtual Ending run(std::optional<std::size_t> worker) = 0;  // whose; none: a thread of the caller's

  // The work will not be run: destroys the closure, and says so to whoever waits. False: somebody else has it, to cancel
  // it: see settle(). Throws what that destructor throws.
  virtual bool drop(std::string_view why) = 0;

  // Called by both, the one who came too late and the one who cancels it when that is done: true for the second of them.
  // Then all that was done to the work is done.
  [[nodiscard]] virtual bool settle() { return true; }

  // Whether nobody wants it any more. Then it need not be queued.
  [[nodiscard]] virtual bool is_over() const { return false; }

  // Gives up one share in the unit.
  virtual void release() noexcept { delete this; }

 protected:
  virtual ~Unit() = default;

 private:
  friend class UnitList;
  Unit* before_ = nullptr;
  Unit* after_ = nullptr;
  const void* in_ = nullptr;  // the list it is in

 public:
  Priority priority = Priority::normal;  // these are set by whoever queues it, and left alone while it is queued
  bool takes_room = true;                // in a queue of limited capacity
  sync::atomic<std::uint8_t> mark{0};    // the queue's own, as are the next three, for what it has to know of a unit
  std::uint16_t place = 0;               // while others hold it, too; a queue may do without
  std::uint64_t position = 0;
  void* at = nullptr;
  Time since{};
};

struct Release {
  void operator()(Unit* unit) const noexcept { unit->release(); }
};
using UnitPtr = std::unique_ptr<Unit, Release>;

// A list of units. It owns one share in each. Every operation is a few assignments.
class UnitList {
 public:
  UnitList() = default;
  UnitList(UnitList&& other) noexcept { swap(other); }
  UnitList& operator=(UnitList&&) = delete;
  ~UnitList() {
    while (!empty()) static_cast<void>(pop_front());
  }

  [[nodiscard]] bool empty() const { return first_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const Unit& front() const { return *first_; }
  [[nodiscard]] const Unit& back() const { return *last_; }
  [[nodiscard]] bool holds(const Unit& unit) const { return unit.in_ == this; }

  void push_back(UnitPtr owned) {
    Unit* const unit = owned.release();
    unit->before_ = last_;
    unit->after_ = nullptr;
    unit->in_ = this;
    (last_ != nullptr ? last_->after_ : first_) = unit;
    last_ = unit;
    ++size_;
  }
  UnitPtr pop_front() { return remove(*first_); }
  UnitPtr remove(Unit& unit) {
    if (&unit == first_) {
      first_ = unit.after_;  // and its before_ stays as it is: of the first unit, nobody reads it
      if (first_ == nullptr) {
        last_ = nullptr;
      } else {
        prefetch(*first_);
      }
    } else {
      unit.before_->after_ = unit.after_;
      (unit.after_ != nullptr ? unit.after_->before_ : last_) = unit.before_;
    }
    unit.in_ = nullptr;
    --size_;
    return UnitPtr(&unit);
  }

  // Appends all of the other list, which is empty then.
  void take_all(UnitList& other) {
    while (!other.empty()) push_back(other.pop_front());
  }

 private:
  void swap(UnitList& other) { take_all(other); }

  // The next one is wanted soon, and another core wrote it last: to ask for it now costs nothing, to wait for it with
  // the lock held costs everybody.
  static void prefetch(const Unit& unit) {
    __builtin_prefetch(&unit, 1);
    __builtin_prefetch(reinterpret_cast<const char*>(&unit) + 64, 1);  // most units take two lines
  }

  Unit* first_ = nullptr;
  Unit* last_ = nullptr;
  std::size_t size_ = 0;
};

// A closure and nothing else.
class Posted : public Unit {
 public:
  explicit Posted(basic::Work work) : work_(std::move(work)) {}
  Ending run(std::optional<std::size_t>) override { return work_(), Ending::completed; }
  bool drop(std::string_view) override { return work_.reset(), true; }

 private:
  basic::Work work_;
};

// A closure that is bound to a future.
template <class B>
class Submitted : public Unit {
 public:
  explicit Submitted(B&& bound) : bound_(std::move(bound)) {}
  auto future() { return bound_.future(); }
  Ending run(std::optional<std::size_t>) override {
    bound_();
    return bound_.threw() ? Ending::failed : Ending::completed;
  }
  bool drop(std::string_view) override {
    if (std::exchange(alive_, false)) bound_.~B();
    return true;
  }

 private:
  ~Submitted() noexcept override {
    try {
      drop({});
    } catch (...) {  // what the closure's destructor throws; the pools call drop(), where somebody hears of it
    }
  }

  union {  // not a member like others: its destructor may throw
    B bound_;
  };
  bool alive_ = true;
};

}  // namespace pool::priority
