//! The last word on a value: type, choices, pattern, bounds.

use super::safety::{LONGEST_VALUE, check_surface, check_text, shown};
use super::text::{Folded, fold_width};
use super::{
    Found, Reference, ValueError, boolean, branch, choice, datetime, email, find_folded, host, ip,
    list, path, percent, secret, size, string, url, user, version,
};
use crate::catalog::{Parameter, ParameterType, Value};

pub(super) fn interpret(
    surface: &str,
    parameter: &Parameter,
    reference: &Reference,
    anchor: Option<&Value>,
) -> Result<Vec<Value>, ValueError> {
    check_surface(surface)?;
    if parameter.secret && surface.split_whitespace().any(secret::is_no_name) {
        return Err(ValueError::SecretTyped);
    }
    let readings = readings(surface, parameter, reference, anchor)?;
    let mut accepted: Vec<Value> = Vec::new();
    let mut refused = None;
    for value in readings {
        match check_rules(&value, parameter) {
            Ok(()) if !accepted.contains(&value) => accepted.push(value),
            Ok(()) => {}
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    match refused {
        Some(error) if accepted.is_empty() => Err(error),
        _ if accepted.is_empty() => Err(wrong_type(surface, parameter)),
        _ => Ok(accepted),
    }
}

pub(super) fn check(value: &Value, parameter: &Parameter) -> Result<(), ValueError> {
    use ParameterType as T;
    let shape = matches!(
        (parameter.kind, value),
        (T::Integer, Value::Integer(_))
            | (T::Number, Value::Integer(_) | Value::Number(_))
            | (T::Boolean, Value::Boolean(_))
            | (T::List, Value::List(_))
    );
    let textual = !matches!(parameter.kind, T::Integer | T::Number | T::Boolean | T::List)
        && matches!(value, Value::Text(_));
    if !shape && !textual {
        return Err(wrong_type(&value.to_string(), parameter));
    }
    match value {
        Value::Text(text) => check_canonical(text, parameter)?,
        Value::List(items) => items.iter().try_for_each(|item| check_item(item, parameter))?,
        Value::Number(number) if !number.is_finite() => {
            return Err(wrong_type(&number.to_string(), parameter));
        }
        _ => {}
    }
    check_rules(value, parameter)
}

/// A text from elsewhere must be harmless, and what interpreting it gives.
fn check_canonical(text: &str, parameter: &Parameter) -> Result<(), ValueError> {
    check_surface(text)?;
    if parameter.secret && secret::is_no_name(text) {
        return Err(ValueError::SecretTyped);
    }
    match parameter.kind {
        ParameterType::Choice => check_item(text, parameter),
        ParameterType::String => Ok(()),
        _ => {
            let same =
                canonical(&Folded::new(text), parameter).is_some_and(|v| v == Value::from(text));
            if same { Ok(()) } else { Err(wrong_type(text, parameter)) }
        }
    }
}

fn check_item(item: &str, parameter: &Parameter) -> Result<(), ValueError> {
    check_surface(item)?;
    let open = parameter.choices.is_empty();
    if open || parameter.choices.iter().any(|c| c.value == item) {
        return Ok(());
    }
    match choice::interpret(item, &parameter.choices) {
        Ok(near) => Err(ValueError::NotAChoice {
            surface: shown(item),
            near: near.iter().map(Value::to_argument).collect(),
        }),
        Err(error) => Err(error),
    }
}

/// What a surface may mean, before pattern and bounds.
fn readings(
    surface: &str,
    parameter: &Parameter,
    reference: &Reference,
    anchor: Option<&Value>,
) -> Result<Vec<Value>, ValueError> {
    match parameter.kind {
        ParameterType::Choice => return choice::interpret(surface, &parameter.choices),
        ParameterType::List => return items(surface, parameter),
        ParameterType::String => return free_text(surface),
        _ => {}
    }
    let surface = match parameter.kind {
        ParameterType::Size => size::without_rate(trimmed(surface)),
        _ => trimmed(surface),
    };
    if surface.is_empty() {
        return Err(ValueError::Empty);
    }
    let folded = Folded::new(surface);
    if parameter.kind == ParameterType::Boolean {
        return boolean::interpret(&folded, parameter)
            .map(|value| vec![value])
            .ok_or_else(|| wrong_type(surface, parameter));
    }
    if parameter.kind == ParameterType::Datetime {
        return moments(&folded, reference, anchor).ok_or_else(|| wrong_type(surface, parameter));
    }
    if is_negative(&folded, parameter.kind) {
        return Err(ValueError::TooSmall { surface: shown(surface), min: 0.0 });
    }
    if dashed(&folded, parameter.kind) {
        return Err(ValueError::LooksLikeOption { surface: shown(surface) });
    }
    let found = find_folded(&folded, parameter.kind, reference);
    let whole = found.iter().find(|f| (f.start, f.end) == (0, folded.text.len()));
    if let Some(found) = whole {
        return Ok(found.values.clone());
    }
    if let Some(value) = canonical(&folded, parameter) {
        return Ok(vec![value]);
    }
    only_value(&folded, found).ok_or_else(|| wrong_type(surface, parameter))
}

/// The moments that a surface means; "改到明早六点吧" has one among words that say nothing.
fn moments(folded: &Folded, reference: &Reference, anchor: Option<&Value>) -> Option<Vec<Value>> {
    let now = reference.now.datetime();
    let anchor = anchor.and_then(|value| datetime::parse(&value.to_argument()));
    let whole = datetime::interpret(folded, now, anchor);
    if !whole.is_empty() {
        return Some(whole);
    }
    let found = datetime::find(folded, now);
    let [only] = found.as_slice() else { return None };
    only_value(folded, found.clone())?;
    if anchor.is_none() {
        return Some(only.values.clone());
    }
    // The words around it say nothing: read it again by itself, near its anchor.
    let inner = Folded::new(folded.cased[only.start..only.end].trim());
    Some(datetime::interpret(&inner, now, anchor)).filter(|values| !values.is_empty())
}

/// Free text: without quotation marks, full-width letters and digits as plain ones.
fn free_text(surface: &str) -> Result<Vec<Value>, ValueError> {
    let text = fold_width(string::unquoted(surface));
    let text = text.trim();
    if text.chars().count() > LONGEST_VALUE {
        return Err(ValueError::TooLong { surface: shown(text), max: LONGEST_VALUE });
    }
    Ok(vec![text.into()])
}

/// The items of a list; with choices, each item is one.
fn items(surface: &str, parameter: &Parameter) -> Result<Vec<Value>, ValueError> {
    let items = list::items(&fold_width(trimmed(surface)));
    if items.is_empty() {
        return Err(wrong_type(surface, parameter));
    }
    if parameter.choices.is_empty() {
        return Ok(vec![Value::List(items)]);
    }
    let mut chosen: Vec<String> = Vec::new();
    for item in &items {
        let value = choice::interpret(item, &parameter.choices)?;
        let Some(value) = value.first().map(Value::to_argument) else { continue };
        if !chosen.contains(&value) {
            chosen.push(value);
        }
    }
    Ok(vec![Value::List(chosen)])
}

/// Whether an argument of a command could be taken for an option. A minus before an amount is a
/// sign.
fn dashed(folded: &Folded, kind: ParameterType) -> bool {
    use ParameterType as T;
    let named = matches!(
        kind,
        T::Host | T::User | T::Branch | T::Version | T::Path | T::Ip | T::Url | T::Email
    );
    named && folded.text.starts_with('-')
}

/// Whether an amount that can't be less than nothing is written with a minus.
fn is_negative(folded: &Folded, kind: ParameterType) -> bool {
    let amount = matches!(kind, ParameterType::Duration | ParameterType::Size);
    let digits = folded.text.strip_prefix(['-', '−']).map(str::trim_start);
    amount && digits.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The canonical value of a text that is one from end to end, for the types that have a shape of
/// their own.
fn canonical(folded: &Folded, parameter: &Parameter) -> Option<Value> {
    use ParameterType as T;
    let text = folded.cased.as_str();
    match parameter.kind {
        T::Version => version::canonical(text),
        T::Host => host::canonical(text),
        T::Ip => ip::canonical(text),
        T::Url => url::canonical(text),
        T::Path => path::canonical(text),
        T::Email => email::canonical(text),
        T::User => user::canonical(text),
        T::Branch => branch::canonical(text),
        T::Datetime => datetime::parse(text).map(datetime::canonical),
        T::Percent => percent::bare(folded).or_else(|| whole(percent::find(folded), folded)),
        T::Size => whole(size::find(folded), folded),
        T::Duration => whole(super::duration::find(folded), folded)
            .or_else(|| super::duration::nothing(folded)),
        _ => None,
    }
}

fn whole(found: Vec<Found>, folded: &Folded) -> Option<Value> {
    found
        .into_iter()
        .find(|f| (f.start, f.end) == (0, folded.text.len()))
        .and_then(|f| f.values.into_iter().next())
}

/// The one value of a surface whose other words say nothing: "at 5pm", "about 20%", 改成三点吧.
fn only_value(folded: &Folded, found: Vec<Found>) -> Option<Vec<Value>> {
    let [only] = found.as_slice() else { return None };
    let rest = [&folded.text[..only.start], &folded.text[only.end..]];
    rest.iter().all(|part| says_nothing(part)).then(|| only.values.clone())
}

fn says_nothing(text: &str) -> bool {
    const WORDS: [&str; 54] = [
        "a", "about", "an", "and", "around", "at", "be", "by", "exactly", "for", "from", "in",
        "is", "it", "its", "just", "least", "like", "make", "maybe", "more", "most", "no", "of",
        "ok", "on", "only", "or", "over", "please", "roughly", "say", "set", "since", "so",
        "starting", "than", "that", "the", "then", "this", "till", "to", "under", "until", "up",
        "use", "version", "with", "within", "host", "user", "branch", "instead",
    ];
    const CHARACTERS: &str = "在到给从为是的吧呢了个台份就那大约概左右只要用设成改请每再把将于至以内超过最多少约版本主机用户分支账号换";
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .all(|word| WORDS.contains(&word) || word.chars().all(|c| CHARACTERS.contains(c)))
}

/// A surface without blanks, quotation marks and the sentence's punctuation around it.
fn trimmed(surface: &str) -> &str {
    let mut inner = surface;
    loop {
        let mark = |c: char| {
            c.is_whitespace()
                || matches!(c, ',' | '，' | '。' | '!' | '！' | '?' | '？' | ';' | '；' | '、')
        };
        let shorter = string::unquoted(inner).trim_matches(mark);
        // The point of a sentence, but never the points of `/data/..`.
        let shorter = match shorter.strip_suffix('.') {
            Some(rest) if !rest.ends_with(['.', '/', '\\']) => rest,
            _ => shorter,
        };
        if shorter.len() == inner.len() {
            return inner;
        }
        inner = shorter;
    }
}

/// Pattern, bounds, and what a program could misunderstand.
fn check_rules(value: &Value, parameter: &Parameter) -> Result<(), ValueError> {
    match value {
        Value::List(items) => items.iter().try_for_each(|item| check_one(item, parameter))?,
        Value::Text(text) => check_one(text, parameter)?,
        _ => check_pattern(&value.to_argument(), parameter)?,
    }
    check_bounds(value, parameter)
}

fn check_one(text: &str, parameter: &Parameter) -> Result<(), ValueError> {
    check_text(text, parameter)?;
    check_pattern(text, parameter)
}

/// The pattern matches the whole canonical value, or every item of a list.
fn check_pattern(text: &str, parameter: &Parameter) -> Result<(), ValueError> {
    let Some(pattern) = &parameter.pattern else { return Ok(()) };
    let whole = pattern.find_at(text, 0).is_some_and(|m| m.range() == (0..text.len()));
    if whole {
        return Ok(());
    }
    Err(ValueError::PatternMismatch { surface: shown(text), pattern: pattern.to_string() })
}

fn check_bounds(value: &Value, parameter: &Parameter) -> Result<(), ValueError> {
    let amount = match value {
        Value::Integer(i) => *i as f64,
        Value::Number(n) => *n,
        Value::Text(text) => match parameter.kind {
            ParameterType::Percent => text.trim_end_matches('%').parse().unwrap_or(0.0),
            ParameterType::Size => size::bytes(text).unwrap_or(0.0),
            ParameterType::Duration => super::Duration::parse(text).map_or(0.0, |d| d.seconds()),
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    let surface = value.to_argument();
    if let Some(min) = parameter.min.filter(|min| amount < *min) {
        return Err(ValueError::TooSmall { surface, min });
    }
    match parameter.max.filter(|max| amount > *max) {
        Some(max) => Err(ValueError::TooLarge { surface, max }),
        None => Ok(()),
    }
}

fn wrong_type(surface: &str, parameter: &Parameter) -> ValueError {
    ValueError::WrongType { surface: shown(surface), kind: parameter.kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::values::tests::{parameter, worth};

    #[test]
    fn pattern_and_bounds_have_the_last_word() {
        let mut port = parameter(ParameterType::Integer);
        (port.min, port.max) = (Some(1.0), Some(65535.0));
        assert_eq!(worth("seventy thousand", &port), "! too_large");
        assert_eq!(worth("0", &port), "! too_small");
        assert_eq!(worth("27017", &port), "27017");
        assert_eq!(worth("1.5", &port), "! wrong_type");
        let mut service = parameter(ParameterType::String);
        service.pattern = regex::Regex::new("^[a-z][a-z0-9-]{1,40}$").ok();
        assert_eq!(worth("cart-service", &service), "cart-service");
        assert_eq!(worth("Cart Service", &service), "! pattern_mismatch");
    }

    #[test]
    fn a_path_that_climbs_is_refused_wherever_it_climbs() {
        for text in ["/data/..", "/data/../x.", "..", "../x", "a/..;"] {
            assert_eq!(worth(text, &parameter(ParameterType::Path)), "! path_traversal", "{text}");
        }
    }

    #[test]
    fn lengths_and_sizes_are_not_negative() {
        for (text, kind) in
            [("-5 minutes", ParameterType::Duration), ("- 3 GB", ParameterType::Size)]
        {
            assert_eq!(worth(text, &parameter(kind)), "! too_small", "{text}");
        }
        assert_eq!(worth("5-minute", &parameter(ParameterType::Duration)), "5m");
    }

    #[test]
    fn words_that_say_nothing_do_not_matter() {
        let number = parameter(ParameterType::Integer);
        assert_eq!(worth("那就八百", &number), "800");
        assert_eq!(worth("up to 9", &number), "9");
        assert_eq!(worth("3 or 4", &number), "! wrong_type");
    }

    #[test]
    fn checks_values_from_elsewhere() {
        let ok = |value: Value, kind| check(&value, &parameter(kind)).is_ok();
        assert!(ok("2025-03-12T23:00".into(), ParameterType::Datetime));
        assert!(!ok("tomorrow".into(), ParameterType::Datetime));
        assert!(ok("30m".into(), ParameterType::Duration));
        assert!(!ok("half an hour".into(), ParameterType::Duration));
        assert!(ok(Value::Integer(3), ParameterType::Number));
        assert!(!ok("3".into(), ParameterType::Integer));
        assert!(!ok("-rf".into(), ParameterType::Path));
        assert!(ok("web-[01-03]".into(), ParameterType::Host));
    }
}
