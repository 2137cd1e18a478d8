// thread as the explorer has it: a fiber that runs when the exploration says so. The end of a thread that nobody
// joined is found, so detach() is refused.
//
// Memory ordering: what happens before the start is visible to the thread; what it did, to whoever joins it.
#pragma once

#include <pool/testing/explorer/execution.hpp>

#include <array>
#include <compare>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pool::sync {

class thread {
 public:
  class id {
   public:
    id() = default;
    explicit id(explorer::ThreadId number) : number_(number) {}
    auto operator<=>(const id&) const = default;

   private:
    explorer::ThreadId number_ = explorer::kNobody;
  };

  thread() = default;

  template <class F, class... Args>
  requires(!std::is_same_v<std::remove_cvref_t<F>, thread>) explicit thread(F&& f, Args&&... args) {
    using Call = std::tuple<std::decay_t<F>, std::decay_t<Args>...>;
    auto call = std::make_shared<Call>(std::forward<F>(f), std::forward<Args>(args)...);
    number_ = explorer::Execution::running().start(
        [call = std::move(call)]() mutable {
          Call mine = std::move(*call);  // so that it is destroyed at the end of the thread
          call.reset();
          std::apply([](auto&&... parts) { std::invoke(std::move(parts)...); }, mine);
        },
        {});
  }

  thread(thread&& other) noexcept : number_(std::exchange(other.number_, explorer::kNobody)) {}
  thread& operator=(thread&& other) noexcept {
    abandon();
    number_ = std::exchange(other.number_, explorer::kNobody);
    return *this;
  }
  ~thread() { abandon(); }

  [[nodiscard]] bool joinable() const { return number_ != explorer::kNobody; }
  [[nodiscard]] id get_id() const { return id(number_); }
  [[nodiscard]] static unsigned int hardware_concurrency() { return 2; }

  void join(explorer::Site site = explorer::Site::here()) {
    auto& execution = explorer::Execution::running();
    if (!joinable()) execution.fail(explorer::Verdict::misuse, "join() of a thread that is not joinable");
    execution.join(std::exchange(number_, explorer::kNobody), site);
  }

  void detach() { abandon(); }

 private:
  void abandon() {
    auto* execution = explorer::Execution::active();
    if (!joinable() || !execution) return;
    execution->fail(explorer::Verdict::leaked_thread, explorer::thread_name(number_) + " is let go without join()");
  }

  explorer::ThreadId number_ = explorer::kNobody;
};

namespace this_thread {

inline thread::id get_id() {
  return thread::id(explorer::Execution::running().me());
}

// Lets others go first. A loop that waits for another thread calls it, or the exploration is long.
inline void yield(explorer::Site site = explorer::Site::here()) {
  explorer::Execution::running().yield(site);
}

}  // namespace this_thread

template <class T>
T*& thread_slot() {
  static std::array<T*, explorer::kMaxThreads> slots;
  static std::uint64_t owner = 0;  // the execution they belong to
  auto& execution = explorer::Execution::running();
  if (std::exchange(owner, execution.id()) != execution.id()) slots = {};
  return slots[execution.me()];
}

inline constexpr std::size_t kNoNumber = SIZE_MAX;
inline std::size_t thread_number() {
  return explorer::Execution::running().me();
}

}  // namespace pool::sync
