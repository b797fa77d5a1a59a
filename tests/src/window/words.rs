//! The words of the user interface, in the language a test speaks.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

/// The messages of one language, as `ui/messages` has them.
#[derive(Debug)]
pub struct Words {
    language: &'static str,
    messages: HashMap<String, Value>,
}

impl Words {
    /// `es` or `en`.
    pub fn of(language: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/messages").join(language);
        let messages = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .flat_map(|json| serde_json::from_slice::<HashMap<String, Value>>(&json).unwrap())
            .collect();
        Self { language, messages }
    }

    /// `es` or `en`.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// What the screen shows for this key.
    #[track_caller]
    pub fn get(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// What the screen shows for this key, with these in the places kept for them.
    #[track_caller]
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let Some(Value::String(text)) = self.messages.get(key) else {
            panic!("ui/messages/{} has no single text {key}", self.language)
        };
        // The marks for code and for stress are not shown.
        let text = text.replace(['`'], "").replace("**", "");
        let text =
            values.iter().fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
        assert!(!text.contains('{'), "{key} has a place that nothing was given for: {text}");
        text
    }
}
