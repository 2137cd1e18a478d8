// Two loops of a worker: one holds the mutex while the job runs, the other does not. Four jobs of 100 ms, two workers.
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

type Job = Box<dyn FnOnce() + Send + 'static>;
type Shared = Arc<Mutex<mpsc::Receiver<Job>>>;

fn too_long(receiver: Shared) {
    // #region wrong
    while let Ok(job) = receiver.lock().unwrap().recv() {
        job(); // the guard lives until here
    }
    // #endregion wrong
}

fn short(receiver: Shared) {
    loop {
        let job = receiver.lock().unwrap().recv(); // the guard dies at the semicolon
        match job {
            Ok(job) => job(),
            Err(_) => break,
        }
    }
}

fn time(name: &str, worker: fn(Shared)) {
    let (sender, receiver) = mpsc::channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    let start = Instant::now();
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let receiver = Arc::clone(&receiver);
            thread::spawn(move || worker(receiver))
        })
        .collect();
    for _ in 0..4 {
        sender.send(Box::new(|| thread::sleep(Duration::from_millis(100)))).unwrap();
    }
    drop(sender);
    for worker in workers {
        worker.join().unwrap();
    }
    println!("{name}: {} ms", start.elapsed().as_millis());
}

fn main() {
    time("the guard lives until the job has ended", too_long);
    time("the guard dies at the semicolon", short);
}
