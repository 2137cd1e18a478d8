#!/usr/bin/env python3
"""mutants: plants known bugs in the code, one at a time, and sees to it that the tests find each of them.

    mutants.py [--stage NN] [--changed] [--jobs N] [NAME…]
    mutants.py --list

A mutant is a patch in NN-stage/tests/mutants/, against the repository's root, that starts with

    # mutant: wait_without_predicate
    # why: one sentence
    # killed-by: basic_channel_explored_test Channel.CloseWakesEveryReceiver
    # ends-by: failure                          (or `hang`, or `crash`; `failure` when the line is missing)

It is applied to a copy of the stages. The named test must pass without it and fail with it: by a failed assertion or
the explorer's report, unless `ends-by` says otherwise. A patch that no longer applies or compiles is an error.

--changed skips what was killed before and has not changed since. Objects and results are kept in build/mutants.
The compiler is $CXX (or c++), through ccache if there is one. The last line reads `N passed, N failed`.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(os.environ.get("POOL_MUTANTS_ROOT", Path(__file__).resolve().parent.parent))
KEPT = ROOT / "build" / "mutants"
FLAGS = ["-std=c++20", "-pthread", "-fno-omit-frame-pointer"]  # the explorer follows them
TIME_LIMIT = 20  # seconds for one test; the program's own watchdog comes first and prints the stacks
WATCHDOG_STATUS = 124


class Problem(Exception):
    """What is wrong with a mutant, in a sentence."""


def run(command, folder=None, **options):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **options)


class Mutant:
    """A patch and what its first lines say."""

    def __init__(self, path):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.stage = path.parents[2]
        head = dict(re.findall(r"^# ([a-z-]+): (.*)$", self.text.split("\n--- ")[0], re.MULTILINE))
        self.name = head.get("mutant", "")
        self.why = head.get("why", "")
        self.ends_by = head.get("ends-by", "failure")
        self.program, _, self.test = head.get("killed-by", "").partition(" ")

    def check_head(self):
        if self.name != self.path.stem:
            raise Problem(f"its first line must be '# mutant: {self.path.stem}'")
        if not self.why:
            raise Problem("it has no line '# why: …'")
        if not self.test:
            raise Problem("it has no line '# killed-by: program Suite.Test'")
        if self.ends_by not in ("failure", "hang", "crash"):
            raise Problem(f"ends-by is '{self.ends_by}', but can be failure, hang or crash")

    def source(self):
        """The file of the test program, from the stage's folder, and whether it is explored."""
        name = re.search(r"^\s*pool_stage\((\w+)", (self.stage / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)
        prefix = f"{name[1]}_" if name else ""
        if self.program.startswith(prefix):
            for folder in ("tests/explore", "tests"):
                file = self.stage / folder / f"{self.program.removeprefix(prefix)}.cpp"
                if file.exists():
                    return file.relative_to(ROOT), folder == "tests/explore"
        raise Problem(f"there is no file for the test program {self.program}")


class Tree:
    """A copy of the stages up to one: all that its tests are made of."""

    def __init__(self, folder, stage):
        self.folder = Path(folder)
        self.changed = set()  # the files that differ from the repository's, from its root
        self.stages = [s for s in sorted(ROOT.glob("[0-9][0-9]-*")) if s.name <= stage.name]
        for source in self.stages:
            for part in ("include", "src", "testing", "tests"):
                if (source / part).is_dir():
                    shutil.copytree(source / part, self.folder / source.name / part)

    def includes(self):
        folders = [f"{stage.name}/{part}" for stage in self.stages for part in ("include", "testing")]
        return [f"-I{folder}" for folder in folders if (self.folder / folder).is_dir()]

    def files(self, pattern):
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.glob(pattern))

    def digest(self):
        result = hashlib.sha256()
        for name in self.files("**/*.?pp"):
            result.update(name.encode() + (self.folder / name).read_bytes())
        return result.hexdigest()


class Compiler:
    """Makes programs. An object is made once for each preprocessed text, whatever tree that came from."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.unchanged = {}  # of unchanged trees: (source, explored) -> its object, the files it was made of
        self.command = shlex.split(os.environ.get("CXX", "c++"))
        if shutil.which("ccache") and Path(self.command[0]).name != "ccache":
            self.command.insert(0, "ccache")
        self.version = run([*self.command, "--version"]).stdout
        gtest = run(["pkg-config", "--libs", "gmock"]) if shutil.which("pkg-config") else None
        self.libraries = shlex.split(gtest.stdout) if gtest and gtest.returncode == 0 else ["-lgmock", "-lgtest"]
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8")

    def compile(self, tree, source, explored):
        """The object of a source file. One that sees none of the tree's changes is not even preprocessed again."""
        made, seen = self.unchanged.get((source, explored), (None, set()))
        if made is None or seen & tree.changed:
            made, seen = self.compile_anew(tree, source, explored)
            if not tree.changed:
                self.unchanged[source, explored] = made, seen
        return made

    def compile_anew(self, tree, source, explored):
        # A test is compiled for each mutant and run once, the explorer is compiled once and runs in many: it alone is optimised.
        level = "-O1" if "/testing/" in source else "-O0"
        flags = [*FLAGS, level, *tree.includes(), *(["-DPOOL_EXPLORE"] if explored else [])]
        expanded = run([*self.command, *flags, "-E", source], tree.folder)
        if expanded.returncode != 0:
            raise Problem(f"{source} does not compile:\n{expanded.stderr}")
        key = hashlib.sha256("\0".join([self.version, *FLAGS, level, expanded.stdout]).encode()).hexdigest()
        made = KEPT / f"{key[:32]}.o"
        if not made.exists():
            with tempfile.NamedTemporaryFile(dir=KEPT, suffix=".tmp", delete=False) as unfinished:
                result = run([*self.command, *flags, "-c", source, "-o", unfinished.name], tree.folder)
            if result.returncode != 0:
                Path(unfinished.name).unlink(missing_ok=True)  # a compiler that fails may have removed it
                raise Problem(f"{source} does not compile:\n{result.stderr}")
            os.replace(unfinished.name, made)
        made.touch()
        return str(made), set(re.findall(r'^# \d+ "([^"<]+)"', expanded.stdout, re.MULTILINE))

    def build(self, tree, source, explored):
        """The program of a test file. The stages' own sources are compiled only if it does not link without them."""
        parts = [(str(source), explored)]
        parts += [(file, False) for file in tree.files("*/testing/pool/testing/*.cpp")]
        if explored:
            parts += [(file, True) for file in tree.files("*/testing/pool/testing/explorer/*.cpp")]
        program = tree.folder / source.stem
        for more in ([], [(file, explored) for file in tree.files("*/src/*.cpp")]):
            parts += more
            with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
                objects = list(pool.map(lambda part: self.compile(tree, *part), parts))
            result = run([*self.command, *FLAGS, *objects, *self.libraries, "-o", str(program)], tree.folder)
            if result.returncode == 0:
                return program
        raise Problem(f"{source} does not link:\n{result.stderr}")

    def forget_old(self, most=400):
        for old in sorted(KEPT.glob("*.o"), key=lambda file: file.stat().st_mtime, reverse=True)[most:]:
            old.unlink()


def ending(program, test):
    """How the test ends: passed, failure, hang, crash or missing; and what it printed."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GTEST_", "POOL_EXPLORE"))}
    environment["POOL_TEST_LIMIT"] = str(TIME_LIMIT // 2)
    try:
        result = run([str(program), f"--gtest_filter={test}"], program.parent, timeout=TIME_LIMIT, env=environment)
    except subprocess.TimeoutExpired:
        return "hang", ""
    output = result.stdout + result.stderr
    if result.returncode == WATCHDOG_STATUS:
        return "hang", output
    if f"[ RUN      ] {test}\n" not in output:
        return "missing", output
    if result.returncode == 0:
        return ("passed" if f"[       OK ] {test}" in output else "missing"), output  # skipped is as good as missing
    return ("failure" if f"[  FAILED  ] {test}" in output else "crash"), output


class Judge:
    """Tries mutants. What a test does without them is looked up once."""

    def __init__(self, compiler, known):
        self.compiler = compiler
        self.known = known  # keys of mutants that were killed before
        self.lock = threading.Lock()
        self.healthy = {}  # (stage, source, test) -> what is wrong with it without a mutant; None: nothing

    def judge(self, mutant):
        """The key under which a success is remembered, and what is wrong (None: nothing)."""
        key = None
        try:
            mutant.check_head()
            with tempfile.TemporaryDirectory() as folder:
                tree = Tree(folder, mutant.stage)
                text = tree.digest() + mutant.text + self.compiler.version
                key = hashlib.sha256(text.encode()).hexdigest()
                if key not in self.known:
                    self.expect_healthy(mutant, tree)
                    self.expect_killed(mutant, tree)
        except Problem as problem:
            return key, str(problem)
        return key, None

    def expect_healthy(self, mutant, tree):
        with self.lock:  # the first one compiles what all need
            place = (mutant.stage, mutant.program, mutant.test)
            if place not in self.healthy:
                end, output = ending(self.compiler.build(tree, *mutant.source()), mutant.test)
                self.healthy[place] = None
                if end == "missing":
                    self.healthy[place] = f"{mutant.program} has no test {mutant.test} (or skips it)"
                elif end != "passed":
                    self.healthy[place] = f"{mutant.test} ends by {end} even without the mutant:\n{output}"
        if self.healthy[place]:
            raise Problem(self.healthy[place])

    def expect_killed(self, mutant, tree):
        patch = ["patch", "-p1", "--fuzz=0", "--batch", "--no-backup-if-mismatch", "-i", str(mutant.path)]
        applied = run(patch, tree.folder)
        if applied.returncode != 0:
            raise Problem(f"the patch no longer applies:\n{applied.stdout}{applied.stderr}")
        tree.changed = set(re.findall(r"^\+\+\+ [^/]*/(\S+)", mutant.text, re.MULTILINE))
        end, output = ending(self.compiler.build(tree, *mutant.source()), mutant.test)
        if end == "passed":
            raise Problem(f"it survives: {mutant.test} passes with it")
        if end != mutant.ends_by:
            raise Problem(f"{mutant.test} should end by {mutant.ends_by}, but ends by {end}:\n{output}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("names", nargs="*", metavar="NAME")
    arguments.add_argument("--stage", metavar="NN")
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("--changed", action="store_true")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = arguments.parse_args()

    mutants = [Mutant(path) for path in sorted(ROOT.glob(f"{options.stage or '[0-9][0-9]'}-*/tests/mutants/*.patch"))]
    unknown = set(options.names) - {mutant.path.stem for mutant in mutants}
    if unknown:
        sys.exit(f"mutants: there is no mutant {', '.join(sorted(unknown))}; --list shows all")
    if options.names:
        mutants = [mutant for mutant in mutants if mutant.path.stem in options.names]
    if options.list:
        for mutant in mutants:
            print(f"{mutant.stage.name[:2]} {mutant.path.stem}: {mutant.why} ({mutant.program} {mutant.test})")
        return 0

    compiler = Compiler(max(1, options.jobs))
    results = KEPT / "killed.json"
    killed = set(json.loads(results.read_text(encoding="utf-8"))) if results.exists() else set()
    known = killed if options.changed else set()
    judge = Judge(compiler, known)
    passed = failed = unchanged = 0
    with concurrent.futures.ThreadPoolExecutor(compiler.jobs) as pool:
        verdicts = pool.map(judge.judge, mutants)
        for mutant, (key, problem) in zip(mutants, verdicts):
            label = f"{mutant.stage.name[:2]} {mutant.path.stem}"
            if problem:
                failed += 1
                print(f"FAILED {label}: {problem}", flush=True)
            elif key in known:
                unchanged += 1
            else:
                passed += 1
                print(f"killed {label} ({mutant.test})", flush=True)
                killed.add(key)
    results.write_text(json.dumps(sorted(killed)[-2000:]), encoding="utf-8")
    compiler.forget_old()
    print(f"{passed} passed, {failed} failed" + (f", {unchanged} unchanged" if options.changed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
