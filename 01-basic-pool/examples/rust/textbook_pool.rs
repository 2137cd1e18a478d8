// The pool of the textbook: workers share the receiver of a channel, behind a mutex.
// #region pool
use std::sync::{mpsc, Arc, Mutex};
use std::thread;

type Job = Box<dyn FnOnce() + Send + 'static>;

fn main() {
    let (sender, receiver) = mpsc::channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));

    let workers: Vec<_> = (0..2)
        .map(|_| {
            let receiver = Arc::clone(&receiver);
            thread::spawn(move || loop {
                let job = receiver.lock().unwrap().recv(); // the guard dies at the semicolon
                match job {
                    Ok(job) => job(),
                    Err(_) => break, // every sender is gone
                }
            })
        })
        .collect();

    sender.send(Box::new(|| println!("on a worker"))).unwrap();
    drop(sender); // the end
    for worker in workers {
        worker.join().unwrap();
    }
}
// #endregion pool
