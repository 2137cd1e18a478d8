// Who leaves a full queue, and how. The explorer does not see into futures; no test waits for one that is not ready.
#include <e11_drop_oldest/queue.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include <pool/testing/explorer/test.hpp>

using exercise::Queue;
using pool::sync::thread;

namespace {

bool is_ready(std::future<int>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

bool is_broken(std::future<int>& future) {
  if (!is_ready(future)) return false;
  try {
    future.get();
  } catch (const std::future_error& error) {
    return error.code() == std::future_errc::broken_promise;
  }
  return false;
}

// Does something when it is destroyed.
template <class F>
struct AtTheEnd {
  explicit AtTheEnd(F f) : what(std::move(f)) {}
  AtTheEnd(const AtTheEnd&) = delete;
  AtTheEnd& operator=(const AtTheEnd&) = delete;
  ~AtTheEnd() { what(); }
  F what;
};

// A job that holds such a thing.
template <class F>
Queue::Closure with(F at_the_end) {
  return [held = std::make_shared<AtTheEnd<F>>(std::move(at_the_end))] { return 0; };
}

}  // namespace

EXPLORE(Queue, NobodyLeavesWhileThereIsRoom) {
  Queue queue(2);
  auto one = queue.submit([] { return 1; });
  auto two = queue.submit([] { return 2; });
  EXPLORE_CHECK(queue.size() == 2);
  EXPLORE_CHECK(queue.run_one());
  EXPLORE_CHECK(is_ready(one) && one.get() == 1);
  EXPLORE_CHECK(!is_ready(two));
  EXPLORE_CHECK(queue.run_one());
  EXPLORE_CHECK(is_ready(two) && two.get() == 2);
  EXPLORE_CHECK(!queue.run_one());
}

EXPLORE(Queue, TheOldestLeavesAndItsFutureSaysSo) {
  Queue queue(2);
  std::vector<std::future<int>> futures;
  for (int i = 0; i < 4; ++i) {
    futures.push_back(queue.submit([i] { return i; }));
    EXPLORE_CHECK(queue.size() <= 2);
  }
  EXPLORE_CHECK(is_broken(futures[0]));
  EXPLORE_CHECK(is_broken(futures[1]));
  EXPLORE_CHECK(queue.run_one() && is_ready(futures[2]) && futures[2].get() == 2);
  EXPLORE_CHECK(queue.run_one() && is_ready(futures[3]) && futures[3].get() == 3);
}

EXPLORE(Queue, AClosureThatIsDroppedMayUseTheQueue) {
  Queue queue(1);
  std::size_t seen = 0;
  auto dropped = queue.submit(with([&] { seen = queue.size(); }));
  auto next = queue.submit([] { return 1; });
  EXPLORE_CHECK(seen == 1);
}

EXPLORE(Queue, AClosureThatIsDroppedIsGoneBeforeItsFutureIsReady) {
  std::future<int> dropped;
  bool gone = false;
  bool too_late = true;
  Queue queue(1);
  dropped = queue.submit(with([&] {
    gone = true;
    too_late = is_ready(dropped);
  }));
  auto next = queue.submit([] { return 1; });
  EXPLORE_CHECK(gone);
  EXPLORE_CHECK(!too_late);
}

EXPLORE(Queue, EachJobRunsOrIsDropped) {
  Queue queue(1);
  int ran = 0;
  int dropped = 0;
  thread worker([&] { static_cast<void>(queue.run_one()); });
  std::vector<std::future<int>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(queue.submit([&ran] { return ++ran; }));
  worker.join();
  static_cast<void>(queue.run_one());
  for (auto& future : futures) dropped += is_broken(future) ? 1 : 0;
  EXPLORE_CHECK(queue.size() == 0);
  EXPLORE_CHECK(ran + dropped == 3);
  EXPLORE_CHECK(ran >= 1);
}

EXPLORE(Queue, TwoWhoSubmitAtOnceKeepToTheCapacity) {
  Queue queue(1);
  std::future<int> first;
  thread other([&] { first = queue.submit([] { return 1; }); });
  auto second = queue.submit([] { return 2; });
  other.join();
  EXPLORE_CHECK(queue.size() == 1);
  EXPLORE_CHECK(is_broken(first) != is_broken(second));
}
