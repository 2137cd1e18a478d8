#include "prompt.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <string>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGlance{50};  // between two looks at the token

// Lines of a descriptor, without ever waiting long. (A std::istream would wait, and know nothing of tokens.)
class Lines {
 public:
  enum class State { line, nothing_yet, end };

  State next(int descriptor, std::string& line) {
    if (take(line)) return State::line;
    pollfd readable{descriptor, POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(kGlance.count())) <= 0) return State::nothing_yet;
    std::array<char, 256> some{};
    const ssize_t got = ::read(descriptor, some.data(), some.size());
    if (got <= 0) return State::end;
    text_.append(some.data(), static_cast<std::size_t>(got));
    return take(line) ? State::line : State::nothing_yet;
  }

 private:
  bool take(std::string& line) {
    const std::size_t end = text_.find('\n');
    if (end == std::string::npos) return false;
    line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return true;
  }

  std::string text_;
};

std::string trimmed(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return {};
  std::string name = line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
  if (name.ends_with('?')) name.pop_back();
  return name;
}

}  // namespace

void ask_typed(std::ostream& out, const Asking& asking, std::chrono::seconds patience) {
  const auto prompt = [&] { out << "who mentions? " << std::flush; };
  Lines lines;
  auto typed = Clock::now();
  std::optional<Clock::time_point> all_indexed;
  prompt();
  while (!asking.token.is_cancelled()) {
    std::string line;
    const auto state = lines.next(STDIN_FILENO, line);
    const auto now = Clock::now();
    if (!all_indexed && asking.indexing.wait_until(now, asking.indexing.size())) all_indexed = now;
    if (state == Lines::State::nothing_yet) {
      if (!all_indexed || now - std::max(typed, *all_indexed) < patience) continue;
      out << "\n(all is indexed, and nobody asks)\n";
      return;
    }
    const std::string name = trimmed(line);
    if (state == Lines::State::end || name.empty()) {
      out << '\n';
      return;
    }
    typed = now;
    const auto job = ask(asking.pool, asking.index, name, {.token = asking.token});
    if (const auto reply = reply_to(name, job)) asking.answered(*reply);
    prompt();
  }
  out << '\n';
}
