#include <indexer/printable.hpp>

#include <wchar.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include <indexer/utf8.hpp>

namespace indexer {
namespace {

// Marks that are drawn as nothing, or that reorder the text around them.
bool is_formatting(char32_t code) {
  return code == 0xAD || code == 0x061C || code == 0x180E || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
         (code >= 0xFFF9 && code <= 0xFFFB) || (code >= 0xE0000 && code <= 0xE0FFF);
}

bool is_shown(const Character& c, Encoding encoding) {
  if (!c.valid || c.code < 0x20 || (c.code >= 0x7F && c.code < 0xA0)) return false;
  if (c.code < 0x7F) return true;
  return encoding == Encoding::utf8 && !is_formatting(c.code);
}

std::size_t columns_of(const Character& c) {
  if (c.code < 0x80) return 1;
  const int width = ::wcwidth(static_cast<wchar_t>(c.code));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

template <class... Numbers>
std::string formatted(const char* format, Numbers... numbers) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, numbers...);
  return buffer;
}

}  // namespace

std::string printable(std::string_view bytes, Encoding encoding) {
  std::string shown;
  for (std::size_t i = 0; i < bytes.size();) {
    const Character c = first_character(bytes.substr(i));
    const std::string_view piece = bytes.substr(i, c.length);
    i += c.length;
    if (piece == "\\") {
      shown += "\\\\";
    } else if (piece == "\n") {
      shown += "\\n";
    } else if (piece == "\t") {
      shown += "\\t";
    } else if (is_shown(c, encoding)) {
      shown += piece;
    } else {
      for (const char byte : piece) {
        constexpr char kDigits[] = "0123456789abcdef";
        const auto value = static_cast<unsigned char>(byte);
        shown += {'\\', 'x', kDigits[value >> 4], kDigits[value & 15]};
      }
    }
  }
  return shown;
}

std::size_t columns(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Character c = first_character(text);
    width += columns_of(c);
    text.remove_prefix(c.length);
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t width, Encoding encoding) {
  if (columns(text) <= width) return std::string(text);

  const std::string_view dots = encoding == Encoding::utf8 ? "…" : "...";
  const std::size_t room = width > columns(dots) ? width - columns(dots) : 0;
  if (room == 0) return std::string(width, '.');

  std::vector<std::string_view> characters;
  for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(characters.back().size()))
    characters.push_back(rest.substr(0, first_character(rest).length));

  std::string head, tail;
  std::size_t used = 0;
  const auto takes = [&](std::string_view character, std::size_t limit) {
    const std::size_t more = columns(character);
    if (used + more > limit) return false;
    used += more;
    return true;
  };
  for (auto c = characters.begin(); c != characters.end() && takes(*c, room / 3); ++c) head += *c;
  std::vector<std::string_view> last;  // more of the end than of the beginning: there the file's own name is
  for (auto c = characters.rbegin(); c != characters.rend() && takes(*c, room); ++c) last.push_back(*c);
  for (auto c = last.rbegin(); c != last.rend(); ++c) tail += *c;
  return head + std::string(dots) + tail;
}

std::string fit(std::string_view text, std::size_t width, Encoding encoding) {
  std::string result = shorten(text, width, encoding);
  const std::size_t used = columns(result);
  return used < width ? result + std::string(width - used, ' ') : result;
}

std::string padded_left(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::vector<std::string> wrapped(const std::vector<std::string>& parts, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string part = parts[i] + (i + 1 < parts.size() ? "," : "");
    if (!lines.back().empty() && columns(lines.back()) + 1 + columns(part) > width) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + part;
  }
  return lines;
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

std::string byte_size(std::uint64_t bytes) {
  if (bytes < 1000) return formatted("%d B", static_cast<int>(bytes));
  double size = static_cast<double>(bytes);
  const char* const units[] = {"KB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  for (size /= 1000; size >= 999.95 && unit < 5; ++unit) size /= 1000;
  return formatted("%.1f %s", size, units[unit]);
}

std::string duration(double seconds) {
  if (seconds < 0.00995) return formatted("%.1f ms", seconds * 1e3);
  if (seconds < 0.9995) return formatted("%.0f ms", seconds * 1e3);
  if (seconds < 119.995) return formatted("%.2f s", seconds);
  const auto whole = std::lround(seconds);
  return formatted("%ld min %02ld s", whole / 60, whole % 60);
}

std::string counted(std::uint64_t number, std::string_view noun) {
  std::string text = grouped(number) + " " + std::string(noun);
  if (number == 1) return text;
  if (!noun.ends_with('y')) return text + "s";
  text.back() = 'i';
  return text + "es";
}

}  // namespace indexer
