#include <pool/cluster/message.hpp>

#include <charconv>

#include <pool/cluster/packet.hpp>
#include <pool/process/frame.hpp>

namespace pool::cluster {

namespace {

using process::ProtocolError;

unsigned count_at(const json& message, const char* key) {
  const auto found = message.find(key);
  if (found == message.end() || !found->is_number_unsigned() || *found < 1U || *found > 1'000'000U) {
    throw ProtocolError(std::string("cluster: the request's \"") + key + "\" is no number from 1");
  }
  return found->get<unsigned>();
}

}  // namespace

std::string request_message(std::string_view argument, unsigned delivery, unsigned limit) {
  return R"({"argument":)" + std::string(argument) + R"(,"delivery":)" + std::to_string(delivery) + R"(,"limit":)" +
         std::to_string(limit) + "}";
}

Request decode_request(std::string_view text) {
  json message = process::from_text(text);
  if (!message.is_object() || !message.contains("argument")) {
    throw ProtocolError(
        "cluster: the workload is no request: right would be {\"argument\": …, \"delivery\": 1, \"limit\": 3}");
  }
  Request request{nullptr, count_at(message, "delivery"), count_at(message, "limit")};
  request.argument = std::move(message["argument"]);
  return request;
}

std::string result_message(const json& result) {
  std::string message = "R" + process::to_text(result);
  if (message.size() > process::kDefaultMaxMessage) {
    throw process::ResultTooLarge("cluster: the result takes " + std::to_string(message.size()) +
                                  " bytes, and a message has at most " + std::to_string(process::kDefaultMaxMessage));
  }
  return message;
}

std::string failure_message(const std::exception_ptr& error) {
  return "F" + process::encode(process::failure_of(error));
}

std::string lost_message(unsigned deliveries, std::string_view why) {
  return "L" + std::to_string(deliveries) + " " + std::string(why);
}

json decode_outcome(std::string_view message) {
  const char kind = message.empty() ? '\0' : message.front();
  if (!message.empty()) message.remove_prefix(1);
  if (kind == 'R') return process::from_text(message);
  if (kind == 'F') std::rethrow_exception(process::to_exception(process::decode_failure(message)));
  if (kind == 'L') {
    unsigned deliveries = 0;
    const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), deliveries);
    const auto length = static_cast<std::size_t>(end - message.data());
    if (error == std::errc{} && length < message.size() && *end == ' ') {
      throw RetriesSpent(std::string(message.substr(length + 1)), deliveries);
    }
  }
  throw ProtocolError("cluster: what came back is no result of a job of this program");
}

}  // namespace pool::cluster
