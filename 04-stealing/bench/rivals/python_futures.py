"""Python's concurrent.futures in the workloads of the series that it can do: W1 and W3. It knows the same calls as the
program in C++:

    python_futures.py --list
    python_futures.py WORKLOAD Python [--workers N] [--quick] [--patience SECONDS]

The interpreter runs one thread at a time, which is most of what is measured here. Each thread keeps a list of the jobs
that it has run; at the end, every job has to be in one of them, once.
"""
import argparse
import collections
import concurrent.futures
import json
import resource
import sys
import threading
import time

WHO = "Python"
lists = []
mine = threading.local()


def job(number):
    try:
        mine.ran.append(number)
    except AttributeError:
        mine.ran = [number]
        lists.append(mine.ran)


def wait_for(jobs, patience):
    last, before = time.monotonic(), -1
    while (ran := sum(map(len, lists))) < jobs:
        if ran != before:
            last, before = time.monotonic(), ran
        if time.monotonic() - last > patience:
            sys.exit(f"{jobs - ran} of {jobs} jobs did not run")
        time.sleep(0.0001)


def check(jobs):
    times = collections.Counter(number for ran in lists for number in ran)
    if set(times) != set(range(jobs)) or set(times.values()) != {1}:
        sys.exit("a job was lost or ran twice")


def w1(pool, first, jobs, patience):
    for number in range(first, first + jobs):
        pool.submit(job, number)
    wait_for(first + jobs, patience)


def w3(pool, first, jobs, _patience):
    for begin in range(first, first + jobs, 1000):
        for future in [pool.submit(job, number) for number in range(begin, begin + 1000)]:
            future.result()


WORKLOADS = {"w1": w1, "w3": w3}


def measured(workload, workers, jobs, patience):
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        workload(pool, 0, 1000, patience)  # to warm up
        before, start, cpu = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter(), time.process_time()
        workload(pool, 1000, jobs, patience)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        after = resource.getrusage(resource.RUSAGE_SELF)
    check(1000 + jobs)
    return {"seconds": seconds, "cpu_seconds": cpu, "voluntary": after.ru_nvcsw - before.ru_nvcsw,
            "involuntary": after.ru_nivcsw - before.ru_nivcsw}


def main():
    if sys.argv[1:] == ["--list"]:
        print(json.dumps({"results": [], "measurements": [{"workload": name, "who": WHO} for name in WORKLOADS]}))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=list(WORKLOADS))
    parser.add_argument("who", choices=[WHO])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--patience", type=int, default=20)
    words = parser.parse_args()
    jobs = 2000 if words.quick else 100_000
    used = measured(WORKLOADS[words.workload], words.workers, jobs, words.patience)
    print(json.dumps({"workload": words.workload, "who": WHO, "workers": words.workers, "jobs": jobs, **used,
                      "results": {words.workload: {"value": jobs / used["seconds"] / 1e6, "unit": "M jobs/s"}}}))


if __name__ == "__main__":
    main()
