//! Postigo in a window.

fn main() {}
