//! Chinese numerals: 八百, 两千三百五, 5万4千, 三分之一, 负六点六.

use super::Number;
use super::digits::{decimal, digits};
use crate::nlu::values::text::{after, literal, one_of, skip_blanks};

/// A number that holds at least one Chinese numeral, with sign, fraction and dozens.
pub(super) fn number(text: &str, at: usize) -> Option<(usize, Number)> {
    if in_word(text, at) {
        return None;
    }
    let (from, negative) = match after(text, at)? {
        '负' => (skip_blanks(text, at + '负'.len_utf8()), true),
        _ => (at, false),
    };
    let (end, value) = fraction(text, from).or_else(|| signed_or_mixed(text, from, negative))?;
    let number = Number::of(value);
    Some((end, if negative { number.negated() } else { number }))
}

/// A numeral; plain digits count only behind a Chinese minus.
fn signed_or_mixed(text: &str, from: usize, negative: bool) -> Option<(usize, f64)> {
    let (end, value, chinese) = mixed_numeral(text, from)?;
    if !chinese && !negative {
        return None;
    }
    if let Some(end) = literal(text, end, "打").filter(|_| chinese) {
        return Some((end, value * 12.0));
    }
    Some((end, value))
}

/// A Chinese numeral, or digits with Chinese magnitudes, at `at`: 十五, 1.5万, 二点五, 两百.
/// Without sign. Plain digits are none.
pub(crate) fn numeral(text: &str, at: usize) -> Option<(usize, f64)> {
    mixed_numeral(text, at).filter(|(_, _, chinese)| *chinese).map(|(end, value, _)| (end, value))
}

/// The value of one Chinese digit.
pub(crate) fn digit(c: char) -> Option<u8> {
    Some(match c {
        '零' | '〇' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' | '两' | '俩' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn unit(c: char) -> Option<f64> {
    Some(match c {
        '十' | '拾' => 1e1,
        '百' | '佰' => 1e2,
        '千' | '仟' => 1e3,
        '万' => 1e4,
        '亿' => 1e8,
        '兆' => 1e12,
        _ => return None,
    })
}

/// Everyday words that begin with (or hold, up to here) a numeral and say no number.
fn in_word(text: &str, at: usize) -> bool {
    const HEADS: [&str; 30] = [
        "一切",
        "一下",
        "一起",
        "一样",
        "一直",
        "一定",
        "一般",
        "一些",
        "一看",
        "一致",
        "一旦",
        "一边",
        "一会",
        "一共",
        "一律",
        "一块",
        "一点儿",
        "一键",
        "四川",
        "四周",
        "五台山",
        "陆地",
        "陆续",
        "肆意",
        "肆无忌惮",
        "伍仁",
        "拾取",
        "拾起",
        "拾到",
        "三方",
    ];
    const TAILS: [&str; 22] = [
        "统一",
        "唯一",
        "第一",
        "逐一",
        "万一",
        "之一",
        "周一",
        "星期一",
        "大陆",
        "登陆",
        "海陆",
        "着陆",
        "部队伍",
        "放肆",
        "收拾",
        "夕拾",
        "队伍",
        "入伍",
        "退伍",
        "十足",
        "美味十",
        "不一",
    ];
    let Some(c) = after(text, at) else { return true };
    if HEADS.iter().any(|w| text[at..].starts_with(w)) && !text[at..].starts_with("一块蛋糕") {
        return true;
    }
    let end = at + c.len_utf8();
    TAILS.iter().any(|w| text[..end].ends_with(w)) || (c == '十' && text[at..].starts_with("十足"))
}

/// A fraction: 五分之一, 三百又三分之一. A bare 百/千/万 in front of 分之 is a percentage, which is
/// another type's.
fn fraction(text: &str, at: usize) -> Option<(usize, f64)> {
    let (end, first, _) = mixed_numeral(text, at)?;
    let next = skip_blanks(text, end);
    if let Some(next) = literal(text, next, "又") {
        let (end, value) = simple_fraction(text, skip_blanks(text, next))?;
        return Some((end, first + value));
    }
    simple_fraction(text, at)
}

fn simple_fraction(text: &str, at: usize) -> Option<(usize, f64)> {
    if matches!(after(text, at)?, '百' | '千' | '万' | '佰' | '仟') {
        return None;
    }
    let (end, denominator, _) = mixed_numeral(text, at)?;
    let next = literal(text, skip_blanks(text, end), "分")?;
    let mut next = skip_blanks(text, literal(text, skip_blanks(text, next), "之")?);
    let mut sign = 1.0;
    if let Some(end) = literal(text, next, "负") {
        next = end;
        sign = -1.0;
    }
    let (end, numerator, _) = mixed_numeral(text, next)?;
    (denominator != 0.0).then_some((end, sign * numerator / denominator))
}

/// The state of a numeral while it is read from left to right.
#[derive(Default)]
struct Reading {
    /// Finished parts with the magnitude they end in: 四亿 is (4e8, 1e8).
    groups: Vec<(f64, f64)>,
    /// Below the next 万: 两千三百.
    section: f64,
    /// A digit or a number whose unit has not come yet.
    pending: Option<f64>,
    /// The pending one is a single Chinese digit right behind a unit: the 五 of 二百五.
    tail: bool,
    /// The last unit read.
    unit: f64,
    chinese: bool,
    digits: usize,
}

impl Reading {
    /// Takes 十, 百 or 千. `false` where it can't stand here.
    fn small(&mut self, unit: f64) -> bool {
        let smallest = if self.section == 0.0 { f64::INFINITY } else { self.smallest() };
        if unit >= smallest || (self.digits > 1 && self.pending.is_some()) {
            return false;
        }
        self.section += self.pending.take().unwrap_or(1.0) * unit;
        self.unit = unit;
        true
    }

    fn smallest(&self) -> f64 {
        if self.unit < 1e4 { self.unit } else { f64::INFINITY }
    }

    /// Takes 万, 亿 or 兆.
    fn large(&mut self, unit: f64) -> bool {
        let own = self.section + self.pending.take().unwrap_or(0.0);
        if own == 0.0 {
            let Some((value, magnitude)) = self.groups.last_mut() else { return false };
            *value *= unit;
            *magnitude = unit.max(*magnitude);
        } else {
            let mut sum = own;
            while let Some((value, _)) = self.groups.pop_if(|(_, magnitude)| *magnitude < unit) {
                sum += value;
            }
            self.groups.push((sum * unit, unit));
        }
        self.section = 0.0;
        self.unit = unit;
        true
    }

    fn total(&self) -> f64 {
        let pending = self.pending.unwrap_or(0.0);
        let tail = if self.tail && self.unit > 1.0 { pending * self.unit / 10.0 } else { pending };
        self.groups.iter().map(|(value, _)| value).sum::<f64>() + self.section + tail
    }
}

/// A numeral of Chinese characters and digits; says whether a Chinese character was among them.
fn mixed_numeral(text: &str, at: usize) -> Option<(usize, f64, bool)> {
    if let Some(found) = digit_string(text, at) {
        return Some(found);
    }
    if let Some(end) = literal(text, at, "半百") {
        return Some((end, 50.0, true));
    }
    let mut reading = Reading { unit: 0.0, ..Reading::default() };
    let mut end = at;
    let mut zero = false;
    let mut next = at;
    loop {
        let (from, step) = (next, step(text, next));
        let Some(step) = step else { break };
        match step {
            Step::Zero(to) => {
                if reading.pending.is_some() {
                    break;
                }
                // A zero only links (一千零五), unless it stands alone.
                if end == at {
                    reading.pending = None;
                    reading.chinese = true;
                    end = to;
                }
                zero = true;
                next = to;
            }
            Step::Digit(to, value) => {
                if reading.pending.is_some() {
                    break;
                }
                reading.pending = Some(value);
                reading.tail = !zero && reading.unit > 0.0;
                reading.chinese = true;
                reading.digits = 1;
                zero = false;
                (end, next) = (to, to);
            }
            Step::Number(to, value, length) => {
                if reading.pending.is_some() || (from > end && end > at) {
                    break;
                }
                reading.pending = Some(value);
                reading.tail = false;
                reading.digits = usize::from(length > 0);
                zero = false;
                (end, next) = (to, to);
            }
            Step::Unit(to, value) => {
                let fits = if value < 1e4 { reading.small(value) } else { reading.large(value) };
                if !fits {
                    break;
                }
                reading.chinese = true;
                reading.tail = false;
                zero = false;
                (end, next) = (to, to);
            }
            // 十多万, 二十几万: about so many; only before a magnitude.
            Step::About(to) => {
                let magnitude = matches!(self::step(text, to), Some(Step::Unit(_, v)) if v >= 1e4);
                if !magnitude || end == at {
                    break;
                }
                next = to;
            }
        }
    }
    if end == at || (reading.pending == Some(2.0) && reading.tail && text[..end].ends_with('两')) {
        return None;
    }
    let value = reading.total();
    if let Some((end, decimals)) = decimals(text, end).filter(|_| reading.chinese) {
        return Some((end, with_decimals(value, &decimals)?, true));
    }
    Some((end, value, reading.chinese))
}

enum Step {
    Zero(usize),
    Digit(usize, f64),
    Number(usize, f64, usize),
    Unit(usize, f64),
    About(usize),
}

fn step(text: &str, at: usize) -> Option<Step> {
    let from = skip_blanks(text, at);
    let c = after(text, from)?;
    let to = from + c.len_utf8();
    if matches!(c, '零' | '〇') {
        return Some(Step::Zero(to));
    }
    if let Some(value) = digit(c) {
        return Some(Step::Digit(to, f64::from(value)));
    }
    if let Some(value) = unit(c) {
        return Some(Step::Unit(to, value));
    }
    if matches!(c, '余' | '多' | '几' | '来') {
        return Some(Step::About(to));
    }
    let (to, number) = decimal(text, from)?;
    Some(Step::Number(to, number.value, to - from))
}

/// A string of three or more digits without units: 二零二五, 一二三.
fn digit_string(text: &str, at: usize) -> Option<(usize, f64, bool)> {
    let mut end = at;
    let mut value = 0.0;
    let mut count = 0;
    for c in text[at..].chars() {
        let Some(d) = digit(c).filter(|_| c != '两' && c != '俩') else { break };
        value = value * 10.0 + f64::from(d);
        end += c.len_utf8();
        count += 1;
    }
    let unit_follows = after(text, end).is_some_and(|c| unit(c).is_some());
    ((3..=18).contains(&count) && !unit_follows).then_some((end, value, true))
}

/// The digits behind 点, in ASCII.
fn decimals(text: &str, at: usize) -> Option<(usize, String)> {
    let mut end = skip_blanks(text, literal(text, skip_blanks(text, at), "点")?);
    if let Some(to) = digits(text, end) {
        return Some((to, text[end..to].to_owned()));
    }
    let mut decimals = String::new();
    while let Some(c) = after(text, end).filter(|c| *c != '两') {
        let Some(d) = digit(c) else { break };
        decimals.push(char::from(b'0' + d));
        end += c.len_utf8();
    }
    // 三点二十 is a time, no decimal.
    let clock = one_of(text, end, &["十", "拾", "分", "刻"]).is_some();
    (!decimals.is_empty() && !clock).then_some((end, decimals))
}

fn with_decimals(value: f64, decimals: &str) -> Option<f64> {
    format!("{value}.{decimals}").parse().ok()
}
