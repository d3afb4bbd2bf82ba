//! Reads the codes in a picture: PNG or JPEG in, texts out, each with the symbology identifier (ISO/IEC 15424) that
//! tells [`crate::barcode::decode`] how to take it.
//!
//! - A picture's size is read from its head, and refused before anything of that size is allocated.
//! - A code is read only where its own redundancy bears it out: error correction in Data Matrix and QR codes, check
//!   characters in the linear ones, and these in several scan lines that agree. Code 39 has no check character of its
//!   own, so only HIBC, which brings one, is taken from it, and EAN-8, whose ten bars chance draws, is not read at all.
//!   Better no code than a wrong one.
//! - Whether data is GS1's is what the symbol says (FNC1), never what it looks like.
//! - Nothing is kept, and nothing depends on a clock: when to stop is for the caller to say.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, imageops};
use rxing::common::{BitArray, HybridBinarizer};
use rxing::oned::{Code39Reader, Code128Reader, EAN13Reader, OneDReader};
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8Source, RXingResult, RXingResultMetadataType,
    RXingResultMetadataValue, Reader,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::barcode::gs1::element_string::GROUP_SEPARATOR;

/// The most pixels that a picture may have: more than telephones take by default (12 million).
pub const PIXELS_MAX: u64 = 16_000_000;
/// The most bytes that a picture may have once it is decoded.
const DECODED_MAX: u64 = 4 * PIXELS_MAX;
/// The most codes that are looked for in one picture.
pub const CODES_MAX: usize = 16;
/// Length of the longer side, in pixels, at which a picture is looked at first: enough for a pack that fills a quarter
/// of it, and much faster than a whole one.
const WORKING_SIDE: u32 = 1600;

/// What kind of symbol a code was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Symbology {
    /// Data Matrix that starts with FNC1.
    #[serde(rename = "gs1_data_matrix")]
    Gs1DataMatrix,
    /// Any other Data Matrix.
    DataMatrix,
    /// QR code with FNC1 in first position.
    #[serde(rename = "gs1_qr_code")]
    Gs1QrCode,
    /// Any other QR code.
    QrCode,
    /// Code 128 that starts with FNC1.
    #[serde(rename = "gs1_128")]
    Gs1Code128,
    /// Any other Code 128.
    #[serde(rename = "code_128")]
    Code128,
    /// Code 39.
    #[serde(rename = "code_39")]
    Code39,
    /// EAN-13 or UPC-A.
    #[serde(rename = "ean_13")]
    Ean13,
}

/// A code as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// What kind of symbol it was in.
    pub symbology: Symbology,
    /// Its text behind the symbology identifier, separators as U+001D: what a scanner would send.
    pub text: String,
}

/// Why a picture was not looked at to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It is no PNG or JPEG picture, or a damaged one.
    NotAPicture,
    /// It has more pixels, or more bytes a pixel, than is looked at.
    TooLarge {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The caller said that it has been long enough.
    Stopped,
}

/// Grey pixels.
struct Grey {
    pixels: Vec<u8>,
    width: u32,
    height: u32,
}

/// All codes in a picture, each once, in no order that means anything. None is no error.
///
/// `stop` is asked between steps; each of them is short, since the number of pixels is bounded.
///
/// # Errors
/// See [`Unread`].
pub fn read(bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Vec<Symbol>, Unread> {
    let whole = grey(bytes)?;
    let mut search = Search { found: Vec::new(), stop };
    if whole.width.max(whole.height) <= WORKING_SIDE {
        search.everywhere(&whole)?;
        if search.found.is_empty() && whole.width.min(whole.height) >= 4 {
            // What is too blurred or too noisy module by module may be clear from further away.
            search.everywhere(&whole.smaller(whole.width.max(whole.height) / 2))?;
        }
    } else {
        search.everywhere(&whole.smaller(WORKING_SIDE))?;
        if search.found.is_empty() {
            search.everywhere(&whole)?;
        }
    }
    Ok(search.found)
}

/// Decodes a picture to grey. What is transparent is paper: white.
fn grey(bytes: &[u8]) -> Result<Grey, Unread> {
    let unreadable = |_| Unread::NotAPicture;
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| Unread::NotAPicture)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(Unread::NotAPicture);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(DECODED_MAX);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > DECODED_MAX {
        return Err(Unread::TooLarge { width, height });
    }
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    let pixels = if picture.color().has_alpha() {
        let mut picture = picture.into_luma_alpha8().into_raw();
        for pixel in picture.chunks_exact_mut(2) {
            if let [grey, alpha] = pixel {
                let mixed = u32::from(*grey) * u32::from(*alpha) + 255 * (255 - u32::from(*alpha));
                *grey = u8::try_from(mixed / 255).unwrap_or(u8::MAX);
            }
        }
        picture.into_iter().step_by(2).collect()
    } else {
        picture.into_luma8().into_raw()
    };
    Ok(Grey { pixels, width, height })
}

impl Grey {
    /// The same picture with a longer side of `side` pixels.
    fn smaller(&self, side: u32) -> Grey {
        let longest = self.width.max(self.height).max(1);
        let scaled = |length: u32| {
            u32::try_from(u64::from(length) * u64::from(side) / u64::from(longest)).unwrap_or(side).max(1)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        let view = image::ImageBuffer::<image::Luma<u8>, &[u8]>::from_raw(self.width, self.height, &self.pixels);
        let pixels = view.map(|view| imageops::thumbnail(&view, width, height).into_raw()).unwrap_or_default();
        Grey { pixels, width, height }
    }

    /// The same picture turned by an angle with this cosine and sine, in 1024ths; what was outside is white.
    fn turned(&self, cos: i64, sin: i64) -> Grey {
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        let new_width = (width * cos.abs() + height * sin.abs()) / 1024;
        let new_height = (width * sin.abs() + height * cos.abs()) / 1024;
        let mut pixels = Vec::with_capacity(usize::try_from(new_width * new_height).unwrap_or(0));
        for row in 0..new_height {
            let (mut x, mut y) = {
                let (dx, dy) = (-new_width / 2, row - new_height / 2);
                (width * 512 + dx * cos + dy * sin, height * 512 - dx * sin + dy * cos)
            };
            for _ in 0..new_width {
                pixels.push(self.between(x, y));
                x += cos;
                y -= sin;
            }
        }
        Grey { pixels, width: u32::try_from(new_width).unwrap_or(0), height: u32::try_from(new_height).unwrap_or(0) }
    }

    /// The grey at a point given in 1024ths of a pixel, between the four pixels around it.
    fn between(&self, x: i64, y: i64) -> u8 {
        let (column, row) = (x >> 10, y >> 10);
        let (right, down) = (x & 1023, y & 1023);
        let width = i64::from(self.width);
        if column < 0 || row < 0 || column + 1 >= width || row + 1 >= i64::from(self.height) {
            return u8::MAX;
        }
        let Ok(start) = usize::try_from(row * width + column) else { return u8::MAX };
        let line = usize::try_from(self.width).unwrap_or(0);
        let pair = |at: usize| match self.pixels.get(at..at + 2) {
            Some([left, next]) => i64::from(*left) * (1024 - right) + i64::from(*next) * right,
            _ => 255 * 1024,
        };
        let mixed = pair(start) * (1024 - down) + pair(start + line) * down;
        u8::try_from(mixed >> 20).unwrap_or(u8::MAX)
    }

    /// Paints a convex quadrilateral white, a little larger than it is.
    fn erase(&mut self, corners: [(i64, i64); 4], percent: i64) {
        let sum = corners.iter().fold((0, 0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
        let centre = (sum.0 / 4, sum.1 / 4);
        let grown = corners
            .map(|(x, y)| (centre.0 + (x - centre.0) * percent / 100, centre.1 + (y - centre.1) * percent / 100));
        let edges = {
            let [a, b, c, d] = grown;
            [(a, b), (b, c), (c, d), (d, a)]
        };
        let span = |values: [i64; 4], most: u32| {
            let (low, high) = (values.iter().min().copied(), values.iter().max().copied());
            (low.unwrap_or(0).max(0), high.unwrap_or(0).min(i64::from(most) - 1))
        };
        let (left, right) = span(grown.map(|corner| corner.0), self.width);
        let (top, bottom) = span(grown.map(|corner| corner.1), self.height);
        for y in top..=bottom {
            for x in left..=right {
                let sides = edges.map(|((ax, ay), (bx, by))| (bx - ax) * (y - ay) - (by - ay) * (x - ax));
                let inside = sides.iter().all(|side| *side >= 0) || sides.iter().all(|side| *side <= 0);
                let at = usize::try_from(y * i64::from(self.width) + x).ok();
                if let Some(pixel) = at.filter(|_| inside).and_then(|at| self.pixels.get_mut(at)) {
                    *pixel = u8::MAX;
                }
            }
        }
    }

    fn bitmap(&self) -> Option<BinaryBitmap<HybridBinarizer<Luma8Source<'_>>>> {
        let source = Luma8Source::new_with_slice(&self.pixels, self.width, self.height).ok()?;
        Some(BinaryBitmap::new(HybridBinarizer::new(source)))
    }
}

/// What was found, and when to stop.
struct Search<'a> {
    found: Vec<Symbol>,
    stop: &'a dyn Fn() -> bool,
}

/// Angles at which linear codes are looked for, as cosine and sine in 1024ths. A scan line may cross a code that is
/// four times as wide as high at up to 14°, and each line is read both ways, so that steps of 30° find nearly all.
const ANGLES: [(i64, i64); 6] = [(1024, 0), (0, 1024), (887, 512), (512, 887), (-512, 887), (-887, 512)];

impl Search<'_> {
    fn go_on(&self) -> Result<(), Unread> {
        if (self.stop)() { Err(Unread::Stopped) } else { Ok(()) }
    }

    fn note(&mut self, symbol: Symbol) {
        if self.found.len() < CODES_MAX && !self.found.contains(&symbol) {
            self.found.push(symbol);
        }
    }

    fn everywhere(&mut self, picture: &Grey) -> Result<(), Unread> {
        self.go_on()?;
        self.matrix(picture, rxing::datamatrix::DataMatrixReader)?;
        self.matrix(picture, rxing::qrcode::QRCodeReader)?;
        for (cos, sin) in ANGLES {
            self.go_on()?;
            match sin {
                0 => self.linear(picture)?,
                _ => self.linear(&picture.turned(cos, sin))?,
            }
        }
        Ok(())
    }

    /// Reads the codes of one matrix symbology one after the other: what was read is painted over.
    fn matrix<R: Reader>(&mut self, picture: &Grey, mut reader: R) -> Result<(), Unread> {
        let hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
        let mut rest = Grey { pixels: picture.pixels.clone(), width: picture.width, height: picture.height };
        for _ in 0..CODES_MAX {
            self.go_on()?;
            let result = guarded(|| reader.decode_with_hints(&mut rest.bitmap()?, &hints).ok());
            let Some(result) = result else { break };
            if let Some(symbol) = matrix_symbol(&result) {
                self.note(symbol);
            }
            let Some((corners, percent)) = extent(&result) else { break };
            rest.erase(corners, percent);
        }
        Ok(())
    }

    /// Reads the linear codes that lie more or less level.
    fn linear(&mut self, picture: &Grey) -> Result<(), Unread> {
        let Some(bitmap) = picture.bitmap() else { return Ok(()) };
        let mut seen: Vec<(Symbol, u32)> = Vec::new();
        let step = usize::try_from(picture.height / 300).unwrap_or(0).max(1);
        for y in (0..picture.height).step_by(step) {
            self.go_on()?;
            // One threshold around each place, and one for the whole line: uneven light asks for the former, thin bars
            // for the latter.
            let mut lines = Vec::with_capacity(2);
            lines.push(bitmap.get_black_matrix().getRow(y));
            if let Some(row) = usize::try_from(y).ok().and_then(|y| bitmap.get_black_row(y).ok()) {
                lines.push(row.into_owned());
            }
            let mut here: Vec<Symbol> = Vec::new();
            for mut line in lines {
                for symbol in line_symbols(y, &mut line) {
                    if !here.contains(&symbol) {
                        here.push(symbol);
                    }
                }
            }
            for symbol in here {
                match seen.iter_mut().find(|(known, _)| *known == symbol) {
                    Some((_, lines)) => *lines += 1,
                    None => seen.push((symbol, 1)),
                }
            }
        }
        for (symbol, lines) in seen {
            if lines >= lines_needed(symbol.symbology) {
                self.note(symbol);
            }
        }
        Ok(())
    }
}

/// How many scan lines must say the same. A check digit of EAN lets every tenth misreading pass, those of Code 128 and
/// HIBC every hundredth and every forty-third.
fn lines_needed(symbology: Symbology) -> u32 {
    if symbology == Symbology::Ean13 { 8 } else { 6 }
}

/// A picture that makes a reader panic is one in which it found nothing.
fn guarded<T>(reading: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(reading)).ok().flatten()
}

/// What a line says, forwards and backwards.
fn line_symbols(y: u32, line: &mut BitArray) -> Vec<Symbol> {
    let hints = DecodeHints { AssumeGs1: Some(true), ..DecodeHints::default() };
    let mut symbols = Vec::new();
    for _ in 0..2 {
        let results = [
            guarded(|| Code128Reader.decode_row(y, line, &hints).ok()),
            guarded(|| Code39Reader::default().decode_row(y, line, &hints).ok()),
            guarded(|| EAN13Reader.decode_row(y, line, &hints).ok()),
        ];
        symbols.extend(results.iter().flatten().filter_map(linear_symbol));
        line.reverse();
    }
    symbols
}

fn linear_symbol(result: &RXingResult) -> Option<Symbol> {
    let text = result.getText();
    let (symbology, identifier, text) = match result.getBarcodeFormat() {
        // With `AssumeGs1` the reader puts the identifier in front itself, and makes separators of later FNC1s.
        BarcodeFormat::CODE_128 => match identifier(result)? {
            "]C1" => (Symbology::Gs1Code128, "]C1", text.strip_prefix("]C1")?.trim_end_matches(GROUP_SEPARATOR)),
            "]C0" => (Symbology::Code128, "]C0", plain_code_128(text)?),
            _ => return None,
        },
        BarcodeFormat::CODE_39 if crate::barcode::hibc::has_check(text) => (Symbology::Code39, "]A0", text),
        BarcodeFormat::EAN_13 => (Symbology::Ean13, "]E0", text),
        _ => return None,
    };
    (!text.is_empty()).then(|| Symbol { symbology, text: format!("{identifier}{text}") })
}

/// What a Code 128 without FNC1 in front can say of a product: HIBC, whose own check character must fit, and ICCBBA. Anything
/// else is no product data, and may be a GS1-128 whose FNC1 was misread.
fn plain_code_128(text: &str) -> Option<&str> {
    // When the symbol's check character has the value of FNC1, the reader takes it for a separator at the end.
    let text = text.trim_end_matches(GROUP_SEPARATOR);
    (crate::barcode::hibc::has_check(text) || text.starts_with(['=', '&'])).then_some(text)
}

/// The symbology identifier as the reader states it.
fn identifier(result: &RXingResult) -> Option<&str> {
    match result.getRXingResultMetadata().get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER)? {
        RXingResultMetadataValue::SymbologyIdentifier(identifier) => Some(identifier),
        _ => None,
    }
}

/// A part of a message that is spread over several symbols says nothing by itself.
const DATA_MATRIX_STRUCTURED_APPEND: u8 = 233;
/// FNC1 as a codeword of Data Matrix (ISO/IEC 16022, 5.2.4.6).
const DATA_MATRIX_FNC1: u8 = 232;

fn matrix_symbol(result: &RXingResult) -> Option<Symbol> {
    let text = result.getText();
    let (symbology, identifier, text) = match result.getBarcodeFormat() {
        // The reader's own identifier takes an FNC1 after the fourth character for one in front, so the first codeword
        // decides.
        BarcodeFormat::DATA_MATRIX => match result.getRawBytes().first() {
            Some(&DATA_MATRIX_FNC1) => (Symbology::Gs1DataMatrix, "]d2", text.trim_end_matches(GROUP_SEPARATOR)),
            Some(&DATA_MATRIX_STRUCTURED_APPEND) | None => return None,
            Some(_) => (Symbology::DataMatrix, "]d1", text),
        },
        BarcodeFormat::QR_CODE => {
            let metadata = result.getRXingResultMetadata();
            if metadata.contains_key(&RXingResultMetadataType::STRUCTURED_APPEND_SEQUENCE) {
                return None;
            }
            match identifier(result)? {
                "]Q3" | "]Q4" => (Symbology::Gs1QrCode, "]Q3", text.trim_end_matches(GROUP_SEPARATOR)),
                "]Q1" | "]Q2" => (Symbology::QrCode, "]Q1", text),
                _ => return None,
            }
        }
        _ => return None,
    };
    (!text.is_empty()).then(|| Symbol { symbology, text: format!("{identifier}{text}") })
}

/// The corners to paint over, and how much larger than they say, in per cent: a Data Matrix is known by its corners, a
/// QR code by the middles of its finder patterns.
fn extent(result: &RXingResult) -> Option<([(i64, i64); 4], i64)> {
    let points: Vec<_> = result.getPoints().iter().map(|point| (whole(point.x), whole(point.y))).collect();
    match (result.getBarcodeFormat(), points.as_slice()) {
        (BarcodeFormat::QR_CODE, [a, b, c, ..]) => Some(([*a, *b, *c, (a.0 + c.0 - b.0, a.1 + c.1 - b.1)], 160)),
        (_, [a, b, c, d, ..]) => Some(([*a, *b, *c, *d], 110)),
        _ => None,
    }
}

#[expect(clippy::as_conversions, reason = "the standard library has no other way from a float; this one saturates")]
fn whole(coordinate: f32) -> i64 {
    // Within what the arithmetic on corners can multiply.
    (coordinate as i64).clamp(-1_000_000, 1_000_000)
}
