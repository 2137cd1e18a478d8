// The same as moved.rs without `move`. It does not compile, and that is what it is here to show.
use std::thread;

fn main() {
    let text = String::from("one two three");
    let job = thread::spawn(|| text.len());
    assert_eq!(job.join().unwrap(), 13);
}
