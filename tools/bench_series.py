"""bench_series: measures all stages and their rivals in all workloads, in one run, and writes what came out.

    bench_series.py [--rounds N] [--only W1,W3] [--who "stage 04,rayon"] [--workers N]
    bench_series.py --quick         each of them once, and tiny: whether it works; the figures mean nothing
    bench_series.py --list          what there is to measure here

Every measurement is a process of its own; a round runs each of them once, in an order that is shuffled anew; the result
is the median over the rounds, with its quartiles. A complete run of at least seven rounds, on a machine that does
nothing else, goes to docs/benchmarks/series.json, with a chart for each workload, and to the page docs/benchmarks.md;
any other, to build/bench/series. The page says what is measured, and how to add to it.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import bench
from bench import ROOT, Row, Run
from weave_lib.tables import number

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures begin: written by ./learn bench -->", "<!-- figures end -->"
BUSY = 0.1  # cores in use by others: more makes figures worthless
ROUNDS = 7
RUNG = re.compile(r"rung (\d+): (.*)")  # of the price ladder: its number, and what it is


def programs(build):
    """All that can measure something: each knows --list, and WORKLOAD WHO [OPTIONS]."""
    ours = build / "04-stealing" / "stealing_bench"
    if not ours.exists():
        sys.exit(f"bench: there is no {ours}; ./learn bench builds it")
    later = sorted([*build.glob("0[5-9]-*/*_bench"), *build.glob("06-metrics/metrics/*_bench")])  # the stages after it
    rayon = build / "04-stealing" / "bench" / "rivals" / "rayon" / "target" / "release" / "rayon_bench"
    if not rayon.exists():
        print("bench: without rayon. Debian, Ubuntu: apt install cargo librust-rayon-dev", file=sys.stderr)
    python = [sys.executable, str(ROOT / "04-stealing" / "bench" / "rivals" / "python_futures.py")]
    return [[str(program)] for program in [ours, *later, *([rayon] if rayon.exists() else [])]] + [python]


def listed(all_programs):
    """What results there are, by their id; and what can be measured: (workload, who, program)."""
    known, measurements = {}, []
    for program in all_programs:
        found = json.loads(subprocess.run([*program, "--list"], capture_output=True, text=True, check=True).stdout)
        for result in found["results"]:
            known[result["id"]] = bench.Workload(result["title"], result["unit"], result["better"])
        measurements += [(each["workload"], each["who"], program) for each in found["measurements"]]
    return known, measurements


def chosen(measurements, only, who):
    """Those that are asked for. only: a workload, or what several begin with; who: any part of a name. Whoever asks for a
    rung gets the whole ladder."""
    workloads = {workload for workload, _, _ in measurements}
    wanted = set()
    for word in filter(None, only.lower().split(",")):
        some = {word} & workloads or {workload for workload in workloads if workload.startswith(word)}
        if not some:
            sys.exit(f"bench: there is no workload '{word}'; --list shows them")
        wanted |= some
    names = [word.strip().lower() for word in who.split(",") if word.strip()]
    for name in names:
        if not any(name in each.lower() for _, each, _ in measurements):
            sys.exit(f"bench: nobody is called '{name}'; --list shows them")
    ladders = {workload for workload, each, _ in measurements
               if RUNG.fullmatch(each) and any(name in each.lower() for name in names)}
    found = [each for each in measurements if (not wanted or each[0] in wanted)
             and (not names or each[0] in ladders or any(name in each[1].lower() for name in names))]
    return found or sys.exit("bench: none of these can do any of those workloads; --list shows who can do what")


def runs_of(said, known):
    """The results in what a program has printed."""
    for name, result in said["results"].items():
        if name not in known or known[name].unit != result["unit"]:
            sys.exit(f"bench: {said['who']} measures '{name}' in {result['unit']}; 04-stealing/bench does not")
    switches = said["voluntary"] + said["involuntary"]
    if "producers_cpu" in said:
        cpu, whose = said["producers_cpu"], "producers"
    else:
        cpu, whose = said["cpu_seconds"] / said["seconds"], ""
    rung = RUNG.fullmatch(said["who"])
    who = (rung[2], int(rung[1])) if rung else (said["who"],)
    return {Row(name, *who): Run(result["value"], cpu, switches, whose) for name, result in said["results"].items()}


class Measuring:
    """Measures one after the other; remembers who could not be measured, and why."""

    def __init__(self, known, options):
        self.known, self.options = known, options
        self.failed = []

    def __call__(self, measurement):
        workload, who, program = measurement
        try:
            run = subprocess.run([*program, workload, who, *self.options], capture_output=True, text=True, timeout=600,
                                 check=False)
        except subprocess.TimeoutExpired:
            return self.fail(workload, who, "did not end within ten minutes")
        if run.returncode != 0:
            return self.fail(workload, who, run.stderr.strip() or f"ended with status {run.returncode}")
        return runs_of(json.loads(run.stdout), self.known)

    def fail(self, workload, who, why):
        self.failed.append(f"{workload}: {who}: {why}")
        return {}


class Others:
    """How many cores other programs use, or other machines on the same hardware take away, since it was made."""

    def __init__(self, stat="/proc/stat"):
        self.stat = pathlib.Path(stat)
        self.start = self.now()

    def now(self):
        if not self.stat.exists():
            return None
        user, nice, system, _idle, _wait, irq, softirq, steal = map(int, self.stat.read_text().split()[1:9])
        own = os.times()
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), busy - (own.user + own.system + own.children_user + own.children_system)

    def cores(self):
        """None where the system does not say."""
        if self.start is None:
            return None
        (start, before), (end, after) = self.start, self.now()
        return round(max(0.0, after - before) / (end - start), 2)


def refuse_if_busy(must_be_quiet):
    others = Others()
    time.sleep(2)
    busy = others.cores()
    if busy is None or busy <= BUSY:
        return
    print(f"bench: THIS MACHINE IS BUSY: other programs use {busy} cores, load {os.getloadavg()[0]:.2f}. Such figures "
          "are worthless.", file=sys.stderr)
    if must_be_quiet:
        sys.exit("bench: end what runs, or say --anyway: then it measures, and docs/ stays as it is")


def overview(report):
    """A line for each workload but the price ladder, and those that compare a stage with itself only: what the stages
    reach, and the best of the others. The best of all is bold."""
    entries = [entry for entry in report["workloads"].values() if not any("rung" in row for row in entry["rows"])]
    names = {row["name"] for entry in entries for row in entry["rows"]}
    stages = sorted(name for name in names if re.fullmatch(r"stage \d\d", name))
    lines = ["| | " + " | ".join(stages) + " | the best of the others |", "|---" + "|---:" * len(stages) + "|---|"]
    for entry in entries:
        best = entry["rows"][0]["name"]
        said = {row["name"]: f"**{number(row['median'])}**" if row["name"] == best else number(row["median"])
                for row in entry["rows"]}
        other = next((name for name in said if not name.startswith("stage")), None)
        if other is None and not any(name in said for name in stages):
            continue
        cells = [said.get(name, "–") for name in stages] + [f"{said[other]} {other}" if other else "–"]
        lines.append(f"| {entry['title']}; {entry['unit']}, {entry['better']} is better | " + " | ".join(cells) + " |")
    return lines


def figures(stem, report):
    """The part of the page that shows the report, for weave to fill."""
    lines = [f"{report['rounds']} rounds, {report['machine']['cores']} cores, two workers unless it says otherwise."]
    lines += ["", *overview(report)]
    for key, entry in report["workloads"].items():
        lines += ["", f"### {entry['title']}", "", f"![{entry['title']}](benchmarks/{stem}-{key}.svg)", "",
                  f"<!-- table: docs/benchmarks/{stem}.json#{key} -->"]
    return "\n".join(lines)


def with_figures(page, text):
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"bench: docs/benchmarks.md lacks the line {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def publish(report, stem):
    bench.write(report, stem)
    if stem == "series":
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), figures(stem, report)), encoding="utf-8")
    subprocess.run([sys.executable, str(ROOT / "tools" / "weave.py")], check=False)


def parse(words):
    parser = argparse.ArgumentParser(prog="./learn bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help=f"at least {ROUNDS} for numbers to publish (default {ROUNDS})")
    parser.add_argument("--only", default="", metavar="W1,W3", help="these workloads")
    parser.add_argument("--who", default="", metavar="NAME,NAME", help="these pools; a part of the name will do")
    parser.add_argument("--stage", default="", metavar="04-stealing", help="this stage's rows, to their own report")
    parser.add_argument("--workers", type=int, help="of each pool (default 2)")
    parser.add_argument("--quick", action="store_true", help="once, and tiny: whether it works")
    parser.add_argument("--anyway", action="store_true", help="measures on a busy machine, too")
    parser.add_argument("--list", action="store_true", help="what there is to measure here")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "bench", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    for name in ("rounds", "workers"):
        if getattr(arguments, name) is not None and getattr(arguments, name) < 1:
            parser.error(f"--{name} must be positive")
    if arguments.stage and arguments.who:
        parser.error("--stage and --who exclude each other")
    return arguments


def is_complete(arguments, rounds):
    """Whether such a run is for docs/."""
    partial = arguments.only or arguments.who or arguments.workers or arguments.quick or arguments.anyway
    return rounds >= ROUNDS and not partial


def main():
    arguments = parse(None)
    known, measurements = listed(programs(arguments.build))
    stem, command = "series", "./learn bench"
    who = arguments.who
    if arguments.stage:
        stem, command, who = arguments.stage, f"./learn bench {arguments.stage[:2]}", f"stage {arguments.stage[:2]}"
    measurements = chosen(measurements, arguments.only, who)
    if arguments.list:
        for workload, name, _ in measurements:
            print(f"{workload:<10} {name}")
        return
    rounds = arguments.rounds or (1 if arguments.quick else ROUNDS)
    complete = is_complete(arguments, rounds)
    if not arguments.quick:
        refuse_if_busy(must_be_quiet=not arguments.anyway and rounds >= ROUNDS)

    options = ["--quick", "--patience", "10"] if arguments.quick else []
    options += ["--workers", str(arguments.workers)] if arguments.workers else []
    measuring, before, others = Measuring(known, options), bench.machine(), Others()
    results = bench.in_rounds(measurements, rounds, measuring)
    if others.cores() is not None:
        before["cores used by others"] = others.cores()
    if arguments.quick:
        print(f"{len(measurements) - len(measuring.failed)} passed, {len(measuring.failed)} failed")
    else:
        finish({"machine": before, "command": command, "rounds": rounds, "date": datetime.date.today().isoformat(),
                "workloads": bench.workloads_of(results, known)}, stem, complete)
    if measuring.failed:
        sys.exit("bench: these gave no figure:\n  " + "\n  ".join(measuring.failed))


def finish(report, stem, complete):
    bench.show(report)
    busy = report["machine"].get("cores used by others", 0)
    print(f"{report['machine']['cores']} cores, load {report['machine']['load']} before the first round, "
          f"{busy} cores used by others")
    if busy > BUSY:
        print("bench: THE MACHINE WAS BUSY meanwhile: these figures are worthless, and docs/ stays as it is",
              file=sys.stderr)
    if complete and busy <= BUSY:
        publish(report, stem)
        print(f"written to docs/benchmarks/{stem}.json")
    else:
        bench.write(report, stem, ROOT / "build" / "bench" / "series")
        print(f"written to build/bench/series/{stem}.json")


if __name__ == "__main__":
    main()
