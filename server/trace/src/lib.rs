//! Events, transcripts and the Postfix-style log
