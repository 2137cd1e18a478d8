"""Tests of the front door, ./learn: what it says, what it installs, how it fails.

Most run a copy of the script in a folder of its own, with a PATH of stand-ins: an apt-get that "installs" by making
empty programs, an id that says who is asking, a cmake that does nothing. So they need no network and change nothing.
"""

import os
import pathlib
import pty
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PLAIN_TOOLS = ["sh", "find", "chmod", "sed", "grep",
               "sort", "tr", "mktemp", "env", "cat", "rm", "mkdir", "dirname", "cut", "tee", "head", "uname"]

APT = """#!/bin/sh
echo "apt-get $*" >>"$LOG"
if [ -e "$HERE/locked" ]; then rm "$HERE/locked"; echo "E: Could not get lock /var/lib/dpkg/lock" >&2; exit 100; fi
for word in "$@"; do
    case $word in
    g++) names="g++ c++" ;;
    cmake | make) names=$word ;;
    *) names= ;;
    esac
    for name in $names; do printf '#!/bin/sh\\nexit 0\\n' >"$HERE/bin/$name"; chmod +x "$HERE/bin/$name"; done
done
"""

# This one also gives what it installs a place where it is found, and a cmake that builds demos.
APT_OF_ALL = APT + """
for word in "$@"; do
    case $word in
    libgtest-dev) files="gtest/gtest.h" ;;
    libgmock-dev) files="gmock/gmock.h" ;;
    nlohmann-json3-dev) files="nlohmann/json.hpp" ;;
    libcli11-dev) files="CLI/CLI.hpp" ;;
    libspdlog-dev) files="spdlog/spdlog.h" ;;
    prometheus-cpp-dev) files="prometheus/text_serializer.h" ;;
    libmuparser-dev) files="muParser.h" ;;
    libboost-dev) files="boost/asio/thread_pool.hpp boost/beast/http.hpp" ;;
    cmake) files=; cat >"$HERE/bin/cmake" <<'CMAKE'
#!/bin/sh
for word in "$@"; do
    case $word in *_demo)
        for stage in 0*-*; do
            mkdir -p "build/default/$stage"
            printf '#!/bin/sh\\necho "the demo of %s"\\n' "${word%_demo}" >"build/default/$stage/$word"
            chmod +x "build/default/$stage/$word"
        done ;;
    esac
done
CMAKE
        ;;
    *) files= ;;
    esac
    for file in $files; do mkdir -p "$HERE/none/$(dirname "$file")"; : >"$HERE/none/$file"; done
done
"""


ALL = ["01-basic-pool", "02-bounded-queue", "03-priority", "04-stealing", "05-autoscale"]
SIX = [*ALL, "06-metrics"]
FULL = {"libboost-dev", "libcli11-dev", "libmuparser-dev", "libspdlog-dev", "nlohmann-json3-dev", "prometheus-cpp-dev"}
GTEST = {"libgtest-dev", "libgmock-dev"}
SERIES = {"libconcurrentqueue-dev", "libtbb-dev", "libboost-dev", "cargo", "librust-rayon-dev"}


class Sandbox:
    """A folder with ./learn, some stages, and stand-ins for the programs that it calls."""

    def __init__(self, *, tools=(), user=0, headers=True, stages=("01-basic-pool", "02-bounded-queue", "03-priority")):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        shutil.copy(ROOT / "learn", self.folder / "learn")
        if not headers:  # no library is on this machine
            script = (self.folder / "learn").read_text()
            for place in ["/usr/include /usr/local/include /opt/homebrew/include", "/usr/share/cargo/registry"]:
                script = script.replace(place, "none")
            (self.folder / "learn").write_text(script)
        for stage in stages:
            (self.folder / stage).mkdir()
            shutil.copy(ROOT / stage / "CMakeLists.txt", self.folder / stage)
            (self.folder / stage / "README.md").write_text(f"# Stage {stage}\n")
            for part in ["demo", "bench"]:
                (self.folder / stage / part).mkdir()
                (self.folder / stage / part / "main.cpp").touch()
        for name in PLAIN_TOOLS:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in tools:
            self.program(name, "#!/bin/sh\nexit 0\n")
        self.program("id", f"#!/bin/sh\necho {user}\n")
        self.program("sleep", "#!/bin/sh\n")
        self.log = self.folder / "log"
        self.log.touch()

    def program(self, name, text):
        file = self.bin / name
        file.write_text(text)
        file.chmod(file.stat().st_mode | stat.S_IEXEC)

    def learn(self, *words, terminal_says=None):
        environment = {"PATH": str(self.bin), "HERE": str(self.folder), "LOG": str(self.log), "TERM": "dumb"}
        stdin, master = subprocess.DEVNULL, None
        if terminal_says is not None:
            master, stdin = pty.openpty()
            os.write(master, terminal_says.encode())
        try:
            return subprocess.run([str(self.folder / "learn"), *words], env=environment, stdin=stdin, capture_output=True,
                                  text=True, timeout=60, check=False)
        finally:
            if master is not None:
                os.close(master)
                os.close(stdin)

    def installed(self):
        return [line for line in self.log.read_text().splitlines() if " install " in line]


class LearnTest(unittest.TestCase):
    def sandbox(self, **options):
        box = Sandbox(**options)
        self.addCleanup(shutil.rmtree, box.folder)
        return box

    # C6 (part)
    def test_help_names_every_command(self):
        shown = self.sandbox().learn("--help")
        self.assertEqual(shown.returncode, 0)
        for word in "run test serve bench book check doctor list next try watch hint reset solution diff".split():
            self.assertIn(f"./learn {word}", shown.stdout)
        self.assertEqual(self.sandbox().learn().stdout, shown.stdout)
        for word in ["run", "test", "doctor"]:
            self.assertEqual(self.sandbox().learn(word, "--help").stdout, shown.stdout)
        check = subprocess.run([str(ROOT / "learn"), "check", "--help"], capture_output=True, text=True, check=True)
        self.assertIn("only these: pages book format test", check.stdout)

    # C6 (part)
    def test_an_unknown_command_or_stage_is_a_clear_error(self):
        box = self.sandbox(tools=["c++", "cmake", "make"])
        for words, message in [(["frobnicate"], "there is no command 'frobnicate'"),
                               (["test", "99"], "there is no stage '99'. The stages are: 01-basic-pool"),
                               (["run", "nonsense"], "there is no stage 'nonsense'"),
                               (["bench", "7"], "there is no stage '7'")]:
            result = box.learn(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertIn(message, result.stderr)

    # C6: each word reaches the program that does it, with what is said after it, and ends with that program's status
    def test_every_command_reaches_its_program(self):
        for words, done in [(["serve", "--port", "0"], "poolcraft-server --port 0"), (["run", "1", "x y"], "basic_demo x y"),
                            (["test", "01"], "ctest --test-dir build/default"), (["bench", "01", "--rounds", "3"],
                                                                                 "python3 tools/bench.py 01-basic-pool --rounds 3"),
                            (["bench", "claims"], "python3 tools/claims.py"), (["book", "--build"], "python3 tools/book.py --build"),
                            (["check", "--all"], "sh tools/check.sh --all"), (["doctor"], "sh tools/doctor.sh"),
                            *((words.split(), f"python3 tools/tutor {words}") for words in
                              ["list", "next", "try e1", "try e6 --from-mine", "watch", "watch e2", "hint e1", "reset e1",
                               "solution e1 --yes", "diff e1"])]:
            box = self.sandbox(stages=SIX, tools=["make", "c++", "g++", "cmake", "getconf", "touch", "paste", "node", "npm", "patch", "git",
                                                  "clang++", "clang-tidy", "clang-format", "shellcheck", "ccache", "spin",
                                                  "promtool", "gearmand", "chromium", "cargo"])
            for name in ["python3", "ctest"]:
                box.program(name, f'#!/bin/sh\necho "{name} $*" >>"$LOG"\nexit 3\n')
            for stage, name in [("06-metrics/server", "poolcraft-server"), ("01-basic-pool", "basic_demo")]:
                program = box.folder / "build" / "default" / stage / name
                program.parent.mkdir(parents=True)
                program.write_text(f'#!/bin/sh\necho "{name} $*" >>"$LOG"\nexit 3\n')
                program.chmod(0o755)
            (box.folder / "tools").mkdir()
            for name in ["check", "doctor"]:
                (box.folder / "tools" / f"{name}.sh").write_text(f'echo "sh tools/{name}.sh $*" >>"$LOG"\nexit 3\n')
            result = box.learn(*words)
            self.assertEqual(result.returncode, 2 if words[0] == "test" else 3, (words, result.stderr))  # no test was run
            self.assertTrue(box.log.read_text().splitlines()[-1:], (words, result.stderr))
            self.assertEqual(box.log.read_text().splitlines()[-1][:len(done)], done, words)

    # C7: on a bare machine the tour installs what it needs, shows all six stages, asks nothing, and ends
    def test_the_tour_on_a_bare_machine(self):
        box = self.sandbox(headers=False, stages=SIX, tools=["getconf", "touch"])
        box.program("apt-get", APT_OF_ALL)
        result = box.learn("run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(re.findall(r"^=== (.*)$", result.stdout, re.M), [f"Stage {stage}" for stage in SIX])
        self.assertEqual(re.findall(r"^the demo of (.*)$", result.stdout, re.M),
                         ["basic", "bounded", "priority", "stealing", "autoscale", "system"])
        self.assertTrue(result.stdout.endswith("Next: ./learn test, and docs/00-introduction.md to begin the course.\n"))
        self.assertEqual([set(line.split("--no-install-recommends ")[1].split()) for line in box.installed()],
                         [{"g++", "cmake", "make"} | GTEST, FULL], "what the first stage needs, then what the last one adds")

    # C7: nor does a stage install more than it needs
    def test_what_each_stage_needs(self):
        for words, expected in [*((["test", stage[:2]], set()) for stage in ALL), (["test", "06"], FULL), (["test"], FULL)]:
            box = self.sandbox(headers=False, stages=SIX)
            box.program("apt-get", APT)
            box.learn(*words)
            packages = box.installed()[0].split("--no-install-recommends ")[1].split()
            self.assertEqual(set(packages), {"g++", "cmake", "make"} | GTEST | expected, words)

    # C7 (part)
    def test_only_what_the_stage_needs_and_is_missing_is_installed(self):
        box = self.sandbox(tools=["make"])
        box.program("apt-get", APT)
        result = box.learn("test", "01")
        self.assertIn("missing on this machine: cmake g++", result.stderr)
        self.assertEqual(len(box.installed()), 1)
        packages = box.installed()[0].split("--no-install-recommends ")[1].split()
        self.assertEqual(packages, ["cmake", "g++"])

    # C7 (part)
    def test_rivals_are_installed_for_the_stage_that_is_measured_against_them(self):
        for stage, expected in [("01", set()), ("02", {"libconcurrentqueue-dev", "libtbb-dev"}),
                                ("03", {"libtbb-dev"}), ("04", SERIES), ("05", SERIES), ("", SERIES), ("--quick", SERIES)]:
            box = self.sandbox(tools=["make", "c++", "cmake", "python3"], headers=False, stages=ALL)
            box.program("apt-get", APT)
            box.learn("bench", *[stage] if stage else [])
            packages = box.installed()[0].split("--no-install-recommends ")[1].split()
            self.assertEqual(set(packages), {"libbenchmark-dev", "libgmock-dev", "libgtest-dev"} | expected)

    # C7 (part)
    def test_the_site_and_the_claims_install_what_they_need(self):
        for words, expected in [(["book"], {"nodejs", "npm"}), (["book", "--build"], {"nodejs", "npm"}),
                                (["bench", "claims"], {"libbenchmark-dev", "libgmock-dev", "libgtest-dev"})]:
            box = self.sandbox(tools=["make", "c++", "cmake", "python3"], headers=False, stages=ALL)
            box.program("apt-get", APT)
            box.learn(*words)
            packages = box.installed()[0].split("--no-install-recommends ")[1].split()
            self.assertEqual(set(packages), expected, words)

    # C6 (part)
    def test_to_check_or_to_explain_the_site_nothing_is_installed(self):
        for words in [["book", "--check"], ["book", "--help"], ["bench", "claims", "--help"], ["bench", "claims", "--check"]]:
            box = self.sandbox(tools=["python3"], headers=False)
            box.program("apt-get", APT)
            self.assertEqual(box.learn(*words).returncode, 0, words)
            self.assertEqual(box.installed(), [], words)

    # C7 (part): they are no need where there is nothing to install them with
    def test_elsewhere_than_on_debian_rivals_may_be_missing(self):
        box = self.sandbox(tools=["make", "c++", "cmake", "python3"], headers=False)
        result = box.learn("bench", "02")
        self.assertIn("this needs, in Debian's names: libbenchmark-dev libgmock-dev libgtest-dev \n", result.stderr)

    # C6 (part)
    def test_a_stage_in_the_making_says_what_it_lacks_before_anything_is_installed(self):
        for command, lacks in [("run", "program"), ("bench", "benchmark")]:
            box = self.sandbox(tools=["make", "c++", "cmake"], headers=False)
            box.program("apt-get", APT)
            shutil.rmtree(box.folder / "02-bounded-queue" / ("demo" if command == "run" else "bench"))
            result = box.learn(command, "02")
            self.assertEqual(result.returncode, 2)
            self.assertIn(f"stage 02 is in the making: it has no {lacks} yet. ./learn test 02 runs its tests", result.stderr)
            self.assertEqual(box.installed(), [])

    # C6 (part): the tour leaves it out, with a line
    def test_a_stage_in_the_making_is_left_out(self):
        box = self.sandbox(tools=["make", "c++", "cmake", "python3", "getconf", "touch"])
        (box.folder / "03-priority" / "demo" / "main.cpp").unlink()
        box.program("cmake", '#!/bin/sh\necho "cmake $*" >>"$LOG"\n')
        for stage, name in [("01-basic-pool", "basic_demo"), ("02-bounded-queue", "bounded_demo")]:
            demo = box.folder / "build" / "default" / stage / name
            demo.parent.mkdir(parents=True)
            demo.write_text(f"#!/bin/sh\necho {name} runs\n")
            demo.chmod(0o755)
        tour = box.learn("run")
        self.assertEqual(tour.returncode, 0, tour.stderr)
        self.assertIn("\n=== Stage 02-bounded-queue\n\nbounded_demo runs\n\n=== stage 03 is in the making: it has no program yet. "
                      "./learn test 03 runs its tests\n\nNext: ", tour.stdout)
        self.assertNotIn("priority_demo", box.log.read_text())

    # C6 (part): a stage has its own benchmark, and all of them together have one
    def test_which_program_measures_what(self):
        for words, target, tool in [(["bench", "02", "--rounds", "3"], "bounded_bench",
                                     "tools/bench.py 02-bounded-queue --rounds 3"),
                                    (["bench", "04", "--only", "w1"], "stealing_bench autoscale_bench",
                                     "tools/bench_series.py --stage 04-stealing --only w1"),
                                    (["bench", "05"], "stealing_bench autoscale_bench",
                                     "tools/bench_series.py --stage 05-autoscale"),
                                    (["bench"], "stealing_bench autoscale_bench", "tools/bench_series.py"),
                                    (["bench", "--quick"], "stealing_bench autoscale_bench",
                                     "tools/bench_series.py --quick")]:
            box = self.sandbox(tools=["make", "c++", "g++", "cmake", "getconf", "touch", "cargo"], stages=ALL)
            for name in ["cmake", "python3"]:
                box.program(name, f'#!/bin/sh\necho "{name} $*" >>"$LOG"\n')
            result = box.learn(*words)
            self.assertEqual(result.returncode, 0, result.stderr)
            done = box.log.read_text().splitlines()
            self.assertIn(f"--target {target}", done[-2])
            self.assertEqual(done[-1], f"python3 {tool}")

    # C7 (part)
    def test_nothing_is_said_or_installed_when_nothing_is_missing(self):
        box = self.sandbox(tools=["make", "c++", "cmake", "ctest", "getconf"])
        box.program("apt-get", APT)
        result = box.learn("test", "01")
        self.assertEqual(box.log.read_text(), "")
        self.assertNotIn("missing", result.stderr)

    # C7 (part)
    def test_a_person_is_asked_before_sudo_and_may_say_no(self):
        box = self.sandbox(tools=["make", "c++"], user=1000)
        box.program("apt-get", APT)
        box.program("sudo", '#!/bin/sh\necho "sudo $*" >>"$LOG"\nexec "$@"\n')
        refused = box.learn("test", "01", terminal_says="n\n")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("nothing was installed", refused.stderr)
        self.assertEqual(box.log.read_text(), "")

        box.learn("test", "01", terminal_says="\n")
        self.assertIn("sudo env", box.log.read_text())
        self.assertEqual(len(box.installed()), 2)  # as sudo was called, and as apt-get was

    # C7 (part)
    def test_with_yes_nobody_is_asked(self):
        box = self.sandbox(tools=["make", "c++"], user=1000)
        box.program("apt-get", APT)
        box.program("sudo", '#!/bin/sh\nexec "$@"\n')
        result = box.learn("--yes", "test", "01", terminal_says="n\n")
        self.assertNotIn("[Y/n]", result.stderr)
        self.assertEqual(len(box.installed()), 1)

    # C7 (part)
    def test_it_waits_for_the_package_lock(self):
        box = self.sandbox(tools=["make", "c++"])
        box.program("apt-get", APT)
        (box.folder / "locked").touch()
        result = box.learn("test", "01")
        self.assertIn("another program holds the package lock; waiting", result.stderr)
        self.assertEqual(len(box.installed()), 1)

    # C7 (part)
    def test_what_the_checks_need_is_installed_when_they_are_asked_for(self):
        box = self.sandbox(tools=["make", "c++", "cmake"])
        box.program("apt-get", APT)
        box.learn("check")
        packages = box.installed()[0].split("--no-install-recommends ")[1].split()
        self.assertLessEqual({"spin", "clang", "clang-tidy", "shellcheck", "ccache"}, set(packages))

    # C8 (part): elsewhere than on Debian it says what to install
    def test_on_another_system_it_says_what_to_install(self):
        result = self.sandbox(tools=["make", "c++"]).learn("test", "01")
        self.assertEqual(result.returncode, 2)
        self.assertIn("this needs, in Debian's names: cmake", result.stderr)
        self.assertIn("not Debian or Ubuntu", result.stderr)

    # C6 (part)
    def test_a_failed_build_shows_its_log_and_fails(self):
        box = self.sandbox(tools=["make", "c++"])
        box.program("cmake", "#!/bin/sh\necho 'error: no matching function'\nexit 1\n")
        result = box.learn("test", "01")
        self.assertEqual(result.returncode, 1)
        self.assertIn("error: no matching function", result.stderr)

    # C6 (part)
    def test_a_run_of_no_tests_is_a_failure(self):
        box = self.sandbox(tools=["make", "c++", "cmake", "ctest", "getconf"])
        result = box.learn("test", "01")
        self.assertEqual(result.returncode, 2)
        self.assertIn("no test was run", result.stderr)

    # C6 (part)
    def test_tests_are_counted_and_a_failure_is_a_failure(self):
        box = self.sandbox(tools=["make", "c++", "cmake", "getconf"])
        box.program("ctest", "#!/bin/sh\necho ' 1/3 Test #1: a ... Passed 0.1 sec'\necho ' 2/3 Test #2: b ...***Failed 0.1 sec'\n"
                             "echo ' 3/3 Test #3: c ...***Skipped 0.1 sec'\nexit 8\n")
        result = box.learn("test", "01")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout.splitlines()[-1], "1 passed, 1 failed, 1 skipped")

    # C6 (part)
    def test_doctor_says_what_is_missing_and_what_to_do(self):
        shown = subprocess.run([str(ROOT / "learn"), "doctor"], capture_output=True, text=True, check=False)
        self.assertEqual(shown.returncode, 0, shown.stdout)
        for word in ["compiler", "cmake", "GoogleTest", "spin", "thread", "address,undefined", "processors"]:
            self.assertRegex(shown.stdout, rf"(ok|note) +{word}")
        lacking = subprocess.run(["sh", str(ROOT / "tools" / "doctor.sh")], capture_output=True, text=True, check=False,
                                 env={**os.environ, "CXX": "no-such-compiler"})
        self.assertEqual(lacking.returncode, 1)
        self.assertIn("MISSING  compiler", lacking.stdout)


if __name__ == "__main__":
    unittest.main()
