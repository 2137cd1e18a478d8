"""The learner's files: my/<stage>/<id>/, copied from task/ at the first try and never overwritten but by `reset`."""
import filecmp
import os
import re
import shutil
import time
from pathlib import Path
from typing import List

from .catalogue import Exercise, UsageError
from .onward import merged

README = """\
Your copies of the exercises. git does not track this folder: nothing here is changed by an update.
What `./learn reset` replaces is kept in my/.backup.
"""


class Workspace:
    def __init__(self, root: Path):
        self.root = root
        self.folder = root / "my"

    def base(self, exercise: Exercise) -> Path:
        return self.folder / exercise.stage

    def own(self, exercise: Exercise) -> Path:
        return self.base(exercise) / exercise.id

    def files(self, exercise: Exercise) -> List[Path]:
        return [self.own(exercise) / name for name in exercise.files]

    def shown(self, path: Path) -> str:
        return os.path.relpath(path, self.root)

    def prepare(self, exercise: Exercise) -> List[str]:
        """Copies the files that are not there yet; returns their names."""
        made = []
        own = self.own(exercise)
        for name in exercise.files:
            task, copy = exercise.folder / "task" / name, own / name
            if not task.exists():
                raise UsageError(f"The exercise {exercise.id} is incomplete: there is no {self.shown(task)}. "
                                 f"(Authors: python3 tools/tutor skeleton {exercise.id})")
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(task, copy)
                made.append(self.shown(copy))
        if made:
            self._help_editors(exercise)
        return made

    def _help_editors(self, exercise: Exercise):
        """What clangd needs to follow the includes."""
        own = self.own(exercise)
        folders = [self.base(exercise), *exercise.includes()]
        flags = ["-std=c++20"] + [f"-I{os.path.relpath(folder, own)}" for folder in folders]
        (own / "compile_flags.txt").write_text("\n".join(flags) + "\n", encoding="utf-8")
        readme = self.folder / "README"
        if not readme.exists():
            readme.write_text(README, encoding="utf-8")

    def untouched(self, exercise: Exercise) -> bool:
        """True while the learner's files are the skeleton's (or not there)."""
        return all(not copy.exists() or filecmp.cmp(copy, exercise.folder / "task" / copy.name, shallow=False)
                   for copy in self.files(exercise) if (exercise.folder / "task" / copy.name).exists())

    def reset(self, exercise: Exercise) -> str:
        """Puts the skeleton back; returns where the learner's files went ('' if there were none)."""
        kept = self._put_aside(exercise)
        self.prepare(exercise)
        return kept

    def go_on(self, exercise: Exercise, before: Exercise) -> str:
        """Begins from the learner's files of the exercise before; returns where those of this one went."""
        kept = "" if self.untouched(exercise) else self._put_aside(exercise)
        self.prepare(exercise)
        go_on(exercise, before, self.own(before), self.own(exercise))
        return kept

    def _put_aside(self, exercise: Exercise) -> str:
        own, kept = self.own(exercise), ""
        if own.exists():
            backup = self.folder / ".backup" / f"{exercise.id}-{time.strftime('%Y%m%d-%H%M%S')}"
            number = 1
            while backup.exists():
                number += 1
                backup = backup.with_name(f"{backup.name.split('~')[0]}~{number}")
            backup.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(str(own), str(backup))
            kept = self.shown(backup)
        return kept


def go_on(exercise: Exercise, before: Exercise, source: Path, target: Path):
    """Writes the files of the exercise before, with what is new, over the skeleton in target."""
    for name in before.files:
        text = (source / name).read_text(encoding="utf-8", errors="replace")
        text = re.sub(rf"(#\s*include\s*<){before.id}/", rf"\g<1>{exercise.id}/", text)
        text = re.sub(r"(#\s*include\s*)<(e\w+/[^>]+)>", lambda match: _own_include(match, source, target), text)
        new = exercise.folder / "task" / name
        (target / name).write_text(merged(text, new.read_text(encoding="utf-8")) if new.exists() else text,
                                   encoding="utf-8")


def _own_include(match: re.Match, source: Path, target: Path) -> str:
    """A file of another exercise of the stage before is no longer on the include path."""
    file = source.parent / match.group(2)
    return f'{match.group(1)}"{os.path.relpath(file, target)}"' if file.exists() else match.group(0)
