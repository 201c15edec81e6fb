//! What learns: the transformer with a slot head and an intent head, and the losses.

use tch::{Device, IndexOp, Kind, Reduction, Tensor};

use super::material::{Batch, Material, Text};
use super::optimizer::AdamW;
use super::{FineTuneError, Settings};
use crate::nlu::encoder::rust_bert::{Padded, Transformer};
use crate::nlu::encoder::{Parts, SlotHead, Token};

/// A label's vector starts as the mean of so many of its examples.
const EXAMPLES_OF_A_LABEL: usize = 8;

/// So many texts at a time, where nothing is learnt.
const TEXTS_AT_ONCE: usize = 32;

/// The encoder and its heads, as tensors that learn.
pub struct Network {
    transformer: Transformer,
    /// The slot head, see [`SlotHead`]: `T`, `t`, `L`, `l` and the two biases.
    token_weight: Tensor,
    token_bias: Tensor,
    label_weight: Tensor,
    label_bias: Tensor,
    bias: Tensor,
    /// The intent head: a vector for each label, `[labels, hidden]`. It only serves training.
    labels: Tensor,
    size: i64,
    cosine_scale: f64,
}

impl Network {
    /// Starts from the encoder in `parts`; the intent head from the sentence vectors of examples.
    pub fn new(
        parts: &Parts,
        material: &Material,
        settings: &Settings,
    ) -> Result<Self, FineTuneError> {
        let transformer = Transformer::load(&parts.weights, &parts.config)?;
        let device = transformer.device();
        let SlotHead { size, hidden, token_weight, token_bias, label_weight, label_bias, bias } =
            SlotHead::read(&parts.weights, &parts.config)?;
        let (rows, hidden) = (2 * size as i64, hidden as i64);
        let tensor = |values: &[f32], shape: &[i64]| {
            Tensor::from_slice(values).view(shape).to_device(device).set_requires_grad(true)
        };
        let mut network = Network {
            transformer,
            token_weight: tensor(&token_weight, &[rows, hidden]),
            token_bias: tensor(&token_bias, &[rows]),
            label_weight: tensor(&label_weight, &[rows, hidden]),
            label_bias: tensor(&label_bias, &[rows]),
            bias: tensor(&bias, &[2]),
            labels: Tensor::zeros([material.labels() as i64, hidden], (Kind::Float, device)),
            size: size as i64,
            cosine_scale: settings.cosine_scale,
        };
        for (name, variable) in network.transformer.variables() {
            let _ = variable.set_requires_grad(!name.starts_with("embeddings."));
        }
        network.labels = network.mean_of_labels(material)?.set_requires_grad(true);
        Ok(network)
    }

    /// Everything that learns, by name.
    pub fn trainable(&self) -> Vec<(String, Tensor)> {
        let mut all = self.transformer.variables();
        all.retain(|(_, variable)| variable.requires_grad());
        all.extend(self.slot_head());
        all.push(("intents.labels".into(), self.labels.shallow_clone()));
        all
    }

    /// What makes an encoder: the transformer and the slot head, by the names that they have in a file.
    pub fn encoder(&self) -> Vec<(String, Tensor)> {
        let mut all = self.transformer.variables();
        all.extend(self.slot_head());
        all
    }

    /// Takes a step on a batch; returns its loss.
    pub fn learn(
        &self,
        batch: &Batch,
        optimizer: &mut AdamW,
        rate: f64,
    ) -> Result<f64, FineTuneError> {
        let loss = self.loss(batch, true)?;
        optimizer.step(&loss, rate);
        Ok(loss.double_value(&[]))
    }

    /// The mean loss on batches that are not learnt from, by example.
    pub fn loss_on(&self, batches: &[Batch]) -> Result<f64, FineTuneError> {
        let mut sum = 0.0;
        let mut count = 0;
        for batch in batches {
            let loss = tch::no_grad(|| self.loss(batch, false))?;
            sum += loss.double_value(&[]) * batch.texts.len() as f64;
            count += batch.texts.len();
        }
        Ok(sum / count.max(1) as f64)
    }

    /// The cross-entropy of intents plus the binary cross-entropy of slots by positive.
    fn loss(&self, batch: &Batch, learning: bool) -> Result<Tensor, FineTuneError> {
        let device = self.transformer.device();
        let texts: Vec<&[Token]> = batch.texts.iter().map(|text| text.tokens.as_slice()).collect();
        let padded = Padded::new(&texts, device);
        let states = self.transformer.states(&padded, learning)?.last;
        let truth: Vec<i64> = batch.texts.iter().map(|text| text.label as i64).collect();
        let intents = unit(&mean(&states, &padded.mask)).matmul(&unit(&self.labels).tr());
        let intents = (intents * self.cosine_scale)
            .cross_entropy_for_logits(&Tensor::from_slice(&truth).to_device(device));
        if batch.label_texts.is_empty() {
            return Ok(intents);
        }
        let label_texts: Vec<&[Token]> = batch.label_texts.iter().map(Vec::as_slice).collect();
        let label_texts = Padded::new(&label_texts, device);
        let label_states = self.transformer.states(&label_texts, learning)?.last;
        let slots = self.slot_logits(&states, &mean(&label_states, &label_texts.mask));
        let targets = Targets::of(&batch.texts, batch.label_texts.len(), device);
        let slots = slots.binary_cross_entropy_with_logits(
            &targets.truth,
            Some(&targets.asked),
            None,
            Reduction::Sum,
        );
        Ok(intents + slots / targets.positives)
    }

    /// Slot logits, `[role, texts, tokens, label texts]`, see [`SlotHead`].
    fn slot_logits(&self, states: &Tensor, labels: &Tensor) -> Tensor {
        let tokens = states.linear(&self.token_weight, Some(&self.token_bias));
        let labels = labels.linear(&self.label_weight, Some(&self.label_bias));
        let scale = 1.0 / (self.size as f64).sqrt();
        let role = |role: i64| {
            let tokens = tokens.narrow(2, role * self.size, self.size);
            let labels = labels.narrow(1, role * self.size, self.size);
            tokens.matmul(&labels.tr()) * scale + self.bias.i(role)
        };
        Tensor::stack(&[role(0), role(1)], 0)
    }

    fn slot_head(&self) -> Vec<(String, Tensor)> {
        [
            ("slots.token.weight", &self.token_weight),
            ("slots.token.bias", &self.token_bias),
            ("slots.label.weight", &self.label_weight),
            ("slots.label.bias", &self.label_bias),
            ("slots.bias", &self.bias),
        ]
        .map(|(name, tensor)| (name.to_owned(), tensor.shallow_clone()))
        .into()
    }

    /// The mean sentence vector of a few examples of each label, `[labels, hidden]`.
    fn mean_of_labels(&self, material: &Material) -> Result<Tensor, FineTuneError> {
        let texts = material.of_each_label(EXAMPLES_OF_A_LABEL)?;
        let mut sums = self.labels.zeros_like();
        for chunk in texts.chunks(TEXTS_AT_ONCE) {
            let tokens: Vec<&[Token]> = chunk.iter().map(|(_, tokens)| tokens.as_slice()).collect();
            let labels: Vec<i64> = chunk.iter().map(|(label, _)| *label as i64).collect();
            tch::no_grad(|| -> Result<(), FineTuneError> {
                let padded = Padded::new(&tokens, self.transformer.device());
                let states = self.transformer.states(&padded, false)?.last;
                let labels = Tensor::from_slice(&labels).to_device(self.transformer.device());
                let _ = sums.index_add_(0, &labels, &unit(&mean(&states, &padded.mask)));
                Ok(())
            })?;
        }
        Ok(unit(&sums).detach())
    }
}

/// What slot logits should say, `[role, texts, tokens, label texts]`.
struct Targets {
    truth: Tensor,
    /// 1 where it counts what is said, else 0: special tokens, padding and other labels' parameters don't.
    asked: Tensor,
    positives: f64,
}

impl Targets {
    fn of(texts: &[Text], label_texts: usize, device: Device) -> Self {
        let width = texts.iter().map(|text| text.tokens.len()).max().unwrap_or(0);
        let role = texts.len() * width * label_texts;
        let mut truth = vec![0f32; 2 * role];
        let mut asked = vec![0f32; 2 * role];
        let mut positives = 0;
        for (at, text) in texts.iter().enumerate() {
            let cell = |token: usize, parameter: usize| {
                (at * width + token) * label_texts + text.parameters[parameter]
            };
            for (token, _) in text.tokens.iter().enumerate().filter(|(_, token)| !token.special) {
                for parameter in 0..text.parameters.len() {
                    asked[cell(token, parameter)] = 1.0;
                    asked[role + cell(token, parameter)] = 1.0;
                }
            }
            for &(parameter, first, end) in &text.spans {
                positives += end - first;
                truth[cell(first, parameter)] = 1.0;
                for token in first + 1..end {
                    truth[role + cell(token, parameter)] = 1.0;
                }
            }
        }
        let shape = [2, texts.len() as i64, width as i64, label_texts as i64];
        let tensor = |values: &[f32]| Tensor::from_slice(values).view(shape).to_device(device);
        Targets { truth: tensor(&truth), asked: tensor(&asked), positives: positives.max(1) as f64 }
    }
}

/// The mean over tokens, padding left out: `[texts, hidden]`.
fn mean(states: &Tensor, mask: &Tensor) -> Tensor {
    let mask = mask.to_kind(Kind::Float).unsqueeze(-1);
    let sum = (states * &mask).sum_dim_intlist([1i64].as_slice(), false, Kind::Float);
    sum / mask.sum_dim_intlist([1i64].as_slice(), false, Kind::Float)
}

/// Rows scaled to length 1. A row of zeros, which a label without examples starts as, stays one: what
/// is added to its square keeps the root's gradient finite.
fn unit(rows: &Tensor) -> Tensor {
    let square = rows.square().sum_dim_intlist([-1i64].as_slice(), true, Kind::Float);
    rows / (square + 1e-12).sqrt()
}
