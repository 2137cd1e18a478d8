"""Skeletons from solutions: what lies between markers is taken out, and something to start from put in its place.

    // #todo wait until there is a value      the block becomes POOL_TODO("wait until there is a value");
    …
    // #end

    // #todo                                  without a text the block is left out,
    …
    // #instead                               or replaced by the commented lines that follow
    // changed_.wait(lock);
    // #end

A file that comes to use POOL_TODO gets the include for it after its last include. Lines with `#region` markers are left
out everywhere. Blocks are not nested.
"""
import re
from typing import List

MARKER = re.compile(r"^(\s*)//\s*#(todo|instead|end)\b[ \t]*(.*?)\s*$")
REGION = re.compile(r"^\s*//\s*#(region|endregion)\b")
INCLUDE = "#include <pool/testing/todo.hpp>"


class SkeletonError(Exception):
    """A marker is out of place: file, line, and what would be right."""


def skeleton(text: str, path: str) -> str:
    """What the learner gets."""
    return _with_include(_translate(text, path, solved=False))


def clean(text: str, path: str) -> str:
    """The solution as it is shown: without markers, and without the skeleton's lines."""
    return _join(_translate(text, path, solved=True))


def _translate(text: str, path: str, solved: bool) -> List[str]:
    out: List[str] = []
    state, begun, what = "outside", 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        def fail(why):
            raise SkeletonError(f"{path}:{number}: {why}")

        if REGION.match(line):
            continue
        match = MARKER.match(line)
        if match:
            indent, marker, rest = match.groups()
            if marker == "todo":
                if state != "outside":
                    fail(f"a '#todo' inside the block of line {begun}; end that with '// #end' first")
                state, begun, what = "solution", number, rest
                if rest and not solved:
                    quoted = rest.replace("\\", "\\\\").replace('"', '\\"')
                    out.append(f'{indent}POOL_TODO("{quoted}");')
            elif marker == "instead":
                if state != "solution":
                    fail("'#instead' without a '// #todo' before it")
                if what:
                    fail(f"the block of line {begun} has a text and an '#instead'; write POOL_TODO as one of its lines")
                state = "instead"
            else:
                if state == "outside":
                    fail("'#end' without a '// #todo' before it")
                state = "outside"
        elif state == "outside" or (state == "solution" and solved):
            out.append(line)
        elif state == "instead":
            comment = re.match(r"^(\s*)//(?: |$)(.*)$", line)
            if not comment:
                fail("a line after '#instead' begins with '// ', which is taken away")
            if not solved:
                out.append((comment.group(1) + comment.group(2)).rstrip())
    if state != "outside":
        raise SkeletonError(f"{path}:{begun}: the block that begins here is not ended; write '// #end' after it")
    return out


def _with_include(lines: List[str]) -> str:
    if any("POOL_TODO(" in line for line in lines) and INCLUDE not in lines:
        last = max((at for at, line in enumerate(lines) if line.startswith("#include")), default=-1)
        own = [] if last < 0 or lines[last].startswith("#include <pool/") else [""]
        lines[last + 1:last + 1] = own + [INCLUDE]
    return _join(lines)


def _join(lines: List[str]) -> str:
    """One blank line where leaving something out made several, none at the end."""
    text = "\n".join(lines).strip("\n") + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)
