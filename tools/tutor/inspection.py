"""The parts of one exercise's check. Each returns what is wrong, as text that says what would be right."""
import difflib
import fnmatch
import time
from pathlib import Path
from typing import Callable, List, NamedTuple, Optional, Tuple

from weave_lib.links import Links, anchors

from .attempt import SLOWER, Attempt, PatchError, Row, stage_skeleton, stage_solution, stage_subject
from .build import Builder, CompileError, Program
from .catalogue import Exercise, Mutant, split_anchor
from .diagnostics import readable
from .skeleton import SkeletonError, clean, skeleton
from .workspace import go_on

KILLS = 3  # how often a test must kill its mutant, one run after the other


class Part(NamedTuple):
    exercise: Exercise
    name: str
    run: Callable[[], List[str]]
    alone: bool = False  # its numbers mean nothing while others run

    def timed(self) -> Tuple[List[str], float]:
        started = time.monotonic()
        try:
            failures = self.run()
        except CompileError as error:
            failures = ["it does not compile:\n" + "\n".join(readable(str(error)))]
        except (PatchError, OSError) as error:
            failures = [str(error)]
        return failures, time.monotonic() - started


def parts(exercise: Exercise, builder: Builder, before: Optional[Exercise] = None) -> List[Part]:
    def part(name, function, *arguments, alone=False):
        return Part(exercise, name, lambda: function(exercise, *arguments), alone)

    measured = exercise.kind == "measure"
    found = [part("files", files), part("skeleton", skeleton_verdicts, builder),
             part("solution", solution, builder, "plain", alone=measured)]
    if before:
        found.append(part(f"begun from {before.id}", from_mine, builder, before))
    if not exercise.explore:
        found += [part(f"solution under {name} sanitizer", solution, builder, name)
                  for name in SLOWER if name != "plain"]
    return found + [part(f"mutant {each.name}", mutant, builder, each, alone=measured) for each in exercise.mutants]


def files(exercise: Exercise) -> List[str]:
    """What lies in the folder, the links, and whether task/ is what solution/ gives."""
    folder, root = exercise.folder, exercise.root
    wrong = []
    readme = folder / "README.md"
    if readme.exists():
        found = Links(root).check(str(readme.relative_to(root)), readme.read_text(encoding="utf-8"))
        wrong += [str(problem) for problem in found]
    else:
        wrong.append("there is no README.md, which says what to do")
    if exercise.kind != "hunt" and not (folder / "test.cpp").exists():
        wrong.append("there is no test.cpp")
    wrong += section(exercise)
    for name in exercise.files:
        wrong += task_file(exercise, name)
        if name != "test.cpp" and (folder / name).exists():
            wrong.append(f"{name} lies beside test.cpp; an #include in quotes would find it and test the wrong file")
    for name in ("task", "solution"):
        for file in sorted((folder / name).glob("*")):
            if file.name not in exercise.files:
                wrong.append(f"{name}/{file.name} is not in `files` of exercises.toml")
    for file in sorted((folder / "mutants").glob("*")):
        if file.name not in [f"{each.name}.patch" for each in exercise.mutants]:
            wrong.append(f"mutants/{file.name} has no [[exercise.mutant]] in exercises.toml")
    for name in [*exercise.sources, *exercise.subject]:
        file = exercise.source(name).relative_to(root)
        if not (root / file).exists():
            wrong.append(f"exercises.toml names {name}, and there is no {file}")
        elif file.parts[0] > exercise.stage:
            wrong.append(f"exercises.toml names {name}, which is of a later stage than the exercise")
    return wrong


def section(exercise: Exercise) -> List[str]:
    path, anchor = split_anchor(exercise.section)
    file = exercise.root / path
    if not file.exists():
        return [f"section = \"{exercise.section}\": there is no {path}"]
    known = anchors(file.read_text(encoding="utf-8"))
    if not anchor or anchor not in known:
        close = difflib.get_close_matches(anchor, known, n=1)
        meant = f"; did you mean #{close[0]}?" if close else ""
        return [f"section = \"{exercise.section}\": the chapter has no heading for that anchor{meant}"]
    return []


def task_file(exercise: Exercise, name: str) -> List[str]:
    source, task = exercise.folder / "solution" / name, exercise.folder / "task" / name
    if not source.exists():
        return [f"there is no solution/{name}"]
    try:
        fresh = skeleton(source.read_text(encoding="utf-8"), f"solution/{name}")
    except SkeletonError as error:
        return [str(error)]
    old = task.read_text(encoding="utf-8") if task.exists() else ""
    if fresh == old:
        return []
    changes = list(difflib.unified_diff(old.splitlines(), fresh.splitlines(), f"task/{name}", "from the solution",
                                        n=1, lineterm=""))[:20]
    return ["\n".join([f"task/{name} is stale; write it again: python3 tools/tutor skeleton {exercise.id}", *changes])]


def skeleton_verdicts(exercise: Exercise, builder: Builder) -> List[str]:
    """The skeleton compiles without a warning, and every test's verdict is the one that is promised."""
    rows = Attempt(exercise, stage_skeleton(exercise), builder, strict=True).whole()
    wrong = []
    for row in rows:
        promised = expectation(exercise, row.name)
        if promised is None:
            wrong.append(f"expected says nothing of {row.name}, which is {row.verdict}")
        elif promised != row.verdict:
            wrong.append(said(f"{row.name} should be {promised} on the skeleton, and is {row.verdict}", row))
    names = [row.name for row in rows]
    for pattern in exercise.expected:
        if not fnmatch.filter(names, pattern) and pattern not in names:
            close = difflib.get_close_matches(pattern, names, n=1)
            wrong.append(f"expected names a test '{pattern}' that is not there" +
                         (f"; did you mean '{close[0]}'?" if close else ""))
    return wrong


def from_mine(exercise: Exercise, builder: Builder, before: Exercise) -> List[str]:
    """Who solved the exercise before as we did gets something from it that compiles with this one's test."""
    base = stage_skeleton(exercise, "from-mine")
    for name in before.files:
        text = (before.folder / "solution" / name).read_text(encoding="utf-8")
        (base / name).write_text(clean(text, name), encoding="utf-8")
    go_on(exercise, before, base, base / exercise.id)
    Attempt(exercise, base, builder).compile("plain")
    return []


def expectation(exercise: Exercise, name: str):
    if name in exercise.expected:
        return exercise.expected[name]
    return next((verdict for pattern, verdict in exercise.expected.items() if fnmatch.fnmatchcase(name, pattern)), None)


def solution(exercise: Exercise, builder: Builder, variant: str) -> List[str]:
    """The solution passes; without a sanitizer many times over, and from the files that it should be made of."""
    base = stage_solution(exercise, f"solution-{variant}")
    run = Attempt(exercise, base, builder, strict=variant == "plain")
    program = run.compile(variant)
    wrong = right_files(exercise, base, program) if variant == "plain" else []
    names = run.tests(program)
    if isinstance(names, Row):
        return wrong + [said(f"{names.name}: {names.verdict}", names)]
    if not names:
        return wrong + ["it has no test"]
    good = ("PASS",) if variant == "plain" else ("PASS", "SLOW")  # a sanitizer's numbers are not the exercise's
    repeats = exercise.repeats if variant == "plain" and not exercise.explore else 1
    for name in names:
        for round_ in range(1, repeats + 1):
            row = run.test(program, name, variant)
            if row.verdict not in good:
                wrong.append(said(f"{name} is {row.verdict} in run {round_} of {repeats}", row))
                break
    return wrong


def right_files(exercise: Exercise, base: Path, program: Program) -> List[str]:
    """The program is made from every file in `files`, as it lies in base, and from no other copy of an exercise."""
    wrong = []
    for name in exercise.files:
        own = str((base / exercise.id / name).relative_to(exercise.root))
        if own not in program.inputs:
            wrong.append(f"the test does not use {name}; it says #include <{exercise.id}/{name}>")
    for name in program.inputs:
        if "/exercises/" in name and exercise.root / name not in exercise.tests():
            wrong.append(f"the test is made from {name}, which no learner changes")
    return wrong


def mutant(exercise: Exercise, builder: Builder, mutant_: Mutant) -> List[str]:
    """The patch applies and compiles, and the test that exercises.toml names kills it, every time."""
    base = stage_solution(exercise, f"mutant-{mutant_.name}", mutant_)
    run = Attempt(exercise, base, builder)
    if exercise.kind == "hunt":
        run.overlay = stage_subject(exercise, mutant_)
    for variant in ["plain", *exercise.sanitizers]:
        program = run.compile(variant, mutant_.killed_by)
        names = run.tests(program)
        if isinstance(names, Row):
            return [said(f"before any test: {names.verdict}", names)]
        if mutant_.killed_by not in names:
            close = difflib.get_close_matches(mutant_.killed_by, names, n=1)
            return [f"killed_by names '{mutant_.killed_by}', and there is no such test" +
                    (f"; did you mean '{close[0]}'?" if close else "")]
        verdicts = kills(run, program, mutant_.killed_by, variant)
        if not any(verdict in ("PASS", "TODO") for verdict in verdicts):
            return []
    survived = sum(verdict in ("PASS", "TODO") for verdict in verdicts)
    return [f"it survives {mutant_.killed_by} ({survived} of {len(verdicts)} runs: {', '.join(verdicts)})"]


def kills(run: Attempt, program: Program, name: str, variant: str) -> List[str]:
    verdicts: List[str] = []
    while len(verdicts) < (1 if run.exercise.explore else KILLS) and "HANG" not in verdicts and "PASS" not in verdicts:
        verdicts.append(run.test(program, name, variant).verdict)
    return verdicts


def said(text: str, row: Row) -> str:
    return "\n".join([text, *row.judgement.detail[:12]])
