//! Random operations on mailboxes against a model that is too simple to be wrong.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking"
)]

mod support;

use postigo_store::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::*;

#[derive(Clone, Debug)]
enum Op {
    Append(usize, u8),
    SetFlags(usize, u32, u8),
    Copy(usize, u32, usize),
    Move(usize, u32, usize),
    Expunge(usize),
    OpenReadWrite(usize),
    Reopen,
}

const NAMES: [&str; 3] = ["INBOX", "Sent", "Archive"];
const FLAGS: [Flags; 5] = [Flags::SEEN, Flags::ANSWERED, Flags::FLAGGED, Flags::DELETED, Flags::DRAFT];

fn flags(bits: u8) -> Flags {
    FLAGS
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| bits >> bit & 1 == 1)
        .fold(Flags::NONE, |all, (_, flag)| all | flag)
}

fn op() -> impl Strategy<Value = Op> {
    let mailbox = 0..NAMES.len();
    prop_oneof![
        4 => (mailbox.clone(), 0..32_u8).prop_map(|(mailbox, bits)| Op::Append(mailbox, bits)),
        4 => (mailbox.clone(), 1..12_u32, 0..32_u8).prop_map(|(mailbox, uid, bits)| Op::SetFlags(mailbox, uid, bits)),
        2 => (mailbox.clone(), 1..12_u32, mailbox.clone()).prop_map(|(from, uid, to)| Op::Copy(from, uid, to)),
        2 => (mailbox.clone(), 1..12_u32, mailbox.clone()).prop_map(|(from, uid, to)| Op::Move(from, uid, to)),
        1 => mailbox.clone().prop_map(Op::Expunge),
        1 => mailbox.prop_map(Op::OpenReadWrite),
        1 => Just(Op::Reopen),
    ]
}

/// A mailbox: the next UID, and text and flags by UID.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    last: u32,
    messages: BTreeMap<u32, (String, Flags)>,
}

impl Model {
    fn add(&mut self, text: String, flags: Flags) {
        self.last += 1;
        self.messages.insert(self.last, (text, flags));
    }
}

async fn run(ops: Vec<Op>) {
    let mut lab = Lab::new();
    let mut models = vec![Model::default(); NAMES.len()];
    for (number, op) in ops.into_iter().enumerate() {
        let id = |mailbox: usize| lab.mailbox(NAMES[mailbox]);
        match op {
            Op::Append(mailbox, bits) => {
                let text = format!("{number}");
                lab.append(NAMES[mailbox], &text, flags(bits), &[]).await.unwrap();
                models[mailbox].add(text, flags(bits));
            }
            Op::SetFlags(mailbox, uid, bits) => {
                lab.set(id(mailbox), Uid::new(uid).unwrap(), flags(bits), &[]);
                if let Some((_, old)) = models[mailbox].messages.get_mut(&uid) {
                    *old = flags(bits);
                }
            }
            Op::Copy(from, uid, to) => {
                lab.mail().copy(id(from), &[Uid::new(uid).unwrap().into()], id(to)).unwrap();
                if let Some((text, flags)) = models[from].messages.get(&uid).cloned() {
                    models[to].add(text, flags);
                }
            }
            Op::Move(from, uid, to) => {
                lab.mail().move_to(id(from), &[Uid::new(uid).unwrap().into()], id(to)).unwrap();
                if let Some((text, flags)) = models[from].messages.remove(&uid) {
                    models[to].add(text, flags);
                }
            }
            Op::Expunge(mailbox) => {
                lab.mail().expunge(id(mailbox), &[UidRange::ALL]).unwrap();
                models[mailbox].messages.retain(|_, (_, flags)| !flags.contains(Flags::DELETED));
            }
            Op::OpenReadWrite(mailbox) => drop(lab.mail().open(id(mailbox), Access::ReadWrite).unwrap()),
            Op::Reopen => lab = lab.reopen(),
        }
    }
    // Also what a second program would see, which reads nothing but the files.
    for rebuilt in [false, true] {
        for (name, model) in NAMES.iter().zip(&models) {
            compare(&lab, name, model, rebuilt);
        }
        lab.mail().rebuild().unwrap();
    }
}

fn compare(lab: &Lab, name: &str, model: &Model, rebuilt: bool) {
    let mailbox = lab.mailbox(name);
    let states = lab.mail().states(mailbox, &[UidRange::ALL], usize::MAX).unwrap();
    let mut actual: Vec<_> =
        states.iter().map(|state| (state.uid.get(), lab.text(mailbox, state.uid), state.flags)).collect();
    let mut expected: Vec<_> =
        model.messages.iter().map(|(uid, (text, flags))| (*uid, text.clone(), *flags)).collect();
    if rebuilt {
        // New UIDs are given in the order of the file names.
        for list in [&mut actual, &mut expected] {
            list.iter_mut().for_each(|entry| entry.0 = 0);
            list.sort_by_key(|(_, text, flags)| (text.clone(), format!("{flags:?}")));
        }
    }
    assert_eq!(actual, expected, "{name}, rebuilt: {rebuilt}");
    let status = lab.mail().status(mailbox).unwrap();
    let unseen = model.messages.values().filter(|(_, flags)| !flags.contains(Flags::SEEN)).count() as u64;
    let deleted = model.messages.values().filter(|(_, flags)| flags.contains(Flags::DELETED)).count() as u64;
    let octets: u64 = model.messages.values().map(|(text, _)| text.len() as u64).sum();
    assert_eq!(
        (status.messages, status.unseen, status.deleted, status.octets),
        (model.messages.len() as u64, unseen, deleted, octets)
    );
    if !rebuilt {
        assert_eq!(status.uid_next.get(), model.last + 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mailboxes_behave_like_the_model(ops in prop::collection::vec(op(), 1..40)) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(ops));
    }
}
