//! Messages that say too little: "push 3.1.0 to", "on web-21 tonight".
//!
//! Examples say plainly what they are for, messages do not always. From examples alone the gate
//! would learn that the likeliest job is nearly always right. Cut short, the same examples show
//! it what a message looks like that leaves open which job is meant.

use crate::nlu::text::Text;

/// The share of an example's units that its beginning keeps, and that a run from anywhere keeps.
const BEGINNING: f64 = 0.35;
const RUN: f64 = 0.65;
/// What is shorter than this, in units, says nothing at all.
const LEAST: usize = 2;

/// What is left of an example once it is cut short: its beginning, and a run of units that starts
/// at a place which `number` picks. None of that is the whole text.
pub fn cut(text: &str, number: usize) -> Vec<&str> {
    let units = Text::new(text).units;
    let run = |share: f64, place: usize| {
        let kept = ((units.len() as f64 * share).round() as usize).max(LEAST);
        let places = units.len().checked_sub(kept).filter(|places| *places > 0)? + 1;
        let first = place % places;
        Some(Text::new(text).slice(units[first].start, units[first + kept - 1].end))
    };
    [run(BEGINNING, 0), run(RUN, number)].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn examples_are_cut_between_units() {
        let check = |text: &str, number: usize, expected: &[&str]| {
            assert_eq!(cut(text, number), expected, "{text}");
        };
        check("push the new build to production now", 0, &["push the", "push the new build to"]);
        check(
            "push the new build to production now",
            2,
            &["push the", "new build to production now"],
        );
        check("重启网关服务", 1, &["重启", "启网关服"]);
        check("restart it", 0, &[]);
        check("restart", 0, &[]);
        check("", 5, &[]);
    }
}
