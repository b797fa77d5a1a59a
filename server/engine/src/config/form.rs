//! A setting's value in its two written forms: text in Postfix's manner, and TOML.

use postigo_api::Mapping;
use toml_edit::{Array, InlineTable};

/// What a setting holds, whatever its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(u64),
    List(Vec<String>),
    Table(Vec<Mapping>),
}

/// How a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Text,
    /// A word or a number, as it is.
    Choice,
    /// Decimal digits.
    Number,
    /// Seconds, or a number with one of `s m h d w`, as Postfix writes times.
    Duration,
    /// Words between commas or spaces.
    List,
    /// `key=value` between commas.
    Table,
}

/// Units of time, the largest first, and their seconds.
const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Form {
    /// Reads text as the command line and a form field give it. Errors: what was expected.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        Ok(match self {
            Self::Text | Self::Choice => Value::Text(text.to_owned()),
            Self::Number => Value::Number(text.parse().map_err(|_| format!("{text} is not a whole number"))?),
            Self::Duration => Value::Number(
                seconds(text).ok_or_else(|| format!("{text} is not a time like 300s, 5m, 4h or 5d"))?,
            ),
            Self::List => Value::List(words(text, |c| c == ',' || c.is_whitespace())),
            Self::Table => Value::Table(
                words(text, |c| c == ',').iter().map(|line| mapping(line)).collect::<Result<_, _>>()?,
            ),
        })
    }

    /// Writes what [`Self::parse`] reads.
    pub fn show(self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) if self == Self::Duration => duration(*number),
            Value::Number(number) => number.to_string(),
            Value::List(list) => list.join(", "),
            Value::Table(table) => {
                let lines: Vec<_> = table.iter().map(|m| format!("{}={}", m.key, m.value)).collect();
                lines.join(", ")
            }
        }
    }

    /// Reads TOML. Errors: what was expected.
    pub fn read_toml(self, value: &toml_edit::Value) -> Result<Value, String> {
        use toml_edit::Value as Toml;
        match (self, value) {
            (Self::Text | Self::Choice | Self::Duration, Toml::String(text)) => self.parse(text.value()),
            (Self::Choice, Toml::Integer(number)) => Ok(Value::Text(number.value().to_string())),
            (Self::Number | Self::Duration, Toml::Integer(number)) => u64::try_from(*number.value())
                .map(Value::Number)
                .map_err(|_| "a number that is not negative is needed".to_owned()),
            (Self::List, Toml::Array(array)) => {
                let texts = array.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<_>>();
                texts.map(Value::List).ok_or_else(|| "a list of texts is needed".to_owned())
            }
            (Self::Table, Toml::InlineTable(table)) => {
                let line = |(key, value): (&str, &Toml)| {
                    let value = value.as_str()?.to_owned();
                    Some(Mapping { key: key.to_owned(), value })
                };
                let lines = table.iter().map(line).collect::<Option<_>>();
                lines.map(Value::Table).ok_or_else(|| "a table of texts is needed".to_owned())
            }
            _ => Err(match self {
                Self::Text => "a text is needed",
                Self::Choice => "a word or a number is needed",
                Self::Number => "a number is needed",
                Self::Duration => "a time like \"5d\" is needed",
                Self::List => "a list like [\"a\", \"b\"] is needed",
                Self::Table => "a table like { \"a\" = \"b\" } is needed",
            }
            .to_owned()),
        }
    }

    /// Writes TOML.
    pub fn write_toml(self, value: &Value) -> toml_edit::Value {
        match value {
            Value::Text(text) => match text.parse::<u16>() {
                Ok(number) if self == Self::Choice => i64::from(number).into(),
                _ => text.as_str().into(),
            },
            Value::Number(number) if self == Self::Duration => duration(*number).into(),
            Value::Number(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
            Value::List(list) => list.iter().map(String::as_str).collect::<Array>().into(),
            Value::Table(table) => {
                table.iter().map(|m| (m.key.as_str(), m.value.as_str())).collect::<InlineTable>().into()
            }
        }
    }
}

fn words(text: &str, is_separator: impl Fn(char) -> bool) -> Vec<String> {
    text.split(is_separator).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn mapping(line: &str) -> Result<Mapping, String> {
    let (key, value) = line.split_once('=').ok_or_else(|| format!("{line} is not of the form key=value"))?;
    Ok(Mapping { key: key.trim().to_owned(), value: value.trim().to_owned() })
}

fn seconds(text: &str) -> Option<u64> {
    let unit = UNITS.iter().find(|(unit, _)| text.ends_with(*unit));
    let digits = unit.map_or(text, |_| &text[..text.len() - 1]);
    digits.parse::<u64>().ok()?.checked_mul(unit.map_or(1, |(_, seconds)| *seconds))
}

/// The largest unit that leaves no rest.
fn duration(seconds: u64) -> String {
    let (unit, length) =
        UNITS.iter().find(|(_, length)| seconds.is_multiple_of(*length) && seconds > 0).unwrap_or(&('s', 1));
    format!("{}{unit}", seconds / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        let cases = [
            (Form::Duration, "5d", Value::Number(432_000)),
            (Form::Duration, "4000s", Value::Number(4_000)),
            (Form::Duration, "0s", Value::Number(0)),
            (Form::List, "127.0.0.0/8, ::1", Value::List(vec!["127.0.0.0/8".into(), "::1".into()])),
            (
                Form::Table,
                "inner.test=smtp:[127.0.0.1]:2125",
                Value::Table(vec![Mapping {
                    key: "inner.test".into(),
                    value: "smtp:[127.0.0.1]:2125".into(),
                }]),
            ),
            (Form::Table, "", Value::Table(Vec::new())),
        ];
        for (form, text, value) in cases {
            assert_eq!(form.parse(text).as_ref(), Ok(&value));
            assert_eq!(form.show(&value), text);
            assert_eq!(form.read_toml(&form.write_toml(&value)).as_ref(), Ok(&value));
        }
        assert_eq!(
            Form::List.parse("10.0.0.0/8 ::1"),
            Ok(Value::List(vec!["10.0.0.0/8".into(), "::1".into()]))
        );
    }

    #[test]
    fn what_cannot_be_read_says_what_was_expected() {
        for (form, text) in [
            (Form::Number, "-1"),
            (Form::Duration, "5y"),
            (Form::Duration, "99999999999999999999d"),
            (Form::Table, "a"),
        ] {
            assert!(form.parse(text).is_err(), "{text}");
        }
    }
}
