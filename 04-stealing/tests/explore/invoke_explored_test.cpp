// invoke, when g is stolen and when it is not, under many interleavings. The body is worker 0; it calls invoke outside of
// a job, which makes no difference to forks. Worker 1 is a thief.
#include "small_pool.hpp"

#include <cstddef>
#include <stdexcept>

#include <pool/stealing/invoke.hpp>

namespace pool::stealing {
namespace {

using sync::thread;

// A worker of a small pool, as invoke needs it.
struct Parent {
  SmallPool& pool;
  std::size_t worker;

  template <class F, class G>
  void invoke(F&& f, G&& g) {
    detail::invoke_in_a_job(*this, pool.scheduler.forks(worker), f, g);
  }
  void join(Fork& fork) {
    while (Taken taken = pool.scheduler.next_until(fork, worker)) pool.execute(std::move(taken), worker);
  }
};

void end(SmallPool& pool, thread& thief) {
  EXPECT_TRUE(pool.scheduler.forks(0).empty());
  pool.rest(0);
  pool.check_nothing_is_left();
  pool.scheduler.close();
  thief.join();
}

// F1, and what is visible to whom.
EXPLORE_WITH(Invoke, BothRunOnceAndAreSeen, (Explore{.preemptions = 1})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  sync::cell<int> before{0}, left{0}, right{0};
  before.write() = 1;
  Parent{pool, 0}.invoke([&] { left.write() += before.read(); }, [&] { right.write() += before.read(); });
  EXPECT_EQ(left.read(), 1);
  EXPECT_EQ(right.read(), 1);
  end(pool, thief);
}

// F2: whatever a thief does to the frame after it has said that it is done, nothing orders before the frame's end.
EXPLORE_WITH(Invoke, NobodyTouchesTheFrameOfWhatIsDone, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  struct Frame : Fork {
    Frame() : Fork([](Fork&) {}) {}
    ~Frame() { parent_.write() = nullptr; }
  };
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  {
    Frame frame;
    EXPLORE_CHECK(pool.scheduler.forks(0).push(frame));
    if (!pool.scheduler.forks(0).take(frame)) Parent{pool, 0}.join(frame);
  }
  end(pool, thief);
}

// T2: f waits until somebody has begun g, so the thief must not sleep.
EXPLORE_WITH(Invoke, AForkWakesAThief, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally begun;
  Parent{pool, 0}.invoke([&] { begun.wait_for(1); }, [&] { begun.add(); });
  end(pool, thief);
}

// The same with a pause, which is none for what runs.
EXPLORE_WITH(Invoke, AForkThatIsOfferedInAPauseIsSeenAfterIt,
             (Explore{.strategy = Strategy::pct, .executions = 1500})) {
  SmallPool pool({.workers = 2});
  pool.scheduler.pause();
  thread thief([&] { pool.work(1); });
  thread other([&] { pool.scheduler.resume(); });
  Tally begun;
  Parent{pool, 0}.invoke([&] { begun.wait_for(1); }, [&] { begun.add(); });
  other.join();
  end(pool, thief);
}

// F4: the thief has it, and f has ended.
EXPLORE_WITH(Invoke, WhoWaitsIsCalledWhenItIsDone, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally begun;
  sync::cell<int> done{0};
  Parent{pool, 0}.invoke([&] { begun.wait_for(1); },
                         [&] {
                           begun.add();
                           done.write() = 1;
                         });
  EXPECT_EQ(done.read(), 1);
  end(pool, thief);
}

// F4: half of what was stolen waits for the other half, which nobody can do but who waits for the whole.
EXPLORE_WITH(Invoke, WhoWaitsIsCalledForAPart, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally stolen;
  Tally begun;
  Parent{pool, 0}.invoke([&] { stolen.wait_for(1); },
                         [&] {
                           stolen.add();
                           Parent{pool, 1}.invoke([&] { begun.wait_for(1); }, [&] { begun.add(); });
                         });
  end(pool, thief);
}

// The same, twice: after the first part it sleeps again.
EXPLORE_WITH(Invoke, AndForTheNextPart, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally stolen;
  Tally begun;
  Parent{pool, 0}.invoke([&] { stolen.wait_for(1); },
                         [&] {
                           stolen.add();
                           for (int i = 1; i <= 2; ++i) {
                             Parent{pool, 1}.invoke([&] { begun.wait_for(i); }, [&] { begun.add(); });
                           }
                         });
  end(pool, thief);
}

EXPLORE_WITH(Invoke, WhatIsThrownReachesTheCaller, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  bool thrown = false;
  try {
    Parent{pool, 0}.invoke([] {}, [] { throw std::runtime_error("g"); });
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  EXPECT_TRUE(thrown);
  end(pool, thief);
}

// g has either run, or never does.
EXPLORE_WITH(Invoke, WhenFThrowsGIsOver, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  sync::cell<int> ran{0};
  bool thrown = false;
  try {
    Parent{pool, 0}.invoke([] { throw std::runtime_error("f"); }, [&] { ++ran.write(); });
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  EXPECT_TRUE(thrown);
  EXPECT_LE(ran.read(), 1);
  end(pool, thief);
}

// As when a thread ends in f.
EXPLORE_WITH(Invoke, WhatIsLetGoIsOver, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  sync::cell<int> ran{0};
  auto g = [&] { ++ran.write(); };
  {
    detail::Half half(g);
    EXPLORE_CHECK(pool.scheduler.forks(0).push(half));
    pool.scheduler.forks(0).let_go(half);
  }
  EXPECT_LE(ran.read(), 1);
  end(pool, thief);
}

// F1, F3: three forks of one parent, two thieves.
EXPLORE_WITH(Invoke, NestedForksRunOnce, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 3});
  thread other([&] { pool.work(2); });
  thread thief([&] { pool.work(1); });
  sync::cell<int> a{0}, b{0}, c{0};
  Parent parent{pool, 0};
  parent.invoke([&] { parent.invoke([&] { parent.invoke([] {}, [&] { ++a.write(); }); }, [&] { ++b.write(); }); },
                [&] { ++c.write(); });
  EXPECT_EQ(a.read(), 1);
  EXPECT_EQ(b.read(), 1);
  EXPECT_EQ(c.read(), 1);
  end(pool, thief);
  other.join();
}

// S4.5: what f has handed in lies elsewhere, and is done within the wait for g, or by the thief.
EXPLORE_WITH(Invoke, WhatFHasHandedInIsDone, (Explore{.strategy = Strategy::pct, .executions = 3000})) {
  SmallPool pool({.workers = 2});
  thread thief([&] { pool.work(1); });
  Tally posted;
  sync::cell<int> ran{0};
  Parent{pool, 0}.invoke([&] { EXPLORE_CHECK(pool.post([&] { posted.add(); }, 0)); }, [&] { ++ran.write(); });
  EXPECT_EQ(ran.read(), 1);
  posted.wait_for(1);
  pool.rest(0);
  EXPECT_TRUE(pool.scheduler.wait_idle(Deadline::never()));
  end(pool, thief);
}

}  // namespace
}  // namespace pool::stealing
