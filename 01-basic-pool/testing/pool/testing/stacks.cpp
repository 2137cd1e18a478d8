// Stacks of threads that do not expect to be asked: each gets a signal, whose handler notes the return addresses; the
// asking thread turns them into names. SIGSYS, because workers block every signal that is not a fault of their own.
#include <pool/testing/process.hpp>
#include <pool/testing/watchdog.hpp>

#include <cstdio>

#if defined(__linux__)
#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

namespace pool::testing {

namespace {

std::array<void*, 64> frames;
std::atomic<int> depth{-1};  // -1 until the handler has filled `frames`

void note_stack(int) {
  const int n = ::backtrace(frames.data(), static_cast<int>(frames.size()));
  depth.store(n, std::memory_order_release);
}

void print_frame(int number, void* address) {
  Dl_info info{};
  const char* name = "?";
  std::unique_ptr<char, void (*)(void*)> readable(nullptr, std::free);
  if (::dladdr(address, &info) != 0 && info.dli_sname != nullptr) {
    int status = 0;
    readable.reset(abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status));
    name = readable ? readable.get() : info.dli_sname;
  }
  std::fprintf(stderr, "    #%-2d %.200s\n", number, name);
}

}  // namespace

void print_all_stacks() {
  struct sigaction action {};
  action.sa_handler = note_stack;
  ::sigaction(SIGSYS, &action, nullptr);
  static_cast<void>(::backtrace(frames.data(), 1));  // loads what it needs now, not in the handler

  const auto self = static_cast<int>(::syscall(SYS_gettid));
  for (int id : thread_ids()) {
    if (id == self) continue;
    std::string name = "?";
    std::ifstream("/proc/self/task/" + std::to_string(id) + "/comm") >> name;
    std::fprintf(stderr, "  thread %d (%s)\n", id, name.c_str());

    depth.store(-1, std::memory_order_relaxed);
    if (::syscall(SYS_tgkill, ::getpid(), id, SIGSYS) != 0) continue;  // it has ended meanwhile
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (depth.load(std::memory_order_acquire) < 0 && std::chrono::steady_clock::now() < limit) {
      std::this_thread::yield();
    }
    const int n = depth.load(std::memory_order_acquire);
    if (n < 0) std::fprintf(stderr, "    (no answer: it blocks the signal)\n");
    constexpr int kHandlerFrames = 2;
    for (int i = kHandlerFrames; i < n; ++i) print_frame(i - kHandlerFrames, frames[static_cast<std::size_t>(i)]);
  }
}

}  // namespace pool::testing

#else

namespace pool::testing {
void print_all_stacks() {
  std::fprintf(stderr, "  (stacks are printed on Linux only; attach a debugger)\n");
}
}  // namespace pool::testing

#endif
