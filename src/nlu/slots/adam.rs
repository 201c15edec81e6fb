//! AdamW (Loshchilov and Hutter 2019), for one array of parameters.

const BETA: (f32, f32) = (0.9, 0.999);
const EPSILON: f32 = 1e-8;
const WEIGHT_DECAY: f32 = 0.01;

/// The moments of one array of parameters.
pub struct AdamW {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl AdamW {
    pub fn new(parameters: usize) -> Self {
        AdamW { first: vec![0.0; parameters], second: vec![0.0; parameters], steps: 0 }
    }

    /// Moves the parameters against their gradient, both in the same order.
    pub fn step<'a>(
        &mut self,
        parameters: impl IntoIterator<Item = &'a mut f32>,
        gradient: impl IntoIterator<Item = &'a f32>,
        rate: f32,
    ) {
        self.steps += 1;
        let unbias = (1.0 - BETA.0.powi(self.steps), 1.0 - BETA.1.powi(self.steps));
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((x, g), (first, second)) in parameters.into_iter().zip(gradient).zip(moments) {
            *first = BETA.0 * *first + (1.0 - BETA.0) * g;
            *second = BETA.1 * *second + (1.0 - BETA.1) * g * g;
            let step = (*first / unbias.0) / ((*second / unbias.1).sqrt() + EPSILON);
            *x -= rate * (step + WEIGHT_DECAY * *x);
        }
    }
}
