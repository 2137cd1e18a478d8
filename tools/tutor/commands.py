"""What the words do, but for `watch` and `check`. Each takes session, ids and options, and returns a status."""
import difflib
import os
import sys
import time
from pathlib import Path
from typing import Callable, List, Optional, Set

from . import catalogue
from .attempt import Attempt, PatchError, Row, all_pass
from .build import Builder, CompileError
from .catalogue import Exercise, UsageError
from .diagnostics import readable
from .progress import Progress
from .show import Screen, cut
from .skeleton import SkeletonError, clean, skeleton
from .workspace import Workspace

KINDS = {"build": "Build it", "fix": "Fix it", "hunt": "Hunt it", "measure": "Measure it", "capstone": "Capstone"}


class Session:
    """One call of the tutor: the exercises, the learner's files and progress, the screen."""

    def __init__(self, root: Path):
        self.root = root
        self.catalogue = catalogue.load(root)
        self.workspace = Workspace(root)
        self.progress = Progress(root / "my")
        self.screen = Screen()
        if self.progress.note:
            self.screen.prose(self.progress.note)

    def exercise(self, ids: List[str]) -> Exercise:
        """The one that was named, the one tried last while it is not solved, or the first that is not solved."""
        if ids:
            return self.catalogue.find(ids[0])
        for each in self.catalogue.exercises:
            if each.id == self.progress.current and not self.progress.solved(each.id):
                return each
        return self.first_unsolved() or self.last()

    def first_unsolved(self) -> Optional[Exercise]:
        return next((each for each in self.catalogue.exercises if not self.progress.solved(each.id)), None)

    def next_unsolved(self, exercise: Exercise) -> Optional[Exercise]:
        """The exercise itself while it is not solved, or the next one that is not; after the last one, from the first."""
        all_of_them = self.catalogue.exercises
        at = next(at for at, each in enumerate(all_of_them) if each.id == exercise.id)
        return next((each for each in all_of_them[at:] + all_of_them[:at] if not self.progress.solved(each.id)), None)

    def last(self) -> Exercise:
        if not self.catalogue.exercises:
            raise UsageError("\n".join(["There are no exercises here.", *self.catalogue.problems]))
        return self.catalogue.exercises[-1]

    def before(self, exercise: Exercise) -> Optional[Exercise]:
        """The solved exercise from whose files the learner may go on."""
        found = next((each for each in self.catalogue.exercises if each.id == exercise.continues), None)
        ready = found and self.progress.solved(found.id) and all(map(Path.exists, self.workspace.files(found)))
        return found if ready else None

    def offer(self, exercise: Exercise):
        """Says so, while the learner has not begun otherwise."""
        before = self.before(exercise)
        if before and self.workspace.untouched(exercise):
            self.screen.prose(f"You have solved {before.id}. To begin from your own code instead of the skeleton: "
                              f"./learn try {exercise.id} --from-mine")

    def bar(self) -> str:
        done = sum(self.progress.solved(each.id) for each in self.catalogue.exercises)
        return self.screen.bar(done, len(self.catalogue.exercises))


def show_list(session: Session, _ids: List[str], _options: Set[str]) -> int:
    screen, progress = session.screen, session.progress
    for stage, exercises in catalogue.same_stage(session.catalogue.exercises).items():
        screen.line(screen.paint(stage, "bold"))
        widest = max(len(each.id) for each in exercises)
        for each in exercises:
            state = "done" if progress.solved(each.id) else "begun" if progress.tries(each.id) else ""
            mark = screen.paint(f"{state:<5}", "PASS" if state == "done" else "TODO")
            text = f"{each.id.ljust(widest)}  {each.minutes:>3} min  {each.title}"
            screen.line(f"  {mark}  {cut(text, screen.width - 9)}")
    screen.line(session.bar())
    for problem in session.catalogue.problems:
        print(f"left out: {problem}", file=sys.stderr)
    return 0


def show_next(session: Session, _ids: List[str], _options: Set[str]) -> int:
    exercise = session.first_unsolved()
    if exercise is None:
        session.screen.prose("Every exercise is solved. What is beyond them: the additional challenges in each stage's "
                             "README.")
        session.screen.line(session.bar())
        return 0
    session.workspace.prepare(exercise)
    session.progress.update(exercise.id)
    introduce(session, exercise)
    return 0


def introduce(session: Session, exercise: Exercise):
    screen = session.screen
    screen.line(screen.paint(f"{exercise.id} · {KINDS[exercise.kind]} · {exercise.minutes} min", "bold"))
    screen.line()
    task(session, exercise)
    screen.line(f"Try it:  ./learn try {exercise.id}")
    screen.line("         ./learn watch (after each save)")
    screen.line(f"Chapter: {exercise.section}")
    screen.line(session.bar())


def task(session: Session, exercise: Exercise):
    """What the exercise asks, and the files it is about."""
    screen = session.screen
    readme = exercise.folder / "README.md"
    screen.markdown(readme.read_text(encoding="utf-8") if readme.exists() else exercise.title)
    screen.line()
    for file in session.workspace.files(exercise):
        screen.line(f"Edit:    {session.workspace.shown(file)}")
    for file in exercise.tests():
        screen.line(f"Tests:   {session.workspace.shown(file)}")
    session.offer(exercise)


def try_once(session: Session, ids: List[str], options: Set[str]) -> int:
    exercise = session.exercise(ids)
    if "--from-mine" in options:
        go_on(session, exercise)
    return 0 if attempt(session, exercise) else 1


def go_on(session: Session, exercise: Exercise):
    before, workspace, screen = session.before(exercise), session.workspace, session.screen
    if not exercise.continues:
        raise UsageError(f"{exercise.id} does not go on from another exercise; a capstone does, from stage 02 on.")
    if before is None:
        raise UsageError(f"{exercise.id} goes on from {exercise.continues}, which you have not solved yet: "
                         f"./learn try {exercise.continues}. Without --from-mine it begins from our pool.")
    kept = workspace.go_on(exercise, before)
    files = ", ".join(workspace.shown(file) for file in workspace.files(exercise))
    screen.prose(f"{files}: begun from {workspace.shown(workspace.own(before))}." +
                 (f" What you had is in {kept}." if kept else ""))
    screen.prose(f"What is new in this stage is marked there; the skeleton is {workspace.shown(exercise.folder)}/task.")


def attempt(session: Session, exercise: Exercise) -> bool:
    """Compiles and tests the learner's files, shows every verdict, notes the outcome. True: all tests pass."""
    screen, workspace = session.screen, session.workspace
    made = workspace.prepare(exercise)
    screen.begin()
    screen.line(title(session, exercise))
    for name in made:
        screen.line(f"  made {name} for you to edit")
    if made:
        screen.line(f"  what to do: {workspace.shown(exercise.folder / 'README.md')}")
    session.offer(exercise)
    rows = judged(session, exercise)
    solved = all_pass(rows)
    if solved:
        screen.prose(f"Compare with ours, and read why: ./learn diff {exercise.id}. Then: ./learn next")
    elif rows:
        files = ", ".join(workspace.shown(file) for file in workspace.files(exercise))
        screen.prose(f"{passed(rows)} Edit {files}; a hint: ./learn hint {exercise.id}")
    else:
        screen.prose(f"A hint: ./learn hint {exercise.id}")
    screen.line(session.bar())
    return solved


def title(session: Session, exercise: Exercise) -> str:
    text = f"{exercise.id} · {exercise.title} · {exercise.minutes} min"
    return session.screen.paint(cut(text, session.screen.width), "bold")


def passed(rows: List[Row]) -> str:
    return f"{sum(row.verdict == 'PASS' for row in rows)} of {len(rows)} pass."


def judged(session: Session, exercise: Exercise, on_tick: Optional[Callable[[], None]] = None) -> List[Row]:
    """Compiles and tests, shows each verdict as it comes, notes the outcome. No rows: it does not compile."""
    screen, workspace, progress = session.screen, session.workspace, session.progress
    tries = progress.tries(exercise.id) + (0 if workspace.untouched(exercise) else 1)
    progress.update(exercise.id, tries=tries)
    builder = Builder(session.root, on_tick)
    run = Attempt(exercise, workspace.base(exercise), builder, screen.status, screen.row, on_tick)
    try:
        rows = run.whole()
    except CompileError as error:
        screen.line(screen.paint("  It does not compile:", "WRONG"))
        screen.lines(f"  {line}" for line in readable(str(error)))
        screen.line(f"Whole output: {keep_output(session, exercise, str(error))}")
        return []
    except PatchError as error:
        raise UsageError(f"The exercise {exercise.id} is incomplete: {error}") from None
    finally:
        screen.clear_status()
    if all_pass(rows):
        progress.update(exercise.id, solved=progress.entry(exercise.id).get("solved") or time.strftime("%Y-%m-%d"))
        screen.line(screen.paint("Solved: every test passes.", "PASS"))
    else:
        said = "\n".join(f"{row.verdict} {row.name}\n{row.output}" for row in rows if row.verdict != "PASS")
        screen.line(f"Whole output: {keep_output(session, exercise, said)}")
    return rows


def keep_output(session: Session, exercise: Exercise, said: str) -> str:
    """Writes down what the compiler said, or what the tests that did not pass; returns the file's name."""
    file = session.root / "build" / "tutor" / "output" / f"{exercise.id}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(said, encoding="utf-8", errors="replace")
    return session.workspace.shown(file)


def hint(session: Session, ids: List[str], _options: Set[str]) -> int:
    exercise, screen = session.exercise(ids), session.screen
    shown = session.progress.hints(exercise.id)
    if shown >= len(exercise.hints):
        for number, text in enumerate(exercise.hints, start=1):
            screen.prose(f"Hint {number} of {len(exercise.hints)}: {text}")
        screen.prose(f"These are all the hints for {exercise.id}. After a try there is ./learn solution {exercise.id}")
        return 0
    session.progress.update(exercise.id, hints=shown + 1)
    screen.prose(last_hint(session, exercise))
    return 0


def last_hint(session: Session, exercise: Exercise) -> str:
    """The one that was asked for last; '' if none was."""
    shown = min(session.progress.hints(exercise.id), len(exercise.hints))
    return f"{exercise.id}, hint {shown} of {len(exercise.hints)}: {exercise.hints[shown - 1]}" if shown else ""


def reset(session: Session, ids: List[str], options: Set[str]) -> int:
    if not ids:
        raise UsageError("Say which exercise shall begin anew: ./learn reset <id>. All of them: ./learn list")
    exercise, screen, workspace = session.exercise(ids), session.screen, session.workspace
    if workspace.own(exercise).exists() and "--yes" not in options and sys.stdin.isatty() and sys.stdout.isatty():
        answer = input(f"Put {workspace.shown(workspace.own(exercise))} back to the beginning? Your files are kept in "
                       "my/.backup. [y/N] ")
        if answer.strip().lower() not in ("y", "yes"):
            screen.line("Nothing was changed.")
            return 1
    kept = workspace.reset(exercise)
    session.progress.forget(exercise.id)
    screen.prose(f"{exercise.id} begins anew." + (f" Your files are in {kept}." if kept else ""))
    return 0


def _require_try(session: Session, exercise: Exercise, options: Set[str]):
    if "--yes" in options or session.progress.tries(exercise.id) or session.progress.solved(exercise.id):
        return
    raise UsageError(f"You have not tried {exercise.id} yet: change its files and run ./learn try {exercise.id} once. "
                     f"There are hints too: ./learn hint {exercise.id}. To see it all the same: "
                     f"./learn solution {exercise.id} --yes")


def _solution(exercise: Exercise, name: str) -> str:
    file = exercise.folder / "solution" / name
    try:
        return clean(file.read_text(encoding="utf-8"), name)
    except (OSError, SkeletonError) as error:
        raise UsageError(f"The solution of {exercise.id} cannot be read: {error}") from None


def solution(session: Session, ids: List[str], options: Set[str]) -> int:
    exercise = session.exercise(ids)
    _require_try(session, exercise, options)
    for name in exercise.files:
        if len(exercise.files) > 1:
            session.screen.line(session.screen.paint(f"// {name}", "bold"))
        session.screen.lines(_solution(exercise, name).splitlines())
    return 0


def diff(session: Session, ids: List[str], options: Set[str]) -> int:
    exercise, screen = session.exercise(ids), session.screen
    _require_try(session, exercise, options)
    same = True
    for file in session.workspace.files(exercise):
        yours = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        ours = _solution(exercise, file.name)
        names = f"yours: {session.workspace.shown(file)}", f"ours:  {file.name}"
        for line in difflib.unified_diff(yours.splitlines(), ours.splitlines(), *names, lineterm=""):
            same = False
            colour = {"+": "PASS", "-": "WRONG"}.get(line[:1], "dim" if line.startswith("@") else None)
            screen.line(screen.paint(line, colour) if colour else line)
    if same:
        screen.line("Your code and ours are the same.")
    return 0


def skeletons(session: Session, ids: List[str], _options: Set[str]) -> int:
    """For authors: writes task/ from solution/."""
    for exercise in [session.catalogue.find(each) for each in ids] or session.catalogue.exercises:
        for name in exercise.files:
            source, target = exercise.folder / "solution" / name, exercise.folder / "task" / name
            shown = os.path.relpath(target, session.root)
            try:
                text = skeleton(source.read_text(encoding="utf-8"), os.path.relpath(source, session.root))
            except (OSError, SkeletonError) as error:
                raise UsageError(str(error)) from None
            if target.exists() and target.read_text(encoding="utf-8") == text:
                session.screen.line(f"as it was  {shown}")
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            session.screen.line(f"wrote      {shown}")
    return 0
