"""The learner's files: my/<stage>/<id>/, copied from task/ at the first try and never overwritten but by `reset`."""
import filecmp
import os
import shutil
import time
from pathlib import Path
from typing import List

from .catalogue import Exercise, UsageError, stages_up_to

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
        folders = [self.base(exercise)]
        folders += [stage / "include" for stage in stages_up_to(self.root, exercise.stage)]
        folders.append(self.root / "01-basic-pool" / "testing")
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
        self.prepare(exercise)
        return kept
