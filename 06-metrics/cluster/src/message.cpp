#include <pool/cluster/message.hpp>

#include <charconv>

#include <pool/cluster/packet.hpp>
#include <pool/process/frame.hpp>

namespace pool::cluster {

namespace {

using process::ProtocolError;

// Takes a number from 1 and the character behind it off the text.
unsigned take_count(std::string_view& text, char end) {
  unsigned count = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const auto length = static_cast<std::size_t>(stop - text.data());
  if (error != std::errc{} || count == 0 || length == text.size() || *stop != end) {
    throw ProtocolError("cluster: the workload is no request of this program, which begins as in \"1/3 \"");
  }
  text.remove_prefix(length + 1);
  return count;
}

}  // namespace

std::string request_message(std::string_view argument, unsigned delivery, unsigned limit) {
  return std::to_string(delivery) + "/" + std::to_string(limit) + " " + std::string(argument);
}

Request decode_request(std::string_view message) {
  Request request;
  request.delivery = take_count(message, '/');
  request.limit = take_count(message, ' ');
  request.argument = process::from_bytes(message);
  return request;
}

std::string result_message(const json& result) {
  std::string message = "R" + process::to_bytes(result);
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
  if (kind == 'R') return process::from_bytes(message);
  if (kind == 'F') std::rethrow_exception(process::to_exception(process::decode_failure(message)));
  if (kind == 'L') {
    const unsigned deliveries = take_count(message, ' ');
    throw RetriesSpent(std::string(message), deliveries);
  }
  throw ProtocolError("cluster: what came back is no result of a job of this program");
}

}  // namespace pool::cluster
