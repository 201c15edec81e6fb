//! Measures the recognisers of values against the specifications of Microsoft Recognizers-Text.
//!
//!     cargo run --example recognizers -- FOLDER [--failures MODEL]
//!
//! `FOLDER` holds that project's `Specs` folder (MIT licence; not part of this one), with files
//! such as `DateTime/English/DateTimeModel.json`. A case counts as right only if every result's
//! text and resolution match and nothing else was found; every case counts, whatever it is
//! marked as not supported by. Of a resolution, type, TIMEX, values and modifier are compared;
//! the subtype of a number, the score of a boolean, `sourceEntity` and time zones are not.

use std::path::Path;

use serde_json::{Value as Json, json};
use steward::nlu::values::Reference;
use steward::nlu::values::recognize::{self, TimeExpression, TimeKind};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(folder) = arguments.next() else {
        eprintln!("usage: recognizers FOLDER [--failures MODEL]");
        std::process::exit(2);
    };
    let failures = arguments.skip_while(|a| a != "--failures").nth(1);
    let models: [(&str, &str, Runner); 7] = [
        ("Number", "NumberModel", numbers),
        ("Number", "PercentModel", percentages),
        ("DateTime", "DateTimeModel", times),
        ("DateTime", "DateParser", dates),
        ("DateTime", "TimeParser", clocks),
        ("DateTime", "DurationParser", durations),
        ("Choice", "BooleanModel", booleans),
    ];
    for (family, model, run) in models {
        for language in ["English", "Chinese"] {
            let path = Path::new(&folder).join(family).join(language).join(format!("{model}.json"));
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) => {
                    eprintln!("{}: {error}", path.display());
                    continue;
                }
            };
            let shown = failures.as_deref() == Some(&format!("{model}/{language}"));
            report(model, language, text.trim_start_matches('\u{feff}'), run, shown);
        }
    }
}

/// What a model finds in a case, as comparable results.
type Runner = fn(&Json) -> (Vec<Json>, Vec<Json>);

fn report(model: &str, language: &str, text: &str, run: Runner, shown: bool) {
    let cases: Vec<Json> = match serde_json::from_str(text) {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("{model}/{language}: {error}");
            return;
        }
    };
    let mut right = 0;
    for case in &cases {
        let (expected, got) = run(case);
        if expected == got {
            right += 1;
        } else if shown {
            println!("{} @{}", case["Input"], case["Context"]["ReferenceDateTime"]);
            expected.iter().filter(|e| !got.contains(e)).for_each(|e| println!("   - {e}"));
            got.iter().filter(|g| !expected.contains(g)).for_each(|g| println!("   + {g}"));
        }
    }
    let share = 100.0 * right as f64 / cases.len() as f64;
    println!("{model:16} {language:8} {right:5} of {:5}  {share:5.1} %", cases.len());
}

fn input(case: &Json) -> &str {
    case["Input"].as_str().unwrap_or_default()
}

/// As the specifications show a text: in lower case, full-width forms folded.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            _ => c,
        })
        .collect::<String>()
        .to_lowercase()
}

fn expected(case: &Json, show: impl Fn(&Json) -> Json) -> Vec<Json> {
    case["Results"].as_array().into_iter().flatten().map(show).collect()
}

fn numeric(
    case: &Json,
    found: Vec<(std::ops::Range<usize>, Option<f64>)>,
) -> (Vec<Json>, Vec<Json>) {
    let text = input(case);
    let same = |a: f64| format!("{a:.12e}");
    let expect = expected(case, |r| {
        let value = r["Resolution"]["value"].as_str().unwrap_or_default();
        let value = value.trim_end_matches('%').parse().map_or(value.to_owned(), same);
        json!([shown(r["Text"].as_str().unwrap_or_default()), value])
    });
    let got = found
        .into_iter()
        .map(|(range, value)| {
            json!([shown(&text[range]), value.map_or("null".to_owned(), |v| same(rounded(v)))])
        })
        .collect();
    (expect, got)
}

/// To 15 significant digits, as the specifications are written.
fn rounded(value: f64) -> f64 {
    format!("{value:.14e}").parse().unwrap_or(value)
}

fn numbers(case: &Json) -> (Vec<Json>, Vec<Json>) {
    let found = recognize::numbers(input(case));
    numeric(case, found.into_iter().map(|(range, value)| (range, Some(value))).collect())
}

fn percentages(case: &Json) -> (Vec<Json>, Vec<Json>) {
    numeric(case, recognize::percentages(input(case)))
}

/// The recogniser gives one answer to a yes or no question: the fullest, then the first.
fn booleans(case: &Json) -> (Vec<Json>, Vec<Json>) {
    let text = input(case);
    let words =
        |t: &str| if t.is_ascii() { t.split_whitespace().count() } else { t.chars().count() };
    let found = recognize::booleans(text);
    let most = found.iter().map(|(range, _)| words(&text[range.clone()])).max();
    let best = found.iter().find(|(range, _)| Some(words(&text[range.clone()])) == most);
    let got = best.map(|(range, yes)| json!([text[range.clone()], yes])).into_iter().collect();
    let expect = expected(case, |r| json!([r["Text"], r["Resolution"]["value"]]));
    (expect, got)
}

fn reference(case: &Json) -> Reference {
    let now = case["Context"]["ReferenceDateTime"].as_str().unwrap_or("2016-11-07T00:00:00");
    let now = now.parse().unwrap_or(jiff::civil::date(2016, 11, 7).at(0, 0, 0, 0));
    let zoned = now.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    Reference { now: zoned.unwrap_or_else(|_| jiff::ZonedDateTime::now()) }
}

fn kind_name(kind: TimeKind) -> &'static str {
    match kind {
        TimeKind::Date => "date",
        TimeKind::Time => "time",
        TimeKind::DateTime => "datetime",
        TimeKind::DateRange => "daterange",
        TimeKind::TimeRange => "timerange",
        TimeKind::DateTimeRange => "datetimerange",
        TimeKind::Duration => "duration",
        TimeKind::Set => "set",
    }
}

fn times(case: &Json) -> (Vec<Json>, Vec<Json>) {
    let text = input(case);
    let expect = expected(case, |r| {
        let values: Vec<Json> = r["Resolution"]["values"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|v| json!([v["timex"], v["type"], v["value"], v["start"], v["end"], v["Mod"]]))
            .collect();
        json!([shown(r["Text"].as_str().unwrap_or_default()), values])
    });
    let got = recognize::times(text, &reference(case))
        .into_iter()
        .map(|t| json!([shown(&text[t.span.clone()]), resolution(&t)]))
        .collect();
    (expect, got)
}

/// The values of an expression in the form of the specifications.
fn resolution(time: &TimeExpression) -> Vec<Json> {
    let name = kind_name(time.kind);
    if let Some(duration) = &time.duration {
        let seconds = duration.seconds();
        return vec![json!([time.timex, name, seconds.to_string(), null, null, time.modifier])];
    }
    if time.readings.is_empty() {
        return vec![json!([time.timex, name, "not resolved", null, null, null])];
    }
    let show = |moment: jiff::civil::DateTime| match time.kind {
        TimeKind::Date | TimeKind::DateRange => moment.strftime("%Y-%m-%d").to_string(),
        TimeKind::Time | TimeKind::TimeRange => moment.strftime("%H:%M:%S").to_string(),
        _ => moment.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    };
    let point = matches!(time.kind, TimeKind::Date | TimeKind::Time | TimeKind::DateTime);
    time.readings
        .iter()
        .map(|r| {
            let (start, end) = (r.start.map(show), r.end.map(show));
            let around = time.modifier == Some("approx") && end.is_none();
            if point || around {
                json!([r.timex, name, start, null, null, time.modifier])
            } else {
                json!([r.timex, name, null, start, end, time.modifier])
            }
        })
        .collect()
}

/// One parser's view: the first expression of its kind in the text.
fn parsed(case: &Json, kind: TimeKind, key: &str) -> (Vec<Json>, Vec<Json>) {
    let text = input(case);
    let expect = expected(case, |r| {
        let value = &r["Value"];
        json!([
            shown(r["Text"].as_str().unwrap_or_default()),
            value["Timex"],
            value["PastResolution"][key],
            value["FutureResolution"][key]
        ])
    });
    let show = |moment: jiff::civil::DateTime| match kind {
        TimeKind::Date => moment.strftime("%Y-%m-%d").to_string(),
        _ => moment.strftime("%H:%M:%S").to_string(),
    };
    let got = recognize::times(text, &reference(case))
        .into_iter()
        .filter(|t| t.kind == kind)
        .map(|t| {
            let past = t.readings.first().and_then(|r| r.start).map(show);
            let future = match kind {
                TimeKind::Date => t.readings.last().and_then(|r| r.start).map(show),
                _ => past.clone(),
            };
            json!([shown(&text[t.span.clone()]), t.timex, past, future])
        })
        .collect();
    (expect, got)
}

fn dates(case: &Json) -> (Vec<Json>, Vec<Json>) {
    parsed(case, TimeKind::Date, "date")
}

fn clocks(case: &Json) -> (Vec<Json>, Vec<Json>) {
    parsed(case, TimeKind::Time, "time")
}

fn durations(case: &Json) -> (Vec<Json>, Vec<Json>) {
    let text = input(case);
    let expect = expected(case, |r| {
        let value = &r["Value"];
        json!([
            shown(r["Text"].as_str().unwrap_or_default()),
            value["Timex"],
            value["FutureResolution"]["duration"]
        ])
    });
    let got = recognize::durations(text)
        .into_iter()
        .map(|(range, d)| json!([shown(&text[range]), d.timex(), d.seconds().to_string()]))
        .collect();
    (expect, got)
}
