"""One exercise from source to verdicts: compile, run each test in a process of its own, again under sanitizers.

A learner's try and every part of `check` are this, on different folders. `base` is a folder that holds <id>/ with the
files the learner writes; it is first on the include path, so a test includes <e1_some_id/channel.hpp>. Nothing on the
include path leads to a solution or to a skeleton.
"""
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from . import process
from .build import Builder, CompileError, Program
from .catalogue import Exercise, Mutant
from .stacks import stacks
from .verdict import MEMORY_STATUS, RACE_STATUS, Judgement, judge

LABELS = {"plain": "", "thread": "under ThreadSanitizer", "address": "under AddressSanitizer"}
SLOWER = {"plain": 1, "address": 3, "thread": 5}  # how much more time a test gets under a sanitizer


@dataclass
class Row:
    """What became of one test."""
    name: str
    judgement: Judgement
    seconds: float = 0.0
    variant: str = "plain"
    output: str = ""  # all that it printed

    @property
    def verdict(self) -> str:
        return self.judgement.verdict


class Attempt:
    """Callbacks: on_step(text) before what takes time, on_row(row) after each test, on_tick() all the while."""

    def __init__(self, exercise: Exercise, base: Path, builder: Builder,
                 on_step: Callable[[str], None] = lambda text: None,
                 on_row: Callable[[Row], None] = lambda row: None, on_tick: Optional[Callable[[], None]] = None,
                 strict: bool = False):
        self.exercise, self.base, self.builder = exercise, base, builder
        self.on_step, self.on_row, self.on_tick = on_step, on_row, on_tick
        self.strict = strict                 # a warning is an error, without a sanitizer
        self.overlay: Optional[Path] = None  # hunt: what stands before the stage's own files

    def whole(self) -> List[Row]:
        """Everything a learner is judged by: each test with its first verdict that is not PASS. Raises CompileError."""
        rows = self.phase("plain")
        if not all_pass(rows):
            return rows
        if self.exercise.kind == "hunt":
            return rows + [self.hunted(mutant) for mutant in self.exercise.mutants]
        for variant in self.exercise.sanitizers:
            again = self.phase(variant)
            rows = [new if old.verdict == "PASS" else old for old, new in zip(rows, again)] or rows
        return rows

    def phase(self, variant: str) -> List[Row]:
        """Compiles, and runs all tests."""
        program = self.compile(variant)
        names = self.tests(program)
        if isinstance(names, Row):
            self.on_row(names)
            return [names]
        rows = []
        for name in names:
            rows.append(self.test(program, name, variant))
            self.on_row(rows[-1])
        if not names:
            missing = Judgement("WRONG", ["There is no test yet. Write one: TEST(Suite, Name) { … }"])
            rows = [Row("(no test)", missing)]
            self.on_row(rows[0])
        return rows

    def compile(self, variant: str, named: str = "") -> Program:
        """The program of all tests, or of those files that the named test may be in."""
        self.on_step(f"compiling {LABELS[variant]}".rstrip())
        exercise = self.exercise
        own = self.base / exercise.id
        sources = [own / name for name in exercise.files if name.endswith(".cpp")]
        if exercise.kind != "hunt":
            sources = (exercise.tests(named) or [exercise.folder / "test.cpp"]) + sources
        for name in exercise.sources:
            changed = self.overlay / name if self.overlay else None
            sources.append(changed if changed and changed.exists() else exercise.source(name))
        for source in sources:
            if not source.exists():
                raise CompileError(f"error: there is no {os.path.relpath(source, exercise.root)}")
        return self.builder.program(sources, self.includes(), variant, exercise.explore,
                                    self.strict and variant == "plain")

    def includes(self) -> List[Path]:
        return [self.base] + ([self.overlay / "include"] if self.overlay else []) + self.exercise.includes()

    def tests(self, program: Program):
        """The names of the tests; or a row that says why they could not be asked for."""
        limit = 2 + self.exercise.time_limit
        result = process.run([*self.prefix(), str(program.path), "--gtest_list_tests"], self.exercise.root, limit,
                             environment(limit), self.on_tick, stacks)
        if result.timed_out or result.status != 0:
            return Row("(before the first test)", judge(result))
        names, suite = [], ""
        for line in result.output.splitlines():
            word = line.split("#")[0].rstrip()
            if not line.startswith(" ") and word.endswith("."):
                suite = word
            elif line.startswith("  ") and suite and "DISABLED_" not in suite + word:
                names.append(suite + word.strip())
        return names

    def test(self, program: Program, name: str, variant: str) -> Row:
        self.on_step(f"running {name} {LABELS[variant]}".rstrip())
        limit = self.exercise.time_limit * SLOWER[variant]
        result = process.run([*self.prefix(), str(program.path), f"--gtest_filter={name}"], self.exercise.root, limit,
                             environment(limit + 0.5), self.on_tick, stacks)
        soft = self.exercise.soft_limit if variant == "plain" else 0
        return Row(name, judge(result, soft), result.seconds, variant, result.output + result.stacks)

    def prefix(self) -> List[str]:
        """What starts a test program. An explored one remembers every step of an endless loop, so its memory has a
        bound (4 GB). ThreadSanitizer of today's compilers fails where the kernel moves addresses by more
        than 28 bits."""
        if self.exercise.explore:
            return ["sh", "-c", 'ulimit -v 4000000 2>/dev/null; exec "$0" "$@"']
        try:
            bits = int(Path("/proc/sys/vm/mmap_rnd_bits").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return []
        return ["setarch", "-R"] if bits > 28 and shutil.which("setarch") else []

    def hunted(self, mutant: Mutant) -> Row:
        """A hunt's second half: do the learner's tests find this mutant?"""
        self.overlay = stage_subject(self.exercise, mutant, "tried")
        quiet, self.on_row = self.on_row, lambda row: None
        try:
            rows = self.phase("plain")
        finally:
            self.overlay, self.on_row = None, quiet
        killers = [row for row in rows if row.verdict not in ("PASS", "TODO")]
        if killers:
            judgement = Judgement("PASS", [f"{killers[0].name} finds it: {killers[0].verdict}"])
        else:
            judgement = Judgement("WRONG", [f"All your tests pass on this mutant: {mutant.why}"])
        row = Row(f"finds {mutant.name}", judgement, sum(row.seconds for row in rows))
        self.on_row(row)
        return row


def all_pass(rows: Sequence[Row]) -> bool:
    return bool(rows) and all(row.verdict == "PASS" for row in rows)


def environment(limit: float) -> dict:
    memory = f"exitcode={MEMORY_STATUS}"
    return dict(os.environ, POOL_TEST_LIMIT=f"{limit:g}", ASAN_OPTIONS=memory, LSAN_OPTIONS=memory,
                UBSAN_OPTIONS=f"{memory}:print_stacktrace=1", TSAN_OPTIONS=f"exitcode={RACE_STATUS}:halt_on_error=1",
                GTEST_COLOR="no")


class PatchError(Exception):
    """A mutant's patch does not fit the file it changes."""


def stage_solution(exercise: Exercise, name: str, mutant: Optional[Mutant] = None) -> Path:
    """A base folder with the solution in it, changed by the mutant's patch."""
    base = _fresh(exercise, name)
    shutil.copytree(exercise.folder / "solution", base / exercise.id)
    if mutant and exercise.kind != "hunt":
        apply_patch(exercise, mutant, base / exercise.id)
    return base


def stage_skeleton(exercise: Exercise, name: str = "skeleton") -> Path:
    base = _fresh(exercise, name)
    shutil.copytree(exercise.folder / "task", base / exercise.id)
    return base


def stage_subject(exercise: Exercise, mutant: Mutant, name: str = "subject") -> Path:
    """The stage's files that a hunt is about, changed by the mutant's patch."""
    folder = _fresh(exercise, f"{name}-{mutant.name}")
    for name in exercise.subject:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(exercise.root / exercise.stage / name, folder / name)
    apply_patch(exercise, mutant, folder)
    return folder


def _fresh(exercise: Exercise, name: str) -> Path:
    folder = exercise.root / "build" / "tutor" / "staged" / exercise.id / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def apply_patch(exercise: Exercise, mutant: Mutant, folder: Path):
    if not shutil.which("patch"):
        raise PatchError("the program 'patch', which makes the mutants, was not found; ./learn doctor says what to do")
    patch = exercise.folder / "mutants" / f"{mutant.name}.patch"
    if not patch.exists():
        raise PatchError(f"there is no {os.path.relpath(patch, exercise.root)}")
    result = process.run(["patch", "-p1", "-F0", "-N", "-s", "-r", "-", "-d", str(folder), "-i", str(patch)],
                         exercise.root, 20.0)
    if result.status != 0:
        raise PatchError(f"{os.path.relpath(patch, exercise.root)} does not apply: {result.output.strip()}")
