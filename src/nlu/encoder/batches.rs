//! Which texts are encoded together.

/// Groups texts, given by their numbers of tokens, so that a batch wastes little on padding: by
/// length, and at most `most_tokens` tokens in a batch, padding included (a longer text is
/// a batch of its own). Each text is in exactly one batch; long ones come first, so that threads which
/// take batch after batch finish at about the same time.
pub fn plan(lengths: &[usize], most_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&text| std::cmp::Reverse(lengths[text]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for text in order {
        match batches.last_mut() {
            // Lengths fall, so a batch is as wide as its first text.
            Some(batch) if (batch.len() + 1) * lengths[batch[0]] <= most_tokens => batch.push(text),
            _ => batches.push(vec![text]),
        }
    }
    batches
}

/// Puts what came of planned batches, text after text, into the order of the texts.
pub fn in_order<T>(batches: Vec<Vec<usize>>, of_texts: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut numbered: Vec<(usize, T)> = batches.into_iter().flatten().zip(of_texts).collect();
    numbered.sort_by_key(|(text, _)| *text);
    numbered.into_iter().map(|(_, of_text)| of_text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_like_length_share_a_batch() {
        fn check(lengths: &[usize], most_tokens: usize, expect: &[&[usize]]) {
            assert_eq!(plan(lengths, most_tokens), expect, "{lengths:?}");
        }
        check(&[], 8, &[]);
        check(&[3], 8, &[&[0]]);
        check(&[2, 4, 2, 4, 2], 8, &[&[1, 3], &[0, 2, 4]]);
        check(&[512, 2], 8, &[&[0], &[1]]);
    }
}
