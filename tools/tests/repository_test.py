"""Tests of the repository itself: what lies where, and that a stage can be built as the README says."""

import json
import pathlib
import re
import subprocess
import sys
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STAGES = ["01-basic-pool", "02-bounded-queue", "03-priority", "04-stealing", "05-autoscale", "06-metrics"]
FILES = {"CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "learn",
         ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore"}
FOLDERS = {"docs", "cmake", "tools", ".ci", ".devcontainer"}
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


def finished_stages():
    return [stage for stage in stages_here() if said_to_be_missing(stage) is None]


class RepositoryTest(unittest.TestCase):
    # C1 (part): as many of the six as are built
    def test_the_top_level_holds_the_stages_and_what_a_repository_needs(self):
        top = {name.split("/")[0] for name in tracked()}
        self.assertEqual(top - set(STAGES) - FILES - FOLDERS, set())
        self.assertEqual((FILES | FOLDERS) - top, set())
        self.assertEqual(stages_here(), STAGES[: len(stages_here())])

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

    # C4 (part): for the stages that are there
    def test_everything_woven_is_fresh(self):
        woven = subprocess.run([sys.executable, str(ROOT / "tools" / "weave.py"), "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(woven.returncode, 0, woven.stdout + woven.stderr)

    # C5 (part): what the exercises promise is checked by the exercise runner, which CI runs
    def test_each_stage_has_four_exercises_and_a_capstone(self):
        for stage in finished_stages():
            entries = tomllib.loads((ROOT / stage / "exercises" / "exercises.toml").read_text(encoding="utf-8"))["exercise"]
            self.assertGreaterEqual(len([e for e in entries if e["kind"] != "capstone"]), 4, stage)
            self.assertEqual([e["kind"] for e in entries].count("capstone"), 1, stage)
            for entry in entries:
                self.assertEqual(len(entry["hints"]), 3, entry["id"])
                self.assertGreaterEqual(len(entry["mutant"]), 2, entry["id"])

    # C7 (part)
    def test_each_preset_has_a_workflow(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
        names = {p["name"] for p in presets["configurePresets"] if not p.get("hidden")}
        self.assertGreaterEqual(names, {"default", "debug", "asan", "tsan", "coverage", "bench"})
        self.assertEqual({p["name"] for p in presets["workflowPresets"]}, names)

    # C8 (part): nothing under include/ is Linux-only without saying so
    def test_code_that_is_linux_only_says_so(self):
        for name in tracked():
            if re.match(r"0[1-5]-[^/]+/(include|src|demo)/.*\.[hc]pp$", name):
                text = re.sub(r"//.*", "", (ROOT / name).read_text(encoding="utf-8"))
                for word in ["<sys/epoll.h>", "<linux/", "/proc/", "pthread_setname_np(pthread_self()", "gettid"]:
                    if word in text:
                        self.assertIn("__linux__", text, f"{name} uses {word} without asking for the system")

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
