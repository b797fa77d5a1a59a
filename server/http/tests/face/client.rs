//! Another process of this machine.

use std::sync::Arc;

use postigo_api::{AccountRef, Code, Event, Handler, Nothing, Phase};
use postigo_http::{Client, ControlFile, Incoming};

use crate::support::Face;

#[tokio::test]
async fn a_client_finds_the_process_by_its_folder_and_answers_like_it() {
    let face = Face::start().await;
    let data = tempfile::tempdir().unwrap();
    let published = face.server.publish(data.path()).unwrap();
    let client = Client::from_data_dir(data.path()).await.unwrap();
    assert_eq!(client.control().pid, std::process::id());

    let status = client.server_status(Nothing {}).await.unwrap();
    assert_eq!((status.phase, status.host.as_str()), (Phase::Running, "mail.lab.test"));
    let error = client.account_get(AccountRef { address: "eva".to_owned() }).await.unwrap_err();
    assert_eq!((error.code, error.params["address"].as_str()), (Code::AccountUnknown, "eva"));

    drop(published);
    assert_eq!(Client::from_data_dir(data.path()).await.err().unwrap().code, Code::Unreachable);
}

#[tokio::test]
async fn a_client_hears_events_and_learns_when_it_missed_some() {
    let face = Face::start().await;
    let data = tempfile::tempdir().unwrap();
    let _published = face.server.publish(data.path()).unwrap();
    let client = Client::from_data_dir(data.path()).await.unwrap();
    let mut stream = client.events().await.unwrap();
    for _ in 0..6 {
        face.batches.send(Arc::new(vec![Event::Accounts, Event::Settings])).unwrap();
    }
    assert!(matches!(stream.next().await.unwrap(), Some(Incoming::Resync)));
    for _ in 2..6 {
        let Some(Incoming::Batch(batch)) = stream.next().await.unwrap() else {
            panic!("four batches were kept")
        };
        assert!(matches!(batch[..], [Event::Accounts, Event::Settings]));
    }
    face.server.stop().await;
    assert!(matches!(stream.next().await, Ok(None) | Err(_)));
}

#[tokio::test]
async fn a_process_that_was_killed_leaves_a_file_that_leads_nowhere() {
    let face = Face::start().await;
    let data = tempfile::tempdir().unwrap();
    let _published = face.server.publish(data.path()).unwrap();
    face.server.stop().await;
    assert_eq!(Client::from_data_dir(data.path()).await.err().unwrap().code, Code::Unreachable);
}

#[tokio::test]
async fn another_server_on_the_port_is_not_taken_for_ours() {
    let (face, other) = (Face::start().await, Face::start().await);
    let data = tempfile::tempdir().unwrap();
    let _published = face.server.publish(data.path()).unwrap();
    let mut control = ControlFile::read(data.path()).unwrap().unwrap();
    control.url = other.server.url();
    assert_eq!(Client::connect(control).await.err().unwrap().code, Code::Unauthorized);
}
