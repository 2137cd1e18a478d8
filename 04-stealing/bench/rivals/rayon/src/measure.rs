//! As measure.hpp: settings, a stopwatch, and the ways to end.

use std::time::{Duration, Instant};

pub struct Settings {
    pub workers: usize,
    pub quick: bool,
    pub patience: u64,
}

impl Settings {
    pub fn size(&self, full: usize, tiny: usize) -> usize {
        if self.quick {
            tiny
        } else {
            full
        }
    }
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }
}

#[derive(Default)]
pub struct Used {
    pub seconds: f64,
    pub cpu: f64,
    pub voluntary: i64,
    pub involuntary: i64,
}

#[derive(Default)]
pub struct Outcome {
    pub values: Vec<(&'static str, f64, &'static str)>, // result, value, unit
    pub used: Used,
    pub jobs: u64,
    pub workers: Option<usize>, // if not those of the settings
}

pub fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

// The C library's, for which no crate is needed. rusage: two times, then 14 numbers.
#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}
extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
    fn getrusage(who: i32, usage: *mut [i64; 18]) -> i32;
    fn malloc_trim(pad: usize) -> i32;
}
const PROCESS_CPUTIME: i32 = 2;

pub struct Stopwatch {
    time: Instant,
    cpu: f64,
    switches: (i64, i64),
}

impl Stopwatch {
    pub fn start() -> Self {
        let (cpu, switches) = so_far();
        Stopwatch { time: Instant::now(), cpu, switches }
    }
    pub fn stop(&self) -> Used {
        let seconds = self.time.elapsed().as_secs_f64();
        let (cpu, switches) = so_far();
        Used {
            seconds,
            cpu: cpu - self.cpu,
            voluntary: switches.0 - self.switches.0,
            involuntary: switches.1 - self.switches.1,
        }
    }
}

fn so_far() -> (f64, (i64, i64)) {
    let mut cpu = Timespec { seconds: 0, nanoseconds: 0 };
    let mut usage = [0; 18];
    unsafe {
        clock_gettime(PROCESS_CPUTIME, &mut cpu);
        getrusage(0, &mut usage);
    }
    (cpu.seconds as f64 + 1e-9 * cpu.nanoseconds as f64, (usage[16], usage[17]))
}

/// Bytes: VmRSS or VmHWM.
pub fn memory(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    match line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()) {
        Some(kibibytes) => 1024.0 * kibibytes,
        None => fail("/proc/self/status does not say how much memory there is in use"),
    }
}

/// Has the C library's heap give back what is free.
pub fn trim() {
    unsafe { malloc_trim(0) };
}

pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(share * (values.len() - 1) as f64) as usize]
}

/// The same, but the compiler does not know.
pub fn opaque<T: Copy>(x: T) -> T {
    unsafe { std::ptr::read_volatile(&x) }
}

/// Computes for so many rounds.
pub fn spin(rounds: u64) {
    let mut x = rounds;
    for _ in 0..rounds {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        opaque(x); // no compiler shortens it
    }
}

/// How many rounds take a microsecond: the best of many tries.
pub fn calibrate() -> u64 {
    const ROUNDS: u64 = 100_000;
    let best = (0..100).map(|_| {
        let start = Instant::now();
        spin(ROUNDS);
        start.elapsed()
    });
    (ROUNDS as f64 * 1e-6 / best.min().unwrap().as_secs_f64()) as u64
}
