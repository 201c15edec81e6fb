//! The second engine: libtorch through rust-bert, in 32-bit floats. The same weights give the same
//! answers; it runs on a GPU where libtorch finds one, and it is the engine that can learn.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rust_bert::RustBertError;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use super::{
    Config, EncodeError, Encoded, Encoder, LoadError, Parts, Precision, SlotHead, Token, Tokenizer,
    Weights, batches,
};

/// A batch holds at most this many tokens, padding included.
const BATCH_TOKENS: usize = 2048;

/// The transformer, run by libtorch.
pub struct RustBertEncoder {
    tokenizer: Tokenizer,
    slot_head: SlotHead,
    /// One call at a time: libtorch spreads each over the machine's cores by itself, and its tensors
    /// can't be shared.
    transformer: Mutex<Transformer>,
    hidden: usize,
    vocabulary: usize,
    fingerprint: String,
}

impl RustBertEncoder {
    /// Loads a model directory, onto a GPU where there is one.
    pub fn load(dir: &Path) -> Result<Self, LoadError> {
        let Parts { config, tokenizer, weights, fingerprint, .. } = Parts::open(dir)?;
        Ok(RustBertEncoder {
            tokenizer,
            slot_head: SlotHead::read(&weights, &config)?,
            transformer: Mutex::new(Transformer::load(&weights, &config)?),
            hidden: config.hidden_size,
            vocabulary: config.vocab_size,
            // What was learnt on one engine's floats is good for the other's.
            fingerprint: format!("{fingerprint}-{}", Precision::Float.name()),
        })
    }

    fn run(&self, texts: &[&[Token]]) -> Result<Vec<Encoded>, EncodeError> {
        // Whoever panicked while holding the transformer left it as it was: it is only read.
        let transformer = self.transformer.lock().unwrap_or_else(PoisonError::into_inner);
        tch::no_grad(|| {
            let padded = Padded::new(texts, transformer.device());
            let States { last, middle } = transformer.states(&padded, false)?;
            let rows = |states: &Tensor, text: usize| -> Result<Vec<f32>, EncodeError> {
                let tokens = texts[text].len();
                let states = states.get(text as i64).narrow(0, 0, tokens as i64).contiguous();
                let mut rows = vec![0.0f32; tokens * self.hidden];
                let count = rows.len();
                states.f_copy_data(&mut rows, count).map_err(torch)?;
                Ok(rows)
            };
            let [last, middle] = [last, middle]
                .map(|states| states.to_device(Device::Cpu).to_kind(Kind::Float).contiguous());
            let encoded = texts.iter().enumerate().map(|(text, tokens)| {
                let (states, middle) = (rows(&last, text)?, rows(&middle, text)?);
                Ok(Encoded::new(tokens.to_vec(), states, middle, self.hidden))
            });
            encoded.collect()
        })
    }
}

impl Encoder for RustBertEncoder {
    fn encode(&self, texts: &[&str]) -> Result<Vec<Encoded>, EncodeError> {
        let mut tokenized = Vec::with_capacity(texts.len());
        for text in texts {
            let tokens = self.tokenizer.tokenize(text)?;
            if let Some(token) = tokens.iter().find(|token| token.id as usize >= self.vocabulary) {
                let vocabulary = self.vocabulary;
                return Err(EncodeError::UnknownToken { id: token.id, vocabulary });
            }
            tokenized.push(tokens);
        }
        let lengths: Vec<usize> = tokenized.iter().map(Vec::len).collect();
        let batches = batches::plan(&lengths, BATCH_TOKENS);
        let mut encoded = Vec::with_capacity(texts.len());
        for batch in &batches {
            let tokens: Vec<_> = batch.iter().map(|&text| tokenized[text].as_slice()).collect();
            encoded.extend(self.run(&tokens)?);
        }
        Ok(batches::in_order(batches, encoded))
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn hidden(&self) -> usize {
        self.hidden
    }

    fn slot_head(&self) -> &SlotHead {
        &self.slot_head
    }
}

impl std::fmt::Debug for RustBertEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RustBertEncoder")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// Texts padded to one length, as tensors.
pub(in crate::nlu) struct Padded {
    /// Token ids, `[texts, tokens]`.
    pub ids: Tensor,
    /// 1 for a token and 0 for padding, `[texts, tokens]`.
    pub mask: Tensor,
}

impl Padded {
    /// Pads texts, none of which is empty, to the longest one.
    pub fn new(texts: &[&[Token]], device: Device) -> Self {
        let width = texts.iter().map(|tokens| tokens.len()).max().unwrap_or(0);
        let mut ids = vec![0i64; texts.len() * width];
        let mut mask = vec![0i64; texts.len() * width];
        for (text, tokens) in texts.iter().enumerate() {
            let start = text * width;
            for (at, token) in tokens.iter().enumerate() {
                ids[start + at] = i64::from(token.id);
                mask[start + at] = 1;
            }
        }
        let tensor = |values: &[i64]| {
            Tensor::from_slice(values).view([texts.len() as i64, width as i64]).to_device(device)
        };
        Padded { ids: tensor(&ids), mask: tensor(&mask) }
    }
}

/// libtorch has one generator of random numbers, which dropout and a new model's first weights draw from:
/// whoever seeds it must have it to himself.
pub(in crate::nlu) static GENERATOR: Mutex<()> = Mutex::new(());

/// rust-bert's BERT with an encoder's weights.
pub(in crate::nlu) struct Transformer {
    store: VarStore,
    model: BertModel<BertEmbeddings>,
    middle_layer: usize,
}

/// The token states of two layers, `[texts, tokens, hidden]` each.
pub(in crate::nlu) struct States {
    pub last: Tensor,
    pub middle: Tensor,
}

impl Transformer {
    /// Builds the model and fills it with weights.
    pub fn load(weights: &Weights, config: &Config) -> Result<Self, LoadError> {
        let _generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
        let store = VarStore::new(Device::cuda_if_available());
        let model = BertModel::new_with_optional_pooler(store.root(), &bert_config(config), false);
        for (name, mut variable) in store.variables() {
            let shape: Vec<usize> = variable.size().iter().map(|&size| size as usize).collect();
            let values = Tensor::from_slice(&weights.values(&name, &shape)?).view_as(&variable);
            tch::no_grad(|| variable.copy_(&values));
        }
        Ok(Transformer { store, model, middle_layer: config.middle_layer() })
    }

    /// Where the model is.
    pub fn device(&self) -> Device {
        self.store.device()
    }

    /// The model's parameters by Hugging Face's names.
    pub fn variables(&self) -> Vec<(String, Tensor)> {
        let mut variables: Vec<_> = self.store.variables().into_iter().collect();
        variables.sort_by(|(a, _), (b, _)| a.cmp(b));
        variables
    }

    /// The token states; with dropout where `learning`.
    pub fn states(&self, texts: &Padded, learning: bool) -> Result<States, EncodeError> {
        let (ids, mask) = (Some(&texts.ids), Some(&texts.mask));
        let output = self.model.forward_t(ids, mask, None, None, None, None, None, learning);
        let refused = |error: RustBertError| EncodeError::Engine { message: error.to_string() };
        let output = output.map_err(refused)?;
        // The states before each layer are given where the configuration asks for them.
        let middle = output
            .all_hidden_states
            .and_then(|mut before| {
                (self.middle_layer < before.len()).then(|| before.swap_remove(self.middle_layer))
            })
            .ok_or_else(|| EncodeError::Engine {
                message: "the states of the middle layer are missing".into(),
            })?;
        Ok(States { last: output.hidden_state, middle })
    }
}

fn torch(error: tch::TchError) -> EncodeError {
    EncodeError::Engine { message: error.to_string() }
}

fn bert_config(config: &Config) -> BertConfig {
    BertConfig {
        hidden_size: config.hidden_size as i64,
        intermediate_size: config.intermediate_size as i64,
        max_position_embeddings: config.max_position_embeddings as i64,
        num_attention_heads: config.num_attention_heads as i64,
        num_hidden_layers: config.num_hidden_layers as i64,
        type_vocab_size: config.type_vocab_size as i64,
        vocab_size: config.vocab_size as i64,
        output_hidden_states: Some(true),
        // The rest are BERT's own: GELU, and dropout of one in ten.
        ..BertConfig::default()
    }
}
