"""Stacks of a process that hangs, by gdb where it is there and allowed; '' otherwise (then the test's own watchdog
prints them a moment later)."""
import re
import shutil
import subprocess
from typing import List, NamedTuple, Tuple

from .report import is_own, name

DEPTH = 40
LIMIT = 10.0  # seconds for gdb
THREAD = re.compile(r"^Thread (\d+) \(")
FRAME = re.compile(r"^#\d+\s+(?:0x[0-9a-f]+ in )?(?P<function>.+?) \((?P<rest>.*)$")
PLACE = re.compile(r" at (\S+:\d+)$")
WAITS = (("pthread_cond", "waiting on a condition variable"), ("lll_lock", "waiting for a mutex"),
         ("pthread_mutex_lock", "waiting for a mutex"), ("pthread_join", "waiting for a thread to end"),
         ("pthread_clockjoin", "waiting for a thread to end"), ("atomic_wait", "waiting on an atomic"),
         ("atomic_futex", "waiting for a future"), ("sem_wait", "waiting on a semaphore"), ("pause", "sleeping"),
         ("nanosleep", "sleeping"), ("sched_yield", "giving way to others, again and again"))


class Frame(NamedTuple):
    function: str
    place: str  # file:line, '' where that is not known


def stacks(pid: int) -> str:
    gdb = shutil.which("gdb")
    if not gdb:
        return ""
    command = [gdb, "-batch", "-nx", "-p", str(pid), "-ex", "set width 0", "-ex", "set print frame-arguments none",
               "-ex", f"thread apply all backtrace {DEPTH}"]
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                              timeout=LIMIT, check=False).stdout
    except subprocess.TimeoutExpired:
        return ""
    return "\n".join(readable(said))


def readable(said: str) -> List[str]:
    """Thread by thread: what it waits for, and the frames of the learner and the course. Frames of the libraries
    and of the test tools, and threads that have no others, are left out."""
    lines: List[str] = []
    for number, frames in sorted(threads(said)):
        own = [frame for frame in frames if frame.place and is_own(frame.place)]
        if not own:
            continue
        lines.append(f"thread {number}, {doing(frames)}")
        lines += [f"  {frame.place}  {name(frame.function)}" for frame in own]
    return lines


def threads(said: str) -> List[Tuple[int, List[Frame]]]:
    found: List[Tuple[int, List[Frame]]] = []
    for line in said.splitlines():
        thread, frame = THREAD.match(line), FRAME.match(line)
        if thread:
            found.append((int(thread.group(1)), []))
        elif frame and found:
            place = PLACE.search(frame.group("rest"))
            found[-1][1].append(Frame(frame.group("function"), place.group(1) if place else ""))
    return found


def doing(frames: List[Frame]) -> str:
    for frame in frames[:8]:
        for part, meaning in WAITS:
            if part in frame.function:
                return meaning
    return "running"
