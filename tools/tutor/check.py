"""`check`: do the exercises hold what they promise? For authors and for CI.

Every exercise is a handful of parts (inspection.py) that are run on all cores, those that measure last and alone. Of an
exercise that has passed, and has not changed since, only the files are looked at, which takes a moment: see
tools/remembered.py. Who names an exercise has it judged.
"""
import contextlib
import fcntl
import os
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Callable, Dict, List, Optional, Set

from remembered import OPTIONS, Record, Sources

from . import process
from .build import STANDARD, VARIANTS, WARNINGS, Builder
from .catalogue import Exercise
from .commands import Session
from .inspection import KILLS, Part, parts
from .show import seconds

SHARE = 2  # so many of the exercises that are remembered are judged all the same


class Board:
    """What is running, what is done; printed as it comes, from the main thread."""

    def __init__(self, session: Session, total: int):
        self.screen, self.total, self.finished = session.screen, total, 0
        self.failures: Dict[str, List[str]] = {}

    def done(self, part: Part, failures: List[str]):
        self.finished += 1
        if failures:
            self.failures.setdefault(part.exercise.id, []).extend(failures)
            for text in failures:
                first, *rest = text.split("\n")
                self.screen.line(f"{self.screen.paint('FAIL', 'WRONG')} {part.exercise.id}, {part.name}: {first}")
                self.screen.lines(f"     {line}" for line in rest)
        self.screen.status(f"{self.finished}/{self.total} {part.exercise.id}: {part.name}")


@contextlib.contextmanager
def alone(session: Session):
    """Two checks would use the same folders: the second waits for the first."""
    file = session.root / "build" / "tutor" / "check.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            session.screen.line("Another check is running here; this one waits for it to end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check(session: Session, ids: List[str], options: Set[str]) -> int:
    with alone(session):
        return checked(session, ids, options)


def checked(session: Session, ids: List[str], options: Set[str]) -> int:
    started = time.monotonic()
    chosen = [session.catalogue.find(each) for each in ids] or session.catalogue.exercises
    for problem in session.catalogue.problems:
        session.screen.line(f"{session.screen.paint('FAIL', 'WRONG')} {problem}")
    record = Record(session.root, "exercises", keys(session))
    option = next((each for each in OPTIONS if each in options), "--all" if ids else None)
    judged = record.choose([each.id for each in chosen], option, SHARE)
    failures = run(session, chosen, judged, record.note)
    failed = len(failures) + len(session.catalogue.problems)
    session.screen.line(f"{record.close(len(chosen) - len(failures), failed, option)} "
                        f"({seconds(time.monotonic() - started)})")
    return 1 if failed else 0


def keys(session: Session) -> Dict[str, str]:
    """Of all that decides about an exercise, but for what is looked at each time: README, hints, links."""
    sources = Sources(session.root)
    by_id = {each.id: each for each in session.catalogue.exercises}
    return {each.id: key(sources, each, by_id.get(each.continues), Builder(session.root)) for each in by_id.values()}


def key(sources: Sources, exercise: Exercise, before: Optional[Exercise], builder: Builder) -> str:
    files = [file for file in exercise.folder.rglob("*") if file.is_file() and file.name != "README.md"]
    files += [exercise.source(name) for name in [*exercise.sources, *exercise.subject]]
    files += builder.tools(exercise.explore)
    files += [before.folder / "solution" / name for name in before.files] if before else []
    fields = {name: value for name, value in vars(exercise).items()
              if name not in ("root", "title", "minutes", "section", "hints")}
    return sources.key([file.relative_to(exercise.root).as_posix() for file in files], fields, STANDARD, WARNINGS,
                       VARIANTS, KILLS)


def run(session: Session, exercises: List[Exercise], judged: Set[str],
        note: Callable[[str, bool], None]) -> Dict[str, List[str]]:
    """What is wrong with each exercise. Those that are not to be judged are run no more than their files are looked at."""
    builder = Builder(session.root)
    by_id = {each.id: each for each in session.catalogue.exercises}
    work = [part for exercise in exercises for part in parts(exercise, builder, by_id.get(exercise.continues))
            if exercise.id in judged or part.name == "files"]
    board = Board(session, len(work))
    left = {each.id: sum(part.exercise is each for part in work) for each in exercises}
    times: Dict[str, float] = {}
    with_others = [part for part in work if not part.alone]
    alone = [part for part in work if part.alone]
    pool = ThreadPoolExecutor(max_workers=max(1, min(os.cpu_count() or 1, 8)))
    try:
        for batch in [with_others] + [[part] for part in alone]:
            futures: Dict[Future, Part] = {pool.submit(part.timed): part for part in batch}
            while futures:
                ready, _ = wait(futures, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in ready:
                    part = futures.pop(future)
                    failures, took = future.result()
                    board.done(part, failures)
                    times[part.exercise.id] = times.get(part.exercise.id, 0) + took
                    left[part.exercise.id] -= 1
                    if left[part.exercise.id] or part.exercise.id not in judged:
                        continue
                    note(part.exercise.id, part.exercise.id not in board.failures)
                    if part.exercise.id not in board.failures:
                        passed = session.screen.paint("PASS", "PASS")
                        session.screen.line(f"{passed} {part.exercise.id}  {seconds(times[part.exercise.id])} of work")
    except BaseException:
        process.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        session.screen.clear_status()
    return board.failures
