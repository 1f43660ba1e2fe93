//! Dates in a row: how they are read, and which are believed.
//!
//! Without a form in the map it is RFC 3339, a day with or without an hour, or as the national record writes it (年/月/日
//! with or without an hour, with or without zeros in front). An hour without an offset is one of the map's timezone.

use jiff::civil::{Date, DateTime, date};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use terrace_proto::exchange::{Form, Value};

use super::reason::Reason;

/// The first day that is believed.
const FIRST: Date = date(1949, 10, 1);

/// Reads dates of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    /// Where its hours are told.
    pub(super) timezone: Offset,
    /// The day it is there.
    pub(super) today: Date,
}

impl Dates {
    /// The hour that a field names, if that can be believed.
    pub(super) fn hour(
        &self,
        field: &'static str,
        text: &str,
        form: Option<&str>,
    ) -> Result<Timestamp, Reason> {
        let bad = || Reason::Date { field, text: text.to_owned() };
        let by_form = form.and_then(|form| self.by_form(form, text));
        let hour = by_form.or_else(|| self.by_default(text)).ok_or_else(bad)?;
        let day = self.timezone.to_datetime(hour).date();
        let last = self.today.checked_add(1.day()).unwrap_or(self.today);
        if !(FIRST..=last).contains(&day) {
            return Err(Reason::Day { field, day, first: FIRST, last });
        }
        Ok(hour)
    }

    /// The day that a field names, if that can be believed.
    pub(super) fn day(
        &self,
        field: &'static str,
        text: &str,
        form: Option<&str>,
    ) -> Result<Date, Reason> {
        self.hour(field, text, form).map(|hour| self.timezone.to_datetime(hour).date())
    }

    fn by_form(&self, form: &str, text: &str) -> Option<Timestamp> {
        let parts = BrokenDownTime::parse(form, text).ok()?;
        if parts.offset().is_some() || parts.timestamp().is_some() {
            return parts.to_timestamp().ok();
        }
        let local = parts.to_datetime().or_else(|_| parts.to_date().map(DateTime::from)).ok()?;
        self.timezone.to_timestamp(local).ok()
    }

    fn by_default(&self, text: &str) -> Option<Timestamp> {
        if let Ok(hour) = text.parse::<Timestamp>() {
            return Some(hour);
        }
        let local = text.parse::<DateTime>().ok().or_else(|| match Form::Moment.read(text) {
            Ok(Some(Value::Moment(at))) => Some(at),
            Ok(_) | Err(_) => None,
        });
        self.timezone.to_timestamp(local?).ok()
    }
}

/// Whether a form can be read and written at all.
pub(super) fn is_form(form: &str) -> bool {
    let hour = Timestamp::UNIX_EPOCH.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    jiff::fmt::strtime::format(form, &hour).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates() -> Dates {
        Dates { timezone: Offset::constant(8), today: date(2026, 11, 24) }
    }

    #[test]
    fn an_hour_without_an_offset_is_one_of_the_maps_timezone() {
        let utc: Timestamp = "2011-03-12T11:43:09Z".parse().unwrap();
        for text in ["2011-03-12T19:43:09+08:00", "2011-03-12 19:43:09", "2011-03-12T11:43:09Z"] {
            assert_eq!(dates().hour("submitted_at", text, None), Ok(utc), "{text}");
        }
        let day = dates().day("received_on", "2011-03-12", None);
        assert_eq!(day, Ok(date(2011, 3, 12)));
        for text in ["2011/03/12", "2011-3-12", "2011/3/12 9:05:00"] {
            let national = Some("%Y/%m/%d %H:%M:%S");
            assert_eq!(
                dates().day("registered_at", text, national),
                Ok(date(2011, 3, 12)),
                "{text}"
            );
        }
        let form = Some("%Y年%m月%d日 %H:%M:%S");
        assert_eq!(dates().hour("submitted_at", "2011年03月12日 19:43:09", form), Ok(utc));
        assert_eq!(dates().day("closed_on", "12/3/2011", Some("%d/%m/%Y")), Ok(date(2011, 3, 12)));
    }

    #[test]
    fn days_before_1949_and_after_tomorrow_are_not_believed() {
        for text in ["1899-12-31", "1949-09-30", "2026-11-26", "2199-01-01"] {
            let reason = dates().day("received_on", text, None).unwrap_err();
            assert!(reason.to_string().contains("1949-10-01 and 2026-11-25"), "{reason}");
        }
        for text in ["1949-10-01", "2026-11-25"] {
            assert!(dates().day("received_on", text, None).is_ok());
        }
    }

    #[test]
    fn what_is_no_date_is_said_with_its_field() {
        let reason = dates().hour("submitted_at", "昨天", None).unwrap_err();
        assert!(reason.to_string().contains("submitted_at \"昨天\""), "{reason}");
    }

    #[test]
    fn a_form_with_an_unknown_letter_is_none() {
        assert!(is_form("%Y-%m-%d %z"));
        assert!(!is_form("%Y-%m-%!"));
    }
}
