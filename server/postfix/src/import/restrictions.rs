//! Restriction lists.

use postigo_api::Restrictions;

use super::Reading;
use crate::map::{Grammar, is_table, rows, words};
use crate::{Fate, Reason};

/// Where a list stands.
type Place = fn(&mut Restrictions) -> &mut String;

/// Each list that is judged here.
pub(crate) const LISTS: [(&str, Place); 11] = [
    ("smtpd_client_restrictions", |r| &mut r.client_restrictions),
    ("smtpd_helo_restrictions", |r| &mut r.helo_restrictions),
    ("smtpd_sender_restrictions", |r| &mut r.sender_restrictions),
    ("smtpd_relay_restrictions", |r| &mut r.relay_restrictions),
    ("smtpd_recipient_restrictions", |r| &mut r.recipient_restrictions),
    ("smtpd_data_restrictions", |r| &mut r.data_restrictions),
    ("smtpd_end_of_data_restrictions", |r| &mut r.end_of_data_restrictions),
    ("smtpd_etrn_restrictions", |r| &mut r.etrn_restrictions),
    ("mua_client_restrictions", |r| &mut r.mua_client_restrictions),
    ("mua_helo_restrictions", |r| &mut r.mua_helo_restrictions),
    ("mua_sender_restrictions", |r| &mut r.mua_sender_restrictions),
];

impl Reading<'_> {
    /// Takes the lists that the file sets. What it does not set is empty in Postfix, but for the list about relaying, which
    /// then stays as it is here: no import without a word about it opens or closes a relay.
    pub(super) fn restrictions(&mut self) {
        for (name, place) in LISTS {
            if self.main.get(name).is_none() {
                if name != "smtpd_relay_restrictions" {
                    place(&mut self.settings.restrictions).clear();
                }
                continue;
            }
            let Some(value) = self.value(name) else { continue };
            match self.with_tables_inside(name, &value) {
                Ok(list) => {
                    self.fate(name, Fate::Taken);
                    *place(&mut self.settings.restrictions) = list;
                }
                Err(reason) => self.fate(name, Fate::Unsupported(reason)),
            }
        }
    }

    /// The list with the rows of each table in its place: there are no files of tables here.
    fn with_tables_inside(&mut self, name: &str, value: &str) -> Result<String, Reason> {
        let mut list = value.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in words(value) {
            let kind = word.strip_prefix("proxy:").unwrap_or(word);
            let is_inside = kind.starts_with("inline:") || kind.starts_with("static:");
            if !is_table(word) || is_inside {
                continue;
            }
            let rows = rows(word, name, Grammar::Table, self.files, &mut self.report)?;
            self.report.extend(rows.iter().map(|row| row.told(Fate::Taken)));
            let inside: Vec<_> =
                rows.iter().map(|row| format!("{{{} = {}}}", row.mapping.key, row.mapping.value)).collect();
            list = list.replace(word, &format!("inline:{{{}}}", inside.join(", ")));
        }
        Ok(list)
    }
}
