"""conformance: which pool of the series has passed which tests of the contract, from the log of a test run.

The contract is the typed test suites in 0*/testing/pool/testing/contract: each stage's pool is tested against those of
its own stage and of all before it. `./learn test` leaves its log in build/default/learn-tests.log.

    conformance.py LOG…           writes docs/conformance.json from them; then tools/spec.py makes the table of that
    conformance.py --check LOG    writes nothing; fails if this run says something else than docs/conformance.json (of a
                                  test that was skipped, a run says nothing: there may be no room for 1,000 threads)

tools/spec.py --check needs no run: it fails if the contract has a test that docs/conformance.json does not know, or a
pool is tested against more or less than is written there.
"""

import argparse
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "conformance.json"
SUITE = re.compile(r"REGISTER_TYPED_TEST_SUITE_P\(\s*(\w+),([\s\w,]*)\)")
MACRO = re.compile(r"#define (\w+)\(Name, \.\.\.\)((?:.*\\\n)*.*)")
INSTANTIATED = re.compile(r"INSTANTIATE_TYPED_TEST_SUITE_P\(\w+, (\w+)")
LABEL = re.compile(r"^pool_stage\((\w+)", re.M)
RAN = re.compile(r"^ *\d+/\d+ Test +#\d+: (\w+)\.\w+\.(\w+)<.*> \.*\s*(?:\*\*\*)?(\w+)", re.M)


def read(file):
    return file.read_text(encoding="utf-8")


def stages(root):
    return sorted(folder.name for folder in root.glob("0[0-9]-*"))


def contract(root):
    """{suite: [suite.test]}"""
    text = "".join(map(read, sorted(root.glob("0*/testing/pool/testing/contract/*.hpp"))))
    return {suite: [f"{suite}.{test}" for test in re.findall(r"\w+", tests)] for suite, tests in SUITE.findall(text)}


def instantiated(root):
    """{suite.test: {stage}}: against what each stage's pool is tested, as its tests say."""
    suites = contract(root)
    macros = {}
    for header in root.glob("0*/testing/pool/testing/*.hpp"):
        macros |= {name: INSTANTIATED.findall(body) for name, body in MACRO.findall(read(header))}
    found = {}
    for file in sorted([*root.glob("0*/tests/*_test.cpp"), *root.glob("0*/*/tests/*_test.cpp")]):
        text, stage = read(file), file.relative_to(root).parts[0][:2]
        used = INSTANTIATED.findall(text)
        for name in re.findall(r"^(\w+)\(", text, re.M):
            used += macros.get(name, [])
        for test in [test for suite in used for test in suites.get(suite, [])]:
            found.setdefault(test, set()).add(stage)
    return found


def labels(root):
    """{label of tests: stage}"""
    files = [*root.glob("0*/CMakeLists.txt"), *root.glob("0*/*/CMakeLists.txt")]
    return {name: file.relative_to(root).parts[0][:2] for file in files for name in LABEL.findall(read(file))}


def outcomes(log, root):
    """{outcome: {suite.test: "01 02 …"}}: what the run says of the tests of the contract. ctest leaves out the suite: where
    two have a test of one name, one failure counts for both, as one of several pools of a stage does for the stage."""
    stage_of, seen = labels(root), {}
    for label, test, outcome in RAN.findall(log):
        seen.setdefault((test, stage_of.get(label)), set()).add(outcome)
    found = {"Passed": {}}
    for test, of in sorted(instantiated(root).items()):
        for stage in sorted(of):
            if said := seen.get((test.partition(".")[2], stage)):
                outcome = "Failed" if said - {"Passed", "Skipped"} else "Skipped" if "Skipped" in said else "Passed"
                by_test = found.setdefault(outcome, {})
                by_test[test] = f"{by_test.get(test, '')} {stage}".strip()
    return found


def problems(results, root):
    """Where the results are not those of the contract as it stands in the sources."""
    known = {test: set() for by_test in results.values() for test in by_test}
    for by_test in results.values():
        for test, of in by_test.items():
            known[test] |= set(of.split())
    wanted = instantiated(root)
    return [f"{test}: of stages {' '.join(sorted(wanted.get(test, []))) or 'none'}, "
            f"the results are of {' '.join(sorted(known.get(test, []))) or 'none'}"
            for test in sorted(wanted.keys() | known.keys()) if wanted.get(test, set()) != known.get(test, set())]


def differences(known, results):
    """What a run says otherwise."""
    def by_pool(found):
        return {(test, stage): outcome for outcome, by_test in found.items() for test, of in by_test.items() for stage in of.split()}

    before = by_pool(known)
    return [f"{test} of stage {stage}: {outcome}, and it was {before.get((test, stage), 'unknown')}"
            for (test, stage), outcome in by_pool(results).items() if outcome not in ("Skipped", before.get((test, stage)))]


def words(suite):
    """PoolWaitsForEnds: waits for ends"""
    return " ".join(re.findall(r"[A-Z][a-z]*", suite)).removeprefix("Pool ").lower()


def table(order, tags, results, root):
    """Lines of Markdown: a row for each clause that has tests in the contract, a column for each pool."""
    of_contract = {test for tests in contract(root).values() for test in tests}
    rows = {clause: sorted({name for name, *_ in tags.get(clause, [])} & of_contract) for clause in order}
    rows["others"] = sorted(of_contract - {name for names in rows.values() for name in names})
    numbers = [stage[:2] for stage in stages(root)]
    lines = ["| Clause | Parts of the contract | " + " | ".join(f"[{stage}](../{stage})" for stage in stages(root)) + " |",
             "|---|---|" + "---:|" * len(numbers)]

    def cell(names, stage):
        count = {outcome: sum(stage in by_test.get(name, "").split() for name in names)
                 for outcome, by_test in results.items()}
        if failed := count.get("Failed"):
            return f"**{failed} of {sum(count.values())} fail**"
        skipped = f", {count['Skipped']} skipped" if count.get("Skipped") else ""
        return f"{count['Passed']}{skipped}" if sum(count.values()) else "–"

    for clause, names in [*rows.items(), ("**all tests**", sorted(of_contract))]:
        if names:
            link = f"[{clause}](#{clause.lower()})" if clause in order else clause
            about = ", ".join(dict.fromkeys(words(name.partition(".")[0]) for name in names)) if clause in order else ""
            lines.append(f"| {link} | {about} | " + " | ".join(cell(names, stage) for stage in numbers) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the results are others")
    parser.add_argument("logs", nargs="+", type=pathlib.Path, metavar="LOG", help="what ctest said")
    arguments = parser.parse_args()

    results = outcomes("".join(map(read, arguments.logs)), ROOT)
    if lacking := problems(results, ROOT):
        sys.exit("\n".join([*lacking[:20], f"this is not a run of all tests: ./learn test"]))
    if not arguments.check:
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    elif others := differences(json.loads(read(RESULTS)), results):
        sys.exit("\n".join([*others[:20], "docs/conformance.json says something else than this run"]))
    print(", ".join(f"{sum(len(of.split()) for of in by_test.values())} {outcome.lower()}" for outcome, by_test in results.items()))


if __name__ == "__main__":
    main()
