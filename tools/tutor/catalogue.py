"""The exercises of all stages, as NN-stage/exercises/exercises.toml describes them.

The fields are documented for authors in docs/writing-exercises.md. What is wrong with a file is collected as text and
the entry left out, so that one mistake does not take the others away from a learner; `check` fails on it.
"""
import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Tuple

try:
    import tomllib
except ImportError:
    tomllib = None

KINDS = ("build", "fix", "hunt", "measure", "capstone")
SANITIZERS = ("thread", "address")
STAGE = re.compile(r"\d\d-[^/]+/")  # a path begins that says in which stage it lies
VERDICTS = ("PASS", "WRONG", "TODO", "RACE", "HANG", "CRASH", "SLOW")
REQUIRED = {"id": str, "title": str, "kind": str, "minutes": int, "section": str, "files": list, "expected": dict,
            "hints": list, "mutant": list}
OPTIONAL = {"explore": bool, "sources": list, "continues": str, "subject": list, "sanitizers": list,
            "time_limit": (int, float), "soft_limit": (int, float), "repeats": int}
MUTANT = {"name": str, "killed_by": str, "why": str}


class UsageError(Exception):
    """What was asked for cannot be done; the text says why and what would be right."""


@dataclass(frozen=True)
class Mutant:
    name: str
    killed_by: str
    why: str


@dataclass
class Exercise:
    root: Path
    stage: str                                  # the folder's name: 01-basic-pool
    id: str
    title: str
    kind: str
    minutes: int
    section: str                                # docs/01-basic-pool.md#anchor
    files: List[str]                            # what the learner writes
    expected: Dict[str, str]                    # test (or pattern with *) -> the skeleton's verdict
    hints: List[str]
    mutants: List[Mutant]
    explore: bool = False                       # compiled with POOL_EXPLORE, linked with the explorer
    sources: List[str] = field(default_factory=list)   # further .cpp, compiled in: see source()
    continues: str = ""                         # the exercise before, whose files the learner may begin from
    subject: List[str] = field(default_factory=list)   # hunt: the stage's files that the mutants change
    sanitizers: List[str] = field(default_factory=list)
    time_limit: float = 10                      # seconds for each test
    soft_limit: float = 0                       # seconds; a test that passes later than that is SLOW
    repeats: int = 20                           # how often `check` runs the solution

    @property
    def folder(self) -> Path:
        return self.root / self.stage / "exercises" / self.id

    def source(self, name: str) -> Path:
        """src/a.cpp is a file of this stage, 01-basic-pool/src/a.cpp one of another."""
        return self.root / name if STAGE.match(name) else self.root / self.stage / name

    def tests(self, named: str = "") -> List[Path]:
        """The test files: test.cpp and test_….cpp. With the name of a test, only those that speak of its suite, if any
        do: a capstone's tests take long to compile, and a mutant needs one of them."""
        found = [] if self.kind == "hunt" else sorted(self.folder.glob("test.cpp")) + sorted(self.folder.glob("test_*.cpp"))
        suite = [word for word in named.partition(".")[0].split("/") if word and not word.isdigit()]
        chosen = [file for file in found if suite and
                  all(re.search(rf"\b{re.escape(word)}\b", file.read_text(encoding="utf-8")) for word in suite)]
        return chosen or found

    def includes(self) -> List[Path]:
        """Where headers are looked for, this stage before the earlier ones: what it builds, then its test tools."""
        stages = stages_up_to(self.root, self.stage)
        found = [path for stage in stages for path in [stage / "include", *sorted(stage.glob("*/include"))]]
        return [path for path in [*found, *(stage / "testing" for stage in stages)] if path.is_dir()]


@dataclass
class Catalogue:
    root: Path
    exercises: List[Exercise]
    problems: List[str]                         # "file: what is wrong"

    def find(self, word: str) -> Exercise:
        """By id, by its number (e3), by another unique beginning, or with the stage before it (01/e3)."""
        stage, _, name = word.rpartition("/")
        candidates = [each for each in self.exercises if each.stage.startswith(stage)]
        exact = [each for each in candidates if name in (each.id, each.id.split("_")[0])]  # e1 is not e10
        begun = exact or [each for each in candidates if name and each.id.startswith(name)]
        if len(begun) == 1:
            return begun[0]
        if begun:
            raise UsageError(f"'{word}' may be {' or '.join(f'{each.stage}/{each.id}' for each in begun)}")
        close = difflib.get_close_matches(name, [each.id for each in self.exercises], n=1, cutoff=0.5)
        meant = f" Did you mean '{close[0]}'?" if close else ""
        raise UsageError(f"There is no exercise '{word}'.{meant} All of them: ./learn list")


def load(root: Path) -> Catalogue:
    if tomllib is None:
        raise UsageError("The exercises need Python 3.11 or newer (its module tomllib reads their descriptions).")
    exercises: List[Exercise] = []
    problems: List[str] = []
    seen: Dict[str, str] = {}
    for file in sorted(root.glob("[0-9][0-9]-*/exercises/exercises.toml")):
        shown = str(file.relative_to(root))
        try:
            entries = tomllib.loads(file.read_text(encoding="utf-8")).get("exercise", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{shown}: {error}")
            continue
        for number, entry in enumerate(entries, start=1):
            where = f"{shown}: {entry.get('id', f'exercise {number}')}"
            wrong = faults(entry)
            problems += [f"{where}: {fault}" for fault in wrong]
            if wrong:
                continue
            if entry["id"] in seen:
                problems.append(f"{where}: the id is taken by {seen[entry['id']]}; ids are unique over all stages")
                continue
            before = entry.get("continues", "")
            if before and before not in seen:
                problems.append(f"{where}: continues = \"{before}\": no exercise before this one has that id")
                entry["continues"] = ""
            seen[entry["id"]] = shown
            exercises.append(_exercise(root, file.parent.parent.name, entry))
    return Catalogue(root, exercises, problems)


def _exercise(root: Path, stage: str, entry: dict) -> Exercise:
    entry = dict(entry)
    mutants = [Mutant(**mutant) for mutant in entry.pop("mutant")]
    return Exercise(root=root, stage=stage, mutants=mutants, **entry)


def faults(entry: dict) -> List[str]:
    """Everything that is wrong with one [[exercise]]."""
    found = _field_faults(entry, REQUIRED, OPTIONAL)
    if found:
        return found
    if entry["kind"] not in KINDS:
        found.append(f"kind = \"{entry['kind']}\"; it is one of {', '.join(KINDS)}")
    if len(entry["hints"]) != 3 or not all(isinstance(hint, str) and hint.strip() for hint in entry["hints"]):
        found.append(f"{len(entry['hints'])} hints; an exercise has three texts, from a nudge to nearly the answer")
    if not entry["files"]:
        found.append("files is empty; it names what the learner writes, such as \"channel.hpp\"")
    for verdict in sorted(set(entry["expected"].values()).difference(VERDICTS)):
        found.append(f"'{verdict}' is no verdict; expected maps a test to one of {', '.join(VERDICTS)}")
    for name in set(entry.get("sanitizers", [])).difference(SANITIZERS):
        found.append(f"sanitizer '{name}'; there are {', '.join(SANITIZERS)}")
    if entry.get("explore") and entry.get("sanitizers"):
        found.append("explore and sanitizers do not go together: a sanitizer would watch the explorer's fibers")
    if entry["kind"] == "hunt" and not entry.get("subject"):
        found.append("a hunt needs subject: the stage's files that its mutants change")
    if not entry["mutant"]:
        found.append("no [[exercise.mutant]]; name at least one plausible bug that the tests kill")
    for mutant in entry["mutant"]:
        found += [f"mutant {mutant.get('name', '?')}: {fault}" for fault in _field_faults(mutant, MUTANT, {})]
    return found


def _field_faults(entry: dict, required: dict, optional: dict) -> List[str]:
    found = []
    for name, kind in required.items():
        if name not in entry:
            found.append(f"the field '{name}' is missing")
    for name, value in entry.items():
        kind = required.get(name, optional.get(name))
        if kind is None:
            close = difflib.get_close_matches(name, [*required, *optional], n=1)
            found.append(f"unknown field '{name}'" + (f"; did you mean '{close[0]}'?" if close else ""))
        elif not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            found.append(f"the field '{name}' has the wrong type: {value!r}")
    return found


def same_stage(exercises: List[Exercise]) -> Dict[str, List[Exercise]]:
    stages: Dict[str, List[Exercise]] = {}
    for exercise in exercises:
        stages.setdefault(exercise.stage, []).append(exercise)
    return stages


def stages_up_to(root: Path, stage: str) -> List[Path]:
    """The folders whose headers an exercise of that stage may include: its own first, then the earlier ones."""
    folders = sorted((path for path in root.glob("[0-9][0-9]-*") if path.is_dir() and path.name <= stage), reverse=True)
    return folders


def first_stage(root: Path) -> Path:
    return min(path for path in root.glob("[0-9][0-9]-*") if path.is_dir())


def split_anchor(section: str) -> Tuple[str, str]:
    path, _, anchor = section.partition("#")
    return path, anchor
