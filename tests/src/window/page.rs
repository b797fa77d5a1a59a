//! A page, by the roles and names that a person finds on it. Everything waits until it is so, within a limit; what does not
//! come about fails the test and leaves a picture.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fantoccini::Client;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::{Value, json};
use tokio::time::timeout;

/// How long something on the screen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

const FIND: &str = include_str!("find.js");
const FITS: &str = include_str!("fits.js");
const TEXT: &str = "return document.body.innerText";
/// The colours of the page, as three numbers of 0 to 255.
const GROUND: &str =
    "return getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number)";
/// Whether nothing moves any more but what moves for ever, and the letters have their shapes. It answers when what is so has
/// been drawn: a picture is of the last frame.
const SETTLED: &str = "
const answer = arguments[0]
requestAnimationFrame(() => requestAnimationFrame(() => answer(
  document.fonts.status === 'loaded' && document.getAnimations().every((animation) =>
    animation.playState !== 'running' || animation.effect.getComputedTiming().endTime === Infinity))))";
/// The driver of WebKit does not know that a page is shown larger, and clicks beside what it means. Then this clicks: on what
/// lies on top in the middle of the element, if that is the element. It answers whether it did, and nothing in a page that has
/// its usual size.
const HIT: &str = "
const [element] = arguments
if (Math.abs(outerWidth - innerWidth) < 40) return null
element.scrollIntoView({ block: 'nearest', inline: 'nearest' })
const { left, top, width, height } = element.getBoundingClientRect()
const hit = document.elementFromPoint(left + width / 2, top + height / 2)
if (!element.contains(hit)) return false
element.click()
return true";
/// The key under which the WebDriver protocol names elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the page shows, and where pictures of it are kept.
#[derive(Debug)]
pub struct Page {
    client: Client,
    /// Begins the name of each picture.
    name: String,
}

impl Page {
    /// A page that is open. The name begins the names of its pictures.
    pub fn new(client: Client, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    /// The connection behind it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits for an element with this role and name.
    pub async fn find(&self, role: &str, name: &str) -> Element {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(element) = self.look(role, name).await {
                return element;
            }
            self.wait(until, &format!("no {role} «{name}»")).await;
        }
    }

    /// Clicks it, as soon as it can be clicked.
    pub async fn click(&self, role: &str, name: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let element = self.find(role, name).await;
            if element.is_enabled().await.unwrap_or(false) && self.hit(&element).await {
                return;
            }
            self.wait(until, &format!("{role} «{name}» cannot be clicked")).await;
        }
    }

    async fn hit(&self, element: &Element) -> bool {
        let named = json!({ ELEMENT: element.element_id().as_ref() });
        match self.run(HIT, vec![named]).await {
            Value::Bool(hit) => hit,
            _ => {
                let click = timeout(PATIENCE, element.clone().click()).await;
                click.expect("a click is answered in time").is_ok()
            }
        }
    }

    /// Clicks what takes the window from the screen. A page that is not drawn any more does not answer that it was clicked, so
    /// it is told to do it in a moment.
    pub async fn click_away(&self, role: &str, name: &str) {
        let element = json!({ ELEMENT: self.find(role, name).await.element_id().as_ref() });
        self.run("const [element] = arguments; setTimeout(() => element.click())", vec![element]).await;
    }

    /// Types into a field, in place of what is there.
    pub async fn fill(&self, name: &str, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let field = self.find("textbox", name).await;
            if field.clear().await.is_ok() && field.send_keys(text).await.is_ok() {
                return;
            }
            self.wait(until, &format!("textbox «{name}» cannot be typed into")).await;
        }
    }

    /// Chooses from a list that opens.
    pub async fn choose(&self, name: &str, value: &str) {
        self.find("combobox", name).await.select_by_value(value).await.unwrap();
    }

    /// Waits until the caret is in this field.
    pub async fn has_focus(&self, name: &str) {
        let until = Instant::now() + PATIENCE;
        let field = self.find("textbox", name).await.element_id();
        while self.client.active_element().await.is_ok_and(|active| active.element_id() != field) {
            self.wait(until, &format!("the caret is not in «{name}»")).await;
        }
    }

    /// Types where the caret is.
    pub async fn write(&self, text: &str) {
        let strokes = text.chars().fold(KeyActions::new("keyboard".to_owned()), |strokes, value| {
            strokes.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client.perform_actions(strokes).await.unwrap();
    }

    /// Presses a key while Ctrl is held.
    pub async fn press_with_ctrl(&self, value: char) {
        let ctrl = char::from(Key::Control);
        let strokes = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: ctrl })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: ctrl });
        self.client.perform_actions(strokes).await.unwrap();
    }

    /// What is in a field.
    pub async fn value(&self, name: &str) -> String {
        self.find("textbox", name).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Waits until this text is on the page.
    pub async fn see(&self, text: &str) {
        let (until, wanted) = (Instant::now() + PATIENCE, plain(text));
        while !self.text().await.contains(&wanted) {
            self.wait(until, &format!("«{text}» is not on the page")).await;
        }
    }

    /// Waits until this text is not on the page.
    pub async fn see_no_more(&self, text: &str) {
        let (until, wanted) = (Instant::now() + PATIENCE, plain(text));
        while self.text().await.contains(&wanted) {
            self.wait(until, &format!("«{text}» is still on the page")).await;
        }
    }

    /// Waits until the address of the page contains this.
    pub async fn at(&self, part: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.client.current_url().await.unwrap().as_str().contains(part) {
            self.wait(until, &format!("the page is not at {part}")).await;
        }
    }

    /// Everything that can be read on the page, with single blanks. Text in capitals only for the eye is compared as it is
    /// written, so all is in small letters.
    pub async fn text(&self) -> String {
        plain(self.run(TEXT, vec![]).await.as_str().unwrap_or_default())
    }

    /// Waits until the page is dark, or light.
    pub async fn is_dark(&self, dark: bool) {
        let until = Instant::now() + PATIENCE;
        loop {
            let ground: Vec<f64> = serde_json::from_value(self.run(GROUND, vec![]).await).unwrap();
            if (ground.iter().sum::<f64>() < 3.0 * 128.0) == dark {
                return;
            }
            self.wait(until, &format!("the page has the colour {ground:?}; dark: {dark}")).await;
        }
    }

    /// Waits until the page is so wide, in its own pixels.
    pub async fn is_wide(&self, pixels: f64) {
        let until = Instant::now() + PATIENCE;
        loop {
            let width = self.run("return innerWidth", vec![]).await.as_f64();
            if width.is_some_and(|width| (width - pixels).abs() < 2.0) {
                return;
            }
            self.wait(until, &format!("the page is {width:?} wide and not {pixels}")).await;
        }
    }

    /// Keeps a picture, when nothing moves any more. All of it fits: nothing lies on something else, or leads out of the window.
    pub async fn shot(&self, what: &str) {
        let until = Instant::now() + PATIENCE;
        while self.client.execute_async(SETTLED, vec![]).await.unwrap() != json!(true) {
            self.wait(until, "the page goes on moving").await;
        }
        self.picture(what).await;
        let said: Vec<String> = serde_json::from_value(self.run(FITS, vec![]).await).unwrap();
        assert!(said.is_empty(), "{}-{what}: {said:#?}", self.name);
    }

    async fn look(&self, role: &str, name: &str) -> Option<Element> {
        let found = self.run(FIND, vec![json!(role), json!(name)]).await;
        let id = found.get(ELEMENT)?.as_str()?.to_owned();
        Some(Element::from_element_id(self.client.clone(), id.into()))
    }

    /// While a page is being loaded there is nothing to run a script in.
    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        let answer = timeout(PATIENCE, self.client.execute(script, arguments)).await;
        answer.expect("the page answers in time").unwrap_or(Value::Null)
    }

    /// A moment, or the end of the test.
    async fn wait(&self, until: Instant, why: &str) {
        if Instant::now() > until {
            self.picture("failed").await;
            panic!("{why}\nThe page says:\n{}", self.text().await);
        }
        tokio::time::sleep(PAUSE).await;
    }

    async fn picture(&self, what: &str) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("output");
        std::fs::create_dir_all(&folder).unwrap();
        match self.client.screenshot().await {
            Ok(png) => std::fs::write(folder.join(format!("{}-{what}.png", self.name)), png).unwrap(),
            Err(e) => eprintln!("no picture of {what}: {e}"),
        }
    }
}

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
