#include <pool/testing/explorer/names.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>

namespace pool::explorer {
namespace {

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The identifier that ends there.
std::string_view word_before(std::string_view line, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && in_word(line[begin - 1])) --begin;
  return line.substr(begin, end - begin);
}

std::string_view first_word(std::string_view verb) {
  const std::string_view word = verb.substr(0, verb.find_first_of(" :"));
  return word == "waits" || word == "wakes" ? "wait" : word;
}

class Sources {
 public:
  std::string line(const Site& site) {
    if (!site.file || site.line < 1) return "";
    std::vector<std::string>& lines = files_[site.file];
    if (lines.empty()) {
      std::ifstream in(site.file);
      for (std::string text; std::getline(in, text);) lines.push_back(text);
      lines.emplace_back();  // so that a file that cannot be read is not tried again
    }
    const auto at = static_cast<std::size_t>(site.line - 1);
    return at < lines.size() ? lines[at] : "";
  }

 private:
  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace

std::vector<std::string> names_in_line(std::string_view line, std::string_view verb) {
  line = line.substr(0, line.find("//"));
  std::vector<std::string> found;
  const auto add = [&](std::string_view name) {
    if (!name.empty() && std::ranges::find(found, name) == found.end()) found.emplace_back(name);
  };
  const std::string_view call = first_word(verb);
  if (call == "lock" || call == "try_lock" || call == "unlock") {
    for (const std::string_view guard : {"lock_guard", "unique_lock", "scoped_lock"}) {
      const std::size_t at = line.find(guard);
      const std::size_t open = at == std::string_view::npos ? at : line.find_first_of("({", at);
      if (open != std::string_view::npos) add(word_before(line, line.find_first_of(",)}", open)));
    }
    return found;  // the object before ".lock()" may be a guard as well
  }
  for (std::size_t at = 0; (at = line.find(call, at)) != std::string_view::npos; at += call.size()) {
    std::size_t end = at + call.size();
    if (end < line.size() && line[end] == '_') {  // wait_for, compare_exchange_weak
      while (end < line.size() && in_word(line[end])) ++end;
    }
    if (end == line.size() || line[end] != '(') continue;
    const std::string_view before = line.substr(0, at);
    if (before.ends_with('.')) add(word_before(before, at - 1));
    if (before.ends_with("->")) add(word_before(before, at - 2));
  }
  return found;
}

std::vector<std::string> names_in_code(const std::vector<Event>& events, std::size_t objects) {
  Sources sources;
  std::vector<std::vector<std::string>> possible(objects);
  std::vector<bool> seen(objects);
  for (const Event& event : events) {
    const auto here = names_in_line(sources.line(event.site), event.verb);
    if (here.empty()) continue;  // it says nothing
    std::vector<std::string>& names = possible[event.object];
    if (!seen[event.object]) names = here;
    seen[event.object] = true;
    std::erase_if(names, [&](const std::string& name) { return std::ranges::find(here, name) == here.end(); });
  }
  std::map<std::string, int> shared;
  for (const auto& names : possible) shared[names.size() == 1 ? names[0] : ""]++;
  std::map<std::string, int> number;
  std::vector<std::string> result;
  for (const auto& names : possible) {
    result.push_back(names.size() == 1 ? names[0] : "");
    if (shared[result.back()] > 1 && !result.back().empty()) {
      result.back() += '#' + std::to_string(++number[names[0]]);
    }
  }
  return result;
}

}  // namespace pool::explorer
