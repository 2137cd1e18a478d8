#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include <pool/basic/native_thread.hpp>
#include <pool/basic/sync.hpp>

namespace pool::basic {

std::size_t crew_size(std::size_t workers) {
  if (workers > kMaxWorkers) {
    throw std::invalid_argument("pool: workers = " + std::to_string(workers) + ", but a pool has at most " +
                                std::to_string(kMaxWorkers) + " (0 means one for each hardware thread)");
  }
  if (workers != 0) return workers;
  const std::size_t hardware = sync::thread::hardware_concurrency();
  return hardware == 0 ? 4 : std::min(hardware, kMaxWorkers);
}

std::string thread_name(std::string_view prefix, std::size_t index) {
  constexpr std::size_t kLongest = 15;
  const std::string number = std::to_string(index);
  const std::size_t room = number.size() < kLongest ? kLongest - 1 - number.size() : 0;
  std::size_t kept = prefix.size();
  if (kept > room) {
    const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(prefix[at]) & 0xC0U) == 0x80U; };
    for (kept = room; kept > 0 && continues(kept);) --kept;
  }
  std::string name(prefix.substr(0, kept));
  name += '-';
  name += number;
  return name;
}

void name_this_thread([[maybe_unused]] const std::string& name) {
#if defined(__linux__)
  pthread_setname_np(pthread_self(), name.c_str());
#elif defined(__APPLE__)
  pthread_setname_np(name.c_str());
#endif
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace pool::basic
