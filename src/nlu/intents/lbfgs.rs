//! Minimising a smooth function of many variables: limited-memory BFGS (Nocedal and Wright,
//! *Numerical Optimization*, algorithm 7.5) with a backtracking line search.
//!
//! A page of code rather than a crate: the optimisers on crates.io copy the parameter vector
//! for every operation, and these vectors hold a million numbers.

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stop {
    pub iterations: usize,
    /// Relative decrease of the function below which nothing more is to be gained.
    pub tolerance: f64,
}

/// How many past steps shape the next one.
const MEMORY: usize = 8;
/// A step must gain this share of what the slope promises (Armijo's condition).
const SUFFICIENT: f64 = 1e-4;

struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    curvature: f64,
}

/// Moves `x` to a minimum of `function`, which writes the gradient into its second argument and
/// returns the value. Returns the value reached.
pub fn minimise(
    x: &mut [f32],
    stop: Stop,
    mut function: impl FnMut(&[f32], &mut [f32]) -> f64,
) -> f64 {
    let mut gradient = vec![0.0; x.len()];
    let mut value = function(x, &mut gradient);
    let mut memory: std::collections::VecDeque<Pair> = Default::default();
    let mut candidate = x.to_vec();
    let mut next_gradient = vec![0.0; x.len()];
    for _ in 0..stop.iterations {
        let direction = direction(&gradient, &memory);
        let slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            break;
        }
        let mut length = if memory.is_empty() { 1.0 / norm(&gradient).max(1.0) } else { 1.0 };
        let next = loop {
            for ((c, x), d) in candidate.iter_mut().zip(x.iter()).zip(&direction) {
                *c = x + length as f32 * d;
            }
            let next = function(&candidate, &mut next_gradient);
            if next <= value + SUFFICIENT * length * slope {
                break Some(next);
            }
            length *= 0.5;
            if length < 1e-8 {
                break None;
            }
        };
        let Some(next) = next else { break };
        remember(&mut memory, x, &candidate, &gradient, &next_gradient);
        x.copy_from_slice(&candidate);
        std::mem::swap(&mut gradient, &mut next_gradient);
        let gained = (value - next) / value.abs().max(1.0);
        value = next;
        if gained < stop.tolerance {
            break;
        }
    }
    value
}

/// The quasi-Newton direction: minus the approximate inverse Hessian times the gradient.
fn direction(gradient: &[f32], memory: &std::collections::VecDeque<Pair>) -> Vec<f32> {
    let mut q: Vec<f32> = gradient.iter().map(|g| -g).collect();
    let mut alphas = Vec::with_capacity(memory.len());
    for pair in memory.iter().rev() {
        let alpha = dot(&pair.step, &q) / pair.curvature;
        add(&mut q, -alpha, &pair.change);
        alphas.push(alpha);
    }
    if let Some(last) = memory.back() {
        let scale = (last.curvature / dot(&last.change, &last.change)) as f32;
        q.iter_mut().for_each(|q| *q *= scale);
    }
    for (pair, alpha) in memory.iter().zip(alphas.iter().rev()) {
        let beta = dot(&pair.change, &q) / pair.curvature;
        add(&mut q, alpha - beta, &pair.step);
    }
    q
}

fn remember(
    memory: &mut std::collections::VecDeque<Pair>,
    x: &[f32],
    next_x: &[f32],
    gradient: &[f32],
    next_gradient: &[f32],
) {
    let mut pair =
        if memory.len() == MEMORY { memory.pop_front() } else { None }.unwrap_or_else(|| Pair {
            step: vec![0.0; x.len()],
            change: vec![0.0; x.len()],
            curvature: 0.0,
        });
    difference(&mut pair.step, next_x, x);
    difference(&mut pair.change, next_gradient, gradient);
    pair.curvature = dot(&pair.step, &pair.change);
    if pair.curvature > 1e-12 {
        memory.push_back(pair);
    }
}

fn difference(out: &mut [f32], a: &[f32], b: &[f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = a - b;
    }
}

fn add(to: &mut [f32], factor: f64, from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor as f32 * from;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    // Sums of a few in single precision, the sum of the sums in double: fast and exact enough.
    // Eight sums side by side are what a processor adds up at once.
    let mut sum = 0.0;
    for (a, b) in a.chunks(512).zip(b.chunks(512)) {
        let (lanes_a, rest_a) = a.as_chunks::<8>();
        let (lanes_b, rest_b) = b.as_chunks::<8>();
        let mut sums = [0.0f32; 8];
        for (a, b) in lanes_a.iter().zip(lanes_b) {
            for i in 0..8 {
                sums[i] += a[i] * b[i];
            }
        }
        let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
        sum += f64::from(sums.iter().sum::<f32>() + rest);
    }
    sum
}

fn norm(a: &[f32]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_rosenbrocks_valley() {
        let mut x = [-1.2, 1.0];
        minimise(&mut x, Stop { iterations: 200, tolerance: 0.0 }, |x, g| {
            let (a, b) = (f64::from(x[0]), f64::from(x[1]));
            g[0] = (-2.0 * (1.0 - a) - 400.0 * a * (b - a * a)) as f32;
            g[1] = (200.0 * (b - a * a)) as f32;
            (1.0 - a).powi(2) + 100.0 * (b - a * a).powi(2)
        });
        assert!((x[0] - 1.0).abs() < 0.02 && (x[1] - 1.0).abs() < 0.04, "{x:?}");
    }
}
