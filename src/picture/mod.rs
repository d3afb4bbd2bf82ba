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

mod decode;
mod grey;
mod search;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use utoipa::ToSchema;

use search::Search;

/// The most pixels that a picture may have: more than telephones take by default (12 million).
pub const PIXELS_MAX: u64 = 16_000_000;
/// The most pixels that a side may have: four times what telephones take.
pub const SIDE_MAX: u32 = 16_384;
/// The most bytes that a picture may take while it is decoded: its coefficients, where they are kept until the last scan,
/// and its pixels.
const DECODED_MAX: u64 = 4 * PIXELS_MAX;
/// The most codes that are looked for in one picture.
pub const CODES_MAX: usize = 16;
/// Length of the longer side, in pixels, at which a picture is looked at first: enough for a pack that fills a quarter
/// of it, and much faster than a whole one.
const WORKING_SIDE: u32 = 1600;
/// The longest side of a piece, when a picture is looked at piece by piece: what a step of the search takes, in memory
/// and in time between two questions whether to go on, is what it takes for a piece.
const PIECE_SIDE: u32 = 2400;
/// How far pieces reach into each other. A code that is too small to be read at the working size is smaller than that.
const PIECE_OVERLAP: u32 = 800;

/// Asked between steps: true when it has been long enough.
type Stop<'a> = &'a dyn Fn() -> bool;

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
    /// It has more pixels, in all or on a side, or takes more bytes to decode, than is looked at.
    TooLarge {
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// The caller said that it has been long enough.
    Stopped,
    /// There is no memory for it at the moment.
    NoRoom,
}

/// All codes in a picture, each once, in no order that means anything. None is no error.
///
/// `stop` is asked between steps; each of them is short, since what it looks at is bounded.
///
/// # Errors
/// See [`Unread`].
pub fn read(bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Vec<Symbol>, Unread> {
    let whole = decode::grey(bytes, stop)?;
    let mut search = Search::new(stop);
    if whole.width.max(whole.height) <= WORKING_SIDE {
        search.everywhere(&whole)?;
        if search.found.is_empty() && whole.width.min(whole.height) >= 4 {
            // What is too blurred or too noisy module by module may be clear from further away.
            search.everywhere(&whole.smaller(whole.width.max(whole.height) / 2))?;
        }
    } else {
        search.everywhere(&whole.smaller(WORKING_SIDE))?;
        if search.found.is_empty() {
            for (left, width) in pieces(whole.width) {
                for (top, height) in pieces(whole.height) {
                    search.everywhere(&whole.piece(left, top, width, height)?)?;
                }
            }
        }
    }
    Ok(search.found)
}

/// Where the pieces of a side start, and how long they are: as few as there can be, all of one length.
fn pieces(side: u32) -> impl Iterator<Item = (u32, u32)> {
    let count = side.saturating_sub(PIECE_OVERLAP).div_ceil(PIECE_SIDE - PIECE_OVERLAP).max(1);
    let length = (side + (count - 1) * PIECE_OVERLAP).div_ceil(count).min(side);
    let last = side - length;
    (0..count)
        .map(move |number| (number * (length - PIECE_OVERLAP.min(length)), length))
        .map(move |(start, length)| (start.min(last), length))
}

/// A picture that makes a reader panic is one in which it found nothing.
fn guarded<T>(reading: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(reading)).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_a_side_and_reach_into_each_other() {
        for side in 1..=SIDE_MAX {
            let pieces: Vec<_> = pieces(side).collect();
            assert_eq!(pieces[0].0, 0, "{side}");
            assert_eq!(pieces.last().map(|(start, length)| start + length), Some(side), "{side}");
            for (start, length) in &pieces {
                assert!(*length <= PIECE_SIDE && start + length <= side, "{side}: {pieces:?}");
            }
            for pair in pieces.windows(2) {
                assert!(
                    pair[1].0 > pair[0].0 && pair[1].0 + PIECE_OVERLAP <= pair[0].0 + pair[0].1 + 1,
                    "{side}: {pieces:?}"
                );
            }
        }
    }
}
