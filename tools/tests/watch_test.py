"""`watch` on a pseudo-terminal: keys, saves, Ctrl-C, and the terminal as it was; and without a terminal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

from course import ENTRY, PATCH, SOLUTION, TEST, CourseTest, clean_environment


class Terminal:
    """A child on a terminal of its own, with what it printed."""

    def __init__(self, command, width: int = 80, **environment):
        self.text = self.last = ""
        self.child, self.file = pty.fork()
        if self.child == 0:
            try:
                os.execve(command[0], command, {**clean_environment(), "TERM": "xterm", **environment})
            finally:
                os._exit(127)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.file)[3] & (termios.ICANON | termios.ECHO)

    def modes_become(self, wanted, seconds: float = 5) -> bool:
        deadline = time.monotonic() + seconds
        while self.modes() != wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.modes() == wanted

    def send(self, keys: str):
        os.write(self.file, keys.encode())

    def wait_for(self, pattern: str, seconds: float = 30) -> bool:
        """True as soon as the pattern was printed since the last call."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            match = re.search(pattern, self.text)
            if match:
                self.last = match.group(0)
                self.text = self.text[match.end():]
                return True
            if select.select([self.file], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.file, 65536).decode("utf-8", "replace")
                except OSError:
                    break
        return bool(re.search(pattern, self.text))

    def status(self, seconds: float = 10) -> int:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.wait_for("(?!)", 0.1)
            done, status = os.waitpid(self.child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        raise AssertionError("it did not end:\n" + self.text)


class WatchTest(CourseTest):
    def start(self, *words, **options) -> Terminal:
        terminal = Terminal(self.course.command(*(words or ("watch",))), **options)
        self.addCleanup(os.close, terminal.file)
        return terminal

    def expect(self, terminal: Terminal, pattern: str):
        self.assertTrue(terminal.wait_for(pattern), f"no '{pattern}' in:\n{terminal.text}")


class Watch(WatchTest):
    def setUp(self):
        super().setUp()
        self.course.answer("return 41;")

    # C6 (part)
    def test_a_save_tests_again_and_keys_work_and_the_terminal_is_put_back(self):
        terminal = self.start()
        before = terminal.modes()
        self.expect(terminal, "WRONG")
        self.expect(terminal, "q quit")
        self.assertEqual(terminal.modes(), 0, "keys are read one by one, without echo")
        terminal.send("h")
        self.expect(terminal, "hint 1 of 3")
        terminal.send("l")
        self.expect(terminal, "begun")
        terminal.send("r")
        self.expect(terminal, "WRONG")
        self.expect(terminal, "q quit")
        self.course.answer("return 42;")
        self.expect(terminal, "Solved")
        self.expect(terminal, "1/1")
        self.expect(terminal, "q quit")
        terminal.send("n")
        self.expect(terminal, "Every exercise is solved")
        terminal.send("q")
        self.assertEqual(terminal.status(), 0)
        self.assertEqual(terminal.modes(), before)

    def test_ctrl_c_while_waiting(self):
        terminal = self.start()
        before = terminal.modes()
        self.expect(terminal, "q quit")
        terminal.send("\x03")
        self.assertEqual(terminal.status(), 130)
        self.assertEqual(terminal.modes(), before)

    def test_ctrl_c_and_keys_while_a_test_hangs(self):
        self.course.change("exercises.toml", "time_limit = 1\n", "time_limit = 60\n")
        self.addCleanup(self.course.change, "exercises.toml", "time_limit = 60\n", "time_limit = 1\n")
        self.course.answer("for (;;) pause();", "#include <unistd.h>")
        terminal = self.start()
        self.expect(terminal, r"running Answer\.IsRight")
        terminal.send("h")
        self.expect(terminal, "hint 1 of 3")
        terminal.send("r")
        self.expect(terminal, r"running Answer\.IsRight")
        self.course.answer("return 41;")  # a save ends the run too
        self.expect(terminal, "WRONG")
        self.course.answer("for (;;) pause();", "#include <unistd.h>")
        self.expect(terminal, r"running Answer\.IsRight")
        terminal.send("\x03")
        self.assertEqual(terminal.status(), 130)

    def test_suspend_gives_the_terminal_back_meanwhile(self):
        terminal = self.start()
        before = terminal.modes()
        self.expect(terminal, "q quit")
        os.kill(terminal.child, signal.SIGTSTP)
        self.assertTrue(terminal.modes_become(before))
        os.kill(terminal.child, signal.SIGCONT)
        self.assertTrue(terminal.modes_become(0))
        terminal.send("q")
        self.assertEqual(terminal.status(), 0)

    def test_a_file_that_is_gone_for_a_moment(self):
        terminal = self.start()
        self.expect(terminal, "q quit")
        (self.course.own / "answer.hpp").rename(self.course.own / "answer.tmp")
        self.assertFalse(terminal.wait_for("WRONG|TODO", 1), "nothing to test meanwhile")
        self.assertFalse((self.course.own / "answer.hpp").exists())
        self.course.answer("return 42;")
        self.expect(terminal, "Solved")
        terminal.send("q")
        self.assertEqual(terminal.status(), 0)

    def test_colours_and_no_color(self):
        terminal = self.start("try")
        self.expect(terminal, "\x1b\\[31mWRONG")
        terminal.status()
        terminal = self.start("try", NO_COLOR="1")
        terminal.status()
        self.assertIn("WRONG", terminal.text)
        self.assertNotIn("\x1b[3", terminal.text)

    def test_lines_fit_eighty_columns_and_fewer(self):
        for width in (80, 40):
            terminal = self.start("list", width=width)
            terminal.status()
            for line in re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", terminal.text).split("\r\n"):
                self.assertLessEqual(len(line), width, line)

    def test_reset_asks_on_a_terminal(self):
        terminal = self.start("reset", "e1")
        self.expect(terminal, r"\[y/N\]")
        terminal.send("n\n")
        self.assertEqual(terminal.status(), 1)
        self.assertIn("41", (self.course.own / "answer.hpp").read_text())

    def test_without_a_terminal_it_tests_once_and_says_so(self):
        result = self.course.tutor("watch")
        self.assertIn("needs a terminal", result.stdout)
        self.assertIn("WRONG", result.stdout)
        self.assertEqual(result.returncode, 1)

    def test_with_a_pipe_as_output(self):
        result = subprocess.run(self.course.command("watch"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                timeout=30, check=False)
        self.assertNotIn("\x1b", result.stdout)


class Screen(WatchTest):
    """What stands where, with two exercises; a failed assertion of the second test is not shown in full."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        write, exercises = cls.course.write, cls.course.exercises
        second = [text.replace("e1_answer", "e2_other").replace("42", "43").replace("41", "42") for text in (ENTRY, TEST)]
        write(exercises / "exercises.toml", ENTRY + second[0])
        write(exercises / "e2_other/README.md", "# Find the other\n\nIt is one more.\n")
        write(exercises / "e2_other/test.cpp", second[1])
        write(exercises / "e2_other/solution/answer.hpp", SOLUTION.replace("42", "43"))
        write(exercises / "e2_other/mutants/one_less.patch", PATCH.replace("42", "43").replace("41", "42"))
        cls.course.tutor("skeleton")
        write(exercises / "e1_answer/test.cpp", TEST + "TEST(Again, IsEven) { EXPECT_TRUE(answer() % 2 == 0); }\n")

    def frame(self, terminal: Terminal) -> str:
        """What was printed until it waits for a key, without colours and passing lines."""
        shown = ""
        while "q quit" not in shown and terminal.wait_for("(?s).+"):
            shown += terminal.last
        shown = re.sub(r"\r\x1b\[K", "\n", shown)
        return re.sub(r"\x1b\[[0-9;]*[a-zA-Z]", "", shown).replace("\r\n", "\n")

    # C6 (part)
    def test_what_failed_first_stands_on_top_with_its_assertion_and_a_link_to_what_the_verdict_means(self):
        self.course.answer("return 41;")
        shown = self.frame(self.start())
        order = ["e1_answer · Find the answer", "[----", "0/2", "WRONG  Answer.IsRight", "not true: answer() == 42",
                 "docs/verdicts.md#wrong", "WRONG  Again.IsEven", "Whole output: build/tutor/output/e1_answer.txt", "1 of 3 pass."]
        places = [shown.find(each) for each in order]
        self.assertNotIn(-1, places, shown)
        self.assertEqual(places, sorted(places), shown)
        self.assertNotIn("% 2", shown, "of the second failure its name is enough")
        self.assertNotIn("PASS", shown)

    # C6 (part)
    def test_what_the_compiler_says_is_folded_to_its_first_error(self):
        self.course.answer("return one + two; }\ninline int more() { return three;")
        shown = self.frame(self.start())
        self.assertRegex(shown, r"0/2[^\n]*\n[^/]*It does not compile:\n  my/01-basic-pool/e1_answer/answer.hpp:4:\d+: error: .*one")
        self.assertNotIn("three", shown)
        self.assertRegex(shown, "… and [12] more errors?; the first is the one to mend first")
        self.assertIn("Whole output: build/tutor/output/e1_answer.txt", shown)
        self.assertIn("three", (self.course.root / "build/tutor/output/e1_answer.txt").read_text())

    # C6 (part)
    def test_hint_by_hint_and_the_last_one_stays(self):
        self.course.answer("return 41;")
        terminal = self.start()
        self.frame(terminal)
        for number, text in enumerate(["It is a number.", "It is even.", "It is 42."], start=1):
            terminal.send("h")
            self.assertIn(f"hint {number} of 3: {text}", self.frame(terminal))
        terminal.send("r")
        shown = self.frame(terminal)
        self.assertIn("hints: 3 of 3", shown)
        self.assertIn("hint 3 of 3: It is 42.", shown)

    # C6 (part)
    def test_it_goes_on_where_one_was(self):
        shown = self.frame(self.start("watch", "e2"))
        self.assertIn("It is one more.", shown, "before the first save it says what is asked")
        terminal = self.start()
        self.assertIn("e2_other · Find the answer", self.frame(terminal))
        own = self.course.root / "my/01-basic-pool/e2_other/answer.hpp"
        self.course.write(own, "#pragma once\ninline int answer() { return 43; }\n")
        self.assertIn("Solved", self.frame(terminal))
        terminal.send("n")  # after the last one come those that were left out
        shown = self.frame(terminal)
        self.assertRegex(shown, r"e1_answer · (.|\n)*1/2")
        terminal.send("q")
        self.assertEqual(terminal.status(), 0)


if __name__ == "__main__":
    unittest.main()
