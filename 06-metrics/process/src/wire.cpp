#include <pool/process/wire.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include <pool/process/errors.hpp>

#include "bytes.hpp"

namespace pool::process {

namespace {

enum Tag : char { kNull, kFalse, kTrue, kSigned, kUnsigned, kDouble, kText, kArray, kObject };

class Writer {
 public:
  void value(const json& value, std::size_t depth);
  std::string bytes;

 private:
  void length(std::size_t length) {
    if (length > std::numeric_limits<std::uint32_t>::max()) {
      throw NotSerialisable("process: a value has more than 4 G parts");
    }
    put(bytes, static_cast<std::uint32_t>(length));
  }
  void text(const std::string& text) {
    if (!is_utf8(text)) throw NotSerialisable("process: a text is not UTF-8, and JSON has no other; encode it");
    length(text.size());
    bytes += text;
  }
};

void Writer::value(const json& value, std::size_t depth) {
  const auto tag = [&](Tag kind) { bytes.push_back(kind); };
  if (value.is_structured() && depth == kMaxDepth) {
    throw NotSerialisable("process: a value has more than " + std::to_string(kMaxDepth) + " levels");
  }
  switch (value.type()) {
    case json::value_t::null:
      return tag(kNull);
    case json::value_t::boolean:
      return tag(value.get<bool>() ? kTrue : kFalse);
    case json::value_t::number_integer:
      tag(kSigned);
      return put(bytes, static_cast<std::uint64_t>(value.get<std::int64_t>()));
    case json::value_t::number_unsigned:
      tag(kUnsigned);
      return put(bytes, value.get<std::uint64_t>());
    case json::value_t::number_float:
      if (!std::isfinite(value.get<double>())) {
        throw NotSerialisable("process: a number is not finite, and JSON has no such number");
      }
      tag(kDouble);
      return put(bytes, std::bit_cast<std::uint64_t>(value.get<double>()));
    case json::value_t::string:
      tag(kText);
      return text(value.get_ref<const std::string&>());
    case json::value_t::array:
      tag(kArray);
      length(value.size());
      for (const json& element : value) this->value(element, depth + 1);
      return;
    case json::value_t::object:
      tag(kObject);
      length(value.size());
      for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
        text(name);
        this->value(member, depth + 1);
      }
      return;
    case json::value_t::binary:
      throw NotSerialisable("process: a value is binary, and JSON has texts only; encode it, as base64 for example");
    case json::value_t::discarded:
      break;
  }
  throw NotSerialisable("process: a value was discarded by its parser, so there is nothing to write");
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] json value(std::size_t depth);
  [[nodiscard]] bool is_empty() const { return rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw ProtocolError("process: a value is cut off");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::size_t length() {  // of parts, each of which takes a byte at least
    const std::size_t length = get<std::uint32_t>(take(4));
    if (length > rest_.size()) throw ProtocolError("process: a value is cut off");
    return length;
  }
  std::uint64_t number() { return get<std::uint64_t>(take(8)); }
  std::string text() {
    const std::string_view text = take(length());
    if (!is_utf8(text)) throw ProtocolError("process: a text is not UTF-8");
    return std::string(text);
  }
  json number_with_a_fraction();
  json array(std::size_t depth);
  json object(std::size_t depth);

  std::string_view rest_;
};

json Reader::value(std::size_t depth) {
  const char tag = take(1)[0];
  if ((tag == kArray || tag == kObject) && depth == kMaxDepth) {
    throw ProtocolError("process: a value has more than " + std::to_string(kMaxDepth) + " levels");
  }
  switch (tag) {
    case kNull:
      return nullptr;
    case kFalse:
      return false;
    case kTrue:
      return true;
    case kSigned:
      return static_cast<std::int64_t>(number());
    case kUnsigned:
      return number();
    case kDouble:
      return number_with_a_fraction();
    case kText:
      return text();
    case kArray:
      return array(depth);
    case kObject:
      return object(depth);
    default:
      throw ProtocolError("process: there are no values of kind " + std::to_string(tag));
  }
}

json Reader::number_with_a_fraction() {
  const auto number = std::bit_cast<double>(this->number());
  if (!std::isfinite(number)) throw ProtocolError("process: a number is not finite");
  return number;
}

json Reader::array(std::size_t depth) {
  json::array_t array;
  for (std::size_t left = length(); left > 0; --left) array.push_back(value(depth + 1));
  return array;
}

json Reader::object(std::size_t depth) {
  json::object_t object;
  for (std::size_t left = length(); left > 0; --left) {
    std::string name = text();
    const std::size_t before = object.size();
    object.emplace_hint(object.end(), std::move(name), value(depth + 1));
    if (object.size() == before) throw ProtocolError("process: an object has two members of one name");
  }
  return object;
}

}  // namespace

std::string to_bytes(const json& value) {
  Writer writer;
  writer.value(value, 0);
  return std::move(writer.bytes);
}

json from_bytes(std::string_view bytes) {
  Reader reader(bytes);
  json value = reader.value(0);
  if (!reader.is_empty()) throw ProtocolError("process: there is something behind a value");
  return value;
}

// Eight bytes at a time where all are ASCII; else by the table of the standard (Unicode 15, table 3-7).
bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  for (std::size_t i = 0; i < text.size();) {
    std::uint64_t eight = 0;
    if (text.size() - i >= sizeof(eight)) {
      std::memcpy(&eight, text.data() + i, sizeof(eight));
      if ((eight & 0x8080808080808080U) == 0) {
        i += sizeof(eight);
        continue;
      }
    }
    const unsigned first = byte(i);
    std::size_t more = 0;
    unsigned least = 0x80;
    unsigned most = 0xBF;
    if (first < 0x80) {
      more = 0;
    } else if (first >= 0xC2 && first <= 0xDF) {
      more = 1;
    } else if (first >= 0xE0 && first <= 0xEF) {
      more = 2;
      if (first == 0xE0) least = 0xA0;
      if (first == 0xED) most = 0x9F;
    } else if (first >= 0xF0 && first <= 0xF4) {
      more = 3;
      if (first == 0xF0) least = 0x90;
      if (first == 0xF4) most = 0x8F;
    } else {
      return false;
    }
    for (std::size_t k = 1; k <= more; ++k) {
      if (byte(i + k) < least || byte(i + k) > most) return false;
      least = 0x80;
      most = 0xBF;
    }
    i += 1 + more;
  }
  return true;
}

}  // namespace pool::process
