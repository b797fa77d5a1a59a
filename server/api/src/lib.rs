//! The contract of both faces: requests, replies, events, error codes
