//! rayon in the workloads of the series. What they are, each file in ../../workloads says; here is only how rayon does
//! them. It knows the same calls as the program in C++:
//!
//!   rayon_bench --list
//!   rayon_bench WORKLOAD rayon [--workers N] [--quick] [--patience SECONDS]

mod measure;
mod tally;
mod workloads;

use measure::{fail, Outcome, Settings};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words == ["--list"] {
        let all: Vec<String> = workloads::ALL
            .iter()
            .map(|(workload, _)| format!(r#"{{"workload": "{workload}", "who": "rayon"}}"#))
            .collect();
        println!(r#"{{"results": [], "measurements": [{}]}}"#, all.join(", "));
        return;
    }
    let run = match words.get(..2) {
        Some([workload, who]) if who == "rayon" => workloads::ALL.iter().find(|(id, _)| id == workload),
        _ => None,
    };
    let (workload, run) = run.unwrap_or_else(|| fail("usage: rayon_bench --list | WORKLOAD rayon [OPTIONS]"));
    let settings = settings(&words[2..]);
    print(workload, &run(&settings), &settings);
}

fn settings(words: &[String]) -> Settings {
    let mut settings = Settings { workers: 2, quick: false, patience: 20 };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || match words.next().map(|text| text.parse()) {
            Some(Ok(number)) if number > 0 => number,
            _ => fail(&format!("{word} wants a positive number")),
        };
        match word.as_str() {
            "--quick" => settings.quick = true,
            "--workers" => settings.workers = number() as usize,
            "--patience" => settings.patience = number(),
            _ => fail(&format!("there is no option '{word}'")),
        }
    }
    settings
}

fn print(workload: &str, outcome: &Outcome, settings: &Settings) {
    let results: Vec<String> = outcome
        .values
        .iter()
        .map(|(id, value, unit)| format!(r#""{id}": {{"value": {value}, "unit": "{unit}"}}"#))
        .collect();
    let used = &outcome.used;
    println!(
        "{{\"workload\": \"{workload}\", \"who\": \"rayon\", \"results\": {{{}}}, \"workers\": {}, \"jobs\": {}, \
         \"seconds\": {}, \"cpu_seconds\": {}, \"voluntary\": {}, \"involuntary\": {}}}",
        results.join(", "),
        outcome.workers.unwrap_or(settings.workers),
        outcome.jobs,
        used.seconds,
        used.cpu,
        used.voluntary,
        used.involuntary
    );
}
