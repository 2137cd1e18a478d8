#include <pool/flow/after.hpp>

#include <stdexcept>
#include <string>

namespace pool::flow {

Time later(JobHost& host, Duration delay) {
  if (delay < Duration::zero()) {
    throw std::invalid_argument("pool: a delay of " + std::to_string(std::chrono::duration<double>(delay).count()) +
                                " s, but a delay is 0 or more");
  }
  const Time now = host.clock().now();
  return delay < Time::max() - now ? now + delay : Time::max();
}

}  // namespace pool::flow
