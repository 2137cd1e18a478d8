"""What the compiler said, as a learner can read it: the first error first, with its lines, the rest counted."""
import re
from typing import List

START = re.compile(r"^[^\s:][^:]*:\d+(?::\d+)?: (?P<kind>fatal error|error|warning)")
LEAD = re.compile(r"^(In file included from|\s+from )|: In (member |static |lambda )?(function|instantiation|"
                  r"substitution|constructor|destructor)|: At global scope:|^\S+: In |required from")
LINKER = re.compile(r"(undefined reference to .*|multiple definition of .*)$")
LINES_EACH = 14
SHOWN = 3


def readable(said: str) -> List[str]:
    blocks = errors(said)
    if not blocks:
        linked = list(dict.fromkeys(match.group(1) for match in map(LINKER.search, said.splitlines()) if match))
        if linked:
            return ["The parts compile, but do not fit together:"] + [f"  {line}" for line in linked[:8]]
        return said.strip().splitlines()[:30]
    lines: List[str] = []
    for block in blocks[:SHOWN]:
        more = len(block) - LINES_EACH
        lines += block[:LINES_EACH] + ([f"  … {more} more lines"] if more > 0 else []) + [""]
    if len(blocks) > SHOWN:
        more = len(blocks) - SHOWN
        lines.append(f"… and {more} more error{'s' if more > 1 else ''}; the first is the one to mend first.")
    return lines


def errors(said: str) -> List[List[str]]:
    """Each error with the lines that belong to it; what led there ("required from") stands after it."""
    blocks: List[List[str]] = []
    current, lead = None, []
    for line in said.splitlines():
        start = START.match(line)
        if start and "error" in start.group("kind"):
            current = [line] + [f"  {each.strip()}" for each in lead if "required from" in each]
            blocks.append(current)
            lead = []
        elif start:
            current, lead = None, []
        elif LEAD.search(line):
            lead.append(line)
        elif current is not None and line.strip():
            current.append(line)
    return [block for block in blocks if block]
