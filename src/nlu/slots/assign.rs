//! Which span goes to which parameter: one joint optimisation over all of them.

/// That a span is the value of a parameter, and how much speaks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    pub parameter: usize,
    /// `start..end`, in any unit that orders places in the text.
    pub start: usize,
    pub end: usize,
    /// The gain of believing it; claims without a gain are never believed.
    pub gain: f32,
}

/// Chooses claims so that each parameter gets at most one span, no two chosen spans overlap,
/// and the sum of gains is the greatest possible. Returns indices into `claims`, in the order
/// of the text.
///
/// Branch and bound over parameters: exact, and quick because a message has few claims with a
/// gain. The search stops after [`MOST_STEPS`] with the best found so far, which the first
/// descent already makes a good one.
pub fn assign(claims: &[Claim]) -> Vec<usize> {
    let mut parameters: Vec<usize> = claims.iter().map(|c| c.parameter).collect();
    parameters.sort_unstable();
    parameters.dedup();
    let mut options: Vec<Vec<usize>> = parameters
        .iter()
        .map(|&p| {
            let mut of: Vec<usize> = (0..claims.len())
                .filter(|&i| claims[i].parameter == p && claims[i].gain > 0.0)
                .collect();
            of.sort_by(|&a, &b| claims[b].gain.total_cmp(&claims[a].gain));
            of
        })
        .filter(|of| !of.is_empty())
        .collect();
    // The surest parameters first: the bound then cuts early.
    options.sort_by(|a, b| claims[b[0]].gain.total_cmp(&claims[a[0]].gain));
    let mut hopes = vec![0.0; options.len() + 1];
    for i in (0..options.len()).rev() {
        hopes[i] = hopes[i + 1] + claims[options[i][0]].gain;
    }
    let mut search =
        Search { claims, options: &options, hopes: &hopes, best: (0.0, vec![]), steps: 0 };
    search.descend(0, 0.0, &mut Vec::new());
    let mut chosen = search.best.1;
    chosen.sort_by_key(|&i| claims[i].start);
    chosen
}

/// How many nodes of the search are visited at most.
const MOST_STEPS: usize = 100_000;

struct Search<'a> {
    claims: &'a [Claim],
    options: &'a [Vec<usize>],
    /// The most that the parameters from an index on can still gain.
    hopes: &'a [f32],
    best: (f32, Vec<usize>),
    steps: usize,
}

impl Search<'_> {
    fn descend(&mut self, at: usize, gained: f32, chosen: &mut Vec<usize>) {
        self.steps += 1;
        if gained > self.best.0 {
            self.best = (gained, chosen.clone());
        }
        if at == self.options.len()
            || gained + self.hopes[at] <= self.best.0
            || self.steps > MOST_STEPS
        {
            return;
        }
        let options = self.options;
        for &option in &options[at] {
            let claim = self.claims[option];
            let free = chosen.iter().all(|&c| {
                let other = self.claims[c];
                claim.end <= other.start || other.end <= claim.start
            });
            if free {
                chosen.push(option);
                self.descend(at + 1, gained + claim.gain, chosen);
                chosen.pop();
            }
        }
        self.descend(at + 1, gained, chosen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(claims: &[(usize, usize, usize, f32)], expected: &[usize]) {
        let claims: Vec<Claim> = claims
            .iter()
            .map(|&(parameter, start, end, gain)| Claim { parameter, start, end, gain })
            .collect();
        assert_eq!(assign(&claims), expected, "{claims:?}");
    }

    #[test]
    fn each_span_goes_to_one_parameter_for_the_greatest_sum() {
        // Both want the first span most; the sum is best where the second one yields.
        check(&[(0, 0, 2, 3.0), (1, 0, 2, 2.5), (1, 4, 6, 2.0)], &[0, 2]);
        // From and to: each alone would take the second span.
        check(&[(0, 0, 2, 1.0), (0, 4, 6, 3.0), (1, 0, 2, 0.5), (1, 4, 6, 3.0)], &[0, 3]);
    }

    #[test]
    fn one_long_span_against_two_short_ones() {
        check(&[(0, 0, 9, 3.0), (1, 0, 3, 2.0), (2, 4, 9, 2.0)], &[1, 2]);
        check(&[(0, 0, 9, 5.0), (1, 0, 3, 2.0), (2, 4, 9, 2.0)], &[0]);
    }

    #[test]
    fn nothing_is_believed_without_a_gain() {
        check(&[(0, 0, 2, -1.0), (1, 0, 2, 0.0)], &[]);
        check(&[], &[]);
    }

    #[test]
    fn hopeless_crowds_end_in_time() {
        let claims: Vec<Claim> = (0..400)
            .map(|i| Claim { parameter: i % 40, start: i / 7, end: i / 7 + 3, gain: 1.0 })
            .collect();
        assert!(!assign(&claims).is_empty());
    }
}
