//! Time zones by the names of cities: "Shanghai", "Berlin time", 上海.

use jiff::tz::{self, TimeZone};

/// The time zone that words name: by its own name, by the city in it, or by a city of a list,
/// `city=zone|city=zone`, in the speaker's language. The longest name that stands in the words is
/// the one that was meant.
pub(super) fn named(words: &str, cities: &str) -> Option<String> {
    let words = words.trim();
    if TimeZone::get(words).is_ok() {
        return Some(words.to_owned());
    }
    let said = words.to_lowercase();
    let listed = cities.split('|').filter_map(|entry| {
        let (city, zone) = entry.split_once('=')?;
        Some((city.trim().to_lowercase(), zone.trim().to_owned()))
    });
    let known: Vec<String> = tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let by_city = known.into_iter().filter_map(|zone| {
        let (region, city) = zone.split_once('/')?;
        // The others name countries and offsets.
        let is_place = REGIONS.contains(&region);
        let city = city.rsplit('/').next()?.replace('_', " ").to_lowercase();
        is_place.then_some((city, zone))
    });
    listed
        .chain(by_city)
        .filter(|(city, _)| stands_in(&said, city))
        .max_by_key(|(city, _)| city.len())
        .map(|(_, zone)| zone)
        .filter(|zone| TimeZone::get(zone).is_ok())
}

const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// Whether a name stands in a text: as words of its own, where it is written in Latin letters.
fn stands_in(text: &str, name: &str) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !name.is_empty()
        && text.match_indices(name).any(|(at, found)| {
            !name.is_ascii()
                || !is_letter(text[..at].chars().next_back())
                    && !is_letter(text[at + found.len()..].chars().next())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Language;
    use crate::reply::{Speech, say};

    #[test]
    fn a_city_names_its_time_zone() {
        let check = |language: Language, words: &str, expect: Option<&str>| {
            let cities = say!(Speech::new(language), "words-time-zones");
            assert_eq!(named(words, &cities).as_deref(), expect, "{words}");
        };
        check(Language::En, "Europe/Berlin", Some("Europe/Berlin"));
        check(Language::En, "UTC", Some("UTC"));
        check(Language::En, "set the timezone to Shanghai", Some("Asia/Shanghai"));
        check(Language::En, "use Berlin time", Some("Europe/Berlin"));
        check(Language::En, "I'm in new york now", Some("America/New_York"));
        check(Language::En, "use Beijing time", Some("Asia/Shanghai"));
        check(Language::En, "ask me for every value", None);
        check(Language::Zh, "时区改成上海", Some("Asia/Shanghai"));
        check(Language::Zh, "用柏林时间", Some("Europe/Berlin"));
        check(Language::Zh, "改成月球时间", None);
    }
}
