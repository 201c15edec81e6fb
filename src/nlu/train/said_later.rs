//! Requests with a moment: "restart the shop tonight at 10pm", 今晚十点重启商城.
//!
//! Any job can be asked for at a later time or again and again, but examples are about the job and
//! seldom say so. Without a few that do, a time makes a plain request look strange.

use crate::catalog::Language;

/// One example in so many is said again with a moment.
const ONE_IN: usize = 7;

/// How moments are said, a few ways each; English puts them last, Chinese first.
const ENGLISH: [&str; 4] =
    ["tonight at 10pm", "tomorrow at 7:30", "every weekday at 2am", "in 20 minutes"];
const CHINESE: [&str; 4] = ["今晚十点", "明天早上七点半", "每个工作日凌晨两点", "二十分钟后"];

/// An example with a moment, for one in [`ONE_IN`] of the examples; `number` is which it is.
pub fn with_moment(text: &str, language: Language, number: usize) -> Option<String> {
    let turn = number.checked_div(ONE_IN).filter(|_| number.is_multiple_of(ONE_IN))?;
    Some(match language {
        Language::En => {
            let text = text.trim_end_matches(['.', '!', '?']);
            format!("{text} {}", ENGLISH[turn % ENGLISH.len()])
        }
        Language::Zh => format!("{}{text}", CHINESE[turn % CHINESE.len()]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_example_in_some_gets_a_moment() {
        let check = |text: &str, language, number: usize, expected: Option<&str>| {
            assert_eq!(with_moment(text, language, number).as_deref(), expected, "{text}");
        };
        check("restart the shop.", Language::En, 0, Some("restart the shop tonight at 10pm"));
        check("restart the shop", Language::En, 7, Some("restart the shop tomorrow at 7:30"));
        check("restart the shop", Language::En, 8, None);
        check("重启商城", Language::Zh, 14, Some("每个工作日凌晨两点重启商城"));
        check("", Language::Zh, 28, Some("今晚十点"));
    }
}
