#include <indexer/terminal.hpp>

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cmath>
#include <cstdlib>

namespace indexer {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::string_view codes(Style style) {
  switch (style) {
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::bar:
      return "\x1b[36m";  // cyan
    case Style::good:
      return "\x1b[32m";  // green
    case Style::bad:
      return "\x1b[31m";  // red
    case Style::plain:
      break;
  }
  return "";
}

}  // namespace

Terminal Terminal::of(int descriptor) {
  Terminal terminal;
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(::nl_langinfo(CODESET)) == "UTF-8") terminal.encoding = Encoding::utf8;
  if (::isatty(descriptor) == 0) return terminal;

  const char* kind = std::getenv("TERM");
  terminal.interactive = true;
  terminal.colour = kind != nullptr && std::string_view(kind) != "dumb" && !is_set("NO_COLOR");
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
  return terminal;
}

std::size_t Terminal::table_width() const {
  return std::clamp<std::size_t>(width, 40, 80);
}

std::string styled(const Terminal& terminal, Style style, std::string_view text) {
  if (!terminal.colour || style == Style::plain || text.empty()) return std::string(text);
  return std::string(codes(style)) + std::string(text) + "\x1b[0m";
}

std::string bar(const Terminal& terminal, double value, double maximum, std::size_t width) {
  if (!(value > 0) || !(maximum > 0)) return {};
  const double cells = std::min(value / maximum, 1.0) * static_cast<double>(width);
  if (terminal.encoding == Encoding::ascii)
    return std::string(static_cast<std::size_t>(std::max(1L, std::lround(cells))), '#');

  constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(std::max(1L, std::lround(cells * 8)));
  std::string drawn;
  for (std::size_t i = 0; i < eighths / 8; ++i) drawn += "█";
  return drawn += kEighths[eighths % 8];
}

}  // namespace indexer
