//! What rayon can do: spawn, and join. It has no futures, no priorities, no batches and no bound.

use crate::measure::*;
use crate::tally::{mix, ran, Tally};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::*};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const ALL: [(&str, fn(&Settings) -> Outcome); 12] = [
    ("w1", w1),
    ("w2", w2),
    ("w4", w4),
    ("w5a", w5a),
    ("w5b", w5b),
    ("w5c", w5c),
    ("w6", w6),
    ("w7", w7),
    ("w8", w8),
    ("w9", w9),
    ("w10u", w10u),
    ("w10s", w10s),
];

fn pool(workers: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(workers).build().unwrap_or_else(|error| fail(&error.to_string()))
}

fn warm_up(pool: &ThreadPool, tally: &mut Tally, settings: &Settings) {
    let jobs = settings.size(20_000, 2000) as u64;
    let first = tally.hand_out(jobs);
    (first..first + jobs).for_each(|number| pool.spawn(move || ran(number)));
    tally.wait(settings);
}

/// A pool that is warm, the measured part, and the check. (To drop the pool does not wait for its threads.)
fn measured(settings: &Settings, body: impl FnOnce(&ThreadPool, &mut Tally) -> Outcome) -> Outcome {
    let pool = pool(settings.workers);
    let mut tally = Tally::default();
    warm_up(&pool, &mut tally, settings);
    let outcome = body(&pool, &mut tally);
    drop(pool);
    tally.check();
    outcome
}

fn rate(id: &'static str, jobs: u64, used: Used, unit: &'static str) -> Outcome {
    Outcome { values: vec![(id, jobs as f64 / used.seconds / 1e6, unit)], used, jobs, workers: None }
}

fn w1(settings: &Settings) -> Outcome {
    let jobs = settings.size(2_000_000, 2000) as u64;
    measured(settings, |pool, tally| {
        let first = tally.hand_out(jobs);
        let watch = Stopwatch::start();
        (first..first + jobs).for_each(|number| pool.spawn(move || ran(number)));
        tally.wait(settings);
        rate("w1", jobs, watch.stop(), "M jobs/s")
    })
}

fn w2(settings: &Settings) -> Outcome {
    let each = settings.size(2_000_000, 2000) as u64 / 4;
    measured(settings, |pool, tally| {
        let first = tally.hand_out(4 * each);
        let start = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for producer in 0..4 {
                let (start, mine) = (&start, first + producer * each);
                scope.spawn(move || {
                    while !start.load(Acquire) {
                        std::thread::yield_now();
                    }
                    (mine..mine + each).for_each(|number| pool.spawn(move || ran(number)));
                });
            }
            let watch = Stopwatch::start();
            start.store(true, Release);
            tally.wait(settings);
            rate("w2", 4 * each, watch.stop(), "M jobs/s")
        })
    })
}

fn forks(n: u64) -> u64 {
    (0..=n).fold((0, 1), |(now, next), _| (next, now + next)).0 - 1
}
fn fib(n: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let (a, b) = rayon::join(|| fib(n - 1), || fib(n - 2));
    a + b
}
/// The same, and each fork is counted.
fn counted(n: u64, number: u64) -> u64 {
    if n < 2 {
        return n;
    }
    let first = || {
        ran(number);
        counted(n - 1, number + 1)
    };
    let (a, b) = rayon::join(first, || counted(n - 2, number + 1 + forks(n - 1)));
    a + b
}

fn w4(settings: &Settings) -> Outcome {
    let n = settings.size(30, 12) as u64;
    measured(settings, |pool, tally| {
        let first = tally.hand_out(forks(n - 4));
        let few = pool.install(|| counted(n - 4, first));
        let watch = Stopwatch::start();
        let many = pool.install(|| fib(n));
        let used = watch.stop();
        if (few, many) != (forks(n - 5) + 1, forks(n - 1) + 1) {
            fail("fib is wrong: a fork was lost");
        }
        rate("w4", forks(n), used, "M forks/s")
    })
}

#[derive(Default)]
struct Ping {
    started: AtomicU64, // nanoseconds
    arrived: AtomicU64, // the job's number and one
}

fn pings(settings: &Settings, ids: [&'static str; 2], jobs: usize, pause: impl Fn()) -> Outcome {
    measured(settings, |pool, tally| {
        let first = tally.hand_out(jobs as u64);
        let ping = Arc::new(Ping::default());
        let zero = Instant::now();
        let mut microseconds = Vec::with_capacity(jobs);
        let watch = Stopwatch::start();
        for number in first..first + jobs as u64 {
            pause();
            let here = ping.clone();
            let posted = zero.elapsed();
            pool.spawn(move || {
                here.started.store(zero.elapsed().as_nanos() as u64, Relaxed);
                ran(number);
                here.arrived.store(number + 1, Release);
            });
            while ping.arrived.load(Acquire) != number + 1 {
                if zero.elapsed() - posted > settings.patience() {
                    fail(&format!("the job with number {number} did not run"));
                }
            }
            microseconds.push(ping.started.load(Relaxed) as f64 / 1e3 - posted.as_secs_f64() * 1e6);
        }
        let used = watch.stop();
        let values = [(ids[0], 0.5), (ids[1], 0.99)].map(|(id, share)| (id, quantile(&mut microseconds, share), "µs"));
        Outcome { values: values.to_vec(), used, jobs: jobs as u64, workers: None }
    })
}

fn w5a(settings: &Settings) -> Outcome {
    pings(settings, ["w5a-p50", "w5a-p99"], settings.size(10_000, 50), || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(50) {}
    })
}
fn w5b(settings: &Settings) -> Outcome {
    let asleep = || std::thread::sleep(Duration::from_millis(1));
    pings(settings, ["w5b-p50", "w5b-p99"], settings.size(1000, 20), asleep)
}
fn w5c(settings: &Settings) -> Outcome {
    pings(settings, ["w5c-p50", "w5c-p99"], settings.size(100_000, 200), || ())
}

fn sleep_ms(milliseconds: usize) {
    std::thread::sleep(Duration::from_millis(milliseconds as u64));
}

fn w6(settings: &Settings) -> Outcome {
    measured(settings, |pool, tally| {
        sleep_ms(settings.size(200, 1));
        let watch = Stopwatch::start();
        sleep_ms(settings.size(1000, 20));
        let used = watch.stop();
        warm_up(pool, tally, settings);
        let value = 1e3 * used.cpu / used.seconds;
        Outcome { values: vec![("w6", value, "ms a second")], used, jobs: 0, workers: None }
    })
}

fn w7(settings: &Settings) -> Outcome {
    let jobs = settings.size(1_000_000, 2000) as u64;
    measured(settings, |pool, tally| {
        let (open, holding) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let held = tally.hand_out(settings.workers as u64);
        for at in 0..settings.workers {
            let (open, now_holding) = (open.clone(), holding.clone());
            pool.spawn(move || {
                ran(held + at as u64);
                now_holding.fetch_add(1, Relaxed);
                while !open.load(Acquire) {
                    sleep_ms(1);
                }
            });
            let start = Instant::now();
            while holding.load(Relaxed) <= at {
                if start.elapsed() > settings.patience() {
                    fail("a job that holds a worker did not run");
                }
                sleep_ms(1);
            }
        }
        let first = tally.hand_out(jobs);
        let watch = Stopwatch::start();
        trim();
        let before = memory("VmRSS");
        (first..first + jobs).for_each(|number| pool.spawn(move || ran(number)));
        let queued = memory("VmRSS") - before;
        open.store(true, Release);
        tally.wait(settings);
        let used = watch.stop();
        sleep_ms(settings.size(1000, 1));
        trim();
        let kept = (memory("VmRSS") - before).max(0.0);
        let each = |bytes: f64| bytes / jobs as f64;
        let values = vec![("w7", each(queued), "bytes a job"), ("w7-kept", each(kept), "bytes a job")];
        Outcome { values, used, jobs, workers: None }
    })
}

fn w8(settings: &Settings) -> Outcome {
    let (jobs, workers) = (settings.size(100_000, 3000) as u64, settings.size(1000, 20));
    let mut tally = Tally::default();
    let first = tally.hand_out(jobs);
    let watch = Stopwatch::start();
    let pool = pool(workers);
    (first..first + jobs).for_each(|number| pool.spawn(move || ran(number)));
    tally.wait(settings);
    drop(pool);
    let used = watch.stop();
    tally.check();
    let values = vec![("w8", 1e3 * used.seconds, "ms"), ("w8-rss", memory("VmHWM") / 1e6, "MB")];
    Outcome { values, used, jobs, workers: Some(workers) }
}

fn w9(settings: &Settings) -> Outcome {
    const PARTS: usize = 128;
    const TIMES: usize = 5;
    let numbers: Vec<f64> = (1..=settings.size(10_000_000, 100_000)).map(|n| n as f64).collect();
    let part = |numbers: &[f64], at: usize| {
        let (begin, end) = (numbers.len() * at / PARTS, numbers.len() * (at + 1) / PARTS);
        numbers[begin..end].iter().map(|x| x.sqrt()).fold(0.0, |sum, root| sum + root)
    };
    let mut one_thread = [0.0; TIMES];
    let mut sum = 0.0;
    for seconds in &mut one_thread {
        let watch = Stopwatch::start();
        let numbers = opaque(&numbers[..]); // or the compiler would see that it is always the same sum
        sum = opaque((0..PARTS).map(|at| part(numbers, at)).fold(0.0, |sum, part| sum + part));
        *seconds = watch.stop().seconds;
    }
    let numbers = &numbers[..];
    measured(settings, |pool, tally| {
        let mut together = [0.0; TIMES];
        let all = Stopwatch::start();
        for seconds in &mut together {
            let first = tally.hand_out(PARTS as u64);
            let mut parts = [0.0; PARTS];
            let watch = Stopwatch::start();
            pool.scope(|scope| {
                for (at, result) in parts.iter_mut().enumerate() {
                    scope.spawn(move |_| {
                        *result = part(numbers, at);
                        ran(first + at as u64);
                    });
                }
            });
            *seconds = watch.stop().seconds;
            if parts.iter().fold(0.0, |sum, part| sum + part) != sum {
                fail("the sum is wrong: a part was lost");
            }
        }
        let value = quantile(&mut one_thread, 0.5) / quantile(&mut together, 0.5);
        let jobs = (TIMES * PARTS) as u64;
        Outcome { values: vec![("w9", value, "times one thread")], used: all.stop(), jobs, workers: None }
    })
}

fn children(node: u64, quick: bool) -> u64 {
    match node {
        _ if node == mix(18) => {
            if quick {
                30
            } else {
                3000
            }
        }
        _ if node % 1000 < 199 => 5,
        _ => 0,
    }
}
fn expect(node: u64, quick: bool, tally: &mut Tally) -> u64 {
    tally.expect(node);
    (0..children(node, quick)).map(|i| expect(mix(node.wrapping_add(i)), quick, tally)).sum::<u64>() + 1
}
fn run_node(node: u64, quick: bool) {
    (0..children(node, quick)).for_each(|i| rayon::spawn(move || run_node(mix(node.wrapping_add(i)), quick)));
    ran(node);
}

fn w10u(settings: &Settings) -> Outcome {
    let quick = settings.quick;
    measured(settings, |pool, tally| {
        let nodes = expect(mix(18), quick, tally);
        let watch = Stopwatch::start();
        pool.spawn(move || run_node(mix(18), quick));
        tally.wait(settings);
        rate("w10u", nodes, watch.stop(), "M jobs/s")
    })
}

fn w10s(settings: &Settings) -> Outcome {
    let rounds = calibrate();
    let jobs = settings.size(2000, 100) as u64;
    let lengths: Vec<u64> = (0..jobs).map(|i| (rounds * 10) << mix(i).trailing_zeros().min(10)).collect();
    let one_by_one = || {
        let watch = Stopwatch::start();
        lengths.iter().for_each(|&length| spin(length));
        watch.stop().seconds
    };
    let before = one_by_one();
    let mut outcome = measured(settings, |pool, tally| {
        let first = tally.hand_out(jobs);
        let watch = Stopwatch::start();
        pool.scope(|scope| {
            for (at, &length) in lengths.iter().enumerate() {
                scope.spawn(move |_| {
                    spin(length);
                    ran(first + at as u64);
                });
            }
        });
        Outcome { used: watch.stop(), jobs, ..Outcome::default() }
    });
    let serial = (before + one_by_one()) / 2.0;
    outcome.values.push(("w10s", serial / settings.workers as f64 / outcome.used.seconds, "efficiency"));
    outcome
}
