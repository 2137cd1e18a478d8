#include <pool/process/text.hpp>

#include <cmath>

#include <pool/process/errors.hpp>

namespace pool::process {

namespace {

// What dump() would change silently, and what it would do until the stack is full.
void require_text(const json& value, std::size_t depth) {
  switch (value.type()) {
    case json::value_t::number_float:
      if (!std::isfinite(value.get<double>())) {
        throw NotSerialisable("process: a number is not finite, and JSON has no such number");
      }
      break;
    case json::value_t::binary:
      throw NotSerialisable("process: a value is binary, and JSON has texts only; encode it, as base64 for example");
    case json::value_t::discarded:
      throw NotSerialisable("process: a value was discarded by the parser, so it has nothing to write");
    case json::value_t::array:
    case json::value_t::object:
      if (depth == kMaxDepth) {
        throw NotSerialisable("process: a value has more than " + std::to_string(kMaxDepth) + " levels");
      }
      for (const json& inner : value) require_text(inner, depth + 1);
      break;
    default:
      break;
  }
}

// Whether brackets outside of texts are nested deeper than that.
bool is_deeper(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

std::string to_text(const json& value) {
  require_text(value, 0);
  try {
    return value.dump();
  } catch (const json::type_error& error) {  // 316
    throw NotSerialisable(std::string("process: a text is not UTF-8: ") + error.what());
  }
}

json from_text(std::string_view text) {
  if (is_deeper(text, kMaxDepth)) {
    throw ProtocolError("process: a message has more than " + std::to_string(kMaxDepth) + " levels");
  }
  try {
    return json::parse(text);
  } catch (const json::exception& error) {
    throw ProtocolError(std::string("process: a message is no JSON: ") + error.what());
  }
}

}  // namespace pool::process
