//! RFC 5322/MIME structure with byte offsets, and trace headers
