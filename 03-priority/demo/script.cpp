#include "script.hpp"

#include <chrono>

namespace {

constexpr std::chrono::microseconds kLate{300};

}  // namespace

void ask_script(const std::vector<std::string>& names, const Asking& asking) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t due = asking.indexing.size() * (i + 1) / names.size();
    while (!asking.indexing.wait_until(std::chrono::steady_clock::now() + asking.progress.interval(), due))
      asking.progress.show();
    // A question that came the moment a job ends would find a worker free. People are not that punctual.
    if (asking.token.wait(kLate)) return;
    const auto job = ask(asking.pool, asking.index, names[i], {.token = asking.token});
    if (const auto reply = reply_to(names[i], job)) asking.answered(*reply);
  }
}
