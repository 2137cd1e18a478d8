// What <pool/basic/sync.hpp> has in a program compiled with POOL_EXPLORE: the same names as the standard's, and the
// explorer's meaning.
#pragma once

#include <pool/testing/explorer/atomic.hpp>
#include <pool/testing/explorer/cell.hpp>
#include <pool/testing/explorer/condition_variable.hpp>
#include <pool/testing/explorer/guards.hpp>
#include <pool/testing/explorer/mutex.hpp>
#include <pool/testing/explorer/thread.hpp>

namespace pool::sync {

inline void pause() {}
inline void prefetch_for_write(const void* /*address*/) {}

// Whether a thread spins before it sleeps makes no difference to what can happen.
inline std::unique_lock<mutex> lock_spinning(mutex& taken, explorer::Site site = explorer::Site::here()) {
  return std::unique_lock<mutex>(taken, site);
}

}  // namespace pool::sync
