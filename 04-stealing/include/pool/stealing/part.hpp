// Part: a closure that is part of a group. It is counted from when it is made until it has run or was dropped, and is
// the content of a cell; or of a unit, where work comes from outside of the pool: that is what a job that waits looks for.
//
// Thread safety: none of its own; the queue hands it from one thread to the next.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <pool/basic/executor.hpp>
#include <pool/basic/user_code.hpp>
#include <pool/basic/work.hpp>
#include <pool/stealing/parts.hpp>

namespace pool::stealing {

template <class F>
class Part {
 public:
  // `here`: see Parts::begin().
  template <class G>
  Part(Parts& of, bool here, G&& closure) : of_(of), closure_(std::forward<G>(closure)) {
    of.begin(here);
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  ~Part() {}  // run() or drop() has destroyed the closure

  // Calls it, unless the group is cancelled, and destroys it. Afterwards the group may be gone.
  Ending run();
  // Destroys it; what that throws, it throws. An empty reason: it was not even queued, and nobody misses it.
  void drop(std::string_view why);

 private:
  Parts& of_;
  union {
    F closure_;
  };
};

template <class F>
Ending Part<F>::run() {
  Parts& of = of_;
  Parts* const outer = std::exchange(Parts::running(), &of);
  const basic::Finally last{[&] {
    Parts::running() = outer;
    of.end();
  }};
  try {
    if (of.cancelled()) return closure_.~F(), Ending::cancelled;
    if (auto error = basic::catching([&] { static_cast<void>(basic::consume(closure_)); })) {
      return of.ended(std::move(error));
    }
    return Ending::completed;
  } catch (const basic::forced_unwind&) {
    of.ended(std::make_exception_ptr(basic::PoolError("pool: the job ended its thread")));
    throw;
  }
}

template <class F>
void Part<F>::drop(std::string_view why) {
  Parts& of = of_;
  const basic::Finally last{[&] { of.end(); }};
  if (!why.empty()) of.dropped(why);
  closure_.~F();
}

// The same as a unit.
template <class F>
class PartOutside final : public Parts::Outside {
 public:
  template <class G>
  PartOutside(Parts& of, G&& closure) : Outside(of), part_(of, false, std::forward<G>(closure)) {}
  Ending run(std::optional<std::size_t>) override {
    unlist();
    return part_.run();
  }
  bool drop(std::string_view why) override {
    unlist();
    return part_.drop(why), true;
  }

 private:
  Part<F> part_;
};

}  // namespace pool::stealing
