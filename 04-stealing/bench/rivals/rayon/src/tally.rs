//! As tally.hpp: whether each job has run exactly once. Each thread has a line of its own with a count and a sum.

use crate::measure::{fail, Settings};
use std::sync::atomic::{AtomicU64, Ordering::*};
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[repr(align(64))]
#[derive(Default)]
struct Line {
    jobs: AtomicU64,
    sum: AtomicU64,
}

static LINES: Mutex<Vec<&'static Line>> = Mutex::new(Vec::new());
thread_local! { static MINE: &'static Line = lease(); }

fn lease() -> &'static Line {
    let line: &'static Line = Box::leak(Box::default());
    LINES.lock().unwrap().push(line);
    line
}

pub fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9E3779B97F4A7C15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xBF58476D1CE4E5B9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94D049BB133111EB);
    x ^ (x >> 31)
}

fn fingerprint(number: u64) -> u64 {
    let x = number.wrapping_add(1).wrapping_mul(0x9E3779B97F4A7C15);
    x ^ (x >> 32)
}

/// By the job that has this number.
pub fn ran(number: u64) {
    MINE.with(|line| {
        line.sum.store(line.sum.load(Relaxed).wrapping_add(fingerprint(number)), Relaxed);
        line.jobs.store(line.jobs.load(Relaxed) + 1, Release);
    })
}

/// What there has to be; for the thread that measures.
#[derive(Default)]
pub struct Tally {
    next: u64,
    jobs: u64,
    sum: u64,
}

impl Tally {
    pub fn hand_out(&mut self, jobs: u64) -> u64 {
        let first = self.next;
        self.next += jobs;
        (first..self.next).for_each(|number| self.expect(number));
        first
    }
    pub fn expect(&mut self, number: u64) {
        self.jobs += 1;
        self.sum = self.sum.wrapping_add(fingerprint(number));
    }
    pub fn wait(&self, settings: &Settings) {
        let mut last = Instant::now();
        let mut ran = total().0;
        while ran < self.jobs {
            std::thread::sleep(Duration::from_micros(100));
            let now = total().0;
            if now != ran {
                last = Instant::now();
            }
            ran = now;
            if last.elapsed() > settings.patience() {
                fail(&format!("{} of {} jobs did not run", self.jobs - ran, self.jobs));
            }
        }
    }
    pub fn check(&self) {
        let (jobs, sum) = total();
        if jobs != self.jobs {
            fail(&format!("{} jobs, {jobs} runs", self.jobs));
        }
        if sum != self.sum {
            fail("as many runs as jobs, but one was lost and another ran twice");
        }
    }
}

fn total() -> (u64, u64) {
    let lines = LINES.lock().unwrap();
    lines.iter().fold((0, 0), |(jobs, sum), line| {
        let more = line.jobs.load(Acquire);
        (jobs + more, line.sum.load(Relaxed).wrapping_add(sum))
    })
}
