//! A report as one page that needs nothing else: no script, no other file, no network.

use minijinja::{Environment, context};

use super::metrics::{Bin, RiskPoint};
use super::report::Report;

const TEMPLATE: &str = include_str!("page.html");
/// Width and height of a plot's area.
const SIDE: f64 = 260.0;
/// The risk axis ends here: beyond it nobody wants to be.
const MOST_RISK: f64 = 0.2;

/// Renders a report.
///
/// # Errors
///
/// Never for the template that is built in, short of a mistake in it.
pub fn page(report: &Report) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_filter("percent", |x: f64| format!("{:.1} %", 100.0 * x));
    // `.html` turns on the escaping of what stands in messages.
    environment.add_template("page.html", TEMPLATE)?;
    let ratios = |shares: &std::collections::BTreeMap<
        crate::catalog::Language,
        super::report::Share,
    >| {
        shares
            .iter()
            .map(|(language, s)| context! { language => language.code(), part => s.part, whole => s.whole, ratio => s.ratio() })
            .collect::<Vec<_>>()
    };
    let slots: Vec<_> = report
        .slots
        .iter()
        .map(|(language, s)| {
            context! {
                language => language.code(),
                f1 => s.counts.f1(),
                precision => s.counts.precision(),
                recall => s.counts.recall(),
                all_right => s.all_right.ratio(),
            }
        })
        .collect();
    let mut intents: Vec<_> = report
        .intents
        .iter()
        .map(|i| (i.counts.f1(), i.counts.support(), i.intent.clone()))
        .collect();
    intents.sort_by(|a, b| a.0.total_cmp(&b.0));
    let parameters: Vec<_> = report
        .parameters
        .iter()
        .map(|(name, c)| context! { name => name.clone(), f1 => c.f1(), support => c.support(), wrong => c.wrong, missed => c.missed })
        .collect();
    let mistakes: Vec<_> =
        report.messages.iter().filter(|m| !m.intent_right || !m.slots_right).collect();
    environment.get_template("page.html")?.render(context! {
        report => minijinja::Value::from(minijinja::value::Serde(report)),
        requests => ratios(&report.requests),
        talk => ratios(&report.talk),
        slots,
        gate => gate(report),
        intents,
        parameters,
        mistakes => minijinja::Value::from(minijinja::value::Serde(&mistakes)),
        matrix => matrix(report),
        reliability => reliability_bars(&report.calibration.bins),
        curve => curve(&report.risk_coverage),
        side => SIDE,
        most_risk => MOST_RISK,
    })
}

fn gate(report: &Report) -> Vec<(&'static str, f64, usize)> {
    let shares = report.gate.shares();
    shares.map(|(name, share)| (name, share.ratio(), share.whole)).collect()
}

/// The confusion matrix over the intents that take part in a confusion: names, and rows of
/// (count, how dark).
fn matrix(report: &Report) -> minijinja::Value {
    let mut names: Vec<&str> =
        report.confusions.iter().flat_map(|c| [c.expected.as_str(), c.got.as_str()]).collect();
    names.sort_unstable();
    names.dedup();
    let right =
        |name: &str| report.intents.iter().find(|i| i.intent == name).map_or(0, |i| i.counts.right);
    let rows: Vec<_> = names
        .iter()
        .map(|expected| {
            let cells: Vec<usize> = names
                .iter()
                .map(|got| match expected == got {
                    true => right(expected),
                    false => report
                        .confusions
                        .iter()
                        .filter(|c| c.expected == *expected && c.got == *got)
                        .map(|c| c.count)
                        .sum(),
                })
                .collect();
            context! { name => (*expected).to_owned(), cells }
        })
        .collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    context! { names, rows }
}

/// Bars from the left: position, height of the accuracy, where the confidence is, the count.
fn reliability_bars(bins: &[Bin]) -> Vec<minijinja::Value> {
    bins.iter()
        .map(|bin| {
            context! {
                x => bin.confidence * SIDE,
                y => SIDE - bin.accuracy * SIDE,
                height => bin.accuracy * SIDE,
                count => bin.count,
                title => format!("says {:.2}, is {:.2} ({} messages)", bin.confidence, bin.accuracy, bin.count),
            }
        })
        .collect()
}

/// The points of a polyline: coverage to the right, risk upwards.
fn curve(points: &[RiskPoint]) -> String {
    let point = |p: &RiskPoint| {
        let y = SIDE - (p.risk / MOST_RISK).min(1.0) * SIDE;
        format!("{:.1},{y:.1}", p.coverage * SIDE)
    };
    points.iter().map(point).collect::<Vec<_>>().join(" ")
}
