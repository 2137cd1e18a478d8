"""`watch`: tests the learner's code after every save, and listens to keys: n next, h hint, l list, r run again, q quit.

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
from .catalogue import Exercise
from .commands import Session

try:
    import termios
    import tty
except ImportError:
    termios = None

POLL = 0.3  # seconds between two looks at the files
KEYS = "n next · h hint · l list · r run again · q quit"


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
        screen = self.session.screen
        if screen.live:
            print("\x1b[2J\x1b[H", end="")
        self.session.workspace.prepare(self.exercise)
        self._seen = self._times()
        try:
            commands.attempt(self.session, self.exercise, self._tick)
        except Interrupted:
            screen.clear_status()

    def _tick(self):
        key = self.keyboard.key()
        if key and key in "nhlrq":
            self._pending = key
        elif self._saved():
            self._pending = "save"
        if self._pending:
            raise Interrupted

    def _wait(self) -> str:
        self.session.screen.status(f"watching · {KEYS}")
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
        following = self.session.first_unsolved()
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
