//! A chart in one line of text.

/// The values as a line of blocks, the highest full: `▂▃▁█`. The lowest is scaled from zero, so
/// that small differences look small. More than `width` values are put together, by the highest
/// of each part. Empty without values.
pub fn sparkline(values: &[f64], width: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let values: Vec<f64> =
        values.iter().map(|value| if value.is_finite() { value.max(0.0) } else { 0.0 }).collect();
    let width = width.max(1).min(values.len());
    let highest = values.iter().copied().fold(0.0, f64::max);
    (0..width)
        .map(|column| {
            let part = &values[column * values.len() / width..(column + 1) * values.len() / width];
            let value = part.iter().copied().fold(0.0, f64::max);
            let share = if highest > 0.0 { value / highest } else { 0.0 };
            BLOCKS[((share * 7.0).round() as usize).min(7)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_blocks() {
        let check = |values: &[f64], width, expected| {
            assert_eq!(sparkline(values, width), expected, "{values:?} {width}");
        };
        check(&[], 10, "");
        check(&[0.0, 0.0], 10, "▁▁");
        check(&[1.0, 4.0, 7.0], 10, "▂▅█");
        check(&[1.0, 7.0, 0.0, 3.5], 2, "█▅");
        check(&[f64::NAN, -1.0, 1.0], 3, "▁▁█");
    }
}
