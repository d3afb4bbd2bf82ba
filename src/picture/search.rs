//! The search for codes in grey pixels, one step after the other.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rxing::common::BitArray;
use rxing::oned::{Code39Reader, Code128Reader, EAN13Reader, OneDReader};
use rxing::{
    BarcodeFormat, DecodeHints, Point, RXingResult, RXingResultMetadataType, RXingResultMetadataValue, Reader,
};

use super::grey::Grey;
use super::{CODES_MAX, Stop, Symbol, Symbology, Unread, guarded};
use crate::barcode::gs1::element_string::GROUP_SEPARATOR;

/// The most places of a picture that may look like the corner of a QR code. The reader compares each with all others, and
/// then every three of them: where there are more, no three would stand out.
const QR_CORNERS_MAX: usize = 500;

/// What was found, and when to stop.
pub struct Search<'a> {
    /// Each code once.
    pub found: Vec<Symbol>,
    stop: Stop<'a>,
}

/// Angles at which linear codes are looked for, as cosine and sine in 1024ths. A scan line may cross a code that is
/// four times as wide as high at up to 14°, and each line is read both ways, so that steps of 30° find nearly all.
const ANGLES: [(i64, i64); 6] = [(1024, 0), (0, 1024), (887, 512), (512, 887), (-512, 887), (-887, 512)];

impl<'a> Search<'a> {
    /// Nothing yet.
    pub fn new(stop: Stop<'a>) -> Self {
        Search { found: Vec::new(), stop }
    }

    fn go_on(&self) -> Result<(), Unread> {
        if (self.stop)() { Err(Unread::Stopped) } else { Ok(()) }
    }

    fn note(&mut self, symbol: Symbol) {
        if self.found.len() < CODES_MAX && !self.found.contains(&symbol) {
            self.found.push(symbol);
        }
    }

    /// Looks for every kind of code.
    pub fn everywhere(&mut self, picture: &Grey) -> Result<(), Unread> {
        self.go_on()?;
        self.matrix(picture, rxing::datamatrix::DataMatrixReader)?;
        self.matrix(picture, rxing::qrcode::QRCodeReader)?;
        for (cos, sin) in ANGLES {
            self.go_on()?;
            match sin {
                0 => self.linear(picture)?,
                _ => self.linear(&picture.turned(cos, sin)?)?,
            }
        }
        Ok(())
    }

    /// Reads the codes of one matrix symbology one after the other: what was read is painted over.
    fn matrix<R: Reader>(&mut self, picture: &Grey, mut reader: R) -> Result<(), Unread> {
        let mut rest = picture.piece(0, 0, picture.width, picture.height)?;
        for _ in 0..CODES_MAX {
            self.go_on()?;
            let hints = DecodeHints {
                TryHarder: Some(true),
                NeedResultPointCallback: Some(few_corners()),
                ..DecodeHints::default()
            };
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

/// Ends a search among too many corners, which the reader reports as it finds them and has no other way to be stopped at:
/// it unwinds to [`guarded`], as one that found nothing.
fn few_corners() -> Arc<dyn Fn(Point) + Send + Sync> {
    let corners = AtomicUsize::new(0);
    Arc::new(move |_| {
        if corners.fetch_add(1, Ordering::Relaxed) >= QR_CORNERS_MAX {
            resume_unwind(Box::new("too many corners"));
        }
    })
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
