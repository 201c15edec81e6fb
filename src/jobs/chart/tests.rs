//! What can be held of pictures: that there are some where there is data, and only there, and
//! that they are pictures. `STEWARD_CHARTS=DIR` leaves them there, to be looked at.

use jiff::Timestamp;

use super::*;
use crate::catalog::Values;
use crate::channels::Address;
use crate::jobs::Execution;
use crate::jobs::platform::IdempotencyKey;
use crate::jobs::report::{ErrorGroup, Ran, Usual};
use crate::plan::PlanHash;

fn report() -> Report {
    let execution = Execution {
        number: 1042,
        key: IdempotencyKey::derive(&["chart"]),
        template: "deploy_app".into(),
        values: Values::new(),
        plan: PlanHash("0".repeat(64)),
        requester: "ann".into(),
        origin: Address { channel: "terminal".into(), chat: "here".into(), thread: None },
        platform: "local".into(),
        reference: None,
        state: ExecutionState::Failed,
        history: Vec::new(),
        progress: None,
        outcome: None,
        metrics: Vec::new(),
        failed_targets: Vec::new(),
        again: None,
        schedule: None,
        end_wanted: false,
    };
    Report {
        execution,
        duration: None,
        usual: None,
        success: None,
        trend: Vec::new(),
        samples: Vec::new(),
        errors: Vec::new(),
        causes: Vec::new(),
        tail: Vec::new(),
        recovery: Vec::new(),
    }
}

fn ran(number: u64, seconds: f64, state: ExecutionState) -> Ran {
    Ran { number, at: Timestamp::UNIX_EPOCH, duration: Duration::from_secs_f64(seconds), state }
}

fn check(name: &str, picture: Result<Option<Vec<u8>>, ChartError>) {
    let png = picture.expect("no error").expect("a picture");
    if let Some(folder) = std::env::var_os("STEWARD_CHARTS") {
        std::fs::write(std::path::Path::new(&folder).join(name), &png).expect("written");
    }
    let mut reader = png::Decoder::new(&png[..]).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size()];
    reader.next_frame(&mut pixels).expect("pixels");
    let drawn = pixels.iter().filter(|channel| **channel < 0xd0).count();
    assert!(drawn > 5_000, "{name} is nearly empty: {drawn}");
    assert!(png.len() < 100_000, "{name} has {} bytes", png.len());
}

#[test]
fn the_trend_shows_every_run_and_the_usual_duration() {
    use ExecutionState::{Failed, Succeeded, TimedOut};
    let mut report = report();
    assert!(duration_trend(&report, "Deploy").expect("no error").is_none());
    for number in 1022..1042 {
        let state = match number {
            1025 => Failed,
            1033 => TimedOut,
            _ => Succeeded,
        };
        report.trend.push(ran(number, 40.0 + (number % 7) as f64, state));
    }
    report.trend.push(ran(1042, 61.5, Failed));
    report.usual =
        Some(Usual { median: Duration::from_secs(45), of: 18, slower_percent: Some(37) });
    check("trend.png", duration_trend(&report, "Deploy an application"));
    report.trend.drain(..19);
    check("trend-two.png", duration_trend(&report, "部署应用"));
    report.trend = vec![ran(1, 0.0, Succeeded), ran(2, 0.0, Succeeded)];
    assert!(duration_trend(&report, "Deploy").is_ok());
}

#[test]
fn resource_use_is_drawn_over_time() {
    let mut report = report();
    assert!(resource_use(&report, "Deploy").expect("no error").is_none());
    report.samples = (0..120_u64)
        .map(|second| Sample {
            at: second as f64,
            cpu_seconds: second as f64 * 0.6 + (second as f64 / 9.0).sin() * 2.0 + 2.0,
            memory: if second == 119 { 0 } else { (80 + second * 2 + second % 13) << 20 },
            read: 0,
            written: 0,
        })
        .collect();
    check("resources.png", resource_use(&report, "Deploy an application"));
}

#[test]
fn errors_are_counted() {
    let mut report = report();
    let group = |example: &str, count| ErrorGroup { example: example.into(), count };
    report.errors = vec![group("alone", 1)];
    assert!(errors(&report, "Deploy").expect("no error").is_none());
    report.errors = vec![
        group(
            "connect to 10.0.0.1:8080: connection refused by the peer after three attempts, giving up",
            17,
        ),
        group("磁盘空间不足", 5),
        group("ERROR web-03: no space left on device", 2),
    ];
    check("errors.png", errors(&report, "Deploy an application"));
}

#[test]
fn labels_are_short_and_writable() {
    assert_eq!(latin("部署", 10), None);
    assert_eq!(latin("Überprüfung", 4).as_deref(), Some("Über…"));
    assert_eq!(
        [short(0.0), short(5.0), short(12.34), short(12.0), short(1234.5), short(0.25)],
        ["0", "5", "12.3", "12", "1234", "0.25"]
    );
}
