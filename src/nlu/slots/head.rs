//! The slot head: which token begins or continues which parameter's value.
//!
//! A logit is `dot(T_r·h + t_r, L_r·v + l_r + o_{p,r}) / √size + b_r`, with `h` a token state, `v`
//! the mean vector of the parameter's text `name: description`, `r` the role (begin, inside).
//! `T, t, L, l` come with the encoder; `o`, one vector per parameter and role, and small
//! changes of `T`, `t` and `b` are learnt from the examples, the encoder staying as it is.
//! Parameters without examples keep `o = 0` and are found by their description alone.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};

use super::adam::AdamW;
use crate::nlu::encoder::{Encoded, SlotHead};

/// The slot head of one catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TunedHead {
    /// The inner width of one role; begin is the first half of every 2·size axis.
    size: usize,
    /// `T`: [2·size, hidden], and `t`: [2·size].
    token_weight: Array2<f32>,
    token_bias: Array1<f32>,
    /// `L·v + l` of each label text: [label texts, 2·size].
    labels: Array2<f32>,
    /// `o` of each parameter: [parameters, 2·size].
    offsets: Array2<f32>,
    bias: [f32; 2],
}

/// A parameter as the head sees it: which of the label texts describes it in the language at
/// hand, and which offset is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadParameter {
    pub label: usize,
    pub offset: usize,
}

/// Logits of one text: [tokens, parameters] per role.
#[derive(Debug, Clone)]
pub struct Logits {
    pub begin: Array2<f32>,
    pub inside: Array2<f32>,
}

/// An example for the head: a text, the parameters that may be in it, and where they are.
#[derive(Debug, Clone)]
pub struct Tagged<'a> {
    pub encoded: &'a Encoded,
    pub parameters: Vec<HeadParameter>,
    /// Index into `parameters`, first token, token after the last.
    pub spans: Vec<(usize, usize, usize)>,
}

/// How the head is trained.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HeadSettings {
    pub epochs: usize,
    pub batch: usize,
    pub offset_rate: f32,
    /// Of `T`, `t` and `b`.
    pub projection_rate: f32,
    pub seed: u64,
}

impl TunedHead {
    /// The head as it came with the encoder. `label_means` are the mean vectors of the label
    /// texts; `parameters` is how many offsets there will be.
    pub fn untuned(head: &SlotHead, label_means: &[Vec<f32>], parameters: usize) -> Self {
        let width = 2 * head.size;
        let mut labels = Array2::zeros((label_means.len(), width));
        for (mut row, mean) in labels.axis_iter_mut(Axis(0)).zip(label_means) {
            row.assign(&Array1::from_vec(head.project_label(mean)));
        }
        TunedHead {
            size: head.size,
            // `SlotHead` documents exactly these lengths.
            token_weight: Array2::from_shape_vec((width, head.hidden), head.token_weight.clone())
                .expect("2·size × hidden"),
            token_bias: Array1::from_vec(head.token_bias.clone()),
            labels,
            offsets: Array2::zeros((parameters, width)),
            bias: head.bias,
        }
    }

    /// Scores every token of a text against parameters.
    pub fn logits(&self, encoded: &Encoded, parameters: &[HeadParameter]) -> Logits {
        self.score(self.project(encoded).view(), parameters)
    }

    /// Token states projected by `T` and `t`: [tokens, 2·size].
    fn project(&self, encoded: &Encoded) -> Array2<f32> {
        states(encoded).dot(&self.token_weight.t()) + &self.token_bias
    }

    /// `tokens`: [tokens, 2·size], projected.
    fn score(&self, tokens: ArrayView2<f32>, parameters: &[HeadParameter]) -> Logits {
        let targets = self.targets(parameters);
        let scale = 1.0 / (self.size as f32).sqrt();
        let role = |range: std::ops::Range<usize>, bias: f32| {
            tokens.slice(s![.., range.clone()]).dot(&targets.slice(s![.., range]).t()) * scale
                + bias
        };
        Logits {
            begin: role(0..self.size, self.bias[0]),
            inside: role(self.size..2 * self.size, self.bias[1]),
        }
    }

    /// What token projections are compared with: [parameters, 2·size].
    fn targets(&self, parameters: &[HeadParameter]) -> Array2<f32> {
        let mut targets = Array2::zeros((parameters.len(), 2 * self.size));
        for (mut row, parameter) in targets.axis_iter_mut(Axis(0)).zip(parameters) {
            row.assign(&self.labels.row(parameter.label));
            row += &self.offsets.row(parameter.offset);
        }
        targets
    }

    /// Trains on examples by AdamW on the binary cross-entropy of every (token, parameter,
    /// role), divided by the number of positives, so that rare values count as much as common
    /// ones. `progress` is told the share that is done.
    pub fn train(
        &mut self,
        examples: &[Tagged],
        settings: HeadSettings,
        mut progress: impl FnMut(f32),
    ) {
        let mut rng = StdRng::seed_from_u64(settings.seed);
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let batches = examples.len().div_ceil(settings.batch);
        let total = (settings.epochs * batches).max(1);
        let mut adam = Optimiser::new(self);
        // A projection that stays as it is need be done but once.
        let fixed: Option<Vec<Array2<f32>>> = (settings.projection_rate == 0.0)
            .then(|| examples.iter().map(|e| self.project(e.encoded)).collect());
        let mut step = 0;
        for _ in 0..settings.epochs {
            order.shuffle(&mut rng);
            for batch in order.chunks(settings.batch) {
                let decay = 1.0 - step as f32 / total as f32;
                let projected: Option<Vec<&Array2<f32>>> =
                    fixed.as_ref().map(|fixed| batch.iter().map(|&i| &fixed[i]).collect());
                let batch: Vec<&Tagged> = batch.iter().map(|&i| &examples[i]).collect();
                let gradient = self.gradient(&batch, projected);
                adam.step(self, &gradient, settings, decay);
                step += 1;
                progress(step as f32 / total as f32);
            }
        }
    }

    /// `projected` holds the tokens of the batch where the projection is not to be learnt.
    fn gradient(&self, batch: &[&Tagged], projected: Option<Vec<&Array2<f32>>>) -> Gradient {
        let learn_projection = projected.is_none();
        let tokens: Vec<Array2<f32>> = match projected {
            Some(projected) => projected.into_iter().cloned().collect(),
            None => batch.iter().map(|e| self.project(e.encoded)).collect(),
        };
        let views: Vec<_> = tokens.iter().map(|t| t.view()).collect();
        // All projections have the head's width.
        let tokens = ndarray::concatenate(Axis(0), &views).expect("rows of one width");
        let mut token_slopes = Array2::<f32>::zeros(tokens.raw_dim());
        let mut gradient = Gradient {
            token_weight: Array2::zeros((0, 0)),
            token_bias: Array1::zeros(0),
            offsets: Array2::zeros(self.offsets.raw_dim()),
            bias: [0.0; 2],
        };
        let positives: usize = batch
            .iter()
            .flat_map(|e| &e.spans)
            .map(|(_, start, end)| end - start)
            .sum::<usize>()
            .max(1);
        let scale = 1.0 / (self.size as f32).sqrt();
        let mut from = 0;
        for example in batch {
            let to = from + example.encoded.tokens().len();
            let targets = self.targets(&example.parameters);
            let logits = self.score(tokens.slice(s![from..to, ..]), &example.parameters);
            let [begin, inside] = example.slopes(logits, 1.0 / positives as f32);
            for (role, slopes) in [begin, inside].into_iter().enumerate() {
                let columns = role * self.size..(role + 1) * self.size;
                gradient.bias[role] += slopes.sum();
                let slopes = slopes * scale;
                token_slopes
                    .slice_mut(s![from..to, columns.clone()])
                    .assign(&slopes.dot(&targets.slice(s![.., columns.clone()])));
                let by_parameter = slopes.t().dot(&tokens.slice(s![from..to, columns.clone()]));
                for (parameter, slope) in example.parameters.iter().zip(by_parameter.rows()) {
                    let mut row = gradient.offsets.slice_mut(s![parameter.offset, columns.clone()]);
                    row += &slope;
                }
            }
            from = to;
        }
        if learn_projection {
            let states: Vec<_> = batch.iter().map(|e| states(e.encoded)).collect();
            // All states have the encoder's hidden size.
            let states = ndarray::concatenate(Axis(0), &states).expect("states of one width");
            gradient.token_weight = token_slopes.t().dot(&states);
            gradient.token_bias = token_slopes.sum_axis(Axis(0));
        }
        gradient
    }
}

impl Tagged<'_> {
    /// Derivatives of the loss by the logits, weighed: probability minus truth.
    fn slopes(&self, logits: Logits, weight: f32) -> [Array2<f32>; 2] {
        let mut roles = [logits.begin, logits.inside];
        for slopes in &mut roles {
            slopes.mapv_inplace(|x| weight / (1.0 + (-x).exp()));
        }
        for &(parameter, start, end) in &self.spans {
            for token in start..end {
                roles[usize::from(token != start)][[token, parameter]] -= weight;
            }
        }
        // Special tokens are never part of a value and never asked about.
        for (i, token) in self.encoded.tokens().iter().enumerate() {
            if token.special {
                roles.iter_mut().for_each(|slopes| slopes.row_mut(i).fill(0.0));
            }
        }
        roles
    }
}

struct Gradient {
    token_weight: Array2<f32>,
    token_bias: Array1<f32>,
    offsets: Array2<f32>,
    bias: [f32; 2],
}

struct Optimiser {
    token_weight: AdamW,
    token_bias: AdamW,
    offsets: AdamW,
    bias: AdamW,
}

impl Optimiser {
    fn new(head: &TunedHead) -> Self {
        Optimiser {
            token_weight: AdamW::new(head.token_weight.len()),
            token_bias: AdamW::new(head.token_bias.len()),
            offsets: AdamW::new(head.offsets.len()),
            bias: AdamW::new(head.bias.len()),
        }
    }

    fn step(&mut self, head: &mut TunedHead, by: &Gradient, settings: HeadSettings, decay: f32) {
        let (offsets, rest) = (settings.offset_rate * decay, settings.projection_rate * decay);
        self.token_weight.step(&mut head.token_weight, &by.token_weight, rest);
        self.token_bias.step(&mut head.token_bias, &by.token_bias, rest);
        self.offsets.step(&mut head.offsets, &by.offsets, offsets);
        self.bias.step(&mut head.bias, &by.bias, rest);
    }
}

fn states(encoded: &Encoded) -> ArrayView2<'_, f32> {
    // `Encoded` holds one row of `hidden` numbers per token.
    ArrayView2::from_shape((encoded.tokens().len(), encoded.hidden()), encoded.states())
        .expect("tokens × hidden")
}
