//! Tests of the room as a whole, and what the tests of its files share.

use super::*;

pub(super) fn reference() -> Reference {
    // A literal date, valid.
    let now = "2025-03-12T15:00[Asia/Shanghai]".parse().expect("a valid time");
    Reference { now }
}

#[track_caller]
pub(super) fn check(kind: ParameterType, text: &str, expect: &[(&str, &str)]) {
    let found = find(text, kind, &reference());
    let got: Vec<(&str, String)> =
        found.iter().map(|f| (&text[f.start..f.end], f.values[0].to_string())).collect();
    let got: Vec<(&str, &str)> = got.iter().map(|(s, v)| (*s, v.as_str())).collect();
    assert_eq!(got, expect, "{kind:?} in {text:?}");
}

#[test]
fn finds_values_in_english_and_chinese() {
    use ParameterType as T;
    check(T::Integer, "scale to 12 replicas", &[("12", "12")]);
    check(T::Integer, "seventy thousand", &[("seventy thousand", "70000")]);
    check(T::Integer, "那就八百", &[("八百", "800")]);
    check(T::Integer, "1.5k", &[("1.5k", "1500")]);
    check(T::Integer, "两百", &[("两百", "200")]);
    check(T::Integer, "restart web-03 at 10.0.0.1", &[]);
    check(T::Duration, "half an hour", &[("half an hour", "30m")]);
    check(T::Duration, "一个半小时", &[("一个半小时", "1h30m")]);
    check(T::Duration, "40分钟，不用限定主机", &[("40分钟", "40m")]);
    check(T::Duration, "三刻钟", &[("三刻钟", "45m")]);
    check(T::Duration, "1h30m", &[("1h30m", "1h30m")]);
    check(
        T::Percent,
        "five percent or 百分之二十 or 5%",
        &[("five percent", "5%"), ("百分之二十", "20%"), ("5%", "5%")],
    );
    check(T::Size, "20GB, 512Mi 和 50M", &[("20GB", "20GB"), ("512Mi", "512Mi"), ("50M", "50M")]);
    check(
        T::Version,
        "deploy catalog-api v2.14.0-rc1 to web-03",
        &[("v2.14.0-rc1", "v2.14.0-rc1")],
    );
    check(T::Host, "drain web-03 and db-hz-01.", &[("web-03", "web-03"), ("db-hz-01", "db-hz-01")]);
    check(T::Host, "重启 web-01 到 web-05", &[("web-01 到 web-05", "web-[01-05]")]);
    check(
        T::Ip,
        "from 10.8.0.4 to 10.9.0.0/16",
        &[("10.8.0.4", "10.8.0.4"), ("10.9.0.0/16", "10.9.0.0/16")],
    );
    check(
        T::Url,
        "purge https://img.lantern.example/a/b.png, please",
        &[("https://img.lantern.example/a/b.png", "https://img.lantern.example/a/b.png")],
    );
    check(T::Path, "清理 es-sg-04 的 /data/es/tmp", &[("/data/es/tmp", "/data/es/tmp")]);
}

#[track_caller]
fn check_time(text: &str, expect: &[&str]) {
    let parameter = parameter(ParameterType::Datetime);
    let got = interpret(text, &parameter, &reference());
    let got: Vec<String> = got.into_iter().flatten().map(|v| v.to_string()).collect();
    assert_eq!(got, expect, "{text:?}");
}

/// What a text is worth to a parameter of a type: its readings, or the name of the problem.
#[track_caller]
pub(super) fn check_worth(kind: ParameterType, text: &str, expect: &str) {
    assert_eq!(worth(text, &parameter(kind)), expect, "{kind:?} {text:?}");
}

pub(super) fn worth(text: &str, parameter: &Parameter) -> String {
    match interpret(text, parameter, &reference()) {
        Ok(values) => values.iter().map(Value::to_argument).collect::<Vec<_>>().join(" | "),
        Err(error) => {
            let problem = serde_json::to_value(&error).unwrap_or_default();
            format!("! {}", problem["problem"].as_str().unwrap_or("?"))
        }
    }
}

/// A parameter of a type, without any further rule.
pub(super) fn parameter(kind: ParameterType) -> Parameter {
    Parameter {
        name: "value".to_owned(),
        kind,
        required: true,
        description: crate::catalog::Localized::default(),
        label: None,
        choices: Vec::new(),
        pattern: None,
        min: None,
        max: None,
        default: None,
        secret: false,
        suggest: None,
    }
}

#[test]
fn reads_moments_near_the_clock() {
    // It is Wednesday, 12 March 2025, 15:00.
    check_time("tonight at 11pm", &["2025-03-12T23:00"]);
    check_time("make it 11:30pm", &["2025-03-12T23:30"]);
    check_time("今晚十一点", &["2025-03-12T23:00"]);
    check_time("改到明早六点吧", &["2025-03-13T06:00"]);
    check_time("今天上午十点", &["2025-03-12T10:00"]);
    check_time("at 5", &["2025-03-12T17:00", "2025-03-13T05:00"]);
    check_time("5", &["2025-03-12T17:00", "2025-03-13T05:00"]);
    check_time("3am", &["2025-03-13T03:00"]);
    check_time("10:30", &["2025-03-13T10:30"]);
    check_time("02:00", &["2025-03-13T02:00"]);
    check_time("in 20 minutes", &["2025-03-12T15:20"]);
    check_time("10 minutes ago", &["2025-03-12T14:50"]);
    check_time("十分钟前", &["2025-03-12T14:50"]);
    check_time("next monday 9:00", &["2025-03-17T09:00", "2025-03-17T21:00"]);
    check_time("下周一上午九点", &["2025-03-17T09:00"]);
    check_time("tomorrow at 3pm", &["2025-03-13T15:00"]);
    check_time("今晚十点半", &["2025-03-12T22:30"]);
    check_time("凌晨两点", &["2025-03-13T02:00"]);
    check_time("月底前", &["2025-03-31T00:00"]);
    check_time("3月1日", &["2025-03-01T00:00"]);
    check_time("Dec 1", &["2024-12-01T00:00"]);
    check_time("2025-02-14 08:00", &["2025-02-14T08:00"]);
    check_time("2025-02-14T08:00", &["2025-02-14T08:00"]);
    check_time("03/04", &["2025-03-04T00:00", "2025-04-03T00:00"]);
    check_time("tonight at 2am", &["2025-03-13T02:00"]);
    check_time("今晚一点", &["2025-03-13T01:00"]);
    check_time("last night 23:00", &["2025-03-11T23:00"]);
    check_time("昨晚九点", &["2025-03-11T21:00"]);
    check_time("at 6 this morning", &["2025-03-12T06:00"]);
    check_time("now", &["2025-03-12T15:00"]);
    check_time("马上", &["2025-03-12T15:00"]);
    check_time("midnight", &["2025-03-13T00:00"]);
    check_time("noon", &["2025-03-13T12:00"]);
    check_time("明天中午", &["2025-03-13T12:00"]);
    check_time("last Monday", &["2025-03-03T00:00"]);
    check_time("上周日", &["2025-03-09T00:00"]);
    check_time("季度初", &["2025-01-01T00:00"]);
    check_time("Sunday 04:00", &["2025-03-16T04:00"]);
    check_time("周日凌晨四点", &["2025-03-16T04:00"]);
    check_time("周一九点一刻", &["2025-03-17T09:15", "2025-03-17T21:15"]);
    check_time("今晚23:30", &["2025-03-12T23:30"]);
    check_time("at 3:30 tomorrow morning", &["2025-03-13T03:30"]);
    check_time("by friday", &["2025-03-14T00:00"]);
    check_time("12号", &["2025-03-12T00:00"]);
    check_time("月初", &["2025-03-01T00:00"]);
    // Dates of the lunar calendar are not taken for dates of the solar one.
    check_time("农历十月初一", &[]);
    check_time("quickly", &[]);
}

#[test]
fn an_end_lies_behind_its_start() {
    let start = Value::from("2025-03-12T10:00");
    let got =
        interpret_near("十点半", &parameter(ParameterType::Datetime), &reference(), Some(&start));
    assert_eq!(got, Ok(vec![Value::from("2025-03-12T10:30")]));
}

#[track_caller]
fn check_pair(text: &str, from: &str, to: &str) {
    let pairs = range::find(text, &reference());
    let got: Vec<_> =
        pairs.iter().map(|p| (p.readings[0].0.to_string(), p.readings[0].1.to_string())).collect();
    assert_eq!(got, [(from.to_owned(), to.to_owned())], "{text:?} {pairs:?}");
}

#[test]
fn reads_ranges_as_pairs() {
    check_pair("from 2 to 4pm", "2025-03-12T14:00", "2025-03-12T16:00");
    check_pair("三点到五点", "2025-03-12T15:00", "2025-03-12T17:00");
    check_pair("上周一到上周日", "2025-03-03T00:00", "2025-03-09T00:00");
    check_pair("上周一到周日", "2025-03-03T00:00", "2025-03-09T00:00");
    check_pair("退款，3月1日到3月7日，excel 格式", "2025-03-01T00:00", "2025-03-07T00:00");
    check_pair("last month", "2025-02-01T00:00", "2025-02-28T00:00");
    check_pair("yesterday 18:00 to 20:00", "2025-03-11T18:00", "2025-03-11T20:00");
    check_pair("昨天18:00到20:00", "2025-03-11T18:00", "2025-03-11T20:00");
}

#[track_caller]
fn check_cron(text: &str, expect: &[&str]) {
    let found = recurring::find(text, &reference());
    let got: Vec<String> = found.iter().flat_map(|f| &f.values).map(|v| v.to_string()).collect();
    assert_eq!(got, expect, "{text:?}");
}

#[test]
fn reads_rhythms_as_cron() {
    check_cron("every weekday at 2am", &["0 2 * * 1-5"]);
    check_cron("每天凌晨三点", &["0 3 * * *"]);
    check_cron("daily at 23:30", &["30 23 * * *"]);
    check_cron("every monday and thursday at 9:15am", &["15 9 * * 1,4"]);
    check_cron("every 15 minutes", &["*/15 * * * *"]);
    check_cron("每5分钟", &["*/5 * * * *"]);
    check_cron("每周一三五早上八点", &["0 8 * * 1,3,5"]);
    check_cron("每月1号凌晨两点", &["0 2 1 * *"]);
    check_cron("工作日早上九点半", &["30 9 * * 1-5"]);
    check_cron("每晚十点", &["0 22 * * *"]);
    check_cron("every month on the 1st at noon", &["0 12 1 * *"]);
    check_cron("hourly", &["0 * * * *"]);
    check_cron("every 90 minutes", &[]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Texts made of the pieces that the recognisers look at, so that odd mixtures come up.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "from",
            "to",
            "between",
            "and",
            "next",
            "last",
            "monday",
            "friday",
            "may",
            "march",
            "5",
            "12",
            "31",
            "2025",
            "99999999999",
            "1.5",
            "3/4",
            ":",
            "30",
            "am",
            "pm",
            "p.m.",
            "at",
            "in",
            "minutes",
            "weeks",
            "ago",
            "half",
            "past",
            "a",
            "the",
            "second",
            "every",
            "day",
            "days",
            "of",
            "month",
            "week",
            "quarter",
            "q1",
            "percent",
            "%",
            "k",
            "gb",
            "-",
            "/",
            ".",
            ",",
            "~",
            "[",
            "]",
            "web-01",
            "v2.1",
            "10.0.0.1",
            "::1",
            "https://a.b/c",
            "三",
            "十",
            "百",
            "万",
            "亿",
            "点",
            "半",
            "分",
            "之",
            "一",
            "二",
            "零",
            "今",
            "明",
            "天",
            "晚",
            "早",
            "上",
            "下",
            "周",
            "月",
            "号",
            "日",
            "年",
            "季度",
            "从",
            "到",
            "每",
            "前",
            "后",
            "个",
            "小时",
            "分钟",
            "负",
            "成",
            "折",
            "刻",
            "钟",
            "底",
            "初",
            "，",
            "、",
            "。",
            "８",
            "：",
            "’",
            "é",
            "👌",
            "\u{200b}",
            "\u{301}",
            " ",
            "  ",
            "\n",
            "\t",
        ]);
        let mixed = prop::collection::vec(piece, 0..14).prop_flat_map(|pieces| {
            prop::sample::select(vec!["", " "]).prop_map(move |glue| pieces.join(glue))
        });
        prop_oneof![4 => mixed, 1 => any::<String>()]
    }

    fn kinds() -> impl Strategy<Value = ParameterType> {
        prop::sample::select(ParameterType::ALL.to_vec())
    }

    /// The ends of a range of times may owe their meaning to each other, and a word of a longer
    /// text may be no value by itself: these types are left out.
    fn shaped_kinds() -> impl Strategy<Value = ParameterType> {
        use ParameterType as T;
        let open = [T::Datetime, T::Boolean, T::List, T::String];
        let shaped = ParameterType::ALL.iter().copied().filter(move |kind| !open.contains(kind));
        prop::sample::select(shaped.collect::<Vec<_>>())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn found_spans_are_characters_in_order(text in texts(), kind in kinds()) {
            let mut last = 0;
            for found in find(&text, kind, &reference()) {
                prop_assert!(text.is_char_boundary(found.start) && text.is_char_boundary(found.end));
                prop_assert!(last <= found.start && found.start < found.end, "{text:?} {found:?}");
                prop_assert!(!found.values.is_empty());
                last = found.end;
            }
            let _ = (range::find(&text, &reference()), recurring::find(&text, &reference()));
            let _ = (ordinal(&text), secret::looks_secret(&text), recognize::times(&text, &reference()));
        }

        #[test]
        fn what_is_understood_stays_what_it_is(text in texts(), kind in kinds()) {
            let parameter = parameter(kind);
            let Ok(values) = interpret(&text, &parameter, &reference()) else { return Ok(()) };
            prop_assert!(!values.is_empty());
            for value in values {
                prop_assert_eq!(super::super::check(&value, &parameter), Ok(()), "{:?} as {:?} of {:?}", value, kind, text);
                let shown = value.to_string();
                let again = interpret(&shown, &parameter, &reference());
                prop_assert_eq!(again, Ok(vec![value]), "{:?} of {:?}", kind, text);
            }
        }

        #[test]
        fn a_found_span_is_worth_what_was_found(text in texts(), kind in shaped_kinds()) {
            let parameter = parameter(kind);
            for found in find(&text, kind, &reference()) {
                let surface = &text[found.start..found.end];
                match interpret(surface, &parameter, &reference()) {
                    Ok(values) => prop_assert_eq!(values, found.values, "{:?} in {:?}", surface, text),
                    Err(ValueError::WrongType { .. }) => prop_assert!(false, "{surface:?} in {text:?}"),
                    Err(_) => {}
                }
            }
        }
    }
}
