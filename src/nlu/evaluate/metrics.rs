//! Figures: how often, how well, how surely. Pure arithmetic over outcomes.

use serde::{Deserialize, Serialize};

/// Hits, false alarms and misses of one class, or of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    pub right: usize,
    pub wrong: usize,
    pub missed: usize,
}

impl Counts {
    pub fn precision(self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    pub fn recall(self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }

    /// The harmonic mean of precision and recall.
    pub fn f1(self) -> f64 {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    /// How often the class was to be found.
    pub fn support(self) -> usize {
        self.right + self.missed
    }
}

/// A share; of nothing it is 1, since nothing was got wrong.
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// A prediction's confidence, and whether it was right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    pub confidence: f64,
    pub right: bool,
}

/// One bar of the reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    pub count: usize,
    /// The mean confidence in the bin, and the share that was right.
    pub confidence: f64,
    pub accuracy: f64,
}

/// The reliability diagram in `bins` bins of equal width; empty bins are left out.
pub fn reliability(judged: &[Judged], bins: usize) -> Vec<Bin> {
    let mut sums = vec![(0usize, 0.0, 0usize); bins];
    for j in judged {
        let bin = ((j.confidence * bins as f64) as usize).min(bins - 1);
        sums[bin].0 += 1;
        sums[bin].1 += j.confidence;
        sums[bin].2 += usize::from(j.right);
    }
    sums.into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, confidence, right)| Bin {
            count,
            confidence: confidence / count as f64,
            accuracy: ratio(right, count),
        })
        .collect()
}

/// The expected calibration error: the mean distance between confidence and accuracy over the
/// bins, weighed by their counts (Guo et al. 2017, equation 3).
pub fn calibration_error(bins: &[Bin]) -> f64 {
    let total: usize = bins.iter().map(|b| b.count).sum();
    bins.iter()
        .map(|b| (b.confidence - b.accuracy).abs() * b.count as f64 / total.max(1) as f64)
        .sum()
}

/// A point of the risk-coverage curve: with this bound on confidence, this share is answered,
/// and this share of the answers is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RiskPoint {
    pub bound: f64,
    pub coverage: f64,
    pub risk: f64,
}

/// The risk-coverage curve, from the surest prediction to all of them.
pub fn risk_coverage(judged: &[Judged]) -> Vec<RiskPoint> {
    let mut sorted = judged.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut wrong = 0;
    let mut points: Vec<RiskPoint> = Vec::new();
    for (i, j) in sorted.iter().enumerate() {
        wrong += usize::from(!j.right);
        let point = RiskPoint {
            bound: j.confidence,
            coverage: ratio(i + 1, sorted.len()),
            risk: ratio(wrong, i + 1),
        };
        match points.last_mut() {
            // Equal confidences are answered together or not at all.
            Some(last) if last.bound == point.bound => *last = point,
            _ => points.push(point),
        }
    }
    points
}

/// The value below which the given share of the sorted values lies (nearest rank).
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(of: &[(f64, bool)]) -> Vec<Judged> {
        of.iter().map(|&(confidence, right)| Judged { confidence, right }).collect()
    }

    #[test]
    fn precision_recall_and_f1() {
        let counts = Counts { right: 6, wrong: 2, missed: 4 };
        assert_eq!((counts.precision(), counts.recall()), (0.75, 0.6));
        assert!((counts.f1() - 2.0 * 0.75 * 0.6 / 1.35).abs() < 1e-12);
        assert_eq!(Counts::default().f1(), 1.0);
    }

    #[test]
    fn confidence_that_means_what_it_says_has_no_error() {
        let honest = judged(&[(0.75, true), (0.75, true), (0.75, true), (0.75, false)]);
        assert!(calibration_error(&reliability(&honest, 10)) < 1e-12);
        let boastful = judged(&[(1.0, true), (1.0, false)]);
        assert!((calibration_error(&reliability(&boastful, 10)) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn risk_grows_with_coverage_where_the_unsure_are_wrong() {
        let curve = risk_coverage(&judged(&[(0.5, false), (0.9, true), (0.7, true), (0.5, true)]));
        let points: Vec<_> = curve.iter().map(|p| (p.coverage, p.risk)).collect();
        assert_eq!(points, [(0.25, 0.0), (0.5, 0.0), (1.0, 0.25)]);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&values, 0.5), 2.0);
        assert_eq!(percentile(&values, 0.99), 4.0);
        assert_eq!(percentile(&[], 0.5), 0.0);
    }
}
