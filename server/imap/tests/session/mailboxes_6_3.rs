//! RFC 3501 §6.3 (authenticated state), RFC 2342, RFC 3691, RFC 4315 (APPENDUID), RFC 6154.

use crate::common::*;

#[test]
fn select_and_examine() {
    let mut player = logged_in();
    player.model.deliver(b"Subject: x\r\n\r\n");
    check_with(
        &mut player,
        r#"
        C: a EXAMINE inbox
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
        S: * OK [PERMANENTFLAGS ()] No flag can be changed
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] The first unseen message
        S: * OK [UIDVALIDITY 77] UIDs are valid
        S: * OK [UIDNEXT 2] The next UID
        S: a OK [READ-ONLY] Open for reading
        C: b SELECT INBOX
        S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work)
        S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Work \*)] Flags that are kept
        S: * 1 EXISTS
        S: * 1 RECENT
        S: * OK [UNSEEN 1] The first unseen message
        S: * OK [UIDVALIDITY 77] UIDs are valid
        S: * OK [UIDNEXT 2] The next UID
        S: b OK [READ-WRITE] Selected
        C: c SELECT Nowhere
        S: c NO [NONEXISTENT] There is no such mailbox
        C: d CHECK
        S: d BAD This command is not possible now; log in or select a mailbox first
        "#,
    );
}

#[test]
fn list_lsub_and_namespace() {
    check_with(
        &mut logged_in(),
        r#"
        C: a LIST "" ""
        S: * LIST (\Noselect) "." ""
        S: a OK Listed
        C: b LIST "" *
        S: * LIST (\HasNoChildren) "." INBOX
        S: * LIST (\HasNoChildren) "." Papeler&AO0-a
        S: * LIST (\HasNoChildren \Sent) "." Sent
        S: * LIST (\Noselect \HasChildren) "." Work
        S: * LIST (\HasNoChildren) "." Work.2026
        S: b OK Listed
        C: c LIST Work. "%"
        S: * LIST (\HasNoChildren) "." Work.2026
        S: c OK Listed
        C: d LSUB "" "*"
        S: * LSUB (\HasNoChildren) "." INBOX
        S: * LSUB (\Noselect \HasNoChildren) "." Old
        S: d OK Listed
        C: e NAMESPACE
        S: * NAMESPACE (("" ".")) NIL NIL
        S: e OK That is all
        "#,
    );
}

#[test]
fn mailboxes_are_made_renamed_and_deleted() {
    check_with(
        &mut logged_in(),
        r#"
        C: a CREATE "New.Box."
        S: a OK Created
        C: b CREATE New.Box
        S: b NO [ALREADYEXISTS] There is such a mailbox already
        C: c RENAME New.Box Caf&AOk-
        S: c OK Renamed
        C: d SUBSCRIBE Caf&AOk-
        S: d OK Subscribed
        C: e UNSUBSCRIBE Nowhere
        S: e NO [NONEXISTENT] There is no such mailbox
        C: f DELETE Caf&AOk-
        S: f OK Deleted
        C: g CREATE Caf&
        S: g BAD The mailbox name is not modified UTF-7 (RFC 3501 section 5.1.3)
        C: h STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)
        S: * STATUS INBOX (MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY 77 UNSEEN 0)
        S: h OK Counted
        C: i STATUS Nowhere (MESSAGES)
        S: i NO [NONEXISTENT] There is no such mailbox
        C: j STATUS INBOX ()
        S: j BAD The arguments are not understood
        "#,
    );
}

#[test]
fn append_streams_its_message() {
    check_with(
        &mut logged_in(),
        r#"
        C: a APPEND Sent (\Seen $Work) " 1-Feb-2026 20:15:00 +0100" {12}
        S: + Go ahead
        C~ Subject: x\n\n
        C:
        S: a OK [APPENDUID 77 1] Appended
        C: b APPEND Sent {12+}
        C: 0123456789
        C:
        S: b OK [APPENDUID 77 2] Appended
        C: c APPEND {4+}
        C: Sent {0}
        S: + Go ahead
        C:
        S: c OK [APPENDUID 77 3] Appended
        "#,
    );
}

#[test]
fn append_is_refused_before_the_message_is_sent() {
    let mut player = logged_in();
    check_with(
        &mut player,
        r#"
        C: a APPEND Nowhere {12}
        S: a NO [TRYCREATE] There is no such mailbox; create it first
        C: b APPEND Sent {1001}
        S: b NO [TOOBIG] The message is larger than this server takes
        C: c APPEND Nowhere {10+}
        C: 0123456789
        S: c NO [TRYCREATE] There is no such mailbox; create it first
        C: d APPEND Sent (\Recent) {3}
        S: d BAD That flag cannot be set
        C: e APPEND Sent {2}
        S: + Go ahead
        C~ ab
        C:  more
        S: e BAD There is something after the last argument
        C: f APPEND Sent
        S: f BAD An argument is missing
        C: g NOOP
        S: g OK Done
        "#,
    );
    let refused = |code: &str| postigo_imap::Note::Refused {
        command: "APPEND".into(),
        response: format!("NO [{code}] There is no such mailbox; create it first"),
    };
    assert_eq!(player.notes.iter().filter(|note| **note == refused("TRYCREATE")).count(), 2);
}

#[test]
fn an_append_to_the_selected_mailbox_is_told_at_once() {
    check_with(
        &mut selected(&[]),
        r#"
        C: a APPEND INBOX {2+}
        C: ab
        S: * 1 EXISTS
        S: * 1 RECENT
        S: a OK [APPENDUID 77 1] Appended
        "#,
    );
}

#[test]
fn a_connection_that_ends_in_an_append_keeps_nothing() {
    let mut player = logged_in();
    player.feed(b"a APPEND Sent {100+}\r\nabc");
    let mut outputs = Vec::new();
    player.session.timeout(&mut outputs);
    player.carry_out(outputs);
    assert!(player.closed);
}
