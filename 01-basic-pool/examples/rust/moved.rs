// A closure that owns what it uses.
use std::thread;

fn main() {
    // #region moved
    let text = String::from("one two three");
    let job = thread::spawn(move || text.len()); // `text` belongs to the thread now
    assert_eq!(job.join().unwrap(), 13);
    // #endregion moved
}
