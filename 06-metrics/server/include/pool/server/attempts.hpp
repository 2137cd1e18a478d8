// Attempts: who tries out tokens has to wait. So many wrong ones in a minute, and until that is over no token of that
// address is taken, the right one neither: whoever guesses must not see which it was.
//
// Thread safety: judge() may be called from any thread.
// Invariants:  (T1) of an address that is kept, at most kWrong wrong tokens are looked at in kWindow
//              (T2) at most kPeers addresses are kept; for one more, the one that began first is forgotten
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include <pool/basic/sync.hpp>
#include <pool/priority/clock.hpp>

namespace pool::server {

class Attempts {
 public:
  static constexpr int kWrong = 10;
  static constexpr std::chrono::minutes kWindow{1};
  static constexpr std::size_t kPeers = 1024;

  explicit Attempts(const priority::Clock& clock) : clock_(clock) {}

  // After a token from this address was compared: the seconds it has to wait, whether it was right or not. 0: it counts.
  [[nodiscard]] int judge(const std::string& peer, bool right);

 private:
  struct Wrong {
    priority::Time begun{};
    int count = 0;
  };
  void make_room(priority::Time now);

  const priority::Clock& clock_;
  sync::mutex mutex_;
  std::map<std::string, Wrong> wrong_;  // guarded by mutex_
};

}  // namespace pool::server
