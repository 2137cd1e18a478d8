// Your pool against the contract of all pools and that of bounded ones: the tests that judge the stage's own.
#include <e14_bounded_whole_pool/thread_pool.hpp>

#include <pool/bounded/overflow.hpp>
#include <pool/testing/bounded_contract.hpp>
#include <pool/testing/contract.hpp>

namespace pool::testing {

static_assert(pool::bounded::BoundedExecutor<exercise::ThreadPool>);

POOL_CONTRACT(Mine, exercise::ThreadPool);
POOL_BOUNDED_CONTRACT(Mine, exercise::ThreadPool);

}  // namespace pool::testing
