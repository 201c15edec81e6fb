//! The paper that charts are drawn on.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

/// Latin letters of DejaVu Sans; see `assets/fonts/LICENSE`.
static FONT: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans-Latin.ttf");
const FAMILY: &str = "steward";

pub(super) const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
pub(super) const PALE: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart could not be drawn: {0}")]
pub struct ChartError(String);

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for ChartError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        ChartError(error.to_string())
    }
}

/// What is drawn, which decides how high it is.
pub(super) enum Figure {
    Trend,
    Pair,
    /// So many rows.
    Bars(usize),
}

/// As wide as a phone's chat shows a picture without making letters too small.
const WIDTH: u32 = 900;

/// Draws on white, under a title, and returns the picture as PNG.
pub(super) fn draw(
    title: &str,
    figure: Figure,
    content: impl FnOnce(&DrawingArea<BitMapBackend<'_>, Shift>) -> Result<(), ChartError>,
) -> Result<Vec<u8>, ChartError> {
    let height = match figure {
        Figure::Trend => 520,
        Figure::Pair => 760,
        Figure::Bars(rows) => 110 + 70 * u32::try_from(rows).unwrap_or(u32::MAX).min(20),
    };
    let mut pixels = vec![0; (WIDTH * height * 3) as usize];
    {
        // Made here, so that a missing font is an error and no empty picture.
        ready_font()?;
        let area = BitMapBackend::with_buffer(&mut pixels, (WIDTH, height)).into_drawing_area();
        area.fill(&WHITE)?;
        let area = area.margin(10, 0, 0, 0).titled(title, font(28).into_font().color(&INK))?;
        content(&area)?;
        area.present()?;
    }
    encode(&pixels, height).map_err(|error| ChartError(error.to_string()))
}

/// The font in a size in pixels.
pub(super) fn font(size: i32) -> (&'static str, i32) {
    (FAMILY, size)
}

/// The text if the font can write it, cut to so many characters.
pub(super) fn latin(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let writable =
        |c: char| matches!(c, ' '..='~' | '\u{a0}'..='\u{17f}' | '…' | '–' | '—' | '‘'..='”');
    if text.is_empty() || !text.chars().all(writable) {
        return None;
    }
    Some(match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    })
}

fn ready_font() -> Result<(), ChartError> {
    static READY: OnceLock<bool> = OnceLock::new();
    let ready = READY.get_or_init(|| register_font(FAMILY, FontStyle::Normal, FONT).is_ok());
    ready.then_some(()).ok_or_else(|| ChartError("the font can't be read".into()))
}

fn encode(pixels: &[u8], height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Best);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file)
}
