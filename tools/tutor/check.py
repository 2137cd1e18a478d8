"""`check`: do the exercises hold what they promise? For authors and for CI.

Every exercise is a handful of parts (inspection.py) that are run on all cores, those that measure last and alone. With
--changed, exercises whose inputs are the same as when they last passed are skipped; what they were is in
build/tutor/checked.json.
"""
import contextlib
import fcntl
import json
import os
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Dict, List, Set

from . import process
from .build import Builder, digest, file_digest
from .catalogue import Exercise, stages_up_to
from .commands import Session
from .inspection import Part, parts
from .show import seconds


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
    builder = Builder(session.root)
    record = Record(session.root, builder)
    fresh = [each for each in chosen if "--changed" in options and record.is_green(each)]
    chosen = [each for each in chosen if each not in fresh]
    failures = run(session, builder, chosen)
    failed = len(failures) + len(session.catalogue.problems)
    for each in chosen:
        record.note(each, each.id not in failures)
    record.save()
    skipped = f", {len(fresh)} unchanged" if fresh else ""
    session.screen.line(f"{len(chosen) - len(failures)} passed, {failed} failed{skipped} "
                        f"({seconds(time.monotonic() - started)})")
    return 1 if failed else 0


def run(session: Session, builder: Builder, exercises: List[Exercise]) -> Dict[str, List[str]]:
    by_id = {each.id: each for each in session.catalogue.exercises}
    work = [part for exercise in exercises for part in parts(exercise, builder, by_id.get(exercise.continues))]
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
                    if not left[part.exercise.id] and part.exercise.id not in board.failures:
                        passed = session.screen.paint("PASS", "PASS")
                        session.screen.line(f"{passed} {part.exercise.id}  {seconds(times[part.exercise.id])} of work")
    except BaseException:
        process.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        session.screen.clear_status()
    return board.failures


class Record:
    """Which exercises passed, and from what."""

    def __init__(self, root: Path, builder: Builder):
        self.root, self.builder = root, builder
        self.file = root / "build" / "tutor" / "checked.json"
        self._tools = self._digest([Path(__file__).parent])
        try:
            self._green = dict(json.loads(self.file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._green = {}

    def is_green(self, exercise: Exercise) -> bool:
        return self._green.get(exercise.id) == self._state(exercise)

    def note(self, exercise: Exercise, green: bool):
        if green:
            self._green[exercise.id] = self._state(exercise)
        else:
            self._green.pop(exercise.id, None)

    def save(self):
        self.file.parent.mkdir(parents=True, exist_ok=True)
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(self._green, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(part, self.file)

    def _state(self, exercise: Exercise) -> str:
        fields = repr({name: value for name, value in vars(exercise).items() if name != "root"})
        folders = [exercise.folder, *self.root.glob(f"*/exercises/{exercise.continues or '-'}/solution")]
        for stage in stages_up_to(self.root, exercise.stage):
            folders += [stage / "include", stage / "src", stage / "testing", *sorted(stage.glob("*/include"))]
        files = [self.root / exercise.section.partition("#")[0], *map(exercise.source, exercise.sources)]
        return digest([fields, self._tools, self._digest(folders), *map(file_digest, files), self.builder.version(),
                       sys.version])

    def _digest(self, folders: List[Path]) -> str:
        files = sorted(file for folder in folders for file in folder.rglob("*")
                       if file.is_file() and "__pycache__" not in file.parts)
        return digest([f"{os.path.relpath(file, self.root)} {file_digest(file)}" for file in files])
