// What may be handed in as a whole: any input range of functions.
#pragma once

#include <concepts>
#include <ranges>
#include <type_traits>
#include <utility>

namespace pool::stealing {

// Elements of a container that is given up are moved out of it; those of a view belong to somebody else. (A range of
// yours that owns nothing has to say so: std::ranges::enable_view or enable_borrowed_range.)
template <class R>
inline constexpr bool kGivenUp =
    !std::is_lvalue_reference_v<R> && !std::ranges::borrowed_range<R> && !std::ranges::view<std::remove_cvref_t<R>>;

// What a loop over the range has in its variable, as the range gave it; or to be moved from.
template <class R, class E>
[[nodiscard]] constexpr decltype(auto) element_of(E& element) {
  if constexpr (kGivenUp<R>) {
    return std::move(element);
  } else {
    return static_cast<std::ranges::range_reference_t<R>&&>(element);
  }
}

template <class R>
using ElementOf = std::decay_t<std::ranges::range_reference_t<R>>;

template <class R>
concept BulkRange = std::ranges::input_range<R> && std::invocable<ElementOf<R>>;

}  // namespace pool::stealing
