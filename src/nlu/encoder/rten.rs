//! The default engine: rten, in pure Rust.

mod lanes;

use std::path::Path;

use rten::{Model, NodeId, RunOptions, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use lanes::{Lane, Lanes};

use super::embeddings::Embeddings;
use super::files::ModelFiles;
use super::{
    Config, EncodeError, Encoded, Encoder, LoadError, Precision, SlotHead, Token, Tokenizer,
    Weights, batches, graph,
};

/// A batch holds at most this many tokens, padding included: more gain nothing.
const BATCH_TOKENS: usize = 256;

/// So many texts are tokenised at a time.
const TOKENIZE_CHUNK: usize = 64;

/// The transformer, run by rten.
pub struct RtenEncoder {
    config: Config,
    tokenizer: Tokenizer,
    embeddings: Embeddings,
    slot_head: SlotHead,
    model: Model,
    embeddings_input: NodeId,
    mask_input: NodeId,
    /// Of the last layer and of the middle one.
    outputs: [NodeId; 2],
    lanes: Lanes,
    fingerprint: String,
}

impl RtenEncoder {
    /// Loads a model directory; uses as many threads as the machine has.
    pub fn load(dir: &Path, precision: Precision) -> Result<Self, LoadError> {
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
        Self::with_threads(dir, precision, threads)
    }

    /// Loads a model directory; many texts are spread over `threads` threads.
    fn with_threads(dir: &Path, precision: Precision, threads: usize) -> Result<Self, LoadError> {
        let files = ModelFiles::find(dir)?;
        let config = Config::read(&files.config)?;
        let weights = Weights::open(&files.weights)?;
        // What takes long is done side by side.
        let (model, tokenizer, fingerprint) = std::thread::scope(|scope| {
            let tokenizer =
                scope.spawn(|| Tokenizer::read(&files.tokenizer, config.max_position_embeddings));
            let fingerprint = scope.spawn(|| files.fingerprint());
            let model = graph::load(&weights, &config, precision, threads);
            // A worker that panicked hands its panic on.
            (
                model,
                tokenizer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                fingerprint.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        });
        let (model, fingerprint) = (model?, fingerprint?);
        let node = |name: &str| {
            model.node_id(name).map_err(|error| LoadError::Engine { message: error.to_string() })
        };
        let [last, middle] = graph::outputs(&config);
        Ok(RtenEncoder {
            embeddings_input: node(graph::EMBEDDINGS)?,
            mask_input: node(graph::MASK)?,
            outputs: [node(&last)?, node(&middle)?],
            tokenizer: tokenizer?,
            slot_head: SlotHead::read(&weights, &config)?,
            embeddings: Embeddings::new(weights, &config)?,
            lanes: Lanes::new(threads),
            fingerprint: format!("{fingerprint}-{}", precision.name()),
            config,
            model,
        })
    }

    /// Tokenises texts, many of them on all threads.
    fn tokenize(&self, texts: &[&str]) -> Result<Vec<Vec<Token>>, EncodeError> {
        let chunks: Vec<_> = texts.chunks(TOKENIZE_CHUNK).collect();
        let tokenized = self.lanes.map(chunks.len(), |chunk, _| {
            chunks[chunk].iter().map(|text| self.tokenizer.tokenize(text)).collect()
        })?;
        Ok(tokenized.into_iter().flat_map(|chunk: Vec<_>| chunk).collect())
    }

    /// Runs the transformer over texts, padded to the first one's length, which is the longest.
    fn run(&self, texts: &[&[Token]], lane: &Lane) -> Result<Vec<Encoded>, EncodeError> {
        let hidden = self.config.hidden_size;
        let width = texts.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let mut embeddings = vec![0.0; texts.len() * width * hidden];
        let mut mask = vec![0; texts.len() * width];
        for (text, tokens) in texts.iter().enumerate() {
            let start = text * width;
            self.embeddings.write(tokens, &mut embeddings[start * hidden..])?;
            mask[start..start + tokens.len()].fill(1);
        }
        let embeddings = NdTensor::from_data([texts.len(), width, hidden], embeddings);
        let mask = NdTensor::from_data([texts.len(), width], mask);

        let engine = |message: String| EncodeError::Engine { message };
        let inputs =
            vec![(self.embeddings_input, embeddings.into()), (self.mask_input, mask.into())];
        let options = RunOptions::default().with_thread_pool(Some(lane.clone()));
        let [states, middle] = self
            .model
            .run_n(inputs, self.outputs, Some(options))
            .map_err(|error| engine(error.to_string()))?;
        let floats = |states: Value| -> Result<Vec<f32>, EncodeError> {
            let states: Result<Tensor<f32>, _> = states.try_into();
            Ok(states.map_err(|_| engine("the states are not floats".into()))?.to_vec())
        };
        let (states, middle) = (floats(states)?, floats(middle)?);
        Ok(texts
            .iter()
            .enumerate()
            .map(|(text, tokens)| {
                let start = text * width * hidden;
                let rows = start..start + tokens.len() * hidden;
                Encoded::new(
                    tokens.to_vec(),
                    states[rows.clone()].to_vec(),
                    middle[rows].to_vec(),
                    hidden,
                )
            })
            .collect())
    }
}

impl Encoder for RtenEncoder {
    fn encode(&self, texts: &[&str]) -> Result<Vec<Encoded>, EncodeError> {
        let tokenized = self.tokenize(texts)?;
        let lengths: Vec<usize> = tokenized.iter().map(Vec::len).collect();
        let batches = batches::plan(&lengths, BATCH_TOKENS);
        let encoded = self.lanes.map(batches.len(), |batch, lane| {
            let batch: Vec<_> =
                batches[batch].iter().map(|&text| tokenized[text].as_slice()).collect();
            self.run(&batch, lane)
        })?;
        Ok(batches::in_order(batches, encoded.into_iter().flatten()))
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn hidden(&self) -> usize {
        self.config.hidden_size
    }

    fn slot_head(&self) -> &SlotHead {
        &self.slot_head
    }
}

impl std::fmt::Debug for RtenEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RtenEncoder")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}
