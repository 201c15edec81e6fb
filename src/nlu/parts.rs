//! Messages that name two jobs: "restart the shop, then purge the cdn".
//!
//! The token states of the one forward pass are averaged over what stands before and after each
//! place where the message could be parted. Only where both sides look like different jobs are
//! they understood for themselves; the message has two parts where the gate accepts both.

use crate::nlu::encoder::{Encoded, Gist};
use crate::nlu::text::Text;

/// Fewer words on one side than this ask for nothing.
const FEWEST_UNITS: usize = 2;
/// Each side must be at least this likely a job, by its token states, to be worth a closer look.
const LIKELY: f32 = 0.5;

/// Where a message might be parted, in characters, the most promising place first: where the
/// less likely one of two different jobs is likeliest. `best_job` says which job a gist
/// is most likely to ask for, and how likely that is; `None` where something else is
/// likelier.
pub fn places(
    text: &Text,
    encoded: &Encoded,
    best_job: impl Fn(&Gist) -> Option<(usize, f32)>,
) -> Vec<usize> {
    let units = &text.units;
    let mut places: Vec<(usize, f32)> = Vec::new();
    let last = units.len().saturating_sub(FEWEST_UNITS - 1);
    for unit in units.get(FEWEST_UNITS..last).unwrap_or_default() {
        let place = unit.start;
        let sides = [encoded.gist_of(0, place), encoded.gist_of(place, text.len())];
        let [Some(left), Some(right)] = sides else { continue };
        let (Some(left), Some(right)) = (best_job(&left), best_job(&right)) else { continue };
        let likely = left.1.min(right.1);
        if left.0 != right.0 && likely >= LIKELY {
            places.push((place, likely));
        }
    }
    places.sort_by(|a, b| b.1.total_cmp(&a.1));
    places.into_iter().map(|(place, _)| place).collect()
}
