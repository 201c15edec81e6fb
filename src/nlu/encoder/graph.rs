//! The transformer as an ONNX graph, built in memory from the weights.
//!
//! Inputs: `embeddings`, `[texts, tokens, hidden]`, the sum of word, position and type
//! embeddings; and `mask`, `[texts, tokens]`, 1 for a token and 0 for padding. Outputs: the states
//! of the last layer and of the middle one, `[texts, tokens, hidden]` each. The word embeddings stay out of the graph: most of the model is
//! made of them, and a message needs a dozen rows.
//!
//! Operators are those of ONNX opset 20 and, where the engine has them fused, of
//! `com.microsoft` (MultiHeadAttention, SkipLayerNormalization), in the patterns that the engine
//! turns into single kernels (MatMul + Add; MatMulInteger + Cast + Mul).

mod builder;

use builder::{Builder, Part};
pub use builder::{EMBEDDINGS, MASK};
use rten::{Model, ModelOptions};

use super::quantize::Channel;
use super::weights::MatrixRef;
use super::{Config, LoadError, Precision, Weights};

/// Builds the graph and loads it into the engine. Layers are prepared side by side, on
/// `threads` threads.
pub fn load(
    weights: &Weights,
    config: &Config,
    precision: Precision,
    threads: usize,
) -> Result<Model, LoadError> {
    let mut parts = vec![embedding_part(weights, config)?];
    parts.extend(layer_parts(weights, config, precision, threads)?);
    let mut builder = Builder::new(config.hidden_size);
    let mut options = ModelOptions::with_all_ops();
    options.prepack_weights(true);
    for part in parts {
        let (file, bytes) = builder.append(part);
        options.external_data(&file, bytes);
    }
    let engine = |message: String| LoadError::Engine { message };
    let proto = builder.finish(&outputs(config));
    let bytes = proto.write_buf().map_err(|error| engine(error.to_string()))?;
    options.load(bytes).map_err(|error| engine(error.to_string()))
}

/// The names of the outputs: the states of the last layer, and those of the middle one.
pub fn outputs(config: &Config) -> [String; 2] {
    [states(config.num_hidden_layers), states(config.middle_layer())]
}

/// The name of the states before layer `layer`.
fn states(layer: usize) -> String {
    format!("states.{layer}")
}

/// The layer norm over the embeddings.
fn embedding_part(weights: &Weights, config: &Config) -> Result<Part, LoadError> {
    let mut part = Part::new("embeddings", Precision::Float);
    let [gamma, beta] = norm(weights, "embeddings.LayerNorm", config)?;
    let gamma = part.vector("gamma", &gamma);
    let beta = part.vector("beta", &beta);
    part.node("LayerNormalization", &[EMBEDDINGS, &gamma, &beta], &[&states(0)])
        .int("axis", -1)
        .float("epsilon", config.layer_norm_eps);
    Ok(part)
}

/// All layers, prepared on several threads.
fn layer_parts(
    weights: &Weights,
    config: &Config,
    precision: Precision,
    threads: usize,
) -> Result<Vec<Part>, LoadError> {
    let layers: Vec<usize> = (0..config.num_hidden_layers).collect();
    let share = layers.len().div_ceil(threads.max(1));
    std::thread::scope(|scope| {
        let workers: Vec<_> = layers
            .chunks(share)
            .map(|share| {
                scope.spawn(move || {
                    share
                        .iter()
                        .map(|&layer| layer_part(weights, config, precision, layer))
                        .collect::<Result<Vec<_>, _>>()
                })
            })
            .collect();
        let mut parts = Vec::with_capacity(layers.len());
        for worker in workers {
            // A worker that panicked hands its panic on.
            parts.extend(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(parts)
    })
}

/// One transformer layer: attention and feed-forward, each added to its input and normalised.
fn layer_part(
    weights: &Weights,
    config: &Config,
    precision: Precision,
    layer: usize,
) -> Result<Part, LoadError> {
    let (hidden, heads, inner) =
        (config.hidden_size, config.num_attention_heads, config.intermediate_size);
    let prefix = format!("encoder.layer.{layer}");
    let mut part = Part::new(&prefix, precision);
    let input = states(layer);

    let Qkv { channels, bias } = qkv(weights, config, &prefix)?;
    let qkv = part.dense("qkv", &input, &channels, &bias);
    // A zero copies the size from the input: [texts, tokens, heads, (q, k, v), width].
    let shape = part.integers("qkv.shape", &[0, 0, heads as i64, 3, config.head_size() as i64]);
    let qkv = part.apply("qkv.heads", "Reshape", &[&qkv, &shape]);
    let attended = part.name("attended");
    part.node("MultiHeadAttention", &[&qkv, "", "", "", MASK], &[&attended])
        .contrib()
        .int("num_heads", heads as i64)
        // Far below any score, yet finite: a row of padding then yields no NaN.
        .float("mask_filter_value", -1e9);

    let sublayer = format!("{prefix}.attention.output");
    let projected =
        dense(&mut part, weights, &format!("{sublayer}.dense"), &attended, [hidden, hidden])?;
    let middle = part.name("middle");
    add_and_norm(&mut part, weights, config, &sublayer, [&projected, &input, &middle])?;

    let name = format!("{prefix}.intermediate.dense");
    let up = dense(&mut part, weights, &name, &middle, [inner, hidden])?;
    let activated = part.apply("activated", "Gelu", &[&up]);

    let sublayer = format!("{prefix}.output");
    let down =
        dense(&mut part, weights, &format!("{sublayer}.dense"), &activated, [hidden, inner])?;
    add_and_norm(&mut part, weights, config, &sublayer, [&down, &middle, &states(layer + 1)])?;
    Ok(part)
}

/// The dense layer `name` of the weights, applied to `input`; `shape` is `[outputs, inputs]`.
fn dense(
    part: &mut Part,
    weights: &Weights,
    name: &str,
    input: &str,
    shape: [usize; 2],
) -> Result<String, LoadError> {
    let [outputs, inputs] = shape;
    let matrix = weights.matrix(&format!("{name}.weight"), outputs, inputs)?;
    let channels: Vec<Channel<'_>> = (0..outputs).map(|row| (matrix, row)).collect();
    let bias = weights.vector(&format!("{name}.bias"), outputs)?;
    Ok(part.dense(name, input, &channels, &bias))
}

/// `output = norm(value + skipped)`, with `[value, skipped, output]` the names of values.
fn add_and_norm(
    part: &mut Part,
    weights: &Weights,
    config: &Config,
    sublayer: &str,
    [value, skipped, output]: [&str; 3],
) -> Result<(), LoadError> {
    let [gamma, beta] = norm(weights, &format!("{sublayer}.LayerNorm"), config)?;
    let gamma = part.vector(&format!("{sublayer}.gamma"), &gamma);
    let beta = part.vector(&format!("{sublayer}.beta"), &beta);
    part.node("SkipLayerNormalization", &[value, skipped, &gamma, &beta], &[output])
        .contrib()
        .float("epsilon", config.layer_norm_eps);
    Ok(())
}

/// A layer norm's scale and shift.
fn norm(weights: &Weights, name: &str, config: &Config) -> Result<[Vec<f32>; 2], LoadError> {
    Ok([
        weights.vector(&format!("{name}.weight"), config.hidden_size)?,
        weights.vector(&format!("{name}.bias"), config.hidden_size)?,
    ])
}

/// Query, key and value as one dense layer.
struct Qkv<'a> {
    channels: Vec<Channel<'a>>,
    bias: Vec<f32>,
}

/// Interleaves the three by attention head, as packed MultiHeadAttention wants them.
fn qkv<'a>(weights: &'a Weights, config: &Config, prefix: &str) -> Result<Qkv<'a>, LoadError> {
    let (hidden, width) = (config.hidden_size, config.head_size());
    let mut parts: Vec<(MatrixRef<'a>, Vec<f32>)> = Vec::with_capacity(3);
    for name in ["query", "key", "value"] {
        let name = format!("{prefix}.attention.self.{name}");
        parts.push((
            weights.matrix(&format!("{name}.weight"), hidden, hidden)?,
            weights.vector(&format!("{name}.bias"), hidden)?,
        ));
    }
    let mut qkv = Qkv { channels: Vec::new(), bias: Vec::new() };
    for head in 0..config.num_attention_heads {
        for (matrix, bias) in &parts {
            let range = head * width..(head + 1) * width;
            qkv.bias.extend_from_slice(&bias[range.clone()]);
            qkv.channels.extend(range.map(|row| (*matrix, row)));
        }
    }
    Ok(qkv)
}
