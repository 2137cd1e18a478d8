"""The figures of process_bench for Python's ProcessPoolExecutor: start, round trip, jobs a second."""
import collections
import statistics
import time
from concurrent.futures import ProcessPoolExecutor


def echo(value):
    return value


def spawn():
    times = []
    for _ in range(20):
        with ProcessPoolExecutor(max_workers=1) as pool:
            start = time.perf_counter()
            pool.submit(echo, None).result()
            times.append(time.perf_counter() - start)
    print(f"Python: start of a worker, to its first answer   p50 {statistics.median(times) * 1e6:8.0f} us")


def round_trip():
    with ProcessPoolExecutor(max_workers=1) as pool:
        pool.submit(echo, None).result()
        times = []
        for i in range(5000):
            start = time.perf_counter()
            pool.submit(echo, i).result()
            times.append(time.perf_counter() - start)
    times.sort()
    print(f"Python: round trip, hot                          p50 {times[len(times) // 2] * 1e6:8.1f} us"
          f"   p99 {times[len(times) * 99 // 100] * 1e6:8.1f} us")


def throughput():
    for size, jobs in ((8, 10000), (1000, 5000), (100000, 500), (1000000, 50)):
        payload = "x" * size
        with ProcessPoolExecutor(max_workers=2) as pool:
            for future in [pool.submit(echo, None) for _ in range(4)]:
                future.result()
            start = time.perf_counter()
            window = collections.deque()
            for _ in range(jobs):
                window.append(pool.submit(echo, payload))
                if len(window) >= 64:
                    window.popleft().result()
            for future in window:
                future.result()
            rate = jobs / (time.perf_counter() - start)
        print(f"Python: jobs of {size:7} bytes there and back, 2 workers  {rate:9.0f} jobs/s"
              f"   {2 * rate * size / 1e6:7.1f} MB/s")


if __name__ == "__main__":
    spawn()
    round_trip()
    throughput()
