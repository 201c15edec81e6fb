//! A report as text, for a terminal.

use std::cmp::Reverse;
use std::fmt::{self, Display, Formatter};

use super::report::{Confusion, Latency, Report};

/// Confusions, and parameters, that are named.
const NAMED: usize = 12;
/// Slow messages that are shown.
const SLOW: usize = 3;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "measured on {}\n", self.source)?;
        intents(self, f)?;
        slots(self, f)?;
        for (name, share) in self.gate.shares() {
            writeln!(f, "{name:<34}{share}")?;
        }
        writeln!(f, "{:<34}{:5.3}", "expected calibration error", self.calibration.error)?;
        latency(&self.latency, f)?;
        confusions(self, f)?;
        mistakes(self, f)
    }
}

fn intents(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    for (name, shares) in [("requests", &report.requests), ("commands and acts", &report.talk)] {
        for (language, share) in shares {
            writeln!(f, "{:<34}{share}", format!("intent of {name}, {language}"))?;
        }
    }
    Ok(())
}

fn slots(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    for (language, slots) in &report.slots {
        let c = slots.counts;
        writeln!(
            f,
            "{:<34}{:5.3}  (precision {:.3}, recall {:.3})",
            format!("slot F1, {language}"),
            c.f1(),
            c.precision(),
            c.recall()
        )?;
        writeln!(f, "{:<34}{}", format!("all parameters right, {language}"), slots.all_right)?;
    }
    if report.slots.len() > 1 {
        let all = report.all_slots();
        writeln!(f, "{:<34}{:5.3}", "slot F1", all.counts.f1())?;
        writeln!(f, "{:<34}{}", "all parameters right", all.all_right)?;
    }
    Ok(())
}

fn latency(latency: &Latency, f: &mut Formatter<'_>) -> fmt::Result {
    let Latency { p50, p99, slowest } = latency;
    if *p99 > 0.0 {
        writeln!(f, "{:<34}p50 {p50:.1} ms, p99 {p99:.1} ms", "latency")?;
        for (text, ms) in slowest.iter().take(SLOW) {
            writeln!(f, "    {ms:6.1} ms  {text}")?;
        }
    }
    Ok(())
}

fn confusions(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    if !report.confusions.is_empty() {
        writeln!(f, "\nmost confused intents")?;
        for Confusion { expected, got, count } in report.confusions.iter().take(NAMED) {
            writeln!(f, "    {count:4}  {expected} taken for {got}")?;
        }
    }
    Ok(())
}

fn mistakes(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let mistaken = report.parameters.iter().filter(|(_, c)| c.wrong + c.missed > 0);
    let mut worst: Vec<_> = mistaken.collect();
    worst.sort_by_key(|(_, c)| Reverse(c.wrong + c.missed));
    if !worst.is_empty() {
        writeln!(f, "\nparameters with the most mistakes")?;
        for (name, c) in worst.into_iter().take(NAMED) {
            let (count, f1, all) = (c.wrong + c.missed, c.f1(), c.support());
            writeln!(f, "    {count:4}  {name} (F1 {f1:.2} of {all})")?;
        }
    }
    Ok(())
}
