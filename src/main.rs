//! Arguments to front end to exit code.

fn main() {}
