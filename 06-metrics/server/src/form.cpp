#include <pool/server/form.hpp>

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

namespace pool::server {
namespace {

using nlohmann::json;

constexpr int kDeepest = 4;  // levels of JSON that are read; more than one are then refused with a better word
constexpr std::size_t kMostFields = 64;

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(json(text).dump());
    return true;
  } catch (const json::type_error&) {
    return false;
  }
}

// Says no while it is parsed: how deep it goes, and which names come twice.
class Strict {
 public:
  bool operator()(int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      if (depth >= kDeepest) throw BadRequest(400, "the JSON is too deep; one object of plain values is wanted");
      names_.emplace_back();
    } else if (event == json::parse_event_t::object_end || event == json::parse_event_t::array_end) {
      names_.pop_back();
    } else if (event == json::parse_event_t::key) {
      const auto& name = value.get_ref<const std::string&>();
      if (!names_.back().insert(name).second) throw BadRequest(400, "the JSON has the name '" + name + "' twice");
    }
    return true;
  }

 private:
  std::vector<std::set<std::string>> names_;
};

}  // namespace

std::string unescape(std::string_view text, bool plus_is_space) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      result += ' ';
    } else if (text[i] != '%') {
      result += text[i];
    } else {
      const auto high = i + 2 < text.size() ? digit(text[i + 1]) : std::nullopt;
      const auto low = high ? digit(text[i + 2]) : std::nullopt;
      if (!low) throw BadRequest(400, "there is a % that two hexadecimal digits do not follow");
      result += static_cast<char>(*high * 16 + *low);
      i += 2;
    }
  }
  return result;
}

Form parse_form(std::string_view text) {
  Form form;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string name = unescape(pair.substr(0, equals), true);
    std::string value = equals == std::string_view::npos ? "" : unescape(pair.substr(equals + 1), true);
    if (!is_utf8(name) || !is_utf8(value)) throw BadRequest(400, "the form is not UTF-8");
    if (form.size() == kMostFields) throw BadRequest(400, "the form has too many fields");
    const auto [place, is_new] = form.emplace(std::move(name), std::move(value));
    if (!is_new) throw BadRequest(400, "the form has the name '" + place->first + "' twice");
  }
  return form;
}

Form parse_json(std::string_view text) {
  json object;
  try {
    Strict strict;
    object = json::parse(
        text, [&strict](int depth, json::parse_event_t event, json& value) { return strict(depth, event, value); });
  } catch (const json::exception&) {
    throw BadRequest(400, "the body is not JSON");
  }
  if (!object.is_object()) throw BadRequest(400, "the JSON must be one object");
  Form form;
  for (const auto& [name, value] : object.items()) {
    if (value.is_null()) continue;
    if (value.is_structured()) throw BadRequest(400, "the value of '" + name + "' must be a text or a number");
    form.emplace(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return form;
}

Form parse_body(const Request& request) {
  const std::string* field = request.header("content-type");
  if (field == nullptr && request.body.empty()) return {};
  std::string type = field == nullptr ? "" : lower_case(field->substr(0, field->find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  if (type == "application/json") return request.body.empty() ? Form{} : parse_json(request.body);
  if (type == "application/x-www-form-urlencoded") return parse_form(request.body);
  throw BadRequest(415, "the body must be application/json or application/x-www-form-urlencoded");
}

}  // namespace pool::server
