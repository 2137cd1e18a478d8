"""What the learner has done, in my/.progress.json: written whole and at once, so that no crash leaves half of it.

A file that cannot be read is put aside with a note, and counting begins again; the learner's code is not concerned.
"""
import json
import os
import tempfile
from pathlib import Path
from typing import Optional

VERSION = 1


class Progress:
    def __init__(self, folder: Path):
        self.file = folder / ".progress.json"
        self.note = ""  # what to tell the learner about the file
        self._data = self._load()

    def _load(self) -> dict:
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
            if not isinstance(data, dict) or data.get("version") != VERSION:
                raise ValueError("it is of another version")
            if not all(isinstance(each, dict) for each in data["exercises"].values()):
                raise ValueError("an entry is not an object")
            return data
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, AttributeError) as error:
            aside = self.file.with_name(".progress.broken.json")
            try:
                os.replace(self.file, aside)
                where = f"It is kept as {aside.parent.name}/{aside.name}."
            except OSError:
                where = ""
            self.note = (f"my/.progress.json could not be read ({error}). {where} Progress begins anew; your code is "
                         "untouched, and ./learn try <id> marks an exercise as solved again.")
        return {"version": VERSION, "current": None, "exercises": {}}

    def entry(self, exercise_id: str) -> dict:
        return self._data["exercises"].get(exercise_id, {})

    def solved(self, exercise_id: str) -> bool:
        return bool(self.entry(exercise_id).get("solved"))

    def tries(self, exercise_id: str) -> int:
        count = self.entry(exercise_id).get("tries", 0)
        return count if isinstance(count, int) else 0

    def hints(self, exercise_id: str) -> int:
        count = self.entry(exercise_id).get("hints", 0)
        return count if isinstance(count, int) else 0

    @property
    def current(self) -> Optional[str]:
        return self._data.get("current")

    def update(self, exercise_id: str, current: bool = True, **values):
        """Notes values of one exercise and saves."""
        self._data = self._load()  # a capstone takes minutes, and another terminal may have noted something meanwhile
        self._data["exercises"].setdefault(exercise_id, {}).update(values)
        if current:
            self._data["current"] = exercise_id
        self.save()

    def forget(self, exercise_id: str):
        self._data = self._load()
        self._data["exercises"].pop(exercise_id, None)
        self.save()

    def save(self):
        self.file.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".progress-", dir=self.file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(self._data, out, indent=1, sort_keys=True)
                out.write("\n")
                out.flush()
                os.fsync(out.fileno())
            os.replace(part, self.file)
        except BaseException:
            os.unlink(part)
            raise
