//! The slot head: which token begins or continues which parameter's value.

use super::{Config, Encoded, LoadError, Weights};

/// The slot head's weights, as the encoder was trained with them.
///
/// A logit is `dot(T_r·h + t_r, L_r·v + l_r) / sqrt(size) + bias_r`, with `h` a token's state, `v`
/// the unnormalised mean vector of the label text `name: description`, and `r` the role: *begin*
/// (the first `size` rows of `T` and `L`) or *inside* (the last).
#[derive(Debug, Clone, PartialEq)]
pub struct SlotHead {
    /// The inner width, per role.
    pub size: usize,
    /// The length of a token state.
    pub hidden: usize,
    /// `T`, row-major `[2 * size, hidden]`.
    pub token_weight: Vec<f32>,
    /// `t`, `[2 * size]`.
    pub token_bias: Vec<f32>,
    /// `L`, row-major `[2 * size, hidden]`.
    pub label_weight: Vec<f32>,
    /// `l`, `[2 * size]`.
    pub label_bias: Vec<f32>,
    /// One per role: begin, inside.
    pub bias: [f32; 2],
}

/// The slot head's logits for one text, row-major `[tokens, labels]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotLogits {
    pub begin: Vec<f32>,
    pub inside: Vec<f32>,
}

impl SlotHead {
    /// Takes the head out of an encoder's weights.
    pub fn read(weights: &Weights, config: &Config) -> Result<Self, LoadError> {
        let (size, hidden) = (config.slot_head_size, config.hidden_size);
        let bias = weights.vector("slots.bias", 2)?;
        Ok(SlotHead {
            size,
            hidden,
            token_weight: weights.matrix("slots.token.weight", 2 * size, hidden)?.to_vec(),
            token_bias: weights.vector("slots.token.bias", 2 * size)?,
            label_weight: weights.matrix("slots.label.weight", 2 * size, hidden)?.to_vec(),
            label_bias: weights.vector("slots.label.bias", 2 * size)?,
            bias: [bias[0], bias[1]],
        })
    }

    /// Projects a label's mean vector `[hidden]`: `L·v + l`, `[2 * size]`. Once per catalogue.
    pub fn project_label(&self, label: &[f32]) -> Vec<f32> {
        affine(&self.label_weight, &self.label_bias, label)
    }

    /// Projects a token's state `[hidden]`: `T·h + t`, `[2 * size]`.
    fn project_token(&self, state: &[f32]) -> Vec<f32> {
        affine(&self.token_weight, &self.token_bias, state)
    }

    /// Scores every token of a text against labels that were [projected](Self::project_label).
    pub fn logits(&self, text: &Encoded, labels: &[Vec<f32>]) -> SlotLogits {
        let count = text.tokens().len() * labels.len();
        let mut logits =
            SlotLogits { begin: Vec::with_capacity(count), inside: Vec::with_capacity(count) };
        let scale = 1.0 / (self.size as f32).sqrt();
        for state in text.states().chunks_exact(self.hidden) {
            let token = self.project_token(state);
            let (begin, inside) = token.split_at(self.size);
            for label in labels {
                logits.begin.push(dot(begin, &label[..self.size]) * scale + self.bias[0]);
                logits.inside.push(dot(inside, &label[self.size..]) * scale + self.bias[1]);
            }
        }
        logits
    }
}

/// `weight·x + bias`, the weight row-major `[bias.len(), x.len()]`.
fn affine(weight: &[f32], bias: &[f32], x: &[f32]) -> Vec<f32> {
    weight.chunks_exact(x.len()).zip(bias).map(|(row, bias)| dot(row, x) + bias).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Eight sums side by side, which the compiler turns into vector instructions.
    let mut sums = [0.0f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a8.zip(b8) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    sums.iter().sum::<f32>() + rest
}
