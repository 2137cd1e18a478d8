"""Tests of the repository itself: what lies where, and that a stage can be built as the README says."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from tutor import catalogue  # noqa: E402  # pylint: disable=wrong-import-position

STAGES = ["01-basic-pool", "02-bounded-queue", "03-priority", "04-stealing", "05-autoscale", "06-metrics"]
FILES = {"CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "learn",
         ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore"}
FOLDERS = {"docs", "cmake", "tools", ".ci", ".devcontainer"}
POSIX = {"dirent.h", "fcntl.h", "langinfo.h", "poll.h", "pthread.h", "signal.h", "spawn.h", "stdlib.h", "sys/resource.h",
         "sys/stat.h", "sys/wait.h", "unistd.h", "wchar.h"}
LATE_PARTS = ["demo/", "bench/", "exercises/"]  # which a stage in the making may lack, and its chapter


def tracked():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True,
                            text=True, check=True)
    return listed.stdout.splitlines()


def stages_here():
    return sorted({name.split("/")[0] for name in tracked()} & set(STAGES))


def in_stage(stage, pattern):
    """Whether there is such a thing in the stage or in one of its rooms."""
    return bool([*(ROOT / stage).glob(pattern), *(ROOT / stage).glob(f"*/{pattern}")])


def said_to_be_missing(stage):
    """What its README says is missing: None if the stage is finished, and has no such heading."""
    readme = (ROOT / stage / "README.md").read_text(encoding="utf-8")
    _, heading, rest = readme.partition("\n## In the making\n")
    return set(re.findall(r"^- `([^`]+)`", rest.partition("\n## ")[0], re.M)) if heading else None


def without_systems(text):
    """The code as a system sees it that is neither Linux nor macOS."""
    kept, asked = [], []  # asked: for each open #if, whether it asks for a system, and whether we are in such a branch
    for line in text.splitlines():
        if match := re.match(r"\s*#\s*(if|ifdef|ifndef)\b(.*)", line):
            system = re.search("__linux__|__APPLE__", match[2]) is not None
            asked.append([system, system and match[1] != "ifndef"])
        elif match := re.match(r"\s*#\s*(elif|else)\b(.*)", line):
            asked[-1][1] = asked[-1][0] and re.search("__linux__|__APPLE__", match[2]) is not None
        elif re.match(r"\s*#\s*endif\b", line):
            asked.pop()
        elif not any(left_out for _, left_out in asked):
            kept.append(line)
    return "\n".join(kept)


def finished_stages():
    return [stage for stage in stages_here() if said_to_be_missing(stage) is None]


class RepositoryTest(unittest.TestCase):
    # C1
    def test_the_top_level_holds_the_stages_and_what_a_repository_needs(self):
        top = {name.split("/")[0] for name in tracked()}
        self.assertEqual(top - set(STAGES) - FILES - FOLDERS, set())
        self.assertEqual((FILES | FOLDERS) - top, set())
        self.assertEqual(stages_here(), STAGES)

    # C2 (part): exercises are checked by the exercise runner, benchmarks by ./learn bench
    def test_each_stage_has_its_parts(self):
        for stage in stages_here():
            for part in ["README.md", "CMakeLists.txt"]:
                self.assertTrue((ROOT / stage / part).exists(), f"{stage}/{part}")
            for part in ["include/pool", "tests"]:
                self.assertTrue(in_stage(stage, part), f"{stage}/{part}")
        for stage in finished_stages():
            for part in ["demo/*.cpp", "bench/*.cpp"]:
                self.assertTrue(in_stage(stage, part), f"{stage}/{part}")

    # C2 (part): nothing is hidden that is missing
    def test_a_stage_in_the_making_says_what_is_missing(self):
        self.assertEqual(finished_stages(), stages_here()[: len(finished_stages())])
        self.assertLessEqual(len(stages_here()) - len(finished_stages()), 1, "only the last one can be in the making")
        for stage in set(stages_here()) - set(finished_stages()):
            chapter = f"docs/{stage}.md"
            there = {part for part in LATE_PARTS if any(re.match(f"{stage}/([^/]+/)?{part}", name) for name in tracked())}
            there |= {chapter} & set(tracked())
            missing = {*LATE_PARTS, chapter} - there
            self.assertEqual(said_to_be_missing(stage), missing, stage)
            self.assertTrue(missing, f"{stage} lacks nothing: its README needs no 'In the making'")

    # C2 (part)
    def test_each_stage_is_one_line_and_one_call(self):
        top = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
        for stage in stages_here():
            self.assertEqual(top.count(f"add_subdirectory({stage})"), 1)
            own = (ROOT / stage / "CMakeLists.txt").read_text(encoding="utf-8")
            self.assertEqual(len(re.findall(r"^pool_stage\(", own, re.M)), 1)

    # C3
    def test_the_pages_of_the_book_are_there(self):
        pages = ["00-introduction", "glossary", "memory-ordering", "coming-from-rust", "when-it-hangs", "specification",
                 "benchmarks", "bug-museum", "claims", "comparison", "decisions", *finished_stages()]
        for page in pages:
            text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
            self.assertGreater(len(text.split()), 500, page)

    # C4
    def test_everything_woven_is_fresh_and_ci_looks(self):
        woven = subprocess.run([sys.executable, str(ROOT / "tools" / "weave.py"), "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(woven.returncode, 0, woven.stdout + woven.stderr)
        self.assertRegex((ROOT / ".ci" / "run").read_text(encoding="utf-8"), r"exec ./learn --yes check ")
        steps = (ROOT / "tools" / "check.sh").read_text(encoding="utf-8")
        self.assertRegex(steps, r'\nall="pages ')
        self.assertRegex(steps, r"step_pages\(\) {[^}]*weave.py --check[ ;]")

    # C4: whatever is not woven is a sketch: no output, no diff, no figures, and no code that stands in the repository
    def test_what_can_be_woven_is_woven(self):
        code = {line.strip() for name in tracked() if re.match(r"0\d-[^/]+/.*(include|src|demo|tests)/.*\.[hc]pp$", name)
                for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if len(line.strip()) > 25}
        for page in sorted((ROOT / "docs").glob("0[1-7]-*.md")):
            lines, section, fence, woven, known = page.read_text(encoding="utf-8").splitlines(), "", None, False, 0
            for number, line in enumerate(lines, 1):
                where = f"{page.name}:{number}"
                mark = re.match(r"\s*(?:>\s*)?```(\w*)", line)
                if mark and fence is None:
                    fence, known = mark[1], 0
                    woven = self.before(lines, number).startswith(("<!-- code:", "<!-- output:", "<!-- diff:", "<!-- table:"))
                    self.assertTrue(woven or fence not in ("console", "diff"), f"{where}: recorded or generated, so weave it")
                elif mark:
                    fence = None
                elif fence is not None:
                    known = 0 if line.strip() not in code else known + 1
                    self.assertTrue(woven or known < 4, f"{where}: this stands in the repository, so weave it")
                elif line.startswith("#"):
                    section = line
                elif re.match(r"\|[-: |]+\|$", line) and "Measured" in section and not page.name.startswith("07-"):
                    self.assertTrue(self.before(lines, number - 1).startswith("<!-- table:"), f"{where}: weave the figures")

    @staticmethod
    def before(lines, number):
        """The last line before that one which is neither empty nor one of a table."""
        return next((line for line in reversed(lines[: number - 1]) if line.strip() and not line.startswith("|")), "")

    # C5 (part): each is whole; whether it holds what it promises, the next one asks
    def test_each_stage_has_four_exercises_and_a_capstone(self):
        for stage in STAGES:
            folder = ROOT / stage / "exercises"
            entries = tomllib.loads((folder / "exercises.toml").read_text(encoding="utf-8"))["exercise"]
            self.assertGreaterEqual(len([e for e in entries if e["kind"] != "capstone"]), 4, stage)
            self.assertEqual([e["kind"] for e in entries].count("capstone"), 1, stage)
            for entry in entries:
                own = folder / entry["id"]
                self.assertEqual(len(entry["hints"]), 3, entry["id"])
                self.assertGreaterEqual(len(entry["mutant"]), 2, entry["id"])
                for mutant in entry["mutant"]:
                    self.assertTrue((own / "mutants" / f"{mutant['name']}.patch").exists(), f"{entry['id']}: {mutant['name']}")
                self.assertTrue(entry["kind"] == "hunt" or (own / "test.cpp").exists(), entry["id"])
                for name in entry["files"]:
                    self.assertTrue((own / "task" / name).exists(), f"{entry['id']}: {name}")
                said = [(own / "solution" / name).read_text(encoding="utf-8").rstrip().splitlines()[-25:] for name in entry["files"]]
                why = " ".join(line for lines in said for line in lines if line.lstrip().startswith("//"))
                self.assertGreater(len(why.split()), 20, f"{entry['id']}: its solution does not explain why")

    # C5: the checker, whose own tests show that no mutant escapes it, judges every exercise, in CI
    def test_every_exercise_is_judged(self):
        known = catalogue.load(ROOT)
        self.assertEqual(known.problems, [])
        there = {pathlib.PurePath(name).parts[2] for name in tracked() if re.match(r"0\d-[^/]+/exercises/e\d+_\w+/", name)}
        self.assertEqual({each.id for each in known.exercises}, there)
        steps = (ROOT / "tools" / "check.sh").read_text(encoding="utf-8")
        self.assertRegex(steps, r'\nall="[^"]* exercises"')
        self.assertRegex(steps, r"step_exercises\(\) { python3 tools/tutor check ")

    # C5: the capstone is judged by the very suites that judge our pool
    def test_a_capstone_is_judged_by_the_contract_of_its_stage(self):
        suites = lambda text: set(re.findall(r"INSTANTIATE_TYPED_TEST_SUITE_P\(\w+, (\w+)", text))  # noqa: E731
        whole = suites((ROOT / "01-basic-pool/testing/pool/testing/contract.hpp").read_text(encoding="utf-8"))
        for stage in STAGES:
            own = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / stage / "testing").rglob("contract/*.hpp")))
            capstone = next((ROOT / stage / "exercises").glob("e*_pool"))
            tests = "".join(file.read_text(encoding="utf-8") for file in sorted(capstone.glob("test*.cpp")))
            judged = suites(tests) | (whole if re.search(r"^POOL_CONTRACT\(", tests, re.M) else set())
            of_stage = set(re.findall(r"REGISTER_TYPED_TEST_SUITE_P\(\s*(\w+)", own))
            self.assertTrue(of_stage)
            self.assertLessEqual(of_stage, judged, stage)

    # C7 (part)
    def test_each_preset_has_a_workflow(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
        names = {p["name"] for p in presets["configurePresets"] if not p.get("hidden")}
        self.assertGreaterEqual(names, {"default", "debug", "asan", "tsan", "coverage", "bench"})
        self.assertEqual({p["name"] for p in presets["workflowPresets"]}, names)
        for workflow in presets["workflowPresets"]:
            kinds = [step["type"] for step in workflow["steps"]]
            self.assertEqual(kinds, ["configure", "build", "test"][: len(kinds)], workflow["name"])
            self.assertEqual({step["name"] for step in workflow["steps"]}, {workflow["name"]})
        self.assertIn(["configure", "build", "test"], [[step["type"] for step in w["steps"]] for w in presets["workflowPresets"]
                                                       if w["name"] == "default"])

    # C8 (part): what is Linux-only, or not of the standard and POSIX, asks for the system first
    def test_code_that_is_linux_only_says_so(self):
        for name in tracked():
            if re.match(r"0[1-5]-[^/]+/(include|src|demo)/.*\.[hc]pp$", name):
                text = re.sub(r"//.*", "", (ROOT / name).read_text(encoding="utf-8"))
                for word in ["/proc/", "pthread_setname_np(pthread_self()", "gettid", "sched_getaffinity"]:
                    if word in text:
                        self.assertIn("__linux__", text, f"{name} uses {word} without asking for the system")
                elsewhere = without_systems(text)
                for header in re.findall(r"#\s*include <([\w/.-]+\.h)>", elsewhere):
                    self.assertIn(header, POSIX | {"sys/ioctl.h", "cxxabi.h"}, name)  # the last two macOS has as well

    # C8: every file that asks for the system compiles where it is not Linux, and the library does without
    def test_elsewhere_than_on_linux_it_degrades(self):
        compiler = os.environ.get("CXX", "c++").split()
        options = ["-std=c++20", "-U__linux__", "-U__linux", "-Ulinux", "-U__gnu_linux__", "-Wall", "-Wextra",
                   *(f"-I{folder}" for pattern in ("0[1-5]-*/include", "0[1-5]-*/demo") for folder in sorted(ROOT.glob(pattern)))]
        asking = [name for name in tracked() if re.match(r"0[1-5]-[^/]+/(src|demo)/.*\.cpp$", name)
                  and re.search("__linux__|__APPLE__", (ROOT / name).read_text(encoding="utf-8"))]
        self.assertGreaterEqual(len(asking), 5)
        for name in asking:
            done = subprocess.run([*compiler, *options, "-fsyntax-only", name], cwd=ROOT, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

        main = """
            #include <cstdio>
            #include <pool/autoscale/cpu_budget.hpp>
            #include <pool/basic/native_thread.hpp>
            int main() {
              pool::basic::name_this_thread("Other-0");
              const bool found = pool::autoscale::cpu_budget("/no-such-folder") > 0;
              const bool none = !pool::autoscale::cpu_quota("/no-such-folder") && !pool::autoscale::memory_limit("/no-such-folder");
              std::printf("%d %d %d", found, none, pool::basic::crew_size(0) > 0);
            }"""
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "elsewhere"
            (program.parent / "main.cpp").write_text(main, encoding="utf-8")
            sources = ["01-basic-pool/src/native_thread.cpp", "05-autoscale/src/cpu_budget.cpp", str(program.parent / "main.cpp")]
            subprocess.run([*compiler, *options, "-pthread", "-o", program, *sources], cwd=ROOT, check=True)
            self.assertEqual(subprocess.run([program], capture_output=True, text=True, check=True).stdout, "1 1 1")

    # S6.26
    def test_public_headers_of_the_full_system_say_what_one_has_to_know(self):
        for name in tracked():
            if not re.match(r"06-metrics/[^/]+/include/.*\.hpp$", name):
                continue
            opening = (ROOT / name).read_text(encoding="utf-8").partition("#pragma once")[0]
            self.assertRegex(opening, r"(?i)thread safety|plain data|pure function|constants|by the names", name)
        for header in ["metrics/include/pool/metrics/thread_pool", "flow/include/pool/flow/thread_pool", "flow/include/pool/flow/coroutine",
                       "process/include/pool/process/process_pool", "cluster/include/pool/cluster/cluster_executor",
                       "server/include/pool/server/server"]:
            opening = (ROOT / "06-metrics" / f"{header}.hpp").read_text(encoding="utf-8").partition("#pragma once")[0]
            for what in ["thread safety", "fork", "static destruction"]:
                self.assertIn(what, opening.lower(), header)

    def test_synchronisation_in_the_pools_goes_by_the_names_that_can_be_explored(self):
        names = ("/sync.hpp", "/thread_number.hpp")  # where the names are given: the second is a part of the first
        for name in tracked():
            if re.match(r"0\d-[^/]+/include/.*\.hpp$", name) and not name.endswith(names):
                code = re.sub(r"//.*", "", (ROOT / name).read_text(encoding="utf-8"))
                found = re.findall(r"std::(?:mutex|condition_variable|atomic|thread|jthread)\b", code)
                self.assertEqual(found, [], name)


if __name__ == "__main__":
    unittest.main()
