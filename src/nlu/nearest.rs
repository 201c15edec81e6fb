//! How near a text is to the nearest examples of each label.

use serde::{Deserialize, Serialize};

use crate::nlu::intents::{IntentModel, Sample};

/// The centred sentence vectors of all examples, in 8 bits: the third digit of a cosine does not
/// matter here, the size of the file does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Nearest {
    labels: usize,
    width: usize,
    /// Row-major [examples, width], entries times [`SCALE`].
    vectors: Vec<i8>,
    /// The label of each example.
    of: Vec<u16>,
}

/// Entries of vectors of length one are small: 384 of them are 0.05 on average.
const SCALE: f32 = 256.0;
/// The same for what is compared with them, in 16 bits.
const QUERY_SCALE: f32 = 8192.0;

impl Nearest {
    pub fn new(model: &IntentModel, samples: &[Sample], labels: usize) -> Self {
        let mut vectors = Vec::new();
        let mut width = 0;
        for sample in samples {
            let centred = model.centred(&sample.gist.sentence);
            width = centred.len();
            vectors.extend(centred.iter().map(|x| (x * SCALE).round().clamp(-127.0, 127.0) as i8));
        }
        let of = samples.iter().map(|s| s.label as u16).collect();
        Nearest { labels, width, vectors, of }
    }

    /// The greatest cosine between a centred sentence vector and the examples of each label; −1
    /// for a label without examples.
    pub fn by_label(&self, centred: &[f32]) -> Vec<f32> {
        // In whole numbers, which a processor multiplies and adds many of at once. An entry is at
        // most 1, and a dot product at most SCALE * QUERY_SCALE.
        let query: Vec<i16> = centred.iter().map(|x| (x * QUERY_SCALE).round() as i16).collect();
        let mut best = vec![i32::MIN; self.labels];
        for (vector, &label) in self.vectors.chunks_exact(self.width.max(1)).zip(&self.of) {
            let dot: i32 =
                vector.iter().zip(&query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
            let best = &mut best[usize::from(label)];
            *best = dot.max(*best);
        }
        let cosine = |dot: i32| (dot as f32 / (SCALE * QUERY_SCALE)).max(-1.0);
        best.into_iter().map(cosine).collect()
    }
}
