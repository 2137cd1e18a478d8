#include <pool/testing/explorer/names.hpp>
#include <pool/testing/explorer/timeline.hpp>

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>
#include <string_view>

namespace pool::explorer {

std::string to_text(const Site& site) {
  const std::string_view path = site.file ? site.file : "";
  if (path.empty() || path.find("/include/c++/") != std::string_view::npos) return "";  // inside std::lock_guard, say
  return std::string(path.substr(path.rfind('/') + 1)) + ':' + std::to_string(site.line);
}

std::string to_text(const Shown& shown) {
  switch (shown.kind) {
    case Shown::Kind::nothing:
      return "";
    case Shown::Kind::number:
      return std::to_string(shown.value);
    case Shown::Kind::truth:
      return shown.value != 0 ? "true" : "false";
    case Shown::Kind::pointer:
      return shown.value != 0 ? "a pointer" : "null";
    case Shown::Kind::other:
      break;
  }
  return "…";
}

std::size_t Timeline::add_object(const char* kind) {
  kinds_.push_back(kind);
  given_.emplace_back();
  return kinds_.size() - 1;
}

std::vector<std::string> Timeline::names() const {
  std::vector<std::string> names = names_in_code(events_, kinds_.size());
  for (std::size_t object = 1; object < names.size(); ++object) {
    if (!given_[object].empty()) {
      names[object] = given_[object];
    } else if (names[object].empty()) {
      const auto end = kinds_.begin() + static_cast<std::ptrdiff_t>(object) + 1;
      const std::string_view kind = kinds_[object];
      names[object] = std::string(kind) + '#' + std::to_string(std::count(kinds_.begin(), end, kind));
    }
  }
  return names;
}

std::string Timeline::name(std::size_t object) const {
  return names()[object];
}

// "fetch_add(relaxed) atomic#1: 3 -> 4"
std::string Timeline::describe(const Event& event, const std::vector<std::string>& names) {
  std::string text = std::string(event.verb) + event.order;
  if (event.object != 0) text += ' ' + names[event.object];
  if (event.was.kind != Shown::Kind::nothing) text += ": " + to_text(event.was);
  if (event.becomes.kind != Shown::Kind::nothing) text += " -> " + to_text(event.becomes);
  return text + event.note;
}

namespace {

// Columns that UTF-8 text takes; the only characters beyond ASCII here are one column wide.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string Timeline::table(ThreadId threads) const {
  std::vector<std::string> cells;
  std::array<std::size_t, kMaxThreads> widths{};
  const std::vector<std::string> called = names();
  for (ThreadId t = 0; t < threads; ++t) widths[t] = 8;
  for (const Event& event : events_) {
    cells.push_back(describe(event, called));
    widths[event.thread] = std::max(widths[event.thread], columns(cells.back()));
  }

  std::ostringstream out;
  const auto row = [&](const std::string& step, ThreadId only, const auto& cell, const std::string& site) {
    std::ostringstream line;
    line << std::setw(5) << step;
    for (ThreadId t = 0; t < threads; ++t) {
      const std::string text = only == t || only == kNobody ? cell(t) : "";
      line << " | " << text << std::string(widths[t] - columns(text), ' ');
    }
    line << " | " << site;
    std::string text = line.str();
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  };
  row(
      "step", kNobody, [](ThreadId t) { return t == 0 ? std::string("body") : "thread " + std::to_string(t); },
      "where");
  for (std::size_t i = 0; i < events_.size(); ++i) {
    row(
        std::to_string(i + 1), events_[i].thread, [&](ThreadId) { return cells[i]; }, to_text(events_[i].site));
  }
  return out.str();
}

}  // namespace pool::explorer
