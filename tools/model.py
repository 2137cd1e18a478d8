#!/usr/bin/env python3
"""model: has Spin go through the models of NN-stage/model/*.pml, as they are and with the mistakes that it has to find.

    model.py [--all | --changed | --remember] [--jobs N]
    model.py NAME…                   a NAME is a flag of the model: only the runs that have it

The comment at the top of a model says what is run, one run a line:

    check: WORKERS=2 PAUSE           with these flags Spin has to find nothing
    check: WORKERS=2 cycles          … and no way to go round in circles for ever without getting anywhere (`progress:`)
    mutant: NO_BATON FEW: a finder wakes nobody       with this mistake, and these flags, it has to find something

A search that was not completed is a failure, and so is a flag that the model does not know. A run that has come out as
it has to is not repeated until the model changes, but for one; remembered.py says what the options are for. The compiler
is $CC (or cc). The last line begins with `N passed, M failed`.
"""
import argparse
import concurrent.futures
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from remembered import OPTIONS, Record, Sources

ROOT = Path(os.environ.get("POOL_MODEL_ROOT", Path(__file__).resolve().parent.parent))
RUN = re.compile(r"^ \* (check|mutant): ([^:\n]+)(?:: (.+))?$", re.MULTILINE)
DEPTH = 1_000_000  # steps of the longest run; more would be an incomplete search
TIME_LIMIT = 600   # seconds for one search
INCOMPLETE = ("Search not completed", "max search depth too small", "out of memory", "hashtable full")
LONGEST_WAY = 60   # steps of a way to a failure that are shown
SHARE = 1          # so many of the runs that are remembered are repeated all the same


class Problem(Exception):
    """What is wrong with a run, in a sentence."""


def run(command, folder):
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        raise Problem(f"{shlex.join(map(str, command))} was not done in {TIME_LIMIT} s") from None


class Run:
    """One line of a model's comment: what Spin is to do, and what it has to find."""

    def __init__(self, model, kind, words, why):
        self.model = model
        self.is_mutant = kind == "mutant"
        self.why = why
        words = words.split()
        self.cycles = "cycles" in words
        self.flags = [word for word in words if word != "cycles"]
        self.label = f"{model.parent.parent.name[:2]} {model.stem} {' '.join(words)}"

    def key(self, sources):
        """Of the model without its other runs; its own line says what is run."""
        lines = self.model.read_text(encoding="utf-8").splitlines()
        text = [line for line in lines if not RUN.match(line)]
        return sources.key([], text, self.is_mutant, self.label, bool(self.why), DEPTH)

    def judge(self):
        """What Spin found, in a few words. Throws a Problem if it is not what it has to find."""
        self.expect_known()
        with tempfile.TemporaryDirectory() as folder:
            self.build(folder)
            search = ["./pan", f"-m{DEPTH}"] + (["-l"] if self.cycles else [])
            said = run(search, folder).stdout
            found = re.search(r"^pan:\d+: (.*) \(at depth \d+\)$", said, re.MULTILINE)
            if self.is_mutant:
                if not found:
                    raise Problem("it survives: Spin finds nothing wrong with it" + incomplete(said))
                return found[1]
            if found:
                raise Problem(f"{found[1]}\n{self.way(folder)}")
            states = re.search(r"^\s*(\d+) states, stored", said, re.MULTILINE)
            if not states or "errors: 0" not in said or incomplete(said):
                raise Problem(f"the search was not completed:\n{said}")
            return f"{int(states[1]):,} states"

    def expect_known(self):
        text = RUN.sub("", self.model.read_text(encoding="utf-8"))
        for flag in self.flags:
            if not re.search(rf"\b{re.escape(flag.partition('=')[0])}\b", text):
                raise Problem(f"the model knows no flag {flag}")
        if self.is_mutant and not self.why:
            raise Problem("it does not say what the mistake is: 'mutant: NAME: …'")

    def build(self, folder):
        """The program that searches, from the C that Spin makes of the model."""
        shutil.copy(self.model, folder)
        made = run(["spin", "-a", *(f"-D{flag}" for flag in self.flags), self.model.name], folder)
        if made.returncode != 0 or not (Path(folder) / "pan.c").exists():
            raise Problem(f"Spin does not understand it:\n{made.stdout}{made.stderr}")
        compiler = shlex.split(os.environ.get("CC", "cc"))
        kind = "-DNP" if self.cycles else "-DSAFETY"
        level = "-O0" if self.is_mutant else "-O1"  # a mistake is found in a moment, so the compiler had better be quick
        made = run([*compiler, "-w", level, "-DCOLLAPSE", kind, "-o", "pan", "pan.c"], folder)
        if made.returncode != 0:
            raise Problem(f"what Spin makes of it does not compile:\n{made.stderr}")

    def way(self, folder):
        """The last steps on the way to what Spin found."""
        flags = [f"-D{flag}" for flag in self.flags]
        steps = run(["spin", "-t", "-p", "-g", *flags, self.model.name], folder).stdout.splitlines()
        left_out = [f"… {len(steps) - LONGEST_WAY} steps before these"] if len(steps) > LONGEST_WAY else []
        return "\n".join(left_out + steps[-LONGEST_WAY:])


def incomplete(said):
    return "".join(f" ({sign})" for sign in INCOMPLETE if sign in said)


def verdict(each):
    """Whether all is well with a run, and a line that says so."""
    try:
        found = each.judge()
        return True, f"{'killed' if each.is_mutant else 'ok    '} {each.label} ({found})"
    except Problem as problem:
        return False, f"FAILED {each.label}: {problem}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", metavar="NAME")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    for option in OPTIONS:
        arguments.add_argument(option, action="store_const", const=option, dest="option")
    options = arguments.parse_args()
    if not shutil.which("spin"):
        sys.exit("model: there is no spin on this machine, which goes through the models (apt install spin; ./learn check does it)")

    models = sorted(ROOT.glob("[0-9][0-9]-*/model/*.pml"))
    runs = [Run(model, *found) for model in models for found in RUN.findall(model.read_text(encoding="utf-8"))]
    empty = [model.name for model in models if not any(each.model == model for each in runs)]
    if empty:
        sys.exit(f"model: {', '.join(empty)} says nothing of what is to be checked: ' * check: FLAGS'")
    unknown = set(options.names) - {flag for each in runs for flag in each.flags}
    if unknown:
        sys.exit(f"model: no run has the flag {', '.join(sorted(unknown))}")

    sources = Sources(ROOT)
    record = Record(ROOT, "model", {each.label: each.key(sources) for each in runs})
    runs = [each for each in runs if not options.names or set(options.names) & set(each.flags)]
    chosen = record.choose([each.label for each in runs], options.option or ("--all" if options.names else None), SHARE)
    judged = [each for each in runs if each.label in chosen]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        for each, (well, line) in zip(judged, pool.map(verdict, judged)):
            record.note(each.label, well)
            failed += not well
            print(line, flush=True)
    print(record.close(len(runs) - failed, failed, options.option))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
