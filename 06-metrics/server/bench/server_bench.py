"""What the server can answer, and what its pool pays for being watched.

    server_bench.py SERVER [--seconds N] [--rounds N]

SERVER is the program poolcraft-server. Two measurements, on this machine alone (server, clients and pool share it):

  requests   wrk asks over connections that are kept: requests a second, and how long half and 99 % of them took
  watched    2,000 tasks are handed in, then the server is asked every 50 ms whether all have run: tasks a
             second while nobody looks, while a dashboard asks every two seconds as the page does, and while ten do;
             in rounds, each in an order of its own; the median, and in brackets the middle half
"""
import argparse
import contextlib
import http.client
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

WORKERS = 2
TASKS = 2_000
TASK = {"type": "compute", "param": 50_000}
REFRESH = 2  # seconds, as the dashboard
SUBMIT = """wrk.method = "POST"
wrk.body = '{"type": "expression", "param": "1 + 1"}'
wrk.headers["Content-Type"] = "application/json"
"""


@contextlib.contextmanager
def server(program):
    """The port of one that is ready."""
    process = subprocess.Popen([program, "--port", "0", "--workers", str(WORKERS)], stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True)
    try:
        first = process.stderr.readline()
        port = re.search(r'"port":"(\d+)"', first) or sys.exit(f"server_bench: {program} said: {first}")
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield int(port[1])
    finally:
        process.terminate()
        process.wait()


def ask(connection, method, path, body=None):
    connection.request(method, path, body and json.dumps(body), {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(f"server_bench: {method} {path}: {answer.status} {text.decode()}")
    return json.loads(text)


def requests(program, seconds):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SUBMIT)
        script.flush()
        for path, options in [("/health", []), ("/api/stats", []), ("/api/submit", ["-s", script.name])]:
            for connections in [1, 16]:
                with server(program) as port:
                    said = subprocess.run(["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", *options,
                                           f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
                rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
                half, most = (re.search(rf"{share}%\s+([\d.]+\w+)", said)[1] for share in (50, 99))
                refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
                note = f"   {refused[1]} refused: the queue was full" if refused else ""
                name = f"{path}, {connections} connection{'s' if connections > 1 else ''}"
                print(f"  {name:<28} {rate:>8,.0f} requests/s   half {half:>8}   99 % {most:>8}{note}", flush=True)


def watched(program, dashboards):
    """Tasks a second."""
    with server(program) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        over = threading.Event()

        def look():
            page = http.client.HTTPConnection("127.0.0.1", port)
            while not over.is_set():
                ask(page, "GET", "/api/stats")
                ask(page, "GET", "/api/tasks?limit=50")
                over.wait(REFRESH)

        threads = [threading.Thread(target=look) for _ in range(dashboards)]
        start = time.monotonic()
        for _ in range(TASKS):
            ask(connection, "POST", "/api/submit", TASK)
        for thread in threads:
            thread.start()
        while ask(connection, "GET", "/api/stats")["metrics"]["total_completed"] < TASKS:
            time.sleep(0.05)
        seconds = time.monotonic() - start
        over.set()
        for thread in threads:
            thread.join()
    return TASKS / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("--seconds", type=int, default=5, help="for each line of requests (default 5)")
    parser.add_argument("--rounds", type=int, default=7, help="of the watched pool (default 7)")
    arguments = parser.parse_args()
    if shutil.which("wrk"):
        print(f"requests, {WORKERS} workers, one thread of wrk, {arguments.seconds} s each")
        requests(arguments.server, arguments.seconds)
    else:
        print("requests: not measured. Debian, Ubuntu: apt install wrk")
    print(f"watched, {TASKS:,} tasks on {WORKERS} workers, {arguments.rounds} rounds")
    rates = {0: [], 1: [], 10: []}
    for _ in range(arguments.rounds):
        for dashboards in random.sample(list(rates), len(rates)):
            rates[dashboards].append(watched(arguments.server, dashboards))
    alone = statistics.median(rates[0])
    for dashboards, name in [(0, "nobody looks"), (1, "a dashboard looks"), (10, "ten dashboards look")]:
        low, median, high = statistics.quantiles(rates[dashboards] * 2, n=4, method="inclusive")
        print(f"  {name:<28} {median:>8,.0f} tasks/s   [{low:,.0f} – {high:,.0f}]   {100 * (median / alone - 1):+.1f} %")


if __name__ == "__main__":
    main()
