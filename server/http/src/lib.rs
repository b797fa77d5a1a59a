//! The API over HTTP: server and client
