// What comes over a worker's socket, as libFuzzer makes it up: it is a message, or an error, and never anything else.
//
//   process_frame_fuzz -max_total_time=60
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <pool/process/errors.hpp>
#include <pool/process/failure.hpp>
#include <pool/process/frame.hpp>
#include <pool/process/wire.hpp>

namespace {

using namespace pool::process;  // NOLINT(google-build-using-namespace)

template <class F>
void errors_are_typed(F&& f) {
  try {
    f();
  } catch (const ProtocolError&) {
  }
}

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {  // NOLINT: libFuzzer's name
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  errors_are_typed([&] {
    const json value = from_bytes(bytes);
    require(from_bytes(to_bytes(value)) == value);
    static_cast<void>(value.dump());
  });
  errors_are_typed([&] { require(encode(decode_call(bytes)) == bytes); });
  errors_are_typed([&] { require(encode(decode_failure(bytes)) == bytes); });
  FrameReader reader(1000);
  errors_are_typed([&] {
    for (std::size_t at = 0; at < size; at += 7) {
      reader.feed(bytes.substr(at, 7));
      while (const auto frame = reader.next()) require(frame->payload.size() <= 1000);
    }
  });
  return 0;
}
