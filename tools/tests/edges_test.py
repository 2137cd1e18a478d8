"""When edges.py complains, in a small course of one page, two stages and a room."""
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / "edges.py"
ROOT = TOOL.parent.parent
PAGE = "docs/memory-ordering.md"
DEQUE = """\
// A deque. [stamp] is what the head of a file may mention.
#pragma once
void push() {
  bottom_.store(1, release);  // [publish] pairs with steal()
}
int steal() {
  return bottom_.load(acquire);  // [publish]
}
"""
TEXT = """\
# Memory ordering

| Edge | This end |
|---|---|
| **publish** | the store |

## What stage 01 uses

One atomic.

## What stage 02 uses

*publish* as before, and these:

| Edge | This end |
|---|---|
| **whole**, **half way** | the store |

## To read on
"""
STAGE_2 = """\
#pragma once
void write() { bottom.store(2); }  // [publish]
void read() { bottom.load(); }     // [publish]
void one() { a.store(1); }  // [whole] pairs with two()
void two() { a.load(); }    // [whole]
void left() { b.fetch_add(1); }  // [half way] pairs with itself: who comes second sees all
"""


class EdgesTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="edges-test-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.write("01-toy/include/pool/toy/deque.hpp", DEQUE)
        self.write("02-more/src/more.cpp", STAGE_2)
        self.write(PAGE, TEXT)

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def change(self, name, before, after):
        text = (self.root / name).read_text(encoding="utf-8")
        self.assertIn(before, text)
        self.write(name, text.replace(before, after))

    def edges(self, *words):
        return subprocess.run([sys.executable, str(TOOL), "--root", str(self.root), *words], capture_output=True, text=True,
                              check=False, timeout=30)

    def complaints(self):
        result = self.edges("--check")
        self.assertEqual(result.returncode, 1 if result.stderr else 0, result.stdout)
        return result.stderr.splitlines()

    def expect(self, *complaints):
        got = self.complaints()
        self.assertEqual(len(got), len(complaints), got)
        for wanted in complaints:
            self.assertTrue(any(wanted in line for line in got), f"{wanted}\n{got}")

    def test_what_is_in_order_passes_and_is_listed(self):
        self.expect()
        self.assertIn("4 edges with 7 ends in 2 stages and rooms, 0 problems", self.edges().stdout)
        self.assertIn("publish      deque.hpp:4, deque.hpp:7", self.edges().stdout)

    def test_an_end_without_another_one(self):
        self.change("02-more/src/more.cpp", "  // [whole] pairs with two()", "")
        self.expect("02-more/src/more.cpp:5: [whole] has one end only in 02-more; mark the other one")

    def test_a_function_in_place_of_the_other_end(self):
        self.change("02-more/src/more.cpp", "a.load(); }    // [whole]", "a.load(); }")
        self.expect()
        self.change("02-more/src/more.cpp", "pairs with two()", "pairs with tow() and the end of three()")
        self.expect("[whole] has one end only", "[whole] pairs with tow(), and there is no such function",
                    "[whole] pairs with three(), and there is no such function")

    def test_a_function_that_only_a_comment_names_is_none(self):
        self.change("02-more/src/more.cpp", "void two() { a.load(); }", "void three() { a.load(\"two()\"); }  // once two()")
        self.expect("pairs with two(), and there is no such function")

    def test_a_function_of_an_earlier_stage_is_no_other_end_here_but_it_is_there(self):
        self.change("02-more/src/more.cpp", "pairs with two()", "pairs with steal()")
        self.expect()
        self.change("02-more/src/more.cpp", "a.load(); }    // [whole]", "a.load(); }")
        self.expect("[whole] has one end only in 02-more")

    def test_an_edge_in_place_of_the_other_end(self):
        self.change("02-more/src/more.cpp", "pairs with itself: who", "pairs with [whole]: who")
        self.expect()
        self.change("02-more/src/more.cpp", "  // [whole] pairs with two()", "")  # nor needs that one another
        self.expect()
        self.change("02-more/src/more.cpp", "pairs with [whole]", "pairs with [whale]")
        self.expect("[half way] has one end only", "[whole] has one end only",
                    "[half way] pairs with [whale], and no line has that; did you mean 'whole'?")

    def test_what_a_comment_goes_on_to_say_below_counts(self):
        self.change("02-more/src/more.cpp", "pairs with itself: who comes second sees all", "which\n// pairs with itself")
        self.expect()

    def test_an_edge_that_the_page_does_not_name(self):
        self.change(PAGE, "**whole**, ", "")
        self.expect("02-more/src/more.cpp:4: [whole] is not in 'What stage 02 uses' of docs/memory-ordering.md; give it a row "
                    "'| **whole** | … |'")

    def test_the_section_of_another_stage_does_not_count(self):
        self.change(PAGE, "*publish* as before, and these", "These")
        self.expect("02-more/src/more.cpp:2: [publish] is not in 'What stage 02 uses'")

    def test_a_name_over_two_lines_of_the_page(self):
        self.change(PAGE, "**whole**, **half way** | the store |\n", "**whole** | the store |\n\nAnd *half\nway*.\n")
        self.expect()

    def test_a_row_that_no_code_has(self):
        self.change(PAGE, "| **publish** |", "| **published** |")
        self.change(PAGE, "One atomic.", "*publish*.")
        self.expect("docs/memory-ordering.md:5: no line of stage 01 has the mark [published]; did you mean 'publish'?")

    def test_a_stage_without_a_section(self):
        self.change(PAGE, "## What stage 02 uses", "## Something else")
        self.expect("there is no section 'What stage 02 uses', and 02-more has the edges half way, publish, whole",
                    "docs/memory-ordering.md:17: no line of stage 01 has the mark [half way]",
                    "docs/memory-ordering.md:17: no line of stage 01 has the mark [whole]")

    def test_a_room_is_found_and_stands_for_itself(self):
        self.write("02-more/server/src/api.cpp", "int x;\nvoid in() { n.store(1); }  // [handing-in]\n")
        self.expect("02-more/server/src/api.cpp:2: [handing-in] has one end only in 02-more/server",
                    "[handing-in] is not in 'What stage 02 uses'")
        self.write("02-more/server/src/api.cpp", "int x;\nvoid in() { n.store(1); }  // [whole]\nint y = n;  // [whole]\n")
        self.expect()

    def test_what_is_no_mark(self):
        self.write("02-more/src/other.cpp", "int x;\n// as in a[i] or [text] { return text; } or [this](int) or f()[last]\n"
                   "// #region [what]\nauto y = \"// [string]\";\n")
        self.expect()

    def test_an_excuse_that_is_not_needed(self):
        self.write("02-bounded-queue/src/a.cpp", "int x;\nx.lock();  // [ended]\nint y;  // [ended]\nint z;  // [close]\n")
        self.change(PAGE, "*publish* as before", "*publish*, *close* and *ended* as before")
        self.expect("[ended] of 02-bounded-queue needs no excuse any more")

    def test_the_course_itself(self):
        result = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
