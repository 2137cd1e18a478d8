"""bench: runs a stage's benchmark the way numbers can be trusted, and writes what came out.

    bench.py STAGE_FOLDER [--rounds N]

Every measurement is a process of its own; a round runs each of them once, in an order that is shuffled anew; the result
of a measurement is the median over the rounds, with its quartiles. Written to docs/benchmarks: STAGE_FOLDER.json, which
the chapters' tables are woven from, and a chart STAGE_FOLDER-WORKLOAD.svg for each workload. Needs the bench build
(./learn bench makes it).

Names of benchmarks are `workload/who`, as Google Benchmark prints them. What was measured is the rate of items; or the
counter `share`, or `bytes`; or one of several counters. Those are called `what @ 1000` or `what @ 0 critical`: then the
workload is `workload-what`, its row is who's at 1,000 or at critical, and rows stand in the order of the numbers.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import typing

import bench_chart

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "benchmarks"


class Workload(typing.NamedTuple):
    title: str
    unit: str = "M jobs/s"
    better: str = "higher"


SHARE = "share of the consumer's limit"
WORKLOADS = {
    "w1": Workload("W1: empty jobs, one producer, fire and forget"),
    "w2": Workload("W2: empty jobs, four producers"),
    "w3": Workload("W3: submit, then get every future"),
    "queue": Workload("The channel alone: one sender, two receivers"),
    "w7": Workload("W7: memory of a queued job, 100,000 queued", "bytes a job", "lower"),
    "w11-one": Workload("W11: a full queue of 1024, one producer", SHARE),
    "w11-four": Workload("W11: a full queue of 1024, four producers", SHARE),
    "w11-one-64": Workload("W11: a full queue of 64, one producer", SHARE),
    "w11-four-64": Workload("W11: a full queue of 64, four producers", SHARE),
    "depth-send": Workload("Sending one more, by how many are queued", "ns", "lower"),
    "depth-receive": Workload("Receiving the next, by how many are queued", "ns", "lower"),
    "depth-withdraw": Workload("Withdrawing any one, by how many are queued", "ns", "lower"),
    "wait-p50": Workload("Wait from submit to start under overload, median", "ms", "lower"),
    "wait-p90": Workload("Wait from submit to start under overload, 90 % are below", "ms", "lower"),
}


def machine():
    cpu = "unknown"
    if os.path.exists("/proc/cpuinfo"):
        found = re.search(r"^model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
        cpu = found[1] if found else cpu
    compiler = subprocess.run(["c++", "--version"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return {"cpu": cpu, "cores": os.cpu_count(), "system": f"{platform.system()} {platform.release()}", "compiler": compiler,
            "load": round(os.getloadavg()[0], 2)}


def list_benchmarks(program):
    out = subprocess.run([program, "--benchmark_list_tests"], capture_output=True, text=True, check=True).stdout
    return out.splitlines()


def escape(name):
    """For Google Benchmark's regular expressions, which do not know an escaped space."""
    return re.sub(r"([.+*?^$()\[\]{}|\\])", r"\\\1", name)


class Run(typing.NamedTuple):
    """What one measurement gave, and what it used: CPU seconds for each second of time, and context switches."""
    value: float
    cpu: float
    switches: int
    whose: str = ""  # cpu, if not everybody's


class Row(typing.NamedTuple):
    """Who was measured in which workload and, if several measurements belong together, at which of them; without an `at`
    they are the rungs of a ladder."""
    workload: str
    series: str
    order: int = 0
    at: str = ""


def measure(program, name):
    """One process: its results, by row."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        process = subprocess.Popen([program, f"--benchmark_filter=^{escape(name)}$", f"--benchmark_out={out.name}",
                                    "--benchmark_out_format=json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"bench: {program} --benchmark_filter='^{name}$' ended with status {process.returncode}")
        result = json.load(open(out.name, encoding="utf-8"))["benchmarks"][0]
    if result.get("error_occurred"):
        sys.exit(f"bench: {name}: {result['error_message']}")
    return runs_of(name, result, usage.ru_utime + usage.ru_stime, usage.ru_nvcsw + usage.ru_nivcsw)


def runs_of(name, result, cpu_seconds, switches):
    """The results in what Google Benchmark has written."""
    workload, who = name.split("/")[:2]
    if "share" in result:
        return {Row(workload, who): Run(result["share"], result["producers_cpu"], switches, "producers")}
    cpu = cpu_seconds / (result["real_time"] / 1e9 * result["iterations"])
    if "bytes" in result:
        return {Row(workload, who): Run(result["bytes"], cpu, switches)}
    several = {}
    for counter in result:
        what, _, at = counter.partition(" @ ")
        if at:
            order, _, label = at.partition(" ")
            row = Row(f"{workload}-{what}", who, int(order), label or f"{int(order):,}")
            several[row] = Run(result[counter], cpu, switches)
    return several or {Row(workload, who): Run(result["items_per_second"] / 1e6, cpu, switches)}


def summary(row, runs):
    values = [run.value for run in runs]
    q1, median, q3 = statistics.quantiles(values * 2 if len(values) == 1 else values, n=4, method="inclusive")
    cpu = statistics.median(run.cpu for run in runs)
    switches = statistics.median(run.switches for run in runs)
    digits = 3 if runs[0].whose or median < 1 else 2
    used = f"{runs[0].whose}: {cpu:.2f} of a core" if runs[0].whose else f"{cpu:.1f} cores"
    several = {"series": row.series, "at": row.at} if row.at else {"rung": row.order} if row.order else {}
    return {"name": f"{row.series}, {row.at}" if row.at else row.series, **several,
            "median": round(median, digits), "q1": round(q1, digits), "q3": round(q3, digits),
            "note": f"{used}, {switches:,.0f} context switches"}


def workloads_of(results, known=None):
    """results: the runs of each row. Best first; rows that belong together, and rungs, in the order of their numbers."""
    known = known or WORKLOADS
    found = {}
    for row, runs in results.items():
        if row.workload not in known:
            sys.exit(f"bench: nobody has told tools/bench.py what the workload '{row.workload}' is")
        found.setdefault(row.workload, []).append((row, summary(row, runs)))
    workloads = {}
    for key in filter(found.get, known):
        rows = found[key]
        sign = -1 if known[key].better == "higher" else 1
        rows.sort(key=lambda pair: (pair[0].order, sign * pair[1]["median"]))
        workloads[key] = {**known[key]._asdict(), "rows": [row for _, row in rows]}
    return workloads


def in_rounds(names, rounds, measure_one):
    """The runs of each row: every round measures each name once, in an order of its own. What cannot be measured, for
    which measure_one returns nothing, is not tried again."""
    results = {}
    names = list(names)
    start, done = time.monotonic(), 0
    for number in range(1, rounds + 1):
        for at, name in enumerate(random.sample(names, len(names)), 1):
            runs = measure_one(name)
            for row, run in runs.items():
                results.setdefault(row, []).append(run)
            done += 1
            if not runs:
                names.remove(name)
            left = len(names) * rounds - done
            say_progress(f"round {number} of {rounds}: {at} of {len(names)}", left * (time.monotonic() - start) / done)
        if not sys.stderr.isatty():
            print(f"round {number} of {rounds} done", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return results


def say_progress(what, seconds_left):
    if sys.stderr.isatty():
        print(f"\r\033[K{what}, {max(0, seconds_left) / 60:.0f} minutes left", end="", file=sys.stderr, flush=True)


def show(report):
    for entry in report["workloads"].values():
        print(f"{entry['title']} ({entry['unit']}, median of {report['rounds']})")
        longest = max(row["median"] for row in entry["rows"]) or 1
        for row in entry["rows"]:
            bar = "#" * max(1, round(30 * row["median"] / longest))
            print(f"  {row['name']:<37} {row['median']:>9}  [{row['q1']} – {row['q3']}]  {bar}")


def write(report, stem, folder=FOLDER):
    """The report, and a chart of each workload."""
    folder.mkdir(exist_ok=True, parents=True)
    (folder / f"{stem}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for key, entry in report["workloads"].items():
        (folder / f"{stem}-{key}.svg").write_text(bench_chart.chart(entry), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(prog="./learn bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", help="a stage's folder, such as 01-basic-pool")
    parser.add_argument("--rounds", type=int, default=7, help="at least 7 for numbers to publish (default 7)")
    arguments = parser.parse_args()
    programs = list((ROOT / "build" / "bench" / arguments.stage).glob("*_bench"))
    if len(programs) != 1:
        sys.exit(f"bench: no benchmark program in build/bench/{arguments.stage}; ./learn bench builds it")
    program = str(programs[0])

    before = machine()
    results = in_rounds(list_benchmarks(program), arguments.rounds, lambda name: measure(program, name))
    report = {"machine": before, "command": f"./learn bench {arguments.stage[:2]}", "rounds": arguments.rounds,
              "date": datetime.date.today().isoformat(), "workloads": workloads_of(results)}
    write(report, arguments.stage)
    show(report)
    print(f"{before['cores']} cores, load {before['load']} before the first round; written to docs/benchmarks/{arguments.stage}.json")


if __name__ == "__main__":
    main()
