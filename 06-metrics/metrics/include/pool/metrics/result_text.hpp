// ResultText: the result of a task as text, for people. Numbers, bools, strings, whatever has operator<<, and ranges,
// pairs and optionals of these; for a type of your own, give it operator<<, or specialise ResultText:
//
//   template <> struct pool::metrics::ResultText<Money> {
//     static std::string text(const Money& money) { return money.to_string(); }
//   };
//
// Thread safety: none of its own; it is called without a lock.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <exception>
#include <optional>
#include <ostream>
#include <ranges>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace pool::metrics {

[[nodiscard]] std::string type_text(const std::type_info& type);        // as a person would write it
[[nodiscard]] std::string error_text(const std::exception_ptr& error);  // what(), or what kind of thing it is

template <class R>
struct ResultText;

template <class R>
[[nodiscard]] std::string text_of(const R& value) {
  return ResultText<R>::text(value);
}

namespace detail {

template <class R>
concept Number = std::is_arithmetic_v<R> && requires(const R& value, char* at) {
  std::to_chars(at, at, value);
};
template <class R>
concept Streamable = requires(std::ostream& out, const R& value) {
  out << value;
};
template <class R>
concept Pair = requires(const R& value) {
  value.first;
  value.second;
};

template <class Range>
std::string list_text(const Range& range) {
  std::string text = "[";
  for (const auto& element : range) {
    if (text.size() > 1) text += ", ";
    text += text_of<std::decay_t<decltype(element)>>(element);
  }
  return text + "]";
}

}  // namespace detail

template <class R>
struct ResultText {
  static std::string text(const R& value) {
    if constexpr (std::same_as<R, bool>) {
      return value ? "true" : "false";
    } else if constexpr (std::same_as<R, char>) {
      return std::string(1, value);
    } else if constexpr (detail::Number<R>) {
      std::array<char, 64> digits{};  // the shortest that gives the same number again
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
      return {digits.data(), end.ptr};
    } else if constexpr (std::convertible_to<const R&, std::string_view>) {
      if constexpr (std::is_pointer_v<R>) {
        if (value == nullptr) return "null";
      }
      return std::string(std::string_view(value));
    } else if constexpr (detail::Streamable<R>) {
      std::ostringstream out;
      out << value;
      return std::move(out).str();
    } else if constexpr (std::ranges::input_range<const R>) {
      return detail::list_text(value);
    } else if constexpr (detail::Pair<R>) {
      return "(" + text_of(value.first) + ", " + text_of(value.second) + ")";
    } else if constexpr (requires { value.has_value(), *value; }) {
      return value.has_value() ? text_of(*value) : "none";
    } else {
      return "(a value of type " + type_text(typeid(R)) + ")";
    }
  }
};

}  // namespace pool::metrics
