//! Tests on the values of parameters.

mod pattern;
mod quantity;
mod raw;

use std::net::IpAddr;

use ipnet::IpNet;

use self::pattern::{Pattern, folded};
use self::quantity::Quantity;
pub(super) use self::raw::RawValueTest;
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

    /// The values that are named, in their canonical spelling.
    pub fn named(&self) -> &[String] {
        &self.one_of
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

/// An address or a network; an IPv4 address in IPv6 clothes counts as what it is.
fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse::<IpNet>().ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_saphyr::Spanned;

    use super::*;
    use crate::access::load::Loader;

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
        // A Cyrillic о.
        check("production", text("pr\u{43e}duction"), false, true);
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
