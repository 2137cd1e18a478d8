// Work: what a pool's queue holds. A move-only closure void(), called at most once.
//
// It takes 64 bytes, one cache line. A closure of up to 56 bytes lies inside it; a larger one, one with an unusual
// alignment, or one whose move may throw, lies on the heap.
// Thread safety: none of its own; it is handed from one thread to the next.
// Exceptions: calling it throws what the closure throws. A destructor that throws counts as part of the call; if the
// call threw already, the call's exception wins. Nothing here is noexcept around user code, because a thread that is
// ended from outside unwinds through it (see forced_unwind).
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>

#if defined(__GLIBCXX__)
#include <cxxabi.h>
#endif

namespace pool::basic {

// What a thread unwinds with when it is ended by pthread_exit or pthread_cancel, on GNU systems. Whoever catches it
// must throw it on, or the C library aborts: so `catch (const forced_unwind&) { throw; }` stands before every
// `catch (...)` on a worker's path.
#if defined(__GLIBCXX__)
using forced_unwind = abi::__forced_unwind;
#else
struct forced_unwind {};  // elsewhere such a thread does not unwind
#endif

// Calls f with the arguments, and destroys f on every way out. The result is made before f is gone.
// #region consume
template <class F>
std::invoke_result_t<F> consume(F& f) {
  struct Destroy {
    F& target;
    int exceptions = std::uncaught_exceptions();
    ~Destroy() noexcept(false) {
      if (std::uncaught_exceptions() == exceptions) {
        target.~F();  // if this throws, so does the call
      } else {
        try {
          target.~F();
        } catch (...) {  // the call's own exception is on its way and wins
        }
      }
    }
  } destroy{f};
  return std::invoke(std::move(f));
}
// #endregion consume

template <class F>
bool is_empty_function([[maybe_unused]] const F& f) {
  if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) return f == nullptr;
  return false;
}
template <class Signature>
bool is_empty_function(const std::function<Signature>& f) {
  return !f;
}

// Throws std::invalid_argument if f is an empty std::function or a null pointer: found here, where the mistake is, and
// not later on a worker.
template <class F>
void require_callable(const F& f) {
  if (is_empty_function(f))
    throw std::invalid_argument("pool: the work is an empty function; give it something to call");
}

// A closure on the heap. It moves without moving the closure.
template <class F>
class Boxed {
 public:
  template <class G>
  explicit Boxed(std::in_place_t, G&& g) : closure_(new F(std::forward<G>(g))) {}
  Boxed(Boxed&& other) noexcept : closure_(std::exchange(other.closure_, nullptr)) {}
  Boxed& operator=(Boxed&&) = delete;
  ~Boxed() noexcept(std::is_nothrow_destructible_v<F>) { delete closure_; }  // frees even if ~F throws

  void operator()() { static_cast<void>(std::invoke(std::move(*closure_))); }

 private:
  F* closure_;
};

class Work {
 public:
  Work() = default;  // empty: calling it does nothing

  // Throws std::invalid_argument when f is an empty std::function or a null pointer, std::bad_alloc, and what copying
  // or moving f throws.
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Work> && std::invocable<std::decay_t<F>>)
      Work(F&& f);  // NOLINT(google-explicit-constructor): any closure is work

  Work(Work&& other) noexcept : operations_(std::exchange(other.operations_, nullptr)) {
    if (operations_) operations_->relocate(other.storage_, storage_);
  }
  Work& operator=(Work&& other) noexcept;
  ~Work();

  // Runs the closure and destroys it. Empty afterwards, however it ended.
  void operator()() {
    if (const auto* operations = std::exchange(operations_, nullptr)) operations->consume(storage_);
  }

  // Destroys the closure without running it. Throws what the closure's destructor throws.
  void reset() {
    if (const auto* operations = std::exchange(operations_, nullptr)) operations->destroy(storage_);
  }

  explicit operator bool() const noexcept { return operations_ != nullptr; }

  static constexpr std::size_t kInlineSize = 56;

 private:
  struct Operations {  // what is left of the closure's type: one table for each
    void (*consume)(std::byte* storage);
    void (*destroy)(std::byte* storage);
    void (*relocate)(std::byte* from, std::byte* to);
  };
  template <class F>
  struct Typed;

  alignas(std::max_align_t) std::byte storage_[kInlineSize];  // holds a closure while operations_ is not null
  const Operations* operations_ = nullptr;
};

static_assert(sizeof(Work) == 64);

template <class F>
struct Work::Typed {
  static constexpr bool fits_inline = sizeof(F) <= kInlineSize && alignof(F) <= alignof(std::max_align_t) &&
                                      std::is_nothrow_move_constructible_v<F> && std::is_nothrow_destructible_v<F>;

  static F& in(std::byte* storage) { return *std::launder(reinterpret_cast<F*>(storage)); }
  static void consume(std::byte* storage) { static_cast<void>(basic::consume(in(storage))); }
  static void destroy(std::byte* storage) { in(storage).~F(); }
  static void relocate(std::byte* from, std::byte* to) {
    ::new (static_cast<void*>(to)) F(std::move(in(from)));
    in(from).~F();
  }
  static constexpr Operations operations{consume, destroy, relocate};
};

template <class F>
requires(!std::is_same_v<std::remove_cvref_t<F>, Work> && std::invocable<std::decay_t<F>>) Work::Work(F&& f) {
  using Closure = std::decay_t<F>;
  require_callable<Closure>(f);
  if constexpr (Typed<Closure>::fits_inline) {
    ::new (static_cast<void*>(storage_)) Closure(std::forward<F>(f));
    operations_ = &Typed<Closure>::operations;
  } else {
    ::new (static_cast<void*>(storage_)) Boxed<Closure>(std::in_place, std::forward<F>(f));
    operations_ = &Typed<Boxed<Closure>>::operations;
  }
}

inline Work& Work::operator=(Work&& other) noexcept {
  if (this != &other) {
    Work old(std::move(*this));
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_) operations_->relocate(other.storage_, storage_);
  }
  return *this;
}

inline Work::~Work() {
  try {
    reset();
  } catch (...) {  // nobody is left to tell; the pools call operator() or reset(), where somebody is
  }
}

}  // namespace pool::basic
