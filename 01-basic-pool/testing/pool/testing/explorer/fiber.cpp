#include <pool/testing/explorer/fiber.hpp>

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

namespace pool::explorer {
namespace {

std::vector<std::byte*> free_stacks;  // an exploration needs the same few again and again
Fiber* running = nullptr;             // the fiber that was switched to last

std::byte* take_stack() {
  if (!free_stacks.empty()) {
    std::byte* stack = free_stacks.back();
    free_stacks.pop_back();
    return stack;
  }
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  void* memory = mmap(nullptr, page + Fiber::kStackSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  mprotect(memory, page, PROT_NONE);  // an overflow crashes here instead of spoiling a neighbour
  return static_cast<std::byte*>(memory) + page;
}

}  // namespace

Fiber::Fiber(std::function<void()> run) : run_(std::move(run)), stack_(take_stack()) {
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_;
  context_.uc_stack.ss_size = kStackSize;
  makecontext(&context_, &Fiber::enter, 0);
}

Fiber::~Fiber() {
  if (stack_) free_stacks.push_back(stack_);
}

void Fiber::enter() {
  running->run_();
}

void Fiber::switch_to(Fiber& next) {
  auto* exceptions = abi::__cxa_get_globals();
  std::memcpy(static_cast<void*>(&exceptions_), exceptions, sizeof(Exceptions));
  std::memcpy(static_cast<void*>(exceptions), &next.exceptions_, sizeof(Exceptions));
  running = &next;
  swapcontext(&context_, &next.context_);
}

// A frame begins with the address of its caller's frame, and then the one at which that goes on. The code that started
// the fiber leaves anything there: so it ends where the stack does.
std::size_t Fiber::call_path() const {
  constexpr std::size_t kHead = 2 * sizeof(std::uintptr_t);
  const auto begin = reinterpret_cast<std::uintptr_t>(stack_);
  auto frame = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  std::size_t path = 0;
  for (std::uintptr_t above = begin; frame >= above && frame <= begin + kStackSize - kHead;) {
    std::uintptr_t head[2];
    std::memcpy(head, reinterpret_cast<const void*>(frame), kHead);  // NOLINT(performance-no-int-to-ptr)
    above = frame + kHead;
    frame = head[0];
    path = path * 31 + head[1];
  }
  return path;
}

}  // namespace pool::explorer
