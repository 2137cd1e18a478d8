// JsonWriter: a JSON text, written from beginning to end. (Stage 06 has a JSON library; the stages before it need
// nothing that has to be installed.)
//
// Text is UTF-8; bytes that are not become U+FFFD, so that the result is valid whatever a file is called. Control
// characters are escaped. A double that is no number becomes null.
// The caller sees to the order of calls: inside an object, a key before each value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace indexer {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(double number);
  JsonWriter& value(bool truth);
  JsonWriter& null();

  // A key and its value.
  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();  // the comma between two values
  void quote(std::string_view text);

  std::string text_;
  bool first_ = true;  // nothing stands yet in the innermost object or array, or a key has just been written
};

}  // namespace indexer
