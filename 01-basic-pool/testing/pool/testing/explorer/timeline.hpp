// Timeline: what the threads of one execution did, step by step, as a table with a column for each thread.
//
// It is recorded in every execution, so an event is a few numbers and texts that live as long as the program; words
// are made of it only when something failed.
#pragma once

#include <pool/testing/explorer/clock.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace pool::explorer {

// The place of a call. As a default argument it is where the caller stands. (clang 14 has no std::source_location.)
struct Site {
  const char* file = nullptr;
  int line = 0;
  static constexpr Site here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
};
std::string to_text(const Site& site);  // "channel.hpp:56"; empty inside the standard library

// A value as a timeline can show it. Addresses differ from run to run, so of a pointer it says only whether it is null.
struct Shown {
  enum class Kind { nothing, number, truth, pointer, other } kind = Kind::nothing;
  long long value = 0;

  Shown() = default;
  template <class T>
  explicit Shown(const T& v) {
    if constexpr (std::is_same_v<T, bool>) {
      kind = Kind::truth;
      value = v ? 1 : 0;
    } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      kind = Kind::number;
      value = static_cast<long long>(v);
    } else if constexpr (std::is_pointer_v<T>) {
      kind = Kind::pointer;
      value = v ? 1 : 0;
    } else {
      kind = Kind::other;
    }
  }
};
std::string to_text(const Shown& shown);

struct Event {
  const char* verb;        // "load"
  const char* order = "";  // "(acquire)"
  std::size_t object = 0;  // its number in the execution; 0: none
  Shown was{};             // read
  Shown becomes{};         // written
  const char* note = "";
  Site site{};
  ThreadId thread = kNobody;
};

class Timeline {
 public:
  std::size_t add_object(const char* kind);  // "mutex" becomes "mutex#2", if its name is not found
  void rename(std::size_t object, std::string name) { given_[object] = std::move(name); }
  [[nodiscard]] std::string name(std::size_t object) const;

  void add(const Event& event) { events_.push_back(event); }
  [[nodiscard]] std::size_t size() const { return events_.size(); }
  [[nodiscard]] std::string table(ThreadId threads) const;

 private:
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] static std::string describe(const Event& event, const std::vector<std::string>& names);

  std::vector<Event> events_;
  std::vector<std::string> given_{""};  // by rename(); or empty
  std::vector<const char*> kinds_{""};
};

}  // namespace pool::explorer
