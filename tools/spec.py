"""spec: makes docs/specification.md from docs/clauses.toml, the clause tags in the tests, and docs/conformance.json.

A tag is a comment that begins with clauses and stands in front of a test:

    // S1.4 R5                       the test proves both clauses
    // C2 (part): as far as …        it proves a part; the clause is not done yet
    TEST(Pool, …

in C++ (TEST, TEST_P, TYPED_TEST_P, EXPLORE, …) and, with '#', in Python (def test_…). A clause with a test that proves it
is tested, one with partial tests only is partly tested, any other is open. A tag that names no clause, or that no test
follows, is an error. CI runs every test, so a tagged test that fails stops the change that broke it.

    spec.py            writes docs/specification.md
    spec.py --check    writes nothing; fails if the page is not what would be written
"""

import argparse
import difflib
import json
import pathlib
import re
import subprocess
import sys
import tomllib

import conformance

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "specification.md"
CLAUSE = r"(?:C\d+|S\d+\.\d+|R\d+)"
TAG = re.compile(rf"^\s*(?://|#)\s*((?:{CLAUSE}\b[ ,]*)+)(\(part\))?(?=[:.]|\s*$)")
TEST = re.compile(r"^\s*(?:(?:TYPED_)?TEST(?:_[FP])?|EXPLORE(?:_WITH)?)\(\s*(\w+)\s*,\s*(\w+)|^\s*(?:async )?def (test_\w+)\(")
MARKS = {"tested": "tested", "partly": "partly tested", "open": "open"}


def test_files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*_test.cpp", "*_test.py", "0*/testing/*.hpp"],
        cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(ROOT / line for line in set(listed.stdout.splitlines()) if "/exercises/" not in line)


def read_tags(clauses, problems):
    """{clause: [(test name, file, is it partial)]}"""
    found = {}
    for file in test_files():
        pending, tag_line = [], 0
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{file.relative_to(ROOT)}:{number}"
            if tag := TAG.match(line):
                pending = [(c, bool(tag[2])) for c in re.findall(CLAUSE, tag[1])]
                tag_line = number
                problems += [f"{where}: there is no clause {c} in docs/clauses.toml" for c, _ in pending if c not in clauses]
            elif test := TEST.match(line):
                name = test[3] or f"{test[1]}.{test[2]}"
                for clause, partial in pending:
                    found.setdefault(clause, []).append((name, file, partial))
                pending = []
            elif pending and number > tag_line + 8:
                problems.append(f"{file.relative_to(ROOT)}:{tag_line}: no test follows this tag")
                pending = []
    return found


def state(tests):
    if not tests:
        return "open"
    return "partly" if all(partial for _, _, partial in tests) else "tested"


def page(sections, tags, results):
    everything = [c["id"] for s in sections for c in s["clause"]]
    count = {mark: sum(state(tags.get(c)) == mark for c in everything) for mark in MARKS}
    lines = [
        "<!-- Made by tools/spec.py from docs/clauses.toml and the tags in the tests. Do not edit it here. -->",
        "# Specification", "",
        "What the series must do, clause by clause, and the tests that show it. A clause without a test is open: it is",
        "shown, not hidden. Every test listed here runs in CI.", "",
        f"**{count['tested']} tested, {count['partly']} partly tested, {count['open']} open**", "",
    ]
    lines += [
        "## Six pools and their contract", "",
        "Each stage's pool passes the contract of its own stage and of all before it. A figure says how many tests of that",
        "clause this pool has passed in the last run that was written down ([conformance.json](conformance.json), which",
        "`./learn check` compares with its own run); some belong to several clauses. “–”: no test of that clause is for it.", "",
        *conformance.table(everything, tags, results, ROOT), "",
        "What only one stage promises, its own tests below show: the tasks, coroutines, processes and server of stage 06, say.", "",
    ]
    for section in sections:
        lines += [f"## {section['key']}. {section['title']}", ""]
        for clause in section["clause"]:
            tests = tags.get(clause["id"], [])
            lines += [f'<a id="{clause["id"].lower()}"></a>**{clause["id"]}** ({MARKS[state(tests)]}) {clause["text"].strip()}', ""]
            by_file = {}
            for name, file, partial in tests:
                by_file.setdefault(file, []).append(f"`{name}`" + (" (part)" if partial else ""))
            for file, names in by_file.items():
                path = file.relative_to(ROOT)
                lines.append(f"- [{path}](../{path}): {', '.join(dict.fromkeys(names))}")
            if by_file:
                lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is stale")
    check = parser.parse_args().check

    sections = tomllib.loads((ROOT / "docs" / "clauses.toml").read_text(encoding="utf-8"))["section"]
    clauses = {c["id"] for s in sections for c in s["clause"]}
    problems = []
    tags = read_tags(clauses, problems)
    results = json.loads(conformance.read(conformance.RESULTS))
    if lacking := conformance.problems(results, ROOT):
        problems += [*lacking, "docs/conformance.json is stale: ./learn test, then tools/conformance.py build/default/learn-tests.log"]
    if problems:
        sys.exit("\n".join(problems))
    made = page(sections, tags, results)
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if not check:
        PAGE.write_text(made, encoding="utf-8")
    elif made != there:
        diff = difflib.unified_diff(there.splitlines(), made.splitlines(), "docs/specification.md", "as it should be", lineterm="", n=1)
        sys.exit("\n".join(list(diff)[:30]) + "\ndocs/specification.md is stale: run tools/spec.py and commit what it writes")
    print(re.search(r"\*\*(.*)\*\*\n", made)[1])


if __name__ == "__main__":
    main()
