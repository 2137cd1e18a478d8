// JsonChecker: whether a text is one JSON value and a newline (RFC 8259). It trusts the text to be UTF-8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

class JsonChecker {
 public:
  static bool accepts(std::string_view text) {
    JsonChecker checker{text};
    return checker.value() && checker.rest_ == "\n";
  }

 private:
  explicit JsonChecker(std::string_view text) : rest_(text) {}

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  std::size_t digits() {
    const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(count);
    return count;
  }
  bool number() {
    take("-");
    if (!take("0") && digits() == 0) return false;
    if (take(".") && digits() == 0) return false;
    if (!take("e") && !take("E")) return true;
    if (!take("+")) take("-");
    return digits() > 0;
  }
  bool text() {
    if (!take("\"")) return false;
    while (!rest_.empty() && rest_.front() != '"') {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\' || rest_.empty()) continue;
      const bool code = rest_.front() == 'u';
      if (std::string_view("\"\\/bfnrtu").find(rest_.front()) == std::string_view::npos) return false;
      rest_.remove_prefix(1);
      if (!code) continue;
      if (rest_.size() < 4 || rest_.substr(0, 4).find_first_not_of("0123456789abcdefABCDEF") < 4) return false;
      rest_.remove_prefix(4);
    }
    return take("\"");
  }
  bool value() {
    if (take("{")) return list("}", [this] { return text() && take(":") && value(); });
    if (take("[")) return list("]", [this] { return value(); });
    return text() || take("true") || take("false") || take("null") || number();
  }
  template <class Element>
  bool list(std::string_view end, Element element) {
    if (take(end)) return true;
    do {
      if (!element()) return false;
    } while (take(","));
    return take(end);
  }

  std::string_view rest_;
};
