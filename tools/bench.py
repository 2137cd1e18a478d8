"""bench: runs a stage's benchmark the way numbers can be trusted, and writes what came out.

    bench.py STAGE_FOLDER [--rounds N]

Every measurement is a process of its own; a round runs each of them once, in an order that is shuffled anew; the result
of a measurement is the median over the rounds, with its quartiles. Written to docs/benchmarks: STAGE_FOLDER.json, which
the chapters' tables are woven from, and a chart STAGE_FOLDER-WORKLOAD.svg for each workload. Needs the bench build
(./learn bench makes it). Names of benchmarks are `workload/who`, as Google Benchmark prints them.
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

import bench_chart

ROOT = pathlib.Path(__file__).resolve().parent.parent
TITLES = {
    "w1": "W1: empty jobs, one producer, fire and forget",
    "w2": "W2: empty jobs, four producers",
    "w3": "W3: submit, then get every future",
    "queue": "The channel alone: one sender, two receivers",
    "w11-one": "W11: a full queue of 1024, one producer",
    "w11-four": "W11: a full queue of 1024, four producers",
    "w11-one-64": "W11: a full queue of 64, one producer",
    "w11-four-64": "W11: a full queue of 64, four producers",
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


def measure(program, name):
    """One measurement: jobs a second or, of a full queue, the share of its consumer's limit; CPU seconds, of its producers
    then, for each second of time; context switches."""
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
    switches = usage.ru_nvcsw + usage.ru_nivcsw
    if "share" in result:
        return {"share": result["share"], "cpu": result["producers_cpu"], "switches": switches}
    seconds = result["real_time"] / 1e9 * result["iterations"]
    return {"rate": result["items_per_second"] / 1e6, "cpu": (usage.ru_utime + usage.ru_stime) / seconds, "switches": switches}


def summary(name, runs):
    share = "share" in runs[0]
    q1, median, q3 = statistics.quantiles([run["share" if share else "rate"] for run in runs], n=4, method="inclusive")
    cpu = statistics.median(run["cpu"] for run in runs)
    switches = statistics.median(run["switches"] for run in runs)
    digits = 3 if share or median < 1 else 2
    used = f"producers: {cpu:.2f} of a core" if share else f"{cpu:.1f} cores"
    return {"name": name, "median": round(median, digits), "q1": round(q1, digits), "q3": round(q3, digits),
            "note": f"{used}, {switches:,.0f} context switches"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", help="a stage's folder, such as 01-basic-pool")
    parser.add_argument("--rounds", type=int, default=7, help="at least 7 for numbers to publish (default 7)")
    arguments = parser.parse_args()
    programs = list((ROOT / "build" / "bench" / arguments.stage).glob("*_bench"))
    if len(programs) != 1:
        sys.exit(f"bench: no benchmark program in build/bench/{arguments.stage}; ./learn bench builds it")
    program = str(programs[0])

    before = machine()
    names = list_benchmarks(program)
    results = {name: [] for name in names}
    for round_number in range(arguments.rounds):
        order = random.sample(names, len(names))
        for at, name in enumerate(order):
            if sys.stderr.isatty():
                print(f"\rround {round_number + 1} of {arguments.rounds}: {at + 1} of {len(order)}  ", end="", file=sys.stderr, flush=True)
            results[name].append(measure(program, name))
        if not sys.stderr.isatty():
            print(f"round {round_number + 1} of {arguments.rounds} done", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)

    workloads = {}
    for name, runs in results.items():
        workload, who = name.split("/")[:2]
        unit = "share of the consumer's limit" if "share" in runs[0] else "M jobs/s"
        entry = workloads.setdefault(workload, {"title": TITLES[workload], "unit": unit, "better": "higher", "rows": []})
        entry["rows"].append(summary(who, runs))
    for entry in workloads.values():
        entry["rows"].sort(key=lambda row: -row["median"])

    report = {"machine": before, "command": f"./learn bench {arguments.stage[:2]}", "rounds": arguments.rounds,
              "date": datetime.date.today().isoformat(), "workloads": workloads}
    folder = ROOT / "docs" / "benchmarks"
    folder.mkdir(exist_ok=True)
    (folder / f"{arguments.stage}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for key, entry in workloads.items():
        (folder / f"{arguments.stage}-{key}.svg").write_text(bench_chart.chart(entry), encoding="utf-8")
        print(f"{entry['title']} ({entry['unit']}, median of {arguments.rounds})")
        best = entry["rows"][0]["median"]
        for row in entry["rows"]:
            bar = "#" * max(1, round(30 * row["median"] / best))
            print(f"  {row['name']:<29} {row['median']:>8}  [{row['q1']} – {row['q3']}]  {bar}")
    print(f"{before['cores']} cores, load {before['load']} before the first round; written to docs/benchmarks/{arguments.stage}.json")


if __name__ == "__main__":
    main()
