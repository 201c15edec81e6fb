//! Tests on the values of parameters.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use serde_saphyr::Spanned;
use unicode_normalization::UnicodeNormalization;

use crate::access::load::Loader;
use crate::catalog::Value;

/// What a value must be. Every part that is given must hold.
#[derive(Debug, Clone, Default)]
pub(super) struct ValueTest {
    /// In their canonical spelling; empty: any.
    one_of: Vec<String>,
    matches: Option<Pattern>,
    networks: Vec<IpNet>,
    min: Option<Quantity>,
    max: Option<Quantity>,
    /// Whether there is a value at all.
    given: Option<bool>,
}

/// How a test treats what it can't tell, and lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::access) enum Reading {
    /// For an allow: every element of a list must pass, and what can't be judged does not.
    Narrow,
    /// For a deny: one element is enough, look-alike spellings count, and what can't be judged
    /// passes.
    Wide,
}

impl Reading {
    pub fn opposite(self) -> Reading {
        match self {
            Reading::Narrow => Reading::Wide,
            Reading::Wide => Reading::Narrow,
        }
    }
}

impl ValueTest {
    /// Whether a value (`None`: the parameter has none) passes.
    pub fn passes(&self, value: Option<&Value>, reading: Reading) -> bool {
        let Some(value) = value else { return self.given == Some(false) };
        if self.given == Some(false) {
            return false;
        }
        match value {
            Value::List(items) => match reading {
                Reading::Narrow => {
                    !items.is_empty() && items.iter().all(|item| self.holds(item, reading))
                }
                Reading::Wide => items.iter().any(|item| self.holds(item, reading)),
            },
            single => self.holds(&single.to_string(), reading),
        }
    }

    fn holds(&self, text: &str, reading: Reading) -> bool {
        self.is_listed(text, reading)
            && self.matches.as_ref().is_none_or(|pattern| pattern.is_match(text, reading))
            && self.in_networks(text, reading)
            && self.in_bounds(text, reading).unwrap_or(reading == Reading::Wide)
    }

    fn is_listed(&self, text: &str, reading: Reading) -> bool {
        if self.one_of.is_empty() || self.one_of.iter().any(|one| one == text) {
            return true;
        }
        let text = folded(text);
        reading == Reading::Wide && self.one_of.iter().any(|one| folded(one) == text)
    }

    fn in_networks(&self, text: &str, reading: Reading) -> bool {
        if self.networks.is_empty() {
            return true;
        }
        let Some(given) = network(text) else { return reading == Reading::Wide };
        self.networks.iter().any(|net| match reading {
            Reading::Narrow => net.contains(&given),
            Reading::Wide => net.contains(&given) || given.contains(net),
        })
    }

    /// `None` where the value can't be compared with the bounds.
    fn in_bounds(&self, text: &str, reading: Reading) -> Option<bool> {
        if self.min.is_none() && self.max.is_none() {
            return Some(true);
        }
        let value = Quantity::parse(text)?;
        let above = self.min.map_or(Some(true), |min| value.at_least(min));
        let below = self.max.map_or(Some(true), |max| max.at_least(value));
        let unknown = reading == Reading::Wide;
        Some(above.unwrap_or(unknown) && below.unwrap_or(unknown))
    }
}

/// A pattern on the whole text.
#[derive(Debug, Clone)]
struct Pattern {
    exact: Regex,
    /// The same, whatever the case.
    any_case: Regex,
}

impl Pattern {
    fn new(pattern: &str) -> Result<Pattern, String> {
        // Compiled alone first, so that `a)|(b` can't break out of the anchors' group.
        compile(pattern, false)?;
        let anchored = format!(r"\A(?:{pattern})\z");
        Ok(Pattern { exact: compile(&anchored, false)?, any_case: compile(&anchored, true)? })
    }

    fn is_match(&self, text: &str, reading: Reading) -> bool {
        self.exact.is_match(text)
            || (reading == Reading::Wide && self.any_case.is_match(&folded(text)))
    }
}

fn compile(pattern: &str, any_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_LIMIT)
        .case_insensitive(any_case)
        .build()
        .map_err(|error| error.to_string())
}

/// A text with everything folded away that makes it look the same and compare differently:
/// compatibility forms (full-width digits), invisible characters, case.
fn folded(text: &str) -> String {
    text.nfkc().filter(|c| !is_invisible(*c)).flat_map(char::to_lowercase).collect()
}

/// Zero-width characters, joiners, bidirectional controls and other format characters that
/// show nothing.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// An address or a network; an IPv4 address in IPv6 clothes counts as what it is.
fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok(),
    }
}

/// A number with what it counts. Only equal things compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantity {
    Plain(f64),
    Percent(f64),
    Seconds(f64),
    Bytes(f64),
}

impl Quantity {
    /// Reads `5`, `2.5`, `20%`, `1h30m`, `2d`, `512Mi`, `20GB`.
    pub fn parse(text: &str) -> Option<Quantity> {
        if let Some(number) = finite(text) {
            return Some(Quantity::Plain(number));
        }
        if let Some(percent) = text.strip_suffix('%') {
            return finite(percent.trim_end()).map(Quantity::Percent);
        }
        bytes(text).map(Quantity::Bytes).or_else(|| seconds(text).map(Quantity::Seconds))
    }

    /// Whether it is at least the other; `None` where they count different things.
    fn at_least(self, other: Quantity) -> Option<bool> {
        use Quantity::*;
        match (self, other) {
            (Plain(a), Plain(b))
            | (Percent(a), Percent(b))
            | (Seconds(a), Seconds(b))
            | (Bytes(a), Bytes(b)) => Some(a >= b),
            _ => None,
        }
    }
}

fn finite(text: &str) -> Option<f64> {
    // "inf" and "nan" parse as floats and are no numbers that anybody gives.
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn bytes(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number = finite(text[..split].trim_end())?;
    let unit = text[split..].strip_suffix('B').unwrap_or(&text[split..]);
    let (prefix, base) = match unit.strip_suffix('i') {
        Some(prefix) => (prefix, 1024f64),
        None => (unit, 1000f64),
    };
    let power = ["", "K", "M", "G", "T", "P"].iter().position(|p| *p == prefix)?;
    // "5" alone is a plain number, and "5i" is nothing.
    (power > 0 || text.ends_with('B')).then(|| number * base.powi(power as i32))
}

fn seconds(text: &str) -> Option<f64> {
    let span: jiff::Span = text.parse().ok()?;
    span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).ok()
}

/// A test as it is written: `production`, `[staging, dev]` or `{matches: "web-.*", given: true}`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a value, a list of values, or a mapping of equals, one_of, matches, cidr, \
                 min, max and given"
)]
pub(super) enum RawValueTest {
    OneOf(Vec<Value>),
    Equals(Value),
    Parts(Parts),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    equals: Option<Value>,
    one_of: Option<Vec<Value>>,
    matches: Option<String>,
    cidr: Option<OneOrMore>,
    min: Option<Value>,
    max: Option<Value>,
    given: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Compiling a pattern may take this much memory, in bytes.
const PATTERN_LIMIT: usize = 1 << 20;

impl RawValueTest {
    /// The test; what is wrong with it is noted, and then it is worth nothing.
    pub fn check(
        raw: Spanned<RawValueTest>,
        file: &str,
        name: &str,
        loader: &mut Loader,
    ) -> ValueTest {
        let line = raw.referenced.line();
        let parts = match raw.value {
            RawValueTest::OneOf(items) => {
                if items.is_empty() {
                    let text = "an empty list matches nothing; name values or leave it out";
                    loader.mistake(file, line, name, text.to_owned());
                }
                let one_of = items.iter().map(Value::to_string).collect();
                return ValueTest { one_of, ..ValueTest::default() };
            }
            RawValueTest::Equals(value) => {
                return ValueTest { one_of: vec![value.to_string()], ..ValueTest::default() };
            }
            RawValueTest::Parts(parts) => parts,
        };
        parts.check(file, line, name, loader)
    }
}

impl Parts {
    fn check(self, file: &str, line: u64, name: &str, loader: &mut Loader) -> ValueTest {
        let mut wrong = |text: String| loader.mistake(file, line, name, text);
        let mut test = ValueTest { given: self.given, ..ValueTest::default() };
        match (self.equals, self.one_of) {
            (Some(_), Some(_)) => wrong("give `equals` or `one_of`, not both".to_owned()),
            (Some(value), None) => test.one_of.push(value.to_string()),
            (None, Some(values)) if values.is_empty() => {
                wrong("`one_of` is empty and would match nothing".to_owned());
            }
            (None, Some(values)) => test.one_of = values.iter().map(Value::to_string).collect(),
            (None, None) => {}
        }
        if let Some(pattern) = self.matches {
            match Pattern::new(&pattern) {
                Ok(pattern) => test.matches = Some(pattern),
                Err(error) => wrong(format!("`{pattern}` is no regular expression: {error}")),
            }
        }
        let networks = match self.cidr {
            None => Vec::new(),
            Some(OneOrMore::One(one)) => vec![one],
            Some(OneOrMore::More(more)) => more,
        };
        for text in networks {
            match network(&text) {
                Some(net) => test.networks.push(net),
                None => wrong(format!("`{text}` is no network; write it as 10.0.0.0/8")),
            }
        }
        let mut bound = |value: Option<Value>, which: &str| {
            let text = value?.to_string();
            let quantity = Quantity::parse(&text);
            if quantity.is_none() {
                wrong(format!("`{which}: {text}` is no number, percentage, duration or size"));
            }
            quantity
        };
        test.min = bound(self.min, "min");
        test.max = bound(self.max, "max");
        if let (Some(min), Some(max)) = (test.min, test.max) {
            match max.at_least(min) {
                Some(true) => {}
                Some(false) => wrong("`min` is above `max`".to_owned()),
                None => wrong("`min` and `max` count different things".to_owned()),
            }
        }
        let empty = test.one_of.is_empty()
            && test.matches.is_none()
            && test.networks.is_empty()
            && test.min.is_none()
            && test.max.is_none()
            && test.given.is_none();
        if empty {
            let text = "nothing to test; give equals, one_of, matches, cidr, min, max or given";
            wrong(text.to_owned());
        }
        test
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(yaml: &str) -> Result<ValueTest, String> {
        let raw: Spanned<RawValueTest> =
            serde_saphyr::from_str(yaml).map_err(|error| error.to_string())?;
        let mut loader = Loader::new(std::path::Path::new(""));
        let test = RawValueTest::check(raw, "f.yaml", "p", &mut loader);
        loader.finish(test).map_err(|mistakes| mistakes.to_string())
    }

    /// Whether a value passes for an allow, and for a deny.
    fn check(yaml: &str, value: Option<Value>, narrow: bool, wide: bool) {
        let test = test(yaml).unwrap();
        let got = (
            test.passes(value.as_ref(), Reading::Narrow),
            test.passes(value.as_ref(), Reading::Wide),
        );
        assert_eq!(got, (narrow, wide), "{yaml} {value:?}");
    }

    fn text(text: &str) -> Option<Value> {
        Some(Value::from(text))
    }

    fn list(items: &[&str]) -> Option<Value> {
        Some(Value::List(items.iter().map(|item| (*item).to_owned()).collect()))
    }

    #[test]
    fn equality_is_exact_for_an_allow_and_generous_for_a_deny() {
        check("production", text("production"), true, true);
        check("production", text("Production"), false, true);
        check("production", text("ｐroduction"), false, true);
        check("production", text("produc\u{200b}tion"), false, true);
        check("production", text("production2"), false, false);
        check("Production", text("production"), false, true);
        check("production", None, false, false);
        check("22", Some(Value::Integer(22)), true, true);
        check("[22, 443]", Some(Value::Integer(443)), true, true);
        check("[22, https]", text("https"), true, true);
        check("true", Some(Value::Boolean(true)), true, true);
        check("{equals: 1.5}", Some(Value::Number(1.5)), true, true);
    }

    #[test]
    fn of_a_list_all_must_be_allowed_and_one_is_enough_to_deny() {
        check("[staging, dev]", list(&["staging", "dev"]), true, true);
        check("[staging, dev]", list(&["staging", "production"]), false, true);
        check("[staging, dev]", list(&["production"]), false, false);
        check("[staging, dev]", list(&[]), false, false);
    }

    #[test]
    fn patterns_are_anchored() {
        check(r#"{matches: "web-\\d+"}"#, text("web-01"), true, true);
        check(r#"{matches: "web-\\d+"}"#, text("my-web-01"), false, false);
        check(r#"{matches: "web-\\d+"}"#, text("web-01\nreboot"), false, false);
        check(r#"{matches: "web-\\d+"}"#, text("WEB-01"), false, true);
        check(r#"{matches: "a|b"}"#, text("xb"), false, false);
        check(r#"{matches: "web-\\d+"}"#, text("web-０１"), true, true);
        check(r#"{matches: "web-[0-9]+"}"#, text("web-０１"), false, true);
    }

    #[test]
    fn networks_hold_addresses_and_networks() {
        check("{cidr: 10.0.0.0/8}", text("10.1.2.3"), true, true);
        check("{cidr: 10.0.0.0/8}", text("11.1.2.3"), false, false);
        check("{cidr: 10.0.0.0/8}", text("10.1.0.0/16"), true, true);
        // Larger than what is allowed, and touching what is denied.
        check("{cidr: 10.0.0.0/8}", text("0.0.0.0/0"), false, true);
        check("{cidr: 10.0.0.0/8}", text("::ffff:10.1.2.3"), true, true);
        check("{cidr: [10.0.0.0/8, 'fd00::/8']}", text("fd00::1"), true, true);
        // What is no address can't be judged.
        check("{cidr: 10.0.0.0/8}", text("db.internal"), false, true);
    }

    #[test]
    fn bounds_compare_like_with_like() {
        check("{min: 1024, max: 65535}", Some(Value::Integer(1024)), true, true);
        check("{min: 1024, max: 65535}", Some(Value::Integer(80)), false, false);
        check("{max: 50%}", text("50%"), true, true);
        check("{max: 50%}", text("51%"), false, false);
        check("{max: 4h}", text("3h59m"), true, true);
        check("{max: 4h}", text("1d"), false, false);
        check("{max: 1GB}", text("900MB"), true, true);
        check("{max: 1GB}", text("1Gi"), false, false);
        // Another kind of thing, or no number at all, can't be judged.
        check("{max: 4h}", text("5"), false, true);
        check("{max: 5}", text("many"), false, true);
        check("{max: 5}", text("NaN"), false, true);
    }

    #[test]
    fn whether_there_is_a_value_can_be_asked() {
        check("{given: false}", None, true, true);
        check("{given: false}", text("x"), false, false);
        check("{given: true}", None, false, false);
        check("{given: true}", text("x"), true, true);
    }

    #[test]
    fn a_pattern_cannot_break_out_of_its_anchors() {
        for pattern in [r#"{matches: "a)|(b"}"#, r#"{matches: "("}"#, r#"{matches: "(?x) a # "}"#] {
            assert!(test(pattern).is_err(), "{pattern}");
        }
    }
}
