// invoke: two functions side by side.
#include <gtest/gtest.h>

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pool/stealing/invoke.hpp>
#include <pool/testing/allocations.hpp>
#include <pool/testing/contract/held.hpp>
#include <pool/testing/gate.hpp>

namespace pool::stealing {
namespace {

using testing::Gate;
using testing::Held;

long fibonacci(ThreadPool& pool, int n) {
  if (n < 2) return n;
  long one = 0;
  long other = 0;
  invoke(
      pool, [&] { one = fibonacci(pool, n - 1); }, [&] { other = fibonacci(pool, n - 2); });
  return one + other;
}

// What f throws, as text; empty if it throws nothing.
template <class F>
std::string thrown_by(F&& f) {
  try {
    f();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

// In a job of the pool.
template <class F>
void within_a_job(ThreadPool& pool, F&& f) {
  pool.launch({}, [&f] { f(); }).get();
}

// S4.6
TEST(Invoke, ForksMayForkOnAnyNumberOfWorkers) {
  for (const std::size_t workers : {1U, 2U, 5U}) {
    ThreadPool pool({.workers = workers});
    EXPECT_EQ(pool.launch({}, [&] { return fibonacci(pool, 20); }).get(), 6765) << workers;
    EXPECT_EQ(fibonacci(pool, 15), 610) << "from outside";
  }
}

TEST(Invoke, InAJobThePoolNeedNotBeNamed) {
  ThreadPool pool({.workers = 2});
  std::atomic<int> ran{0};
  within_a_job(pool, [&] { invoke([&] { ++ran; }, [&] { ++ran; }); });
  EXPECT_EQ(ran.load(), 2);
}

TEST(Invoke, OutsideThePoolHasToBeNamed) {
  EXPECT_EQ(thrown_by([] { invoke([] {}, [] {}); }),
            "pool: invoke(f, g) outside of a job; say which pool: invoke(pool, f, g)");
}

TEST(Invoke, InAJobOfAnotherPoolItIsFromOutside) {
  ThreadPool one({.workers = 1});
  ThreadPool other({.workers = 1});
  std::atomic<int> ran{0};
  const auto count = [&] { ran += other.current_worker() ? 1 : 100; };
  within_a_job(one, [&] { invoke(other, count, count); });
  EXPECT_EQ(ran.load(), 2);
}

// S4.6: f does not end before g has begun, so somebody else has to begin it.
TEST(Invoke, TheyRunSideBySide) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 200; ++round) {
    Gate begun;
    invoke(
        pool, [&] { begun.wait(); }, [&] { begun.open(); });
  }
  EXPECT_GE(pool.scheduling()[0].steals + pool.scheduling()[1].steals, 200U);
}

TEST(Invoke, WhatWasStolenIsWaitedFor) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 200; ++round) {
    Gate begun;
    std::atomic<bool> f_ended{false};
    int done = 0;
    invoke(
        pool,
        [&] {
          begun.wait();
          f_ended = true;
        },
        [&] {
          begun.open();
          while (!f_ended) std::this_thread::yield();
          done = 1;
        });
    EXPECT_EQ(done, 1);
  }
}

// S4.5: g was stolen; of its two halves one waits until the other has begun, which only who waits for g can do.
TEST(Invoke, WhoWaitsDoesPartsOfWhatWasStolen) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 200; ++round) {
    Gate stolen;
    Gate begun;
    invoke(
        pool, [&] { stolen.wait(); },
        [&] {
          stolen.open();
          invoke(
              pool, [&] { begun.wait(); }, [&] { begun.open(); });
        });
  }
}

// S4.5: with one worker, what f waits for is done within its wait.
TEST(Invoke, AWaitInFRunsG) {
  ThreadPool pool({.workers = 1});
  std::promise<void> promise;
  const auto future = promise.get_future();
  invoke(
      pool, [&] { pool.wait(future); }, [&] { promise.set_value(); });
}

// S4.5: but not a g that lies below the waiting job on the stack, nor one of a job that has ended.
TEST(Invoke, AWaitInAnInnerJobRunsItsOwnG) {
  ThreadPool pool({.workers = 1});
  std::vector<std::string> order;
  within_a_job(pool, [&] {
    invoke(
        [&] {
          auto inner = pool.launch({}, [&] {
            invoke(
                [&] {
                  auto innermost = pool.submit([&] { order.emplace_back("innermost"); });
                  pool.wait(innermost);
                  order.emplace_back("f");
                },
                [&] { order.emplace_back("g"); });
          });
          inner.get();
          order.emplace_back("outer f");
        },
        [&] { order.emplace_back("outer g"); });
  });
  EXPECT_EQ(order, (std::vector<std::string>{"innermost", "f", "g", "outer f", "outer g"}));
}

TEST(Invoke, JobsMayBeHandedInBetween) {
  for (const std::size_t workers : {1U, 2U, 3U}) {
    ThreadPool pool({.workers = workers});
    std::atomic<int> ran{0};
    const std::function<void(int)> divide = [&](int depth) {
      pool.post([&] { ++ran; });
      if (depth > 0) {
        invoke(
            pool, [&] { divide(depth - 1); }, [&] { divide(depth - 1); });
      }
      pool.launch({}, [&] { ++ran; }).get();
    };
    within_a_job(pool, [&] { divide(8); });
    pool.wait_idle();
    EXPECT_EQ(ran.load(), 2 * 511) << workers;
  }
}

TEST(Invoke, MayBeNestedToAnyDepth) {
  for (const std::size_t workers : {1U, 2U}) {
    ThreadPool pool({.workers = workers});
    std::atomic<int> ran{0};
    const std::function<void(int)> descend = [&](int depth) {
      if (depth == 0) return;
      invoke(
          pool, [&] { descend(depth - 1); }, [&] { ++ran; });
    };
    within_a_job(pool, [&] { descend(500); });
    EXPECT_EQ(ran.load(), 500) << workers;
  }
}

// --- exceptions ------------------------------------------------------------------------------------------------------

TEST(Invoke, WhatFThrowsIsThrownAndGIsNotBegun) {
  ThreadPool pool({.workers = 1});
  bool ran = false;
  const auto error = thrown_by([&] {
    invoke(
        pool, [] { throw std::runtime_error("f"); }, [&] { ran = true; });
  });
  EXPECT_EQ(error, "f");
  EXPECT_FALSE(ran);
}

TEST(Invoke, WhatGThrowsIsThrown) {
  ThreadPool pool({.workers = 1});
  bool ran = false;
  const auto error = thrown_by([&] {
    invoke(
        pool, [&] { ran = true; }, [] { throw std::runtime_error("g"); });
  });
  EXPECT_EQ(error, "g");
  EXPECT_TRUE(ran);
}

TEST(Invoke, WhatAStolenGThrowsIsThrown) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 100; ++round) {
    Gate begun;
    const auto error = thrown_by([&] {
      invoke(
          pool, [&] { begun.wait(); },
          [&] {
            begun.open();
            throw std::runtime_error("g");
          });
    });
    EXPECT_EQ(error, "g");
  }
}

TEST(Invoke, OfTwoExceptionsItIsTheOneOfF) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 100; ++round) {
    Gate begun;
    const auto error = thrown_by([&] {
      invoke(
          pool,
          [&] {
            begun.wait();
            throw std::runtime_error("f");
          },
          [&] {
            begun.open();
            throw std::logic_error("g");
          });
    });
    EXPECT_EQ(error, "f");
  }
}

TEST(Invoke, WhenFThrowsAStolenGIsWaitedFor) {
  ThreadPool pool({.workers = 2});
  for (int round = 0; round < 100; ++round) {
    Gate begun;
    std::atomic<bool> throws{false};
    bool ended = false;
    const auto error = thrown_by([&] {
      invoke(
          pool,
          [&] {
            begun.wait();
            throws = true;
            throw std::runtime_error("f");
          },
          [&] {
            begun.open();
            while (!throws) std::this_thread::yield();
            ended = true;
          });
    });
    EXPECT_EQ(error, "f");
    EXPECT_TRUE(ended);
  }
}

TEST(Invoke, AnExceptionComesThroughAllInvokesAroundIt) {
  for (const std::size_t workers : {1U, 3U}) {
    ThreadPool pool({.workers = workers});
    const std::function<void(int)> descend = [&](int depth) {
      if (depth == 0) throw std::runtime_error("the bottom");
      invoke(
          pool, [&] { descend(depth - 1); }, [] {});
    };
    EXPECT_EQ(thrown_by([&] { descend(20); }), "the bottom");
    EXPECT_EQ(thrown_by([&] { within_a_job(pool, [&] { descend(50); }); }), "the bottom");
    EXPECT_EQ(fibonacci(pool, 10), 55) << "nothing was left behind";
  }
}

TEST(Invoke, AnEmptyFunctionIsAnErrorOfTheCaller) {
  ThreadPool pool({.workers = 1});
  const std::function<void()> none;
  bool ran = false;
  EXPECT_THROW(invoke(pool, none, [&] { ran = true; }), std::invalid_argument);
  EXPECT_THROW(invoke(
                   pool, [&] { ran = true; }, none),
               std::invalid_argument);
  EXPECT_FALSE(ran);
}

// --- threads that end ------------------------------------------------------------------------------------------------

TEST(Invoke, AThreadThatEndsInFWaitsForAStolenG) {
  ThreadPool pool({.workers = 2});
  Gate begun;
  std::atomic<bool> ends{false};
  std::atomic<bool> ended{false};
  const auto job = pool.launch({}, [&] {
    invoke(
        pool,
        [&] {
          begun.wait();
          ends = true;
          pthread_exit(nullptr);
        },
        [&] {
          begun.open();
          while (!ends) std::this_thread::yield();
          testing::let_others_run();
          ended = true;
        });
  });
  EXPECT_EQ(thrown_by([&] { job.get(); }), "pool: the job ended its thread");
  EXPECT_TRUE(ended.load());
  EXPECT_EQ(fibonacci(pool, 10), 55) << "with one thread less";
}

TEST(Invoke, AThreadThatEndsInFDropsAGThatNobodyHas) {
  Gate done;
  ThreadPool pool({.workers = 2});
  Gate held;
  pool.post([&] {
    held.open();
    done.wait();
  });
  held.wait();
  std::atomic<bool> ran{false};
  const auto job = pool.launch({}, [&] { invoke([] { pthread_exit(nullptr); }, [&] { ran = true; }); });
  EXPECT_THROW(job.get(), PoolError);
  done.open();
  pool.wait_idle();
  EXPECT_FALSE(ran.load());
}

TEST(Invoke, AThreadThatEndsInAStolenGIsAnError) {
  ThreadPool pool({.workers = 2});
  Gate begun;
  const auto error = thrown_by([&] {
    invoke(
        pool, [&] { begun.wait(); },
        [&] {
          begun.open();
          pthread_exit(nullptr);
        });
  });
  EXPECT_EQ(error, "pool: half of an invoke() has ended the thread that it ran on");
  EXPECT_EQ(fibonacci(pool, 10), 55) << "with one thread less";
}

// --- what it is given, and what it takes -----------------------------------------------------------------------------

TEST(Invoke, FunctionsAreNeitherCopiedNorMoved) {
  struct Pinned {
    int calls = 0;
    Pinned() = default;
    Pinned(const Pinned&) = delete;
    Pinned& operator=(const Pinned&) = delete;
    void operator()() { ++calls; }
  };
  ThreadPool pool({.workers = 2});
  Pinned f;
  Pinned g;
  invoke(pool, f, g);
  within_a_job(pool, [&] { invoke(pool, f, g); });
  EXPECT_EQ(f.calls, 2);
  EXPECT_EQ(g.calls, 2);
}

TEST(Invoke, TheyMayOwnWhatCannotBeCopiedAndBeCalledAsRvalues) {
  struct Once {
    std::unique_ptr<int> value = std::make_unique<int>(1);
    int operator()() && { return *std::exchange(value, nullptr); }
  };
  ThreadPool pool({.workers = 2});
  Once f;
  Once g;
  invoke(pool, std::move(f), std::move(g));
  EXPECT_EQ(f.value, nullptr);  // NOLINT(bugprone-use-after-move): it was called as an rvalue
  EXPECT_EQ(g.value, nullptr);  // NOLINT(bugprone-use-after-move)
  within_a_job(pool, [] { invoke(Once{}, Once{}); });
}

// S4.6, S4.9
TEST(Invoke, NothingIsAllocated) {
  for (const std::size_t workers : {1U, 3U}) {
    ThreadPool pool({.workers = workers});
    within_a_job(pool, [&] {
      const testing::Allocations allocations;
      EXPECT_EQ(fibonacci(pool, 20), 6765);
      EXPECT_EQ(allocations.since(), 0U) << workers;
    });
  }
}

TEST(Invoke, ForksAreNoJobs) {
  ThreadPool pool({.workers = 2, .capacity = 1});
  within_a_job(pool, [&] {
    invoke([&] { EXPECT_EQ(pool.pending(), 0U); }, [&] { EXPECT_EQ(pool.pending(), 0U); });
    EXPECT_EQ(fibonacci(pool, 15), 610);
  });
  EXPECT_EQ(fibonacci(pool, 15), 610);
  pool.wait_idle();
  EXPECT_EQ(pool.totals().submitted, 2U);
  EXPECT_EQ(pool.totals().completed, 2U);
  EXPECT_LE(pool.worker_stats().high_water, 1U);
}

// --- the end of a pool -----------------------------------------------------------------------------------------------

TEST(Invoke, AJobMayForkWhenThePoolIsShutDown) {
  for (const auto how : {basic::Shutdown::drain, basic::Shutdown::discard}) {
    ThreadPool pool({.workers = 2});
    Gate begun;
    Gate closed;
    std::atomic<long> result{0};
    pool.post([&] {
      begun.open();
      closed.wait();
      result = fibonacci(pool, 15);
    });
    begun.wait();
    std::thread closer([&] { pool.shutdown(how); });
    while (thrown_by([&] { pool.post([] {}); }).empty()) std::this_thread::yield();
    closed.open();
    closer.join();
    EXPECT_EQ(result.load(), 610);
  }
}

TEST(Invoke, NoForkIsDroppedByShutdown) {
  ThreadPool pool({.workers = 1});
  Gate begun;
  std::atomic<bool> closed{false};
  std::atomic<bool> ran{false};
  pool.post([&] {
    invoke(
        pool,
        [&] {
          begun.open();
          while (!closed) std::this_thread::yield();
        },
        [&] { ran = true; });
  });
  begun.wait();
  EXPECT_FALSE(pool.shutdown_for(std::chrono::milliseconds(1)));  // what is queued is dropped
  closed = true;
  pool.shutdown();
  EXPECT_TRUE(ran.load());
}

TEST(Invoke, FromOutsideAPoolThatIsShutDownRefuses) {
  ThreadPool pool({.workers = 1});
  pool.shutdown();
  EXPECT_THROW(invoke(
                   pool, [] {}, [] {}),
               PoolStopped);
}

TEST(Invoke, FromOutsideItIsAJobThatMayBeDropped) {
  Held<ThreadPool> held({});
  std::thread closer([&] {
    while (held.pool.pending() == 0) std::this_thread::yield();
    held.pool.shutdown(basic::Shutdown::discard);
  });
  bool ran = false;
  EXPECT_THROW(invoke(
                   held.pool, [&] { ran = true; }, [&] { ran = true; }),
               priority::Cancelled);
  EXPECT_FALSE(ran);
  held.release();
  closer.join();
}

TEST(Invoke, FromOutsideAFullPoolTheyMayRunInTheCaller) {
  Held<ThreadPool> held({.capacity = 1, .overflow = Overflow::run_in_caller});
  held.queue(1);
  std::vector<std::thread::id> ran_on;
  invoke(
      held.pool, [&] { ran_on.push_back(std::this_thread::get_id()); },
      [&] { ran_on.push_back(std::this_thread::get_id()); });
  EXPECT_EQ(ran_on, std::vector(2, std::this_thread::get_id()));
}

// A half is stolen, and half of that comes back to the job that waits: it is part of that job, and finds what that has
// handed in, which nobody else does, for the thief waits for it.
TEST(Invoke, AHalfThatCameBackFindsWhatItsJobHasHandedIn) {
  ThreadPool pool({.workers = 2});
  Gate busy, go, pushed, begun;
  pool.post([&] {
    busy.open();
    go.wait();
  });
  busy.wait();
  pool.launch({},
              [&] {
                std::future<int> handed_in = pool.submit([] { return 7; });
                const auto came_back = [&] {
                  begun.open();
                  pool.wait(handed_in);
                };
                const auto stolen = [&] {
                  const auto first = [&] {
                    pushed.open();
                    begun.wait();
                  };
                  invoke(first, came_back);
                };
                const auto first = [&] {
                  go.open();
                  pushed.wait();
                };
                invoke(first, stolen);
                EXPECT_EQ(handed_in.get(), 7);
              })
      .get();
}

}  // namespace
}  // namespace pool::stealing
