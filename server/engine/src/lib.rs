//! Configuration, lifecycle, drivers, and the answers to the API
