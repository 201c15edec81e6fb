//! Tests on values as they are written in a file.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::pattern::Pattern;
use super::quantity::Quantity;
use super::{ValueTest, network};
use crate::access::load::Loader;
use crate::catalog::Value;

/// A test as it is written: `production`, `[staging, dev]` or `{matches: "web-.*", given: true}`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a value, a list of values, or a mapping of equals, one_of, matches, cidr, \
                 min, max and given"
)]
pub(in crate::access::policy) enum RawValueTest {
    OneOf(Vec<Value>),
    Equals(Value),
    Parts(Parts),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::access::policy) struct Parts {
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
