"""The explorer's timeline for narrow terminals.

It is a table with a column for each thread, which is the best way to see it, and often wider than 80 columns. Where it
does not fit, each row becomes a line: step, thread, what it did, where.
"""
from typing import List

from textwrap import wrap


def fit(lines: List[str], width: int) -> List[str]:
    """The lines, a table that is too wide told in another way."""
    out: List[str] = []
    columns: List[str] = []
    narrow = False
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) >= 3 and cells[0] == "step" and cells[-1] == "where":
            columns = cells
            narrow = max(len(each) for each in lines if "|" in each) > width
            if not narrow:
                out.append(line)
        elif narrow and columns and len(cells) == len(columns) and cells[0].isdigit():
            out += _row(cells, columns, width)
        else:
            columns = [] if line.strip() and "|" not in line and not line.startswith("…") else columns
            out.append(line)
    return out


def _row(cells: List[str], columns: List[str], width: int) -> List[str]:
    who = max(len(name) for name in columns[1:-1])
    at = next((at for at in range(1, len(cells) - 1) if cells[at]), 1)
    text = cells[at] + (f"  [{cells[-1]}]" if cells[-1] else "")
    start = f"{cells[0]:>4}  {columns[at].ljust(who)}  "
    return wrap(text, width, initial_indent=start, subsequent_indent=" " * len(start) + "  ", break_on_hyphens=False)
