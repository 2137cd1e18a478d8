"""The parts that need no compiler: skeletons, compiler messages, stacks, timelines, captured output."""
import io
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tutor import catalogue, process, verdict  # noqa: E402
from tutor.build import dependencies  # noqa: E402
from tutor.catalogue import UsageError  # noqa: E402
from tutor.diagnostics import readable  # noqa: E402
from tutor.progress import Progress  # noqa: E402
from tutor.report import shortened  # noqa: E402
from tutor.attempt import Row  # noqa: E402
from tutor.show import Screen, cut_test  # noqa: E402
from tutor.skeleton import SkeletonError, clean, skeleton  # noqa: E402
from tutor.stacks import readable as readable_stacks  # noqa: E402
from tutor.timeline import fit  # noqa: E402

SOLUTION = """\
// Contract.
#include <mutex>

#include <pool/basic/sync.hpp>
// #todo
#include <deque>
// #end

// #region all
int f(int n) {
  // #todo say "n"
  return n;
  // #end
}
// #endregion all

// #todo
int helper();
// #end

int g(int n) {
  // #todo
  return n + 1;
  // #instead
  // static_cast<void>(n);
  //
  // return 0;
  // #end
}

// #todo
// Why.
// #end
"""


class Skeletons(unittest.TestCase):
    def test_skeleton(self):
        self.assertEqual(skeleton(SOLUTION, "s.hpp"), """\
// Contract.
#include <mutex>

#include <pool/basic/sync.hpp>
#include <pool/testing/todo.hpp>

int f(int n) {
  POOL_TODO("say \\"n\\"");
}

int g(int n) {
  static_cast<void>(n);

  return 0;
}
""")

    def test_solution_as_it_is_shown(self):
        text = clean(SOLUTION, "s.hpp")
        self.assertNotIn("#todo", text)
        self.assertNotIn("#region", text)
        self.assertIn("int g(int n) {\n  return n + 1;\n}\n\n// Why.\n", text)

    def test_markers_out_of_place(self):
        for text, message in (("// #end\n", "s:1: '#end' without"), ("// #todo a\n", "s:1: the block that begins here"),
                              ("// #instead\n", "s:1: '#instead' without"), ("// #todo\n// #todo\n", "s:2: a '#todo' inside"),
                              ("// #todo a\n// #instead\n// #end\n", "s:2: the block of line 1 has a text and"),
                              ("// #todo\n// #instead\nx\n// #end\n", "s:3: a line after '#instead'")):
            with self.subTest(text), self.assertRaises(SkeletonError) as caught:
                skeleton(text, "s")
            self.assertIn(message, str(caught.exception))


class Compiler(unittest.TestCase):
    def test_errors_before_warnings_and_counted(self):
        said = ("In file included from t.cpp:1:\nmy/a.hpp: In function 'int f()':\nmy/a.hpp:1:5: warning: unused\n    1 | w\n" +
                "".join(f"my/a.hpp:{n}:5: error: no {n}\n    {n} | code\n" for n in range(2, 7)))
        lines = readable(said)
        self.assertEqual(lines[:2], ["my/a.hpp:2:5: error: no 2", "    2 | code"])
        self.assertIn("and 4 more errors", lines[-1])
        self.assertEqual(len(lines), 3)
        self.assertNotIn("unused", "\n".join(lines))

    def test_linker(self):
        said = "/usr/bin/ld: a.o: in function `f':\nt.cpp:3: undefined reference to `pool::g()'\ncollect2: error: ld returned 1\n"
        self.assertEqual(readable(said)[1], "  undefined reference to `pool::g()'")

    def test_dependencies(self):
        self.assertEqual(dependencies("a.o: t.cpp \\\n my/./a.hpp \\\n with\\ space.hpp\n"), ["my/a.hpp", "t.cpp", "with space.hpp"])


class Stacks(unittest.TestCase):
    SAID = """
Thread 2 (Thread 0x7f (LWP 2) "watchdog"):
#0  0x0000 in pthread_cond_wait () at ./nptl/wait.c:1
#1  watch (this=...) at 01-basic-pool/testing/pool/testing/watchdog.cpp:3
Thread 1 (Thread 0x7f (LWP 1) "test"):
#0  __futex_abstimed_wait (...) at ./nptl/futex.c:57
#1  0x0000 in __GI___pthread_cond_wait (cond=...) at ./nptl/pthread_cond_wait.c:618
#2  0x0000 in Channel<std::vector<int> >::receive (this=...) at my/01-basic-pool/e1/channel.hpp:36
#3  0x0000 in testing::Run (...) at /usr/src/gtest.cc:1
"""

    def test_what_matters_is_left(self):
        self.assertEqual(readable_stacks(self.SAID), ["thread 1, waiting on a condition variable",
                                                      "  my/01-basic-pool/e1/channel.hpp:36  Channel::receive"])


class Reports(unittest.TestCase):
    SAID = """\
==================
WARNING: ThreadSanitizer: data race (pid=7)
  Write of size 1 at 0x7f by main thread:
    #0 Channel<int>::close() my/01-basic-pool/e1/channel.hpp:47 (d7fa+0x2b)
    #1 void testing::internal::Run() <null> (d7fa+0x72)

  Previous read of size 1 at 0x7f by thread T2:
    #0 f()::{lambda()#1}::operator()() const my/01-basic-pool/e1/channel.hpp:36 (d7fa+0x2b)
    #1 std::thread::run() /usr/include/c++/12/bits/std_thread.h:252 (d7fa+0x2b)

  As if synchronized via sleep:
    #0 Test_Body() 01-basic-pool/exercises/e1/test.cpp:7 (d7fa+0x2b)

SUMMARY: ThreadSanitizer: data race
==================
"""

    def test_what_matters_is_left(self):
        self.assertEqual("\n".join(shortened(self.SAID.splitlines())).strip(), """\
WARNING: ThreadSanitizer: data race
  Write of size 1 at 0x7f by main thread:
    my/01-basic-pool/e1/channel.hpp:47  Channel::close

  Previous read of size 1 at 0x7f by thread T2:
    my/01-basic-pool/e1/channel.hpp:36  (a lambda)""")


class Timelines(unittest.TestCase):
    TABLE = ["before", " step | body   | thread 1 | where", "    1 | start  |          | ", "    2 |        | lock m   | a.hpp:3", "after"]

    def test_fits(self):
        self.assertEqual(fit(self.TABLE, 80), self.TABLE)

    def test_does_not_fit(self):
        self.assertEqual(fit(self.TABLE, 34), ["before", "   1  body      start", "   2  thread 1  lock m  [a.hpp:3]", "after"])

    def test_nor_does_one_whose_beginning_was_left_out(self):
        table = [*self.TABLE[:2], "… 1 earlier steps", self.TABLE[3]]
        self.assertEqual(fit(table, 34), ["before", "… 1 earlier steps", "   2  thread 1  lock m  [a.hpp:3]"])


class ProgressTest(unittest.TestCase):
    def test_of_two_commands_at_once_both_are_noted(self):
        with tempfile.TemporaryDirectory() as folder:
            slow, quick = Progress(Path(folder)), Progress(Path(folder))
            quick.update("e1", solved="2026-01-01")
            slow.update("e2", solved="2026-01-02")
            seen = Progress(Path(folder))
            self.assertTrue(seen.solved("e1") and seen.solved("e2"))
            quick.forget("e1")
            self.assertTrue(quick.solved("e2"))


class Names(unittest.TestCase):
    def test_a_long_name_keeps_what_tells_it_apart(self):
        name = "Mine/PoolShutsDown/0.DiscardDropsTheQueue"
        for room, shown in ((41, name), (40, "…ne/PoolShutsDown/0.DiscardDropsTheQueue"), (21, "…DiscardDropsTheQueue"),
                            (20, "DiscardDro…sTheQueue"), (9, "Disc…ueue")):
            self.assertEqual(cut_test(name, room), shown)
            self.assertLessEqual(len(shown), 41)
        self.assertEqual(cut_test("(before the first test)", 10), "(befo…est)")

    def test_so_it_does_in_its_row(self):
        with mock.patch.dict(os.environ, COLUMNS="40"), mock.patch("sys.stdout", io.StringIO()) as out:
            Screen().row(Row("Mine/PoolShutsDown/0.DiscardDropsTheQueue", verdict.Judgement("PASS", []), 1.5))
        self.assertEqual(out.getvalue(), "  PASS   …/0.DiscardDropsTheQueue 1.5 s\n")


class Output(unittest.TestCase):
    def test_beginning_and_end_of_much_output_are_kept(self):
        result = process.run([sys.executable, "-c", "print('first'); print('x' * 10**7); print('last')"], ".", 20)
        self.assertTrue(result.output.startswith("first"))
        self.assertTrue(result.output.endswith("last\n"))
        self.assertLess(len(result.output), 200_000)
        self.assertIn("bytes left out", result.output)

    def test_what_would_disturb_the_terminal_is_taken_out(self):
        result = process.run(["printf", "\\033[2Jred\\a\\r\\tx\\n"], ".", 20)
        self.assertEqual(result.output, "red\tx\n")

    def test_a_grandchild_that_holds_the_pipe_delays_nothing(self):
        began = time.monotonic()
        result = process.run(["sh", "-c", "setsid sleep 3 & echo done"], ".", 20)
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual(result.output, "done\n")

    def test_a_tick_that_raises_ends_the_child(self):
        def tick():
            raise KeyError
        with self.assertRaises(KeyError):
            process.run(["sleep", "30"], ".", 60, on_tick=tick)

    def test_every_verdict_has_a_paragraph(self):
        page = (Path(__file__).resolve().parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")
        for name in verdict.MEANING:
            self.assertIn(f"\n## {name}\n", page)


class HangTest(unittest.TestCase):
    def test_checks_that_failed_before_a_hang_are_shown_with_it(self):
        output = ("[ RUN      ] Task.X\ne4/test.cpp:69: Failure\nExpected: task() doesn't throw.\n  Actual: it throws.\n\n"
                  "something else\n")
        shown = verdict.judge(process.Result(-9, output, 10.0, True, "thread 1, waiting for a future, e4/test.cpp:70"))
        self.assertEqual(shown.verdict, "HANG")
        self.assertEqual(shown.detail, ["e4/test.cpp:69: Failure", "Expected: task() doesn't throw.", "  Actual: it throws.",
                                        "thread 1, waiting for a future, e4/test.cpp:70"])


class LongOutput(unittest.TestCase):
    def test_of_a_timeline_the_end_is_kept_and_of_other_output_the_beginning(self):
        steps = [f"  {at:4} | lock | | a.cpp:1" for at in range(1, 81)]
        shown = verdict.bounded(["deadlock", "  step | body | thread 1 | where", *steps])
        self.assertEqual(shown[:2], ["deadlock", "  step | body | thread 1 | where"])
        self.assertRegex(shown[2], "^… 42 earlier steps$")
        self.assertEqual(shown[-1], steps[-1])
        other = verdict.bounded([f"line {at}" for at in range(80)])
        self.assertEqual(other[0], "line 0")
        self.assertEqual(other[-1], "… 40 more lines")


class Tests(unittest.TestCase):
    def test_the_files_that_a_named_test_may_be_in(self):
        capstone = catalogue.load(Path(__file__).resolve().parent.parent.parent).find("e14")
        names = lambda named: [file.name for file in capstone.tests(named)]  # noqa: E731
        self.assertEqual(names(""), ["test.cpp", "test_counts.cpp", "test_overflows.cpp"])
        self.assertEqual(names("Mine/PoolIdles/0.WaitIdleIsWokenByTheLastJob"), ["test_counts.cpp"])
        self.assertEqual(names("Mine/PoolIdle/0.NobodySpeaksOfIt"), names(""))


class Find(unittest.TestCase):
    def test_a_number_means_one_exercise_though_others_begin_with_it(self):
        real = catalogue.load(Path(__file__).resolve().parent.parent.parent)
        self.assertEqual(real.find("e1").id, "e1_wait_predicate")
        self.assertEqual(real.find("02/e10").id, "e10_job_waits_for_itself")
        with self.assertRaises(UsageError):
            real.find("e")


if __name__ == "__main__":
    unittest.main()
