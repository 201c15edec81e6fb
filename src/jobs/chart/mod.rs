//! Charts of a run: PNG for chats, a line of text for terminals.
//!
//! A chart is drawn only where there is data for it. Labels are Latin text in a font that comes
//! with the program: charts look the same everywhere, and what can't be written in it is left to
//! the caption, which the bot writes.

mod canvas;
mod sparkline;

use std::time::Duration;

use plotters::coord::Shift;
use plotters::prelude::*;

use self::canvas::{Figure, INK, PALE, draw, font, latin};
use crate::jobs::{ExecutionState, Report, Sample};

pub use self::canvas::ChartError;
pub use self::sparkline::sparkline;

type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

const GOOD: RGBColor = RGBColor(0x1b, 0x7f, 0x4b);
const BAD: RGBColor = RGBColor(0xc0, 0x39, 0x2b);
const CPU: RGBColor = RGBColor(0x1f, 0x6f, 0xb2);
const MEMORY: RGBColor = RGBColor(0xd9, 0x7b, 0x16);

/// The line at the usual duration.
const DASHES: u32 = 48;

/// Bars of the chart of errors.
const MOST_ERRORS: usize = 6;

/// How long the last runs took, and this one: bars in the colour of their end, with a line at the
/// usual duration. `None` for less than two runs.
pub fn duration_trend(report: &Report, title: &str) -> Result<Option<Vec<u8>>, ChartError> {
    if report.trend.len() < 2 {
        return Ok(None);
    }
    let longest = report.trend.iter().map(|run| run.duration.as_secs_f64()).fold(0.0, f64::max);
    let (unit, name) = time_unit(longest);
    let top = (longest / unit).max(0.1) * 1.15;
    let title = format!("{} - duration ({name})", heading(title, report));
    draw(&title, Figure::Trend, |area| {
        let count = report.trend.len() as f64;
        // Each bar stands around a whole number, where its label is.
        let mut chart = axes(area, -0.5..count - 0.5, 0.0..top)?;
        let number = |at: &f64| {
            let is_whole = at.fract().abs() < 0.01 && *at >= 0.0;
            let run = report.trend.get(*at as usize).filter(|_| is_whole);
            run.map_or_else(String::new, |run| format!("#{}", run.number))
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(report.trend.len().min(6))
            .x_label_formatter(&number)
            .y_label_formatter(&|value| short(*value))
            .label_style(font(22))
            .light_line_style(TRANSPARENT)
            .bold_line_style(PALE)
            .axis_style(INK)
            .draw()?;
        chart.draw_series(report.trend.iter().enumerate().map(|(place, run)| {
            let place = place as f64;
            let colour = if run.state == ExecutionState::Succeeded { GOOD } else { BAD };
            let height = run.duration.as_secs_f64() / unit;
            // The run in question stands out.
            let this = run.number == report.execution.number;
            let style = if this { colour.filled() } else { colour.mix(0.55).filled() };
            Rectangle::new([(place - 0.38, 0.0), (place + 0.38, height)], style)
        }))?;
        if let Some(usual) = report.usual {
            let level = usual.median.as_secs_f64() / unit;
            chart.draw_series((0..DASHES).map(|dash| {
                let at = |dash: f64| (dash / f64::from(DASHES) * count - 0.5, level);
                let begin = f64::from(dash);
                PathElement::new([at(begin), at(begin + 0.6)], INK.stroke_width(2))
            }))?;
            let label = format!("usual {}", short(level));
            chart.draw_series([Text::new(label, (-0.4, level + top * 0.06), font(20))])?;
        }
        Ok(())
    })
    .map(Some)
}

/// Processor use and memory over the time of the run, one above the other. `None` for less than
/// three samples.
pub fn resource_use(report: &Report, title: &str) -> Result<Option<Vec<u8>>, ChartError> {
    let samples = &report.samples;
    let (Some(last), 3..) = (samples.last(), samples.len()) else { return Ok(None) };
    let end = last.at.max(0.1);
    let cpu = cpu_percent(samples);
    let top_cpu = cpu.iter().map(|(_, percent)| *percent).fold(1.0, f64::max) * 1.15;
    let most_memory = samples.iter().map(|sample| sample.memory).max().unwrap_or_default() as f64;
    let (size, size_name) = size_unit(most_memory);
    let top_memory = (most_memory / size).max(0.1) * 1.15;
    // The last sample is taken when the run has ended, and holds no memory any more.
    let memory: Vec<(f64, f64)> = samples
        .iter()
        .filter(|sample| sample.memory > 0)
        .map(|sample| (sample.at, sample.memory as f64 / size))
        .collect();
    draw(&heading(title, report), Figure::Pair, |area| {
        let halves = area.split_evenly((2, 1));
        curve(&halves[0], "CPU (%, 100 = one core)", CPU, end, top_cpu, cpu)?;
        curve(&halves[1], &format!("memory ({size_name})"), MEMORY, end, top_memory, memory)
    })
    .map(Some)
}

/// How often each kind of error came up. `None` where there was none, or just one kind once.
pub fn errors(report: &Report, title: &str) -> Result<Option<Vec<u8>>, ChartError> {
    let groups = &report.errors[..report.errors.len().min(MOST_ERRORS)];
    let most = groups.iter().map(|group| group.count).max().unwrap_or_default();
    if groups.len() < 2 && most < 2 {
        return Ok(None);
    }
    let rows = groups.len() as f64;
    draw(&format!("{} - errors", heading(title, report)), Figure::Bars(groups.len()), |area| {
        let top = most as f64 * 1.12;
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .x_label_area_size(0)
            .y_label_area_size(0)
            .build_cartesian_2d(0.0..top, 0.0..rows)?;
        for (place, group) in groups.iter().enumerate() {
            let base = rows - place as f64;
            let bar = [(0.0, base - 0.85), (group.count as f64, base - 0.45)];
            chart.draw_series([Rectangle::new(bar, BAD.mix(0.75).filled())])?;
            let text = latin(&group.example, 62).unwrap_or_else(|| format!("kind {}", place + 1));
            let label = format!("{} x  {text}", group.count);
            chart.draw_series([Text::new(label, (0.0, base - 0.08), font(21))])?;
        }
        Ok(())
    })
    .map(Some)
}

fn axes<'a, 'b>(
    area: &'b Area<'a>,
    x: std::ops::Range<f64>,
    y: std::ops::Range<f64>,
) -> Result<
    ChartContext<
        'b,
        BitMapBackend<'a>,
        Cartesian2d<plotters::coord::types::RangedCoordf64, plotters::coord::types::RangedCoordf64>,
    >,
    ChartError,
> {
    Ok(ChartBuilder::on(area)
        .margin(16)
        .x_label_area_size(38)
        .y_label_area_size(74)
        .build_cartesian_2d(x, y)?)
}

fn curve(
    area: &Area<'_>,
    label: &str,
    colour: RGBColor,
    end: f64,
    top: f64,
    points: Vec<(f64, f64)>,
) -> Result<(), ChartError> {
    let (unit, name) = time_unit(end);
    let area = area.titled(label, font(22).into_font().color(&INK))?;
    let mut chart = axes(&area, 0.0..end / unit, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(6)
        .y_labels(4)
        .x_label_formatter(&|at| format!("{} {name}", short(*at)))
        .y_label_formatter(&|value| short(*value))
        .label_style(font(20))
        .light_line_style(TRANSPARENT)
        .bold_line_style(PALE)
        .axis_style(INK)
        .draw()?;
    let points: Vec<(f64, f64)> = points.into_iter().map(|(at, y)| (at / unit, y)).collect();
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        let ground = [(last.0, 0.0), (first.0, 0.0)];
        let area: Vec<(f64, f64)> = points.iter().copied().chain(ground).collect();
        chart.draw_series([Polygon::new(area, colour.mix(0.2))])?;
    }
    chart.draw_series(LineSeries::new(points, colour.stroke_width(3)))?;
    Ok(())
}

/// Processor time between two samples, in percent of one core.
fn cpu_percent(samples: &[Sample]) -> Vec<(f64, f64)> {
    samples
        .windows(2)
        .filter(|pair| pair[1].at - pair[0].at > 0.05)
        .map(|pair| {
            // A process that ended before it was waited for takes its time with it.
            let used = (pair[1].cpu_seconds - pair[0].cpu_seconds).max(0.0);
            (pair[1].at, used / (pair[1].at - pair[0].at) * 100.0)
        })
        .collect()
}

/// The job's name where the font has it, else its template's id; and the number.
fn heading(title: &str, report: &Report) -> String {
    let name = latin(title, 40).unwrap_or_else(|| report.execution.template.to_string());
    format!("{name} #{}", report.execution.number)
}

fn time_unit(seconds: f64) -> (f64, &'static str) {
    match Duration::from_secs_f64(seconds.clamp(0.0, 1e12)).as_secs() {
        0..300 => (1.0, "s"),
        300..10_800 => (60.0, "min"),
        _ => (3600.0, "h"),
    }
}

fn size_unit(bytes: f64) -> (f64, &'static str) {
    const MEBI: f64 = 1024.0 * 1024.0;
    if bytes < MEBI {
        (1024.0, "KiB")
    } else if bytes < 1024.0 * MEBI {
        (MEBI, "MiB")
    } else {
        (1024.0 * MEBI, "GiB")
    }
}

/// A number of three digits or so.
fn short(value: f64) -> String {
    if value == 0.0 || value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 || value.fract().abs() < 1e-9 {
        let text = format!("{value:.1}");
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests;
