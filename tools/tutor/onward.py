"""A capstone that goes on from the learner's own pool: their file, with what the new skeleton has and it has not.

Both are read in pieces (a declaration with the comment above it, a whole function or class, a preprocessor line), which
needs no more of C++ than its brackets. A piece of the skeleton is new if its name is nowhere in the learner's file. New
members come to the end of the public part of the class of the same name, new types and functions before the first class
that both files have, new includes after the last. What finds no place stands at the end, as a comment.
"""
import re
from typing import Callable, List, Optional, Set, Tuple

NEW = "// ---- new in this stage"
LEFT = "// ---- also new in this stage; it found no place above"
CLASS = re.compile(r"^\s*(?:class|struct)\s+(\w+)[^;{}]*\{[ \t]*$", re.MULTILINE)
ACCESS = re.compile(r"^\s*(public|private|protected):")
LABEL = re.compile(r"\s*(public|private|protected):$")
NAMES = (re.compile(r"^\s*(?:using|class|struct|enum(?: class| struct)?)\s+(?:\[\[\w+\]\]\s*)?([\w:]+)"),
         re.compile(r"(\w+)\s*\("),                    # a function: what stands before its parameters
         re.compile(r"(\w+)\s*(?:=[^=]|\{|;|\[)"))     # a value


def merged(own: str, skeleton: str) -> str:
    """The learner's file, with what is new in the skeleton."""
    known = set(re.findall(r"(?<![\w.])(?<!->)\w+", code(own)))  # not x.name: it is x's
    mine, theirs = pieces(own), pieces(skeleton)
    includes = [each for each in theirs if is_include(each) and each.strip() not in map(str.strip, mine)]
    before = [each for each in theirs if is_new(each, known) and not is_include(each)]
    left: List[str] = []
    at = place(mine, theirs, class_name, name_of)
    if at is None:
        left = before
    elif before:
        mine[at:at] = [f"\n{NEW}\n", *before, "\n"]
    for each in filter(class_name, theirs):
        if is_new(each, known):
            continue  # the whole class was
        new = new_members(each, known)
        at = next((at for at, piece in enumerate(mine) if class_name(piece) == class_name(each)), None)
        if new and at is not None:
            mine[at] = with_members(mine[at], new)
        elif class_name(each) in known:
            left += new
    if includes:
        at = max((at for at, each in enumerate(mine) if is_include(each) or each.strip() == "#pragma once"), default=-1)
        mine[at + 1:at + 1] = ["\n"] * (not is_include(mine[at])) + [each.strip() + "\n" for each in includes]
    text = "".join(mine).rstrip() + "\n"
    if left:
        text += "\n" + "\n".join([LEFT] + [f"// {line}".rstrip() for line in "".join(left).strip().splitlines()]) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def place(mine: List[str], theirs: List[str], *ways: Callable[[str], str]) -> Optional[int]:
    """Where the first piece stands that both have; ways: how they are told apart, the best first."""
    for way in ways:
        names = set(filter(None, map(way, theirs)))
        at = next((at for at, each in enumerate(mine) if way(each) in names), None)
        if at is not None:
            return at
    return None


def pieces(text: str) -> List[str]:
    """The text, cut where a declaration ends; joined they are the text again. Namespaces are looked into."""
    found, piece, depth = [], [], 0
    for line in text.splitlines(keepends=True):
        piece.append(line)
        bare = code(line).strip()
        opens = depth == 0 and re.match(r"(inline )?namespace\b[^=]*\{$", bare)
        depth = 0 if opens else max(0, depth + sum(map(bare.count, "({")) - sum(map(bare.count, ")}")))
        if depth == 0 and (opens or bare.startswith("#") or bare.endswith((";", "}")) or LABEL.match(bare)):
            found.append("".join(piece))
            piece = []
    return found + (["".join(piece)] if piece else [])


def code(text: str) -> str:
    """Without comments and what stands in quotes."""
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|//[^\n]*', "", text)


def name_of(piece: str) -> str:
    bare = re.sub(r"^\s*(template\b.*|requires\b.*)$|\[\[\w+\]\]|alignas\([^)]*\)", "", code(piece), flags=re.MULTILINE)
    for pattern in NAMES:
        match = pattern.search(bare.strip())
        if match:
            return match.group(1).rpartition("::")[2]
    return ""


def class_name(piece: str) -> str:
    match = CLASS.search(code(piece))
    return match.group(1) if match else ""


def is_include(piece: str) -> bool:
    return code(piece).strip().startswith("#include")


def is_new(piece: str, known: Set[str]) -> bool:
    name = name_of(piece)
    outer = re.match(r"\s*(inline )?(namespace|static_assert)\b", code(piece))
    return bool(name) and name not in known and not outer


def members(piece: str) -> Tuple[List[str], str, List[str]]:
    """What a class piece is made of: up to its opening bracket, its members, from its closing bracket on."""
    lines = piece.splitlines(keepends=True)
    first = next(at for at, line in enumerate(lines) if code(line).rstrip().endswith("{"))
    last = max(at for at, line in enumerate(lines) if code(line).lstrip().startswith("}"))
    return lines[:first + 1], "".join(lines[first + 1:last]), lines[last:]


def new_members(piece: str, known: Set[str]) -> List[str]:
    """The public ones that are not known."""
    public, found = not re.search(r"^\s*class\b", code(piece), re.MULTILINE), []
    for each in pieces(members(piece)[1]):
        label = ACCESS.match(code(each).strip())
        if label:
            public = label.group(1) == "public"
        elif public and is_new(each, known):
            found.append(each.lstrip("\n"))
    return found


def with_members(piece: str, new: List[str]) -> str:
    """They stand before what is private, or at the end."""
    start, inside, end = members(piece)
    old = pieces(inside)
    at = next((at for at, each in enumerate(old) if re.search(r"^\s*(private|protected):", code(each), re.MULTILINE)),
              len(old))
    gap = "\n" if any(len(each.splitlines()) > 1 for each in new) else ""
    new = [f"\n  {NEW}\n", *(each + gap for each in new)]
    return "".join([*start, *old[:at], *new, *old[at:], *end])
