//! The `postigo` command.

fn main() {}
