//! Tests of the room as a whole.

use super::*;

fn reference() -> Reference {
    // A literal date, valid.
    let now = "2025-03-12T15:00[Asia/Shanghai]".parse().expect("a valid time");
    Reference { now }
}

fn check(kind: ParameterType, text: &str, expect: &[(&str, &str)]) {
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
