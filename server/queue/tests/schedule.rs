//! The scheduler against a simulated spool and network, with a virtual clock.

mod world;

use postigo_queue::schedule::{Limits, Outcome, Output, Scheduler};
use world::{Peer, World, seconds};

#[test]
fn a_live_destination_is_served_at_once_among_ten_thousand_dead_ones() {
    let mut world = World::new(Limits::default(), Peer::Dead);
    for n in 0..100_000_u32 {
        world.put(&format!("dead{}.test", n % 10_000), 1, true);
    }
    world.start();
    world.run_for(120);
    for n in 0..20 {
        world.peer("live.test", Peer::Live);
        let arrived = world.now();
        let id = world.send("live.test", 1);
        world.run_for(5);
        let waited = world.first_start(&id).map(|at| at.duration_since(arrived).as_secs());
        // A new destination waits for a slot among the unproven, a known one does not wait.
        assert!(waited.is_some_and(|waited| waited <= if n == 0 { 5 } else { 0 }), "message {n}: {waited:?}");
    }
    let held = world.most_held();
    assert!(held.waiting <= 20_000 && held.destinations <= 20_000 && held.running <= 100, "{held:?}");
    assert!(held.waiting < 5_000, "dead destinations hold next to nothing: {held:?}");
}

#[test]
fn every_destination_is_tried_and_dead_ones_with_one_delivery_at_a_time() {
    let mut world = World::new(Limits::default(), Peer::Dead);
    for n in 0..3_000_u32 {
        world.put(&format!("dead{}.test", n % 300), 1, n >= 1_500);
    }
    world.start();
    world.run_for(2 * 3600);
    for n in 0..300 {
        let key = format!("dead{n}.test");
        let starts = world.starts_at(&key);
        // 300, 600, 1200, 2400 s: four or five probes in two hours, each a single delivery.
        assert!((3..=6).contains(&starts), "{key}: {starts}");
    }
}

#[test]
fn a_destination_that_comes_back_gets_all_its_mail() {
    let mut world = World::new(Limits::default(), Peer::Dead);
    for _ in 0..500 {
        world.put("moody.test", 1, false);
    }
    world.start();
    world.run_for(1_000);
    assert_eq!(world.delivered("moody.test"), 0);
    world.peer("moody.test", Peer::Live);
    world.run_for(1_500);
    assert_eq!(world.delivered("moody.test"), 500);
}

#[test]
fn a_mailing_does_not_starve_a_single_message() {
    let mut world = World::new(Limits::default(), Peer::Live);
    let mailing = world.put("big.test", 50_000, false);
    world.start();
    world.run_for(20);
    let started = world.now();
    let single = world.send("big.test", 1);
    world.run_for(2);
    let waited = world.first_start(&single).unwrap().duration_since(started);
    assert!(waited.as_secs() <= 1, "{waited:?}");
    assert!(world.recipients_of(&mailing) > 1_000, "and the mailing goes on");
    let held = world.most_held();
    assert!(held.waiting <= 1_000, "{held:?}");
    // A restart finds the single message behind all of the mailing, and still sends it first.
    let late = world.put("big.test", 1, false);
    world.restart();
    let restarted = world.now();
    world.run_for(3);
    assert!(world.first_start(&late).unwrap().duration_since(restarted).as_secs() <= 2);
}

#[test]
fn two_mailings_share_a_destination() {
    let mut world = World::new(Limits::default(), Peer::Live);
    let first = world.put("big.test", 20_000, false);
    let second = world.put("big.test", 100, false);
    world.start();
    world.run_for(15);
    assert_eq!(world.recipients_of(&second), 100);
    assert!(world.recipients_of(&first) < 20_000, "the second did not wait for the end of the first");
}

#[test]
fn concurrency_grows_while_it_goes_well_up_to_the_limit() {
    let mut world = World::new(Limits::default(), Peer::Live);
    for _ in 0..2_000 {
        world.put("good.test", 1, false);
    }
    world.start();
    assert!(world.most_at("good.test") <= 2, "not proven yet: {}", world.most_at("good.test"));
    world.run_for(130);
    assert_eq!(world.most_at("good.test"), 20);
    assert_eq!(world.delivered("good.test"), 2_000);
}

#[test]
fn destinations_take_turns() {
    let mut world = World::new(Limits { deliveries: 10, ..Limits::default() }, Peer::Live);
    for _ in 0..1_000 {
        world.put("a.test", 1, false);
    }
    for n in 0..20 {
        world.put(&format!("small{n}.test"), 1, false);
    }
    world.start();
    world.run_for(20);
    for n in 0..20 {
        assert_eq!(world.delivered(&format!("small{n}.test")), 1, "{n}");
    }
    assert!(world.delivered("a.test") < 1_000);
}

#[test]
fn connections_are_used_again_and_closed_when_nothing_comes() {
    let mut world = World::new(Limits::default(), Peer::Live);
    for _ in 0..100 {
        world.put("good.test", 1, false);
    }
    world.start();
    world.run_for(60);
    assert!(world.connections() <= 20, "{}", world.connections());
    assert_eq!(world.delivered("good.test"), 100);
    assert_eq!(world.scheduler.held().idle, 0);
    assert_eq!(world.closed(), world.connections());
}

#[test]
fn everything_is_delivered_once_with_little_room() {
    let limits = Limits { waiting: 60, page: 20, destinations: 40, deliveries: 7, ..Limits::default() };
    let mut world = World::new(limits, Peer::Live);
    for n in 0..600 {
        world.put(&format!("d{}.test", n % 150), 1 + n % 3, n % 7 == 0);
    }
    world.put("d3.test", 200, false);
    world.start();
    for n in 0..100 {
        world.send(&format!("e{}.test", n % 60), 1);
    }
    world.run_for(3_600);
    assert_eq!(world.undelivered(), 0);
    assert_eq!(world.twice(), 0);
    let held = world.most_held();
    assert!(held.waiting <= 60 + 7 * 2 * 20 && held.destinations <= 40 && held.running <= 7, "{held:?}");
}

#[test]
fn a_withdrawn_message_does_not_start() {
    let mut world = World::new(Limits { deliveries: 1, ..Limits::default() }, Peer::Live);
    world.start();
    let first = world.send("a.test", 1);
    let second = world.send("a.test", 1);
    world.step();
    assert!(world.withdraw(&first), "it is on its way");
    assert!(!world.withdraw(&second));
    world.run_for(60);
    assert!(world.first_start(&second).is_none());
    assert_eq!(world.scheduler.held().waiting, 0);
}

#[test]
fn what_is_due_later_starts_when_its_time_comes_and_a_flush_does_not_change_it() {
    let mut world = World::new(Limits::default(), Peer::Live);
    world.start();
    let second = world.send_later("a.test", seconds(130));
    let first = world.send_later("b.test", seconds(100));
    world.run_for(50);
    world.scheduler.flush(world.now());
    world.run_for(49);
    assert!(world.first_start(&first).is_none());
    world.run_for(2);
    assert_eq!(world.first_start(&first), Some(seconds(100)));
    world.run_for(60);
    assert_eq!(world.first_start(&second), Some(seconds(130)));
}

#[test]
fn times_that_are_close_together_are_looked_at_together() {
    let mut world = World::new(Limits::default(), Peer::Live);
    world.start();
    let now = world.now();
    world.scheduler.due_at(now, now);
    assert_eq!(world.scheduler.next_wake(), now + std::time::Duration::from_millis(100));
}

#[test]
fn a_flush_tries_the_dead_at_once() {
    let mut world = World::new(Limits::default(), Peer::Dead);
    world.put("dead.test", 1, false);
    world.start();
    world.run_for(60);
    let key = "dead.test".into();
    assert_eq!(world.starts_at("dead.test"), 1);
    assert!(world.scheduler.dead_until("dead.test").is_some());
    world.make_due();
    world.scheduler.flush_destination(&key, world.now());
    world.run_for(60);
    assert_eq!(world.starts_at("dead.test"), 2);
    world.make_due();
    world.scheduler.flush(world.now());
    world.run_for(60);
    assert_eq!(world.starts_at("dead.test"), 3);
}

#[test]
fn new_mail_for_a_dead_destination_waits_with_the_rest() {
    let mut world = World::new(Limits::default(), Peer::Dead);
    world.put("dead.test", 1, false);
    world.start();
    world.run_for(60);
    let id = world.send("dead.test", 1);
    world.run_for(60);
    assert!(world.first_start(&id).is_none());
    world.run_for(600);
    assert!(world.starts_at("dead.test") >= 2);
}

#[test]
fn answers_that_nobody_asked_for_change_nothing() {
    let mut scheduler = Scheduler::new(Limits::default(), Default::default(), seconds(0));
    let delivery = postigo_queue::schedule::DeliveryId(7);
    scheduler.finished(delivery, Outcome::Answered, true, 0.5, seconds(1));
    scheduler.loaded(&"a.test".into(), vec![], seconds(1));
    scheduler.connection_lost(&"a.test".into(), delivery);
    assert_eq!(scheduler.held(), Default::default());
    assert!(matches!(scheduler.poll(seconds(1)).as_slice(), [Output::List { after: None, .. }]));
}
