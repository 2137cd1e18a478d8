#include <pool/server/attempts.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <mutex>

namespace pool::server {
namespace {

// Who has one address of IPv6 has the other 2^64 of that network, too.
std::string network_of(const std::string& peer) {
  in6_addr address{};
  if (inet_pton(AF_INET6, peer.c_str(), &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address)) return peer;
  return {reinterpret_cast<const char*>(address.s6_addr), 8};
}

}  // namespace

int Attempts::judge(const std::string& peer, bool right) {
  const std::string network = network_of(peer);
  const std::lock_guard lock(mutex_);
  const priority::Time now = clock_.now();
  const auto found = wrong_.find(network);
  if (found != wrong_.end() && now - found->second.begun >= kWindow) {
    wrong_.erase(found);
  } else if (found != wrong_.end() && found->second.count >= kWrong) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(found->second.begun + kWindow - now).count());
  }
  if (right) return 0;
  if (wrong_.size() >= kPeers && !wrong_.contains(network)) make_room(now);
  Wrong& wrong = wrong_.try_emplace(network, Wrong{now, 0}).first->second;
  ++wrong.count;
  return 0;
}

void Attempts::make_room(priority::Time now) {
  std::erase_if(wrong_, [&](const auto& each) { return now - each.second.begun >= kWindow; });
  if (wrong_.size() < kPeers) return;
  wrong_.erase(std::min_element(wrong_.begin(), wrong_.end(), [](const auto& one, const auto& other) {
    return one.second.begun < other.second.begun;
  }));
}

}  // namespace pool::server
