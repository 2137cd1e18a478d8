"""`watch`: tests the learner's code after every save, and listens to keys: n next, h hint, l list, r run again, q quit.

The screen has, from its top: the exercise, how far one is in the course, the first failed assertion, what else fails, the
hint that was asked for last. It begins where one was when one left.
The terminal reads single keys meanwhile and is put back on every way out, also while the tutor is suspended. A run is
ended when a file is saved or a key asks for something else. Without a terminal it tests once and says so.
"""
import os
import select
import signal
import sys
import time
from typing import List, Optional, Set

from . import commands
from .attempt import all_pass
from .catalogue import Exercise
from .commands import Session
from .show import cut

try:
    import termios
    import tty
except ImportError:
    termios = None

POLL = 0.3  # seconds between two looks at the files
KEYS = "n next · h hint · l list · r run again · q quit"
KEYS_SHORT = "n next h hint l list r run q quit"
AROUND = 12  # lines that stand around the first failed assertion


class Interrupted(Exception):
    """A run shall end: a key was pressed, or a file saved."""


class Keyboard:
    """Single keys from the terminal, without waiting. A context manager, so that the terminal is always put back."""

    def __enter__(self):
        self._file = sys.stdin.fileno()
        self._saved = termios.tcgetattr(self._file)
        self._old = {number: signal.signal(number, handler) for number, handler in
                     ((signal.SIGTSTP, self._suspend), (signal.SIGCONT, self._resume))}
        tty.setcbreak(self._file)
        return self

    def __exit__(self, *_):
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._saved)
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _suspend(self, *_):
        termios.tcsetattr(self._file, termios.TCSADRAIN, self._saved)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _resume(self, *_):
        tty.setcbreak(self._file)

    def key(self, seconds: float = 0) -> str:
        """The key that was pressed within that time, or ''. 'q' when the terminal is gone."""
        ready, _, _ = select.select([self._file], [], [], seconds)
        if not ready:
            return ""
        try:
            return os.read(self._file, 1).decode("ascii", "replace").lower() or "q"
        except OSError:
            return "q"


class Watcher:
    def __init__(self, session: Session, exercise: Exercise, keyboard: Keyboard):
        self.session, self.exercise, self.keyboard = session, exercise, keyboard
        self._pending: Optional[str] = None
        self._seen: dict = {}
        self._looked = 0.0

    def run(self) -> int:
        again = True
        while True:
            if again:
                self._attempt()
            key = self._pending or self._wait()
            self._pending = None
            again = key in ("save", "r")
            if key == "q":
                self.session.screen.line()
                return 0
            if key == "n":
                again = self._next()
            elif key == "h":
                commands.hint(self.session, [self.exercise.id], set())
            elif key == "l":
                commands.show_list(self.session, [], set())

    def _attempt(self):
        screen, exercise = self.session.screen, self.exercise
        if screen.live:
            print("\x1b[2J\x1b[H", end="")
        self.session.workspace.prepare(exercise)
        self._seen = self._times()
        self._head()
        hint = commands.last_hint(self.session, exercise)
        screen.begin(room=max(8, screen.height - AROUND - (4 if hint else 0)))
        try:
            rows = commands.judged(self.session, exercise, self._tick)
        except Interrupted:
            screen.clear_status()
            return
        if all_pass(rows):
            screen.prose(f"Compare with ours, and read why: ./learn diff {exercise.id}. n goes on.")
            screen.line(self.session.bar())
            return
        if rows:
            screen.line(commands.passed(rows))
        if hint:
            screen.prose(hint)

    def _head(self):
        """The exercise and how far one is; before the first save also what it asks."""
        session, screen, exercise = self.session, self.session.screen, self.exercise
        screen.line(commands.title(session, exercise))
        tries, hints = session.progress.tries(exercise.id), session.progress.hints(exercise.id)
        sofar = [f"tries: {tries}"] * bool(tries) + [f"hints: {hints} of {len(exercise.hints)}"] * bool(hints)
        screen.line(cut(" · ".join([session.bar(), *sofar]), screen.width))
        if session.workspace.untouched(exercise):
            screen.line()
            commands.task(session, exercise)
            screen.line()

    def _tick(self):
        key = self.keyboard.key()
        if key and key in "nhlrq":
            self._pending = key
        elif self._saved():
            self._pending = "save"
        if self._pending:
            raise Interrupted

    def _wait(self) -> str:
        long = f"watching · {KEYS}"
        self.session.screen.status(long if len(long) + 5 < self.session.screen.width else KEYS_SHORT)
        while True:
            key = self.keyboard.key(POLL)
            if key and key in "nhlrq":
                return key
            if self._saved():
                return "save"

    def _saved(self) -> bool:
        now = time.monotonic()
        if now - self._looked < POLL:
            return False
        self._looked = now
        times = self._times()
        if None in times.values():  # some editors remove the file first: it is about to come back
            return False
        changed, self._seen = times != self._seen, times
        return changed

    def _times(self) -> dict:
        def stamp(file):
            try:
                status = file.stat()
                return status.st_mtime_ns, status.st_size
            except OSError:
                return None

        files = [*self.session.workspace.files(self.exercise), *self.exercise.tests()]
        return {str(file): stamp(file) for file in files}

    def _next(self) -> bool:
        following = self.session.next_unsolved(self.exercise)
        if following is None or following.id == self.exercise.id:
            self.session.screen.line("Every exercise is solved." if following is None else
                                     "This is the next one: it is not solved yet.")
            return False
        self.exercise = following
        return True


def watch(session: Session, ids: List[str], _options: Set[str]) -> int:
    exercise = session.exercise(ids)
    if termios is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
        session.screen.line("watch needs a terminal to listen to keys; testing once instead.")
        return 0 if commands.attempt(session, exercise) else 1
    with Keyboard() as keyboard:
        return Watcher(session, exercise, keyboard).run()
