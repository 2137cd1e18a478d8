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
  const auto same =
      std::count_if(kinds_.begin(), kinds_.end(), [&](const char* k) { return std::string_view(k) == kind; });
  kinds_.push_back(kind);
  names_.push_back(kind + ('#' + std::to_string(same + 1)));
  return names_.size() - 1;
}

// "fetch_add(relaxed) atomic#1: 3 -> 4"
std::string Timeline::describe(const Event& event) const {
  std::string text = std::string(event.verb) + event.order;
  if (event.object != 0) text += ' ' + names_[event.object];
  if (event.was.kind != Shown::Kind::nothing) text += ": " + to_text(event.was);
  if (event.becomes.kind != Shown::Kind::nothing) text += " -> " + to_text(event.becomes);
  return text + event.note;
}

std::string Timeline::table(ThreadId threads) const {
  std::vector<std::string> cells;
  std::array<std::size_t, kMaxThreads> widths{};
  for (ThreadId t = 0; t < threads; ++t) widths[t] = 8;
  for (const Event& event : events_) {
    cells.push_back(describe(event));
    widths[event.thread] = std::max(widths[event.thread], cells.back().size());
  }

  std::ostringstream out;
  const auto row = [&](const std::string& step, ThreadId only, const auto& cell, const std::string& site) {
    std::ostringstream line;
    line << std::setw(5) << step;
    for (ThreadId t = 0; t < threads; ++t) {
      line << " | " << std::left << std::setw(static_cast<int>(widths[t]))
           << (only == t || only == kNobody ? cell(t) : "");
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
