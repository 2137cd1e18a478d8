"""Seven verdicts, and how the end of a test's process becomes one of them."""
import re
import signal
from typing import List, NamedTuple

from .process import Result
from .report import shortened

TODO_STATUS, SLOW_STATUS, RACE_STATUS, MEMORY_STATUS, WATCHDOG_STATUS = 86, 87, 66, 67, 124

MEANING = {
    "PASS": "it does what the test asks",
    "WRONG": "a check failed, or an interleaving goes wrong; in a hunt, see below",
    "TODO": "it came to a place that you have not written yet",
    "RACE": "two threads used the same memory at once, without an order between them",
    "HANG": "it did not end in its time; the stacks show where each thread waits",
    "CRASH": "the program was ended by a signal, a memory error, or before the test was over",
    "SLOW": "right, but slower than it should be",
}
SHOWN_LINES = 40
FRAMEWORK = re.compile(r"^\s*#\d+\s+(\?$|main$|_start$|__libc_start|.*\btesting::)")  # frames below every test


class Judgement(NamedTuple):
    verdict: str
    detail: List[str]  # what the learner should see of the output

    @property
    def link(self) -> str:
        return f"docs/verdicts.md#{self.verdict.lower()}"


def judge(result: Result, soft_limit: float = 0) -> Judgement:
    """What became of one test. GoogleTest's own success must be in the output: an early exit(0) is no PASS."""
    lines = result.output.splitlines()
    if result.timed_out or result.status == WATCHDOG_STATUS:
        watchdog = [line for line in _after(lines, "HANG") if not FRAMEWORK.match(line)]
        stacks = result.stacks.splitlines() or watchdog or lines
        none = ["(no stacks: neither gdb nor the test's watchdog could print them)"]
        return Judgement("HANG", _failed_checks(lines) + (stacks or none))
    if result.status == TODO_STATUS:
        return Judgement("TODO", [line[5:] for line in lines if line.startswith("TODO ")][-1:])
    if result.status == SLOW_STATUS:
        return Judgement("SLOW", [line[5:] for line in lines if line.startswith("SLOW ")][-1:])
    if result.status == RACE_STATUS and "ThreadSanitizer:DEADLYSIGNAL" not in result.output:
        return Judgement("RACE", shortened(_after(lines, "WARNING: ThreadSanitizer") or lines))
    if result.status in (MEMORY_STATUS, RACE_STATUS):
        report = _after(lines, "ERROR: ") or _after(lines, "runtime error:") or lines
        return Judgement("CRASH", shortened(report))
    if result.status < 0:
        return Judgement("CRASH", [f"ended by {signal_name(-result.status)}"] + _essence(lines))
    ended = any(re.match(r"\[  (PASSED|FAILED)  \]", line) for line in lines)
    if result.status == 0 and ended:
        if soft_limit and result.seconds > soft_limit:
            return Judgement("SLOW", [f"took {result.seconds:.1f} s; it should take at most {soft_limit:g} s"])
        return Judgement("PASS", [])
    if ended:
        return Judgement("WRONG", _essence(lines))
    return Judgement("CRASH", [f"the program ended with status {result.status} before the test was over"] +
                     _essence(lines))


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _after(lines: List[str], start: str) -> List[str]:
    for at, line in enumerate(lines):
        if start in line:
            return lines[at:]
    return []


def _failed_checks(lines: List[str]) -> List[str]:
    """What GoogleTest said of checks that failed before the test hung: often the reason why it did."""
    out: List[str] = []
    inside = False
    for line in lines:
        begins = re.search(r":\d+: Failure$", line) is not None
        inside = begins or (inside and line.strip() != "" and not line.startswith(("[", "HANG")))
        if inside:
            out.append(line)
    return out


def _essence(lines: List[str]) -> List[str]:
    """The output without GoogleTest's frame around it."""
    frame = re.compile(r"^(\[[=\-]{10}\]|\[ RUN|\[  (PASSED|FAILED|SKIPPED)|\[       OK|Note: Google Test filter|"
                       r"Running main|\s*\d+ FAILED TESTS?$|={18}$)")
    return [line for line in lines if line.strip() and not frame.match(line)]


def bounded(lines: List[str], most: int = SHOWN_LINES) -> List[str]:
    """What there is room for: of a timeline its head and its end, of anything else the beginning."""
    lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) <= most:
        return lines
    begin = next((at for at, line in enumerate(lines) if re.match(r" *step \|", line)), most) + 1
    if begin > most // 2:
        return lines[:most] + [f"… {len(lines) - most} more lines"]
    left_out = len(lines) - most  # of a timeline: what matters stands at its end
    return lines[:begin] + [f"… {left_out} earlier steps"] + lines[begin + left_out:]
