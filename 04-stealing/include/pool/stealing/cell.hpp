// Cell: what the queues of this stage hold: a piece of work in 64 bytes, made in its place, and run there. It never
// moves, so passing it on runs no code of the user.
//
// It holds a closure, a closure that is bound to a future, or a unit. A closure of up to 48 bytes lies inside it, a
// larger one on the heap.
// Thread safety: none of its own; the queue hands it from one thread to the next.
// Exceptions: fill() throws what making the content throws, and the cell is empty then; run() and drop() throw what the
// closure and its destructor throw, and empty it in any case.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/basic/sync.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/priority/unit.hpp>

namespace pool::stealing {

using priority::Ending;
using priority::Unit;
using priority::UnitPtr;

class Chunk;

// A content that says itself how it ended, and wants to be told when it will not be run. It is part of what runs already,
// and takes no room.
template <class Content>
concept Ends = requires(Content& content, std::string_view why) {
  { content.run() } -> std::same_as<Ending>;
  content.drop(why);
};

class alignas(64) Cell {
 public:
  static constexpr std::size_t kInlineSize = 48;

  Cell() = default;
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  // Puts in what `make` gives: a closure void(), or a Bound. It is made in its place.
  template <class Make>
  void fill(Make&& make);
  void hold(UnitPtr unit) {
    ::new (static_cast<void*>(storage_)) Unit*(unit.release());
    operations_.write() = &kUnit;
  }

  [[nodiscard]] Chunk& chunk();  // that it lies in
  [[nodiscard]] bool empty() const { return operations_.read() == nullptr; }

  // The unit that it holds; null if it holds something else. take_unit() hands it over.
  [[nodiscard]] Unit* unit() const { return operations_.read() == &kUnit ? held_unit(storage_) : nullptr; }
  [[nodiscard]] UnitPtr take_unit() {
    operations_.write() = nullptr;
    return UnitPtr(held_unit(storage_));
  }

  // Of a closure: runs it, or does not, and destroys it. An empty reason: it was never queued.
  Ending run() { return std::exchange(operations_.write(), nullptr)->run(storage_); }
  void drop(std::string_view why = {}) { std::exchange(operations_.write(), nullptr)->drop(storage_, why); }
  // Whether it takes room in a queue of limited capacity; of a closure.
  [[nodiscard]] bool takes_room() const { return operations_.read()->takes_room; }

 private:
  friend class Chunk;

  struct Operations {  // what is left of the content's type: one table for each
    Ending (*run)(std::byte* storage);
    void (*drop)(std::byte* storage, std::string_view why);
    bool takes_room;
  };
  template <class Content>
  struct Typed;
  static const Operations kUnit;

  static Unit* held_unit(const std::byte* storage) { return *std::launder(reinterpret_cast<Unit* const*>(storage)); }

  template <class F>
  static Ending perform(F& closure) {
    if constexpr (Ends<F>) {
      const basic::Finally gone{[&] { std::destroy_at(&closure); }};
      return closure.run();
    } else {
      static_cast<void>(basic::consume(closure));
      return Ending::completed;
    }
  }
  template <class F>
  static Ending perform(basic::Bound<F>& bound) {
    const basic::Finally gone{[&] { std::destroy_at(&bound); }};
    bound();
    return bound.threw() ? Ending::failed : Ending::completed;
  }

  alignas(std::max_align_t) std::byte storage_[kInlineSize];  // holds the content while there are operations
  std::uint32_t index_ = 0;                                   // in its chunk

 public:
  std::uint32_t stamp = 0;  // for the queue that it is in

 private:
  sync::cell<const Operations*> operations_{nullptr};
};

template <class Content>
struct Cell::Typed {
  static constexpr bool fits_inline = sizeof(Content) <= kInlineSize && alignof(Content) <= alignof(std::max_align_t);

  struct Free {  // the memory of a content that is gone
    void* memory;
    ~Free() { ::operator delete(memory, std::align_val_t(alignof(Content))); }
  };
  static Content*& boxed(std::byte* storage) { return *std::launder(reinterpret_cast<Content**>(storage)); }

  template <class Make>
  static void fill(std::byte* storage, Make&& make) {
    if constexpr (fits_inline) {
      ::new (static_cast<void*>(storage)) Content(std::forward<Make>(make)());
    } else {
      void* const memory = ::operator new(sizeof(Content), std::align_val_t(alignof(Content)));
      bool made = false;
      const basic::Finally undone{[&] {
        if (!made) ::operator delete(memory, std::align_val_t(alignof(Content)));
      }};
      auto* const content = ::new (memory) Content(std::forward<Make>(make)());
      made = true;
      ::new (static_cast<void*>(storage)) Content*(content);
    }
  }
  static Ending run(std::byte* storage) {
    if constexpr (fits_inline) return perform(*std::launder(reinterpret_cast<Content*>(storage)));
    Content* const content = boxed(storage);
    const Free memory{content};
    return perform(*content);
  }
  static void drop(std::byte* storage, std::string_view why) {
    if constexpr (fits_inline) return destroy(*std::launder(reinterpret_cast<Content*>(storage)), why);
    Content* const content = boxed(storage);
    const Free memory{content};
    destroy(*content, why);
  }
  static void destroy(Content& content, [[maybe_unused]] std::string_view why) {
    if constexpr (Ends<Content>) content.drop(why);
    content.~Content();
  }
  static constexpr Operations operations{run, drop, !Ends<Content>};
};

inline constexpr Cell::Operations Cell::kUnit{
    [](std::byte* storage) { return UnitPtr(held_unit(storage))->run(std::nullopt); },
    [](std::byte* storage, std::string_view) { held_unit(storage)->release(); }, true};

template <class Make>
void Cell::fill(Make&& make) {
  using Content = std::invoke_result_t<Make>;
  Typed<Content>::fill(storage_, std::forward<Make>(make));
  operations_.write() = &Typed<Content>::operations;
}

}  // namespace pool::stealing
