#include <pool/stealing/task_group.hpp>

#include <exception>

namespace pool::stealing {

void TaskGroup::wait_for_the_rest() {
  if (pool_.current_worker()) return pool_.join(parts_, home_);
  do {
    parts_.sleep([] { return false; });
  } while (!parts_.over());
}

void TaskGroup::rethrow() {
  if (std::exception_ptr error = parts_.take_error()) std::rethrow_exception(std::move(error));
}

}  // namespace pool::stealing
