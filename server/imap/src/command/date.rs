//! Dates of commands: `date` (in SEARCH) and `date-time` (in APPEND), RFC 3501 §9.

use super::cursor::Cursor;
use crate::error::BadCommand;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `1-Feb-2026` or `01-Feb-2026`, with or without quotes.
pub(super) fn date(cursor: &mut Cursor<'_>) -> Result<Date, BadCommand> {
    let is_quoted = cursor.skip(b'"');
    let mut two_digits = cursor.clone();
    let day = match two_digits.digits(2, 1..=31) {
        Ok(day) => {
            *cursor = two_digits;
            day
        }
        Err(_) => cursor.digits(1, 1..=9)?,
    };
    let date = month_and_year(cursor, day)?;
    if is_quoted && !cursor.skip(b'"') { Err(BadCommand::Date) } else { Ok(date) }
}

/// `" 1-Feb-2026 20:15:00 +0100"`.
pub(super) fn date_time(cursor: &mut Cursor<'_>) -> Result<Timestamp, BadCommand> {
    cursor.expect(b'"')?;
    let day = if cursor.skip(b' ') { cursor.digits(1, 1..=9)? } else { cursor.digits(2, 1..=31)? };
    let date = month_and_year(cursor, day)?;
    let mut separated =
        |octet| if cursor.skip(octet) { cursor.digits(2, 0..=60) } else { Err(BadCommand::Date) };
    let (hour, minute, second) = (separated(b' ')?, separated(b':')?, separated(b':')?);
    if !cursor.skip(b' ') {
        return Err(BadCommand::Date);
    }
    let is_west = cursor.skip(b'-');
    if !is_west && !cursor.skip(b'+') {
        return Err(BadCommand::Date);
    }
    let east = i32::from(cursor.digits(2, 0..=24)?) * 3600 + i32::from(cursor.digits(2, 0..=59)?) * 60;
    let offset = Offset::from_seconds(if is_west { -east } else { east }).map_err(|_| BadCommand::Date)?;
    if !cursor.skip(b'"') {
        return Err(BadCommand::Date);
    }
    let small = |value: i16| i8::try_from(value).unwrap_or(i8::MAX);
    // A leap second is the one before it: clocks of computers have none.
    let time = jiff::civil::Time::new(small(hour), small(minute), small(second.min(59)), 0);
    let time = time.map_err(|_| BadCommand::Date)?;
    offset.to_timestamp(date.to_datetime(time)).map_err(|_| BadCommand::Date)
}

fn month_and_year(cursor: &mut Cursor<'_>, day: i16) -> Result<Date, BadCommand> {
    if !cursor.skip(b'-') {
        return Err(BadCommand::Date);
    }
    // The word runs through the hyphen: `Feb-2026`.
    let name = cursor.word().map_err(|_| BadCommand::Date)?;
    let (month, year) = name.split_once('-').ok_or(BadCommand::Date)?;
    let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(month)).ok_or(BadCommand::Date)?;
    let year = Some(year).filter(|year| year.len() == 4).and_then(|year| year.parse().ok());
    let month = i8::try_from(month + 1).map_err(|_| BadCommand::Date)?;
    let day = i8::try_from(day).map_err(|_| BadCommand::Date)?;
    Date::new(year.ok_or(BadCommand::Date)?, month, day).map_err(|_| BadCommand::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read() {
        let read = |text: &str| date(&mut Cursor::new(text.as_bytes())).map(|date| date.to_string());
        assert_eq!(read("1-Feb-2026").as_deref(), Ok("2026-02-01"));
        assert_eq!(read("\"28-feb-2026\"").as_deref(), Ok("2026-02-28"));
        for bad in ["", "30-Feb-2026", "1-Foo-2026", "1-Feb-26", "\"1-Feb-2026", "123-Feb-2026", "1 Feb 2026"]
        {
            assert_eq!(read(bad), Err(BadCommand::Date), "{bad}");
        }
    }

    #[test]
    fn date_times_are_read_with_their_zone() {
        let read = |text: &str| date_time(&mut Cursor::new(text.as_bytes())).map(|time| time.to_string());
        assert_eq!(read("\" 1-Feb-2026 20:15:00 +0130\"").as_deref(), Ok("2026-02-01T18:45:00Z"));
        assert_eq!(read("\"31-Dec-2016 23:59:60 -0000\"").as_deref(), Ok("2016-12-31T23:59:59Z"));
        for bad in
            ["\"1-Feb-2026 20:15:00 +0100\"", "\" 1-Feb-2026 24:15:00 +0100\"", "\" 1-Feb-2026\"", "\"\""]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
