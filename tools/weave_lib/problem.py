"""What weave complains about: a place, what is wrong there, and what would be right.

`near` turns a name that does not exist into a suggestion, from the names that do.
"""
import difflib
from typing import Iterable, NamedTuple


class Problem(NamedTuple):
    file: str   # relative to the repository
    line: int   # 1-based
    text: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.text}"


class WeaveError(Exception):
    """Raised where a block cannot be woven; the caller knows the page and the line."""


def near(name: str, names: Iterable[str], listed: bool = True) -> str:
    """'; did you mean …' when one of the names is close, otherwise (listed) what there is."""
    names = sorted(names)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean '{close[0]}'?"
    if names and listed:
        return f"; there are: {', '.join(names[:12])}" + (", …" if len(names) > 12 else "")
    return ""
