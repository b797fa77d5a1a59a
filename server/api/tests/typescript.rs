//! Keeps the TypeScript in `ui/` the same as the contract.

use std::path::Path;

/// Writes the file. CI then looks whether that changed it.
#[test]
fn typescript_is_written_from_the_contract() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/api/bindings.ts");
    let text = postigo_api::typescript();
    assert!(text.contains("'server.status': { params: Nothing; reply: ServerStatus };"), "{text}");
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return;
    }
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
}

/// A code that a catalogue looks up is the same on both sides of the wire.
#[test]
fn an_error_crosses_as_code_text_and_params() {
    let error = postigo_api::Error::new(postigo_api::Code::AccountExists, "ana@lab.test exists already")
        .with("address", "ana@lab.test");
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!(
        json,
        serde_json::json!({"code": "account.exists", "text": "ana@lab.test exists already", "params": {"address": "ana@lab.test"}})
    );
    for code in postigo_api::Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.id());
    }
}

/// Requests are told apart by `method`; unknown ones are refused.
#[test]
fn a_request_is_a_method_with_params() {
    let request: postigo_api::Request =
        serde_json::from_str(r#"{"method":"account.get","params":{"address":"ana"}}"#).unwrap();
    assert_eq!(request.method(), "account.get");
    assert!(
        serde_json::from_str::<postigo_api::Request>(r#"{"method":"account.steal","params":{}}"#).is_err()
    );
}

/// A member that TypeScript has as `sendAt?: string` is left out when there is none: `null` is neither.
#[test]
fn what_is_optional_is_left_out() {
    let sent = postigo_api::Sent {
        message_id: "1@lab.test".to_owned(),
        reply: "250 2.0.0 Ok".to_owned(),
        queue_id: None,
        send_at: None,
    };
    assert_eq!(
        serde_json::to_value(sent).unwrap(),
        serde_json::json!({"messageId": "1@lab.test", "reply": "250 2.0.0 Ok", "queueId": null})
    );
}
