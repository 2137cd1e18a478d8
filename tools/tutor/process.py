"""Runs one child at a time limit, in a process group of its own, and never leaves anything of it behind.

Output (stdout and stderr together) is kept up to a bound, its beginning and its end; what is between is dropped, so
that a child that prints for ever costs no memory. Safe to use from several threads: `stop_all()` ends every run, and
those that begin later, with `Stopped`.
"""
import os
import re
import selectors
import signal
import subprocess
import threading
import time
from typing import Callable, List, NamedTuple, Optional

KEPT = 48 * 1024  # bytes at each end of the output
GRACE = 4.0       # seconds that a child has after its limit, for its own report (half of it, if there are stacks already)
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")  # what would disturb the learner's terminal
_stopping = threading.Event()


class Stopped(Exception):
    """The run was ended from outside (Ctrl-C in another thread)."""


class Result(NamedTuple):
    status: int      # exit status; minus the signal's number when a signal ended it
    output: str
    seconds: float
    timed_out: bool
    stacks: str      # what on_limit returned


class _Kept:
    def __init__(self):
        self.head, self.tail, self.dropped = bytearray(), bytearray(), 0

    def add(self, data: bytes):
        room = KEPT - len(self.head)
        self.head += data[:room]
        self.tail += data[room:] if room > 0 else data
        if len(self.tail) > 2 * KEPT:
            self.dropped += len(self.tail) - KEPT
            del self.tail[:-KEPT]

    def text(self) -> str:
        middle = f"\n… {self.dropped} bytes left out …\n".encode() if self.dropped else b""
        text = (bytes(self.head) + middle + bytes(self.tail)).decode("utf-8", "replace")
        return CONTROL.sub("", text)


def stop_all():
    _stopping.set()


def run(command: List[str], cwd, limit: float, environment: Optional[dict] = None,
        on_tick: Optional[Callable[[], None]] = None, on_limit: Optional[Callable[[int], str]] = None) -> Result:
    """Runs the command. on_tick is called some 20 times a second and may raise, which ends the child; on_limit gets
    the child's id when its time is up, before it is killed, and returns text about it."""
    started = time.monotonic()
    child = subprocess.Popen(command, cwd=cwd, env=environment, start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    kept, timed_out, stacks = _Kept(), False, ""
    deadline = started + limit
    try:
        while _pump(child, kept):
            if on_tick:
                on_tick()
            if _stopping.is_set():
                raise Stopped
            if time.monotonic() > deadline:
                if timed_out:
                    break
                timed_out = True
                stacks = on_limit(child.pid) if on_limit else ""
                deadline = time.monotonic() + (0 if not on_limit else GRACE / 2 if stacks else GRACE)
        seconds = time.monotonic() - started
    finally:
        kill_group(child.pid)
        child.wait()
        _drain(child, kept)
        child.stdout.close()
    return Result(child.returncode, kept.text(), seconds, timed_out, stacks)


def kill_group(group: int):
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        pass


def _pump(child, kept: _Kept) -> bool:
    """Waits up to 50 ms for output or for the end; False when the child has ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        if selector.select(0.05):
            data = os.read(child.stdout.fileno(), 65536)
            if data:
                kept.add(data)
                return True
            time.sleep(0.005)  # it closed its output and may be about to end
    return child.poll() is None


def _drain(child, kept: _Kept):
    """Reads what is left in the pipe, without waiting for anybody who still holds its other end."""
    os.set_blocking(child.stdout.fileno(), False)
    try:
        for _ in range(64):
            data = os.read(child.stdout.fileno(), 65536)
            if not data:
                return
            kept.add(data)
    except BlockingIOError:
        pass
