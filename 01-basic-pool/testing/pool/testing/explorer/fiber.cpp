#include <pool/testing/explorer/fiber.hpp>

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

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

}  // namespace pool::explorer
