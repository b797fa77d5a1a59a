//! SASL mechanisms, server side, and stored password verifiers
