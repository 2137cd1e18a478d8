// Jobs that wait. Where one must not find a target in the queue, the test is the thief, by take() and run().
#include <e27_wait_without_waiting/crew.hpp>

#include <array>
#include <cstddef>
#include <string>

#include <pool/testing/explorer/test.hpp>

using exercise::Crew;
using exercise::JobPtr;
using pool::sync::atomic;
using pool::sync::cell;
using pool::sync::thread;

namespace {

// Somebody waits until somebody else opens.
struct Gate {
  atomic<bool> open{false};
  void wait() { open.wait(false); }
  void let_go() {
    open.store(true);
    open.notify_all();
  }
};

// The life of a worker, as long as there is something.
void work(Crew& crew, std::size_t worker) {
  while (const JobPtr job = crew.take(worker)) crew.run(worker, job);
}

}  // namespace

EXPLORE(Run, WhatAJobDidIsSeenByWhoeverWaitsForIt) {
  Crew crew(2);
  cell<int> result{0};
  const JobPtr target = crew.hand_in(1, [&](std::size_t) { result.write() = 42; });
  thread other([&] { work(crew, 1); });
  crew.hand_in(0, [&](std::size_t self) {
    crew.wait(self, target);
    EXPLORE_CHECK(result.read() == 42);
  });
  work(crew, 0);
  other.join();
}

EXPLORE(Wait, RunsWhatItWaitsFor) {
  Crew crew(1);
  std::string started;
  crew.hand_in(0, [&](std::size_t self) {
    const JobPtr target = crew.hand_in(self, [&](std::size_t) { started += 'a'; });
    crew.hand_in(self, [&](std::size_t) { started += 'c'; });
    crew.wait(self, target);
    started += 'b';
  });
  work(crew, 0);
  EXPLORE_CHECK(started == "abc");
}

EXPLORE(Wait, WhereverThatIsQueued) {
  Crew crew(2);
  std::string started;
  const JobPtr older = crew.hand_in(1, [&](std::size_t worker) { started += worker == 0 ? 'b' : 'x'; });
  crew.hand_in(1, [&](std::size_t) { started += 'c'; });
  crew.hand_in(0, [&](std::size_t self) {
    crew.wait(self, older);
    started += '|';
  });
  crew.run(0, crew.take(0));
  EXPLORE_CHECK(started == "b|");
}

// Two take part, in each order: whoever of them has it, it runs once.
EXPLORE(Wait, ATargetRunsOnce) {
  Crew crew(2);
  atomic<int> runs{0};
  crew.hand_in(0, [&](std::size_t self) {
    const JobPtr target = crew.hand_in(self, [&](std::size_t) { ++runs; });
    crew.wait(self, target);
    EXPLORE_CHECK(runs.load() == 1);
  });
  const JobPtr outer = crew.take(0);
  thread thief([&] { work(crew, 1); });
  crew.run(0, outer);
  thief.join();
  EXPLORE_CHECK(runs.load() == 1);
}

// The target runs elsewhere, and ends when the last of those has run that only this worker can run.
EXPLORE(Wait, MeanwhileItRunsWhatItHasHandedIn) {
  Crew crew(2);
  Gate gate;
  const JobPtr target = crew.hand_in(1, [&](std::size_t) { gate.wait(); });
  thread other([&, taken = crew.take(1)] { crew.run(1, taken); });
  std::string started;
  crew.hand_in(0, [&](std::size_t self) {
    crew.hand_in(self, [&](std::size_t) {
      started += 'b';
      gate.let_go();
    });
    crew.hand_in(self, [&](std::size_t) { started += 'a'; });
    crew.wait(self, target);
  });
  work(crew, 0);
  other.join();
  EXPLORE_CHECK(started == "ab");
}

// The stack: what was queued before the job began is not run on top of it.
EXPLORE(Wait, NothingOlderRunsWithinIt) {
  Crew crew(2);
  const JobPtr target = crew.hand_in(1, [](std::size_t) {});
  thread other([&, taken = crew.take(1)] { crew.run(1, taken); });
  bool waits = false;
  int older = 0;
  crew.hand_in(0, [&](std::size_t) {
    EXPLORE_CHECK(!waits);
    ++older;
  });
  crew.hand_in(0, [&](std::size_t self) {
    waits = true;
    crew.wait(self, target);
    waits = false;
  });
  work(crew, 0);
  other.join();
  EXPLORE_CHECK(older == 1);
}

// As many older ones have been stolen as it hands in itself.
EXPLORE(Wait, HoweverManyHaveBeenStolen) {
  Crew crew(3);
  Gate gate;
  const JobPtr target = crew.hand_in(1, [&](std::size_t) { gate.wait(); });
  thread other([&, taken = crew.take(1)] { crew.run(1, taken); });
  for (int i = 0; i < 2; ++i) crew.hand_in(0, [](std::size_t) {});
  crew.hand_in(0, [&](std::size_t self) {
    for (int i = 0; i < 2; ++i) crew.run(2, crew.take(2));  // the thief
    crew.hand_in(self, [&](std::size_t) { gate.let_go(); });
    crew.wait(self, target);
  });
  work(crew, 0);
  other.join();
}

// A child runs within it, and has children itself; after that its own are its own again.
EXPLORE(Wait, AfterAJobWithinItAsBefore) {
  Crew crew(2);
  Gate gate;
  const JobPtr target = crew.hand_in(1, [&](std::size_t) { gate.wait(); });
  thread other([&, taken = crew.take(1)] { crew.run(1, taken); });
  crew.hand_in(0, [&](std::size_t self) {
    crew.hand_in(self, [&](std::size_t) { gate.let_go(); });
    const JobPtr child =
        crew.hand_in(self, [&](std::size_t same) { crew.wait(same, crew.hand_in(same, [](std::size_t) {})); });
    crew.wait(self, child);
    crew.wait(self, target);
  });
  work(crew, 0);
  other.join();
}

// Two wait for two jobs; the second of these ends when whoever waits for the first has gone on.
EXPLORE(Wait, EachHearsOfItsOwn) {
  Crew crew(3);
  std::array<JobPtr, 2> targets;
  for (JobPtr& target : targets) target = crew.hand_in(2, [](std::size_t) {});
  static_cast<void>(crew.take(2));
  static_cast<void>(crew.take(2));
  for (std::size_t worker = 0; worker < 2; ++worker) {
    crew.hand_in(worker, [&](std::size_t self) { crew.wait(self, targets[self]); });
  }
  thread one([&, job = crew.take(0)] { crew.run(0, job); });
  thread other([&, job = crew.take(1)] { crew.run(1, job); });
  crew.run(2, targets[0]);
  one.join();
  crew.run(2, targets[1]);
  other.join();
}
