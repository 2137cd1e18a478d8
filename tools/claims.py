"""claims: figures that documentation of thread pools usually quotes, measured on this machine, and judged.

    claims.py               measures everything five times (a minute), and writes docs/claims.json and the table in
                            docs/claims.md
    claims.py --quick       once; prints the table, and writes nothing
    claims.py --check       whether the table in docs/claims.md is that of docs/claims.json

What is in C++ is measured by tools/claims/claims.cpp, on the pool of stage 04; what is said of Python, in Python. Each
figure is the median of its rounds, each measured in a process of its own. How a figure is judged stands in `judge`.
"""
import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import typing

import bench
import bench_series
from weave_lib.tables import number

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "bench" / "tools" / "claims" / "claims"
JSON, PAGE = ROOT / "docs" / "claims.json", ROOT / "docs" / "claims.md"
BEGIN, END = "<!-- claims begin: written by ./learn bench claims -->", "<!-- claims end -->"
ROUNDS = 5
IN_CPP = ["thread", "stack", "worker", "job", "rate", "lengths", "post", "result", "start", "steal", "thousand",
          "process"]
IN_PYTHON = ["rate", "job", "process"]
KB, MB = 1024, 1024 * 1024
WORKERS = 2
ABOUT = 0.25  # so much a figure may differ from one that is quoted, and still be called the same


# --- what is measured in Python ------------------------------------------------------------------------------------

def nothing():
    pass


def python_rate():
    jobs = 100_000
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(1_000):
            pool.submit(nothing)
        begin = time.perf_counter()
        futures = [pool.submit(nothing) for _ in range(jobs)]
        concurrent.futures.wait(futures)
        return {"python_jobs_per_s": jobs / (time.perf_counter() - begin)}


def resident(process="self", what="VmRSS"):
    path = pathlib.Path(f"/proc/{process}") / ("status" if what == "VmRSS" else "smaps_rollup")
    if not path.exists():
        return None
    found = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(what + ":")]
    return int(found[0].split()[1]) * KB if found else None


def python_job():
    jobs, gate = 100_000, threading.Event()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for _ in range(WORKERS):
            pool.submit(gate.wait)
        before = resident()
        if before is None:
            gate.set()
            return {}
        for _ in range(jobs):
            pool.submit(nothing)
        used = resident() - before
        gate.set()
    return {"python_job_bytes": used / jobs}


def python_process():
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        worker = pool.submit(os.getpid).result()
        sizes = {"python_process_resident_bytes": resident(worker),
                 "python_process_proportional_bytes": resident(worker, "Pss")}
    return {name: size for name, size in sizes.items() if size is not None}


# --- judging -------------------------------------------------------------------------------------------------------

class Row(typing.NamedTuple):
    claim: str
    measured: str
    verdict: str  # true, false, not measurable here
    why: str


def size(value):
    if value >= MB:
        return f"{number(value / MB)} MB"
    return f"{number(value / KB)} KB" if value >= 4 * KB else f"{value:,.0f} bytes"


def duration(microseconds):
    if microseconds >= 1000:
        return f"{number(microseconds / 1000)} ms"
    return f"{number(microseconds)} µs" if microseconds >= 1 else f"{microseconds * 1000:.0f} ns"


def rate(value):
    return f"{number(value / 1e6)} million a second" if value >= 1e6 else f"{value:,.0f} a second"


def times(ratio):
    """How many times as much, or as little."""
    def short(value):
        return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
    return f"{short(ratio)} times as much" if ratio >= 1 else f"{short(1 / ratio)} times less"


def between(low, high):
    """A judge of what is quoted as a range, or as one figure: it may be a quarter beside it."""
    def verdict(value):
        if low * (1 - ABOUT) <= value <= high * (1 + ABOUT):
            return "true", ""
        return "false", times(value / (high if value > high else low))
    return verdict


def at_least(bound):
    return lambda value: ("true", times(value / bound)) if value >= bound else ("false", times(value / bound))


def below(bound):
    return lambda value: ("true", times(value / bound)) if value < bound else ("false", times(value / bound))


def judge(f):
    """The rows of the table, from the figures. A figure that is not there makes a claim not measurable."""
    rows = []

    def row(claim, needs, measured, verdict, why=""):
        if any(name not in f for name in needs):
            rows.append(Row(claim, "–", "not measurable here", "this system does not say"))
            return
        found, by = verdict(f[needs[0]])
        rows.append(Row(claim, measured(), found, "; ".join(part for part in (by, why) if part)))

    def never(claim, why, needs=(), measured=lambda: "–"):
        known = all(name in f for name in needs)
        rows.append(Row(claim, measured() if known else "–", "not measurable here", why))

    row("To create a thread takes 1 to 2 ms", ["create_and_join_p50_us", "create_p50_us"],
        lambda: f"{duration(f['create_and_join_p50_us'])} until it has run and is joined, "
                f"{duration(f['create_p50_us'])} for the call",
        between(1000, 2000))
    row("A thread has a stack of 2 MB", ["default_stack_bytes"],
        lambda: f"{size(f['default_stack_bytes'])} of address space", between(2 * MB, 2 * MB),
        "`ulimit -s` says how much; memory is taken page by page when it is touched")
    row("Ten threads take 20 MB", ["ten_threads_resident_bytes", "ten_threads_address_space_bytes"],
        lambda: f"{size(f['ten_threads_resident_bytes'])} of memory, "
                f"{size(f['ten_threads_address_space_bytes'])} of address space",
        between(20 * MB, 20 * MB))
    row("A worker takes 2 to 5 MB", ["worker_resident_bytes"], lambda: f"{size(f['worker_resident_bytes'])}",
        between(2 * MB, 5 * MB), "one of a hundred, each of which has run a job")
    row("A task takes 1 to 2 KB", ["posted_bytes", "submitted_bytes", "launched_bytes"],
        lambda: f"{size(f['posted_bytes'])} posted, {size(f['submitted_bytes'])} with a future, "
                f"{size(f['launched_bytes'])} as a `Job`",
        between(1 * KB, 2 * KB), "while it is queued; what it captures beyond eight bytes comes on top")
    row("A job in Python takes 500 bytes", ["python_job_bytes"], lambda: size(f["python_job_bytes"]), between(500, 500),
        "a `Future`, its lock and condition, the work item, and the queue's part")
    also = f"Python's executor: {rate(f['python_jobs_per_s'])}" if "python_jobs_per_s" in f else ""
    for jobs in (10_000, 100_000):
        row(f"A pool does {jobs:,} simple tasks a second", ["jobs_per_s"], lambda: rate(f["jobs_per_s"]),
            at_least(jobs), also)
    never("A pool does 100 to 1,000 complex tasks a second",
          "that is the number of cores, divided by the length of a job, and says nothing of the pool", ["one_ms_jobs_per_s"],
          lambda: f"{rate(f['one_ms_jobs_per_s'])}, if each takes 1 ms")
    row("Submission takes less than 1 ms", ["post_p99_us", "post_p50_us", "post_max_us"],
        lambda: f"half below {duration(f['post_p50_us'])}, 99 % below {duration(f['post_p99_us'])}, "
                f"all below {duration(f['post_max_us'])}",
        below(1000), "the longest are those in which the system takes the core away")
    row("Stealing takes less than 5 ms", ["steal_p99_us", "steal_p50_us"],
        lambda: f"half below {duration(f['steal_p50_us'])}, 99 % below {duration(f['steal_p99_us'])}",
        below(5000), "from the push on one worker until the job starts on another, which may have slept")
    row("A result is there in less than 1 ms", ["result_p99_us", "result_p50_us"],
        lambda: f"half below {duration(f['result_p50_us'])}, 99 % below {duration(f['result_p99_us'])}",
        below(1000), "submit and get, one after the other, of an empty job")
    row("A job starts after 100 ns", ["hot_start_p50_us", "post_p50_us"],
        lambda: f"{duration(f['hot_start_p50_us'])} if a worker is awake; {duration(f['post_p50_us'])} until `post` "
                "returns",
        below(0.1 * (1 + ABOUT)), "a cache line has to travel to the other core and back")
    row("A job starts after 10 µs", ["asleep_start_p50_us"],
        lambda: f"{duration(f['asleep_start_p50_us'])} if all workers sleep", below(10 * (1 + ABOUT)),
        "the system has to wake a thread")
    row("A pool does 13 million jobs a second", ["jobs_per_s"], lambda: rate(f["jobs_per_s"]), at_least(13e6),
        "one producer; empty jobs")
    row("A job takes 64 bytes", ["posted_bytes"], lambda: size(f["posted_bytes"]), between(64, 64),
        "queued, with a capture of eight bytes")
    ratio = dict(f)
    if "jobs_per_s" in f and "python_jobs_per_s" in f:
        ratio["python_slower"] = f["jobs_per_s"] / f["python_jobs_per_s"]
        f = ratio
    row("The same is 130 times slower in Python", ["python_slower"], lambda: f"{number(f['python_slower'])} times",
        between(130, 130), "empty jobs, which nobody has; of a long one it is the language that counts, not the pool")
    for language, prefix in (("Python", "python_process"), ("C++", "process")):
        row(f"A worker process takes 8 to 50 MB: one in {language}",
            [f"{prefix}_resident_bytes", f"{prefix}_proportional_bytes"],
            lambda prefix=prefix: f"{size(f[f'{prefix}_resident_bytes'])} resident; its share of what processes share "
                                  f"counted once, {size(f[f'{prefix}_proportional_bytes'])}",
            between(8 * MB, 50 * MB))
    row("A pool may have 1,000 threads", ["thousand_workers_ms", "thousand_workers_resident_bytes"],
        lambda: f"created, given 100,000 jobs and joined in {duration(f['thousand_workers_ms'] * 1000)}, "
                f"{size(f['thousand_workers_resident_bytes'])} of memory",
        lambda _: ("true", ""), "which does not make them useful: this machine has "
        f"{os.cpu_count() if 'cores' not in f else int(f['cores'])} cores")
    never("A goroutine takes 2 KB", "the course has no Go; its runtime says that a stack *begins* at 2 KB")
    return rows


# --- measuring, and the page ---------------------------------------------------------------------------------------

def measured(what):
    """The figures of one measurement, or none if it fails, which is said."""
    language, _, name = what.partition(" ")
    program = [str(PROGRAM)] if language == "c++" else [sys.executable, str(pathlib.Path(__file__).resolve()), "--python"]
    done = subprocess.run([*program, name], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        print(f"claims: {what} failed: {done.stderr.strip()[-500:]}", file=sys.stderr)
        return {}
    return json.loads(done.stdout)


def measure(rounds):
    everything = [f"c++ {name}" for name in IN_CPP] + [f"python {name}" for name in IN_PYTHON]
    found = {}
    for at in range(rounds):
        for what in everything:
            if sys.stderr.isatty():
                print(f"\r\033[Kclaims: round {at + 1} of {rounds}: {what}", end="", file=sys.stderr, flush=True)
            for name, value in measured(what).items():
                found.setdefault(name, []).append(value)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return {name: float(f"{statistics.median(values):.4g}") for name, values in found.items()}


def table(report):
    machine = report["machine"]
    figures = {**report["figures"], "cores": machine["cores"]}
    lines = ["| What is said | What was measured | |", "|---|---|---|"]
    for row in judge(figures):
        lines.append(f"| {row.claim} | {row.measured} | **{row.verdict}**{': ' + row.why if row.why else ''} |")
    busy = machine.get("cores used by others")
    where = (f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, {machine['compiler']} · {report['date']} · "
             f"`{report['command']}`, {report['rounds']} rounds")
    lines += ["", f"<sub>{where} · [docs/claims.json](claims.json)</sub>"]
    if busy is not None and busy > bench_series.BUSY:
        lines = [f"> **Measured on a busy machine:** other programs used {busy} of its {machine['cores']} cores meanwhile. "
                 "Sizes are not touched by that; times and rates are worse than they would be.", ""] + lines
    return "\n".join(lines)


def with_table(page, text):
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"claims: docs/claims.md lacks the line {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def check():
    page, report = PAGE.read_text(encoding="utf-8"), json.loads(JSON.read_text(encoding="utf-8"))
    if with_table(page, table(report)) == page:
        print("1 passed, 0 failed")
        return 0
    print("claims: the table in docs/claims.md is not that of docs/claims.json; ./learn bench claims --table writes it\n"
          "0 passed, 1 failed")
    return 1


def main():
    usage = argparse.ArgumentParser(prog="./learn bench claims",
                                    description="Measures what is said of thread pools, and judges.")
    usage.add_argument("--quick", action="store_true", help="one round; prints the table, and writes nothing")
    usage.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often ({ROUNDS})")
    usage.add_argument("--table", action="store_true", help="only write the table of docs/claims.json again")
    usage.add_argument("--check", action="store_true", help="only look whether the table is that of docs/claims.json")
    usage.add_argument("--python", choices=IN_PYTHON, help=argparse.SUPPRESS)
    arguments = usage.parse_args()
    if arguments.python:
        print(json.dumps({"rate": python_rate, "job": python_job, "process": python_process}[arguments.python]()))
        return 0
    if arguments.check:
        return check()
    if arguments.rounds < 1:
        usage.error(f"--rounds is {arguments.rounds}; it has to be 1 or more")
    if arguments.table:
        report = json.loads(JSON.read_text(encoding="utf-8"))
    else:
        if not PROGRAM.exists():
            sys.exit(f"claims: there is no {PROGRAM.relative_to(ROOT)}; ./learn bench claims builds it")
        machine, others = bench.machine(), bench_series.Others()
        figures = measure(1 if arguments.quick else arguments.rounds)
        if others.cores() is not None:
            machine["cores used by others"] = others.cores()
        report = {"machine": machine, "command": "./learn bench claims", "rounds": 1 if arguments.quick else arguments.rounds,
                  "date": datetime.date.today().isoformat(), "figures": figures}
    for row in judge({**report["figures"], "cores": report["machine"]["cores"]}):
        print(f"{row.verdict:20} {row.claim}: {row.measured}".replace("`", ""))
    if not arguments.quick:
        if not arguments.table:
            JSON.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), table(report)), encoding="utf-8")
        print("The table is in docs/claims.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
