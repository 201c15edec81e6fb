//! Multinomial logistic regression with an L2 penalty, over dense or sparse rows.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use super::lbfgs::{self, Stop};

/// Feature rows that weights can be multiplied with.
pub trait Rows {
    fn rows(&self) -> usize;
    fn columns(&self) -> usize;
    /// `rows × weights`, shape [rows, classes]; weights are [columns, classes].
    fn times(&self, weights: ArrayView2<f32>) -> Array2<f32>;
    /// `rowsᵀ × residuals`, shape [columns, classes]; residuals are [rows, classes].
    fn transposed_times(&self, residuals: &Array2<f32>) -> Array2<f32>;
}

impl Rows for Array2<f32> {
    fn rows(&self) -> usize {
        self.nrows()
    }

    fn columns(&self) -> usize {
        self.ncols()
    }

    fn times(&self, weights: ArrayView2<f32>) -> Array2<f32> {
        self.dot(&weights)
    }

    fn transposed_times(&self, residuals: &Array2<f32>) -> Array2<f32> {
        self.t().dot(residuals)
    }
}

/// Rows of which most entries are zero, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Sparse {
    columns: usize,
    /// Where each row ends in `entries`.
    ends: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Sparse {
    pub fn new(columns: usize) -> Self {
        Sparse { columns, ..Default::default() }
    }

    /// Appends a row of (column, value) entries.
    pub fn push(&mut self, row: impl IntoIterator<Item = (u32, f32)>) {
        self.entries.extend(row);
        self.ends.push(self.entries.len());
    }

    fn row(&self, i: usize) -> &[(u32, f32)] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.entries[start..self.ends[i]]
    }
}

impl Rows for Sparse {
    fn rows(&self) -> usize {
        self.ends.len()
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn times(&self, weights: ArrayView2<f32>) -> Array2<f32> {
        let mut out = Array2::zeros((self.rows(), weights.ncols()));
        for (i, mut out) in out.axis_iter_mut(Axis(0)).enumerate() {
            for &(column, value) in self.row(i) {
                out.scaled_add(value, &weights.row(column as usize));
            }
        }
        out
    }

    fn transposed_times(&self, residuals: &Array2<f32>) -> Array2<f32> {
        let mut out = Array2::zeros((self.columns, residuals.ncols()));
        for (i, residual) in residuals.axis_iter(Axis(0)).enumerate() {
            for &(column, value) in self.row(i) {
                out.row_mut(column as usize).scaled_add(value, &residual);
            }
        }
        out
    }
}

/// A fitted model: class scores are `x · weights + bias`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Logistic {
    /// [columns, classes].
    pub weights: Array2<f32>,
    /// [classes].
    pub bias: Array1<f32>,
}

/// What a fit is regularised by and when it stops.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// The inverse strength of the penalty: the smaller, the closer to equal probabilities.
    pub c: f64,
    pub stop: Stop,
}

impl Logistic {
    /// Fits to rows of the given classes; `importance` weighs each row. Minimises
    /// Σ importance · cross-entropy + |weights|² / 2c.
    pub fn fit(
        rows: &impl Rows,
        classes: &[usize],
        importance: &[f32],
        count: usize,
        fit: Fit,
    ) -> Self {
        let prior = Array2::zeros((rows.columns(), count));
        Logistic::fit_near(&prior, rows, classes, importance, fit)
    }

    /// As [`fit`](Logistic::fit), but it is the distance to prior weights, [columns, classes], that
    /// is penalised: where there are few examples, the prior holds.
    pub fn fit_near(
        prior: &Array2<f32>,
        rows: &impl Rows,
        classes: &[usize],
        importance: &[f32],
        fit: Fit,
    ) -> Self {
        let (columns, count) = prior.dim();
        let mut flat: Vec<f32> = prior.iter().copied().collect();
        flat.resize((columns + 1) * count, 0.0);
        lbfgs::minimise(&mut flat, fit.stop, |flat, gradient| {
            let weights = view(&flat[..columns * count], columns, count);
            let mut scores = rows.times(weights);
            let bias = &flat[columns * count..];
            let mut loss = 0.0;
            for ((mut row, &class), &weight) in
                scores.axis_iter_mut(Axis(0)).zip(classes).zip(importance)
            {
                row.iter_mut().zip(bias).for_each(|(s, b)| *s += b);
                // A row made by `axis_iter_mut(Axis(0))` of a row-major array is contiguous.
                let row = row.as_slice_mut().expect("rows are contiguous");
                let log_sum = log_softmax(row);
                loss -= f64::from(weight) * f64::from(row[class]);
                debug_assert!(log_sum.is_finite());
                row.iter_mut().for_each(|s| *s = s.exp() * weight);
                row[class] -= weight;
            }
            let slopes = rows.transposed_times(&scores);
            let penalty = (1.0 / fit.c) as f32;
            let mut squares = 0.0f64;
            let weights = flat[..columns * count].iter().zip(prior);
            for ((g, s), (w, prior)) in gradient.iter_mut().zip(slopes.iter()).zip(weights) {
                let off = w - prior;
                *g = s + penalty * off;
                squares += f64::from(off * off);
            }
            let bias_slopes = scores.sum_axis(Axis(0));
            gradient[columns * count..].iter_mut().zip(&bias_slopes).for_each(|(g, s)| *g = *s);
            loss + squares / (2.0 * fit.c)
        });
        Logistic {
            weights: view(&flat[..columns * count], columns, count).to_owned(),
            bias: Array1::from_vec(flat[columns * count..].to_vec()),
        }
    }

    /// Log-probabilities of the classes, [rows, classes].
    pub fn log_probabilities(&self, rows: &impl Rows) -> Array2<f32> {
        let mut scores = rows.times(self.weights.view()) + &self.bias;
        for mut row in scores.axis_iter_mut(Axis(0)) {
            // See `fit`.
            log_softmax(row.as_slice_mut().expect("rows are contiguous"));
        }
        scores
    }
}

fn view(flat: &[f32], rows: usize, columns: usize) -> ArrayView2<'_, f32> {
    // The slice was cut to exactly rows × columns by every caller.
    ArrayView2::from_shape((rows, columns), flat).expect("the length is rows × columns")
}

/// Turns scores into log-probabilities in place; returns the logarithm of the sum they were
/// divided by.
pub fn log_softmax(scores: &mut [f32]) -> f32 {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let log_sum = max + scores.iter().map(|s| (s - max).exp()).sum::<f32>().ln();
    scores.iter_mut().for_each(|s| *s -= log_sum);
    log_sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIT: Fit = Fit { c: 100.0, stop: Stop { iterations: 200, tolerance: 1e-9 } };

    #[test]
    fn learns_classes_that_a_line_separates() {
        let rows = ndarray::array![[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.8], [-1.0, -1.0]];
        let classes = [0, 0, 1, 1, 2];
        let model = Logistic::fit(&rows, &classes, &[1.0; 5], 3, FIT);
        let p = model.log_probabilities(&rows);
        for (row, class) in p.axis_iter(Axis(0)).zip(classes) {
            assert!(row[class].exp() > 0.8, "{p}");
            assert!((row.mapv(f32::exp).sum() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn sparse_rows_give_what_dense_rows_give() {
        let dense = ndarray::array![[1.0, 0.0, 2.0], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0]];
        let mut sparse = Sparse::new(3);
        sparse.push([(0, 1.0), (2, 2.0)]);
        sparse.push([(1, 0.5)]);
        sparse.push([(2, 1.0)]);
        let classes = [0, 1, 0];
        let a = Logistic::fit(&dense, &classes, &[1.0; 3], 2, FIT).log_probabilities(&dense);
        let b = Logistic::fit(&sparse, &classes, &[1.0; 3], 2, FIT).log_probabilities(&sparse);
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3), "{a}\n{b}");
    }
}
