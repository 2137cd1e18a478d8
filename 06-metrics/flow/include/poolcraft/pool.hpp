// <poolcraft/pool.hpp>: the pool, by the names that a program needs, all in namespace poolcraft. What is to be said of
// each stands in the header it comes from.
//
//   #include <poolcraft/pool.hpp>
//
//   poolcraft::ThreadPool pool({.min_workers = 2, .max_workers = 20});
//   auto job = pool.submit(poolcraft::TaskOptions{.name = "answer"}, [] { return 42; });
//   return job.get();
//
// CMake: find_package(poolcraft) and link poolcraft::pool. C++20.
#pragma once

#include <pool/flow/thread_pool.hpp>
#include <pool/stealing/invoke.hpp>
#include <pool/stealing/parallel_for.hpp>
#include <pool/stealing/parallel_reduce.hpp>
#include <pool/stealing/task_group.hpp>

namespace poolcraft {

// The pool, its options and its work.
using pool::flow::ThreadPool;         // pool/flow/thread_pool.hpp, and metrics, autoscale, stealing below it
using Options = ThreadPool::Options;  // pool/metrics/options.hpp
using pool::basic::Shutdown;          // pool/basic/executor.hpp
using pool::bounded::Overflow;        // pool/bounded/overflow.hpp
using pool::flow::TaskInfo;           // pool/metrics/task.hpp
using pool::flow::TaskOptions;
using pool::metrics::Hooks;  // pool/metrics/hooks.hpp
using pool::metrics::Stats;  // pool/metrics/stats.hpp
using pool::metrics::TaskFilter;
using pool::priority::CancelSource;  // pool/priority/cancellation.hpp
using pool::priority::CancelToken;
using pool::priority::Clock;  // pool/priority/clock.hpp
using pool::priority::Duration;
using pool::priority::Job;  // pool/priority/job.hpp
using pool::priority::JobInfo;
using pool::priority::JobOptions;
using pool::priority::JobState;
using pool::priority::ManualClock;
using pool::priority::Metadata;
using pool::priority::Priority;   // pool/priority/priority.hpp
using pool::priority::RateLimit;  // pool/priority/rate_limit.hpp
using pool::priority::Time;

// Flow: what comes after what.
using pool::flow::AnyJob;
using pool::flow::Batch;          // pool/flow/group.hpp
using pool::flow::Coroutine;      // pool/flow/coroutine.hpp
using pool::flow::current_token;  // pool/flow/await.hpp
using pool::flow::delay;
using pool::flow::GraphRun;  // pool/flow/task_graph.hpp
using pool::flow::Group;
using pool::flow::Missed;  // pool/flow/every.hpp
using pool::flow::Periodic;
using pool::flow::Progress;
using pool::flow::schedule;
using pool::flow::sync_wait;  // pool/flow/launch.hpp
using pool::flow::TaskGraph;

// Loops and divisions.
using pool::stealing::parallel_for;
using pool::stealing::parallel_reduce;
using pool::stealing::TaskGroup;

// Errors: all are PoolErrors.
using pool::basic::PoolError;
using pool::basic::PoolStopped;
using pool::bounded::QueueFull;
using pool::flow::GraphError;
using pool::metrics::DuplicateTask;
using pool::metrics::ResultTimeout;
using pool::metrics::UnknownTask;
using pool::metrics::WrongResultType;
using pool::priority::Cancelled;
using pool::priority::RateExceeded;

}  // namespace poolcraft
