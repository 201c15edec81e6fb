//! From the file's matrices to the ones that the engine multiplies by: transposed, and in 8 bits
//! where that is wanted.

use super::weights::MatrixRef;

/// How many of a matrix's rows are transposed at a time: few enough for the cache, and as many
/// bytes as a cache line has.
const BLOCK: usize = 64;

/// A matrix `[inputs, outputs]` in 8 bits.
pub struct Quantized {
    pub values: Vec<i8>,
    /// What each column was divided by, `[outputs]`.
    pub scales: Vec<f32>,
    /// The sum of each column, as it now is, scaled back: `[outputs]`.
    pub sums: Vec<f32>,
}

/// One output channel of a dense layer: a row of one of the file's matrices. All channels of a
/// layer have the same length.
pub type Channel<'a> = (MatrixRef<'a>, usize);

/// Transposes the channels into a matrix `[inputs, channels]`.
pub fn transpose(channels: &[Channel<'_>]) -> Vec<f32> {
    let mut values = vec![0.0; channels.len() * inputs(channels)];
    for_blocks(channels, |first, block, inputs| {
        for (input, row) in values.chunks_exact_mut(channels.len()).enumerate() {
            for (channel, value) in row[first..first + block.len() / inputs].iter_mut().enumerate()
            {
                *value = block[channel * inputs + input];
            }
        }
    });
    values
}

/// Transposes and quantises the channels, each by its own largest value, symmetrically around 0.
pub fn quantize(channels: &[Channel<'_>]) -> Quantized {
    let limit = largest_weight();
    let mut values = vec![0i8; channels.len() * inputs(channels)];
    let mut scales = Vec::with_capacity(channels.len());
    let mut sums = Vec::with_capacity(channels.len());
    let mut codes = Vec::new();
    for_blocks(channels, |first, block, inputs| {
        codes.clear();
        for channel in block.chunks_exact(inputs) {
            let largest = channel.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
            let scale = if largest > 0.0 { largest / limit } else { 1.0 };
            // Rounded half away from zero, by a truncation that vectorises. Nothing leaves the
            // range of an i8: |x| / scale is at most `limit`.
            let inverse = 1.0 / scale;
            let start = codes.len();
            codes.extend(channel.iter().map(|x| (x * inverse + 0.5f32.copysign(*x)) as i8));
            let sum: i32 = codes[start..].iter().map(|code| i32::from(*code)).sum();
            scales.push(scale);
            sums.push(sum as f32 * scale);
        }
        for (input, row) in values.chunks_exact_mut(channels.len()).enumerate() {
            for (channel, value) in row[first..first + codes.len() / inputs].iter_mut().enumerate()
            {
                *value = codes[channel * inputs + input];
            }
        }
    });
    Quantized { values, scales, sums }
}

/// Reads the channels a block at a time: calls `each` with the block's first channel, its values
/// row-major, and the length of a row.
fn for_blocks(channels: &[Channel<'_>], mut each: impl FnMut(usize, &[f32], usize)) {
    let inputs = inputs(channels);
    let mut block = vec![0.0; BLOCK * inputs];
    for (index, rows) in channels.chunks(BLOCK).enumerate() {
        for ((matrix, row), into) in rows.iter().zip(block.chunks_exact_mut(inputs)) {
            matrix.read_row(*row, into);
        }
        each(index * BLOCK, &block[..rows.len() * inputs], inputs);
    }
}

fn inputs(channels: &[Channel<'_>]) -> usize {
    channels.first().map_or(0, |(matrix, _)| matrix.columns())
}

/// The largest quantised weight. Without VNNI instructions an x86 processor adds two products of
/// an 8-bit activation and an 8-bit weight in 16 bits, saturating; with weights of 7 bits they fit.
fn largest_weight() -> f32 {
    #[cfg(target_arch = "x86_64")]
    if !is_x86_feature_detected!("avx512vnni") && !is_x86_feature_detected!("avxvnni") {
        return 63.0;
    }
    127.0
}
