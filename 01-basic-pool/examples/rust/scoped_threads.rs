// Threads that may borrow, because the scope waits for them.
use std::thread;

fn main() {
    // #region scope
    let text = String::from("one two three");
    thread::scope(|scope| {
        scope.spawn(|| println!("{} bytes", text.len()));
        scope.spawn(|| println!("{} words", text.split(' ').count()));
    }); // both have ended here
    println!("{text}");
    // #endregion scope
}
