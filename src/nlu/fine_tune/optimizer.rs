//! AdamW, with moments that can be written to a checkpoint.

use tch::Tensor;

/// How fast the moments forget.
const BETA: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;
/// What matrices lose of themselves at each step, times the rate.
const WEIGHT_DECAY: f64 = 0.01;
/// Gradients are scaled down to this length, all parameters together.
const LONGEST_GRADIENT: f64 = 1.0;

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
pub struct AdamW {
    parameters: Vec<Moments>,
    steps: i32,
}

/// A parameter with the running means of its gradient and of the gradient's square.
pub struct Moments {
    pub name: String,
    pub parameter: Tensor,
    pub first: Tensor,
    pub second: Tensor,
}

impl AdamW {
    /// Starts with moments of zero.
    pub fn new(parameters: Vec<(String, Tensor)>) -> Self {
        let parameters = parameters
            .into_iter()
            .map(|(name, parameter)| Moments {
                first: parameter.zeros_like().detach(),
                second: parameter.zeros_like().detach(),
                name,
                parameter,
            })
            .collect();
        AdamW { parameters, steps: 0 }
    }

    /// Takes a step against the gradients of `loss`.
    pub fn step(&mut self, loss: &Tensor, rate: f64) {
        for moments in &mut self.parameters {
            moments.parameter.zero_grad();
        }
        loss.backward();
        self.steps += 1;
        let corrections = BETA.map(|beta| 1.0 - beta.powi(self.steps));
        tch::no_grad(|| {
            let shrink = self.shrink();
            for moments in &mut self.parameters {
                moments.step(rate, shrink, corrections);
            }
        });
    }

    /// Every parameter with its moments.
    pub fn moments(&self) -> &[Moments] {
        &self.parameters
    }

    /// The same, to be restored from a checkpoint that was written after `steps` steps.
    pub fn restore(&mut self, steps: usize) -> &mut [Moments] {
        self.steps = i32::try_from(steps).unwrap_or(i32::MAX);
        &mut self.parameters
    }

    /// What gradients are multiplied by so that they aren't too long.
    fn shrink(&self) -> f64 {
        let square: f64 = self
            .parameters
            .iter()
            .map(|moments| moments.parameter.grad())
            .filter(Tensor::defined)
            .map(|gradient| gradient.square().sum(tch::Kind::Float).double_value(&[]))
            .sum();
        (LONGEST_GRADIENT / square.sqrt().max(f64::MIN_POSITIVE)).min(1.0)
    }
}

impl Moments {
    fn step(&mut self, rate: f64, shrink: f64, corrections: [f64; 2]) {
        let gradient = self.parameter.grad();
        // What the batch did not need has no gradient.
        if !gradient.defined() {
            return;
        }
        let gradient = gradient * shrink;
        self.first.copy_(&(&self.first * BETA[0] + &gradient * (1.0 - BETA[0])));
        self.second.copy_(&(&self.second * BETA[1] + gradient.square() * (1.0 - BETA[1])));
        let root = (&self.second / corrections[1]).sqrt() + EPSILON;
        let change = &self.first / corrections[0] / root;
        // Biases and norms, which are vectors, don't decay.
        let keep = if self.parameter.dim() > 1 { 1.0 - rate * WEIGHT_DECAY } else { 1.0 };
        let next = &self.parameter * keep - change * rate;
        self.parameter.copy_(&next);
    }
}
