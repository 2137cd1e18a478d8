#include <pool/metrics/task_ids.hpp>

#include <array>
#include <random>

namespace pool::metrics {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kLength = 36;
constexpr std::uint64_t kNumbers = (std::uint64_t{1} << 62) - 1;

std::uint64_t random_prefix() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

// The upper half: 48 bits, the version, 12 bits. Of the prefix the lowest four are not used.
std::uint64_t upper(std::uint64_t prefix) {
  return (prefix & ~std::uint64_t{0xffff}) | 0x8000 | ((prefix >> 4) & 0xfff);
}

// The lower half: the variant (binary 10) and 62 bits.
std::uint64_t lower(std::uint64_t number) {
  return (std::uint64_t{1} << 63) | (number & kNumbers);
}

constexpr bool is_dash(std::size_t at) {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

}  // namespace

TaskIds::TaskIds() : TaskIds(random_prefix()) {}
TaskIds::TaskIds(std::uint64_t prefix) : prefix_(upper(prefix)) {}

std::string TaskIds::text(std::uint64_t number) const {
  const std::array<std::uint64_t, 2> halves = {prefix_, lower(number)};
  std::string text(kLength, '-');
  for (std::size_t at = 0, digit = 0; at < kLength; ++at) {
    if (is_dash(at)) continue;
    text[at] = kDigits[halves[digit / 16] >> (60 - digit % 16 * 4) & 0xf];
    ++digit;
  }
  return text;
}

std::optional<std::uint64_t> TaskIds::number(std::string_view text) const {
  if (text.size() != kLength) return std::nullopt;
  std::array<std::uint64_t, 2> halves{};
  for (std::size_t at = 0, digit = 0; at < kLength; ++at) {
    if (is_dash(at)) {
      if (text[at] != '-') return std::nullopt;
      continue;
    }
    const std::size_t value = kDigits.find(text[at]);
    if (value == std::string_view::npos) return std::nullopt;
    halves[digit / 16] = halves[digit / 16] << 4 | value;
    ++digit;
  }
  const std::uint64_t number = halves[1] & kNumbers;
  if (halves[0] != prefix_ || halves[1] != lower(number) || number == 0) return std::nullopt;
  return number;
}

}  // namespace pool::metrics
