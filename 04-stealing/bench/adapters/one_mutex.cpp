// The pool of the textbooks: see the header.
#include "../rivals/one_mutex_pool.hpp"

#include "../enlist.hpp"

namespace {

struct OneMutex : bench::OneMutexPool {
  using OneMutexPool::OneMutexPool;
  auto submit(auto job) { return bench::submit_shared(*this, std::move(job)); }
};

const bool enlisted = bench::enlist<OneMutex>("one mutex");

}  // namespace
