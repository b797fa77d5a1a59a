//! The lab's certificate authority and server TLS configuration
