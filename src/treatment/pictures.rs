//! Scans by picture: how many are looked at at once and for how long, and which of the codes found names the pack.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use crate::barcode::{self, Decoded};
use crate::error::Error;
use crate::http::uploads::File;
use crate::limits::{PICTURE_SECONDS, PICTURES_AT_ONCE, PICTURES_WAITING};
use crate::picture::{self, Symbol, Symbology, Unread};
use crate::problem::{Problem, ProblemCode};
use crate::values::words;

words! {
    /// What kind of picture it is.
    PictureType {
        /// A PNG image.
        Png "image/png",
        /// A JPEG photograph.
        Jpeg "image/jpeg",
    }
}

/// How long a caller waits for the codes of a picture, its turn included.
const PATIENCE: Duration = Duration::from_secs(PICTURE_SECONDS);

/// Looks at pictures, off the threads that serve connections.
#[derive(Clone)]
pub struct Pictures {
    /// Being looked at.
    turns: Arc<Semaphore>,
    /// Being looked at or waiting.
    places: Arc<Semaphore>,
}

impl Default for Pictures {
    fn default() -> Self {
        Pictures {
            turns: Arc::new(Semaphore::new(PICTURES_AT_ONCE)),
            places: Arc::new(Semaphore::new(PICTURES_AT_ONCE.saturating_add(PICTURES_WAITING))),
        }
    }
}

impl Pictures {
    /// The codes in a picture; at least one.
    ///
    /// Whoever goes away or waits too long leaves work behind that keeps its turn until it notices, a step later, that
    /// nobody waits any more: there is never more than the bound.
    ///
    /// # Errors
    /// `picture_unreadable`, `picture_too_large`, `no_code_found`, `picture_time_limit`, `overloaded`.
    pub async fn read(&self, upload: File<PictureType>) -> Result<Vec<Symbol>, Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            Problem::new(ProblemCode::Overloaded, "Too many pictures are waiting to be looked at; try again.")
        })?;
        let deadline = Instant::now().checked_add(PATIENCE);
        let late = move || deadline.is_none_or(|deadline| Instant::now() >= deadline);
        let turns = self.turns.clone();
        let looking = async move {
            let turn = turns.acquire_owned().await.map_err(|e| Error::internal(format!("a turn: {e}")))?;
            let caller = Arc::new(());
            let waiting = Arc::downgrade(&caller);
            let looked = tokio::task::spawn_blocking(move || {
                let _held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, turn);
                look(upload.declared, &upload.bytes, &|| late() || waiting.strong_count() == 0)
            })
            .await;
            drop(caller);
            looked.map_err(|e| Error::internal(format!("looking at a picture: {e}")))?
        };
        tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> Problem {
    Problem::new(ProblemCode::PictureTimeLimit, "No answer in time; send a smaller picture, close to the code.")
}

fn look(declared: Option<PictureType>, bytes: &[u8], stop: &dyn Fn() -> bool) -> Result<Vec<Symbol>, Problem> {
    let found = match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(PictureType::Png),
        [0xff, 0xd8, 0xff, ..] => Some(PictureType::Jpeg),
        _ => None,
    };
    if found.is_none() || declared.is_some_and(|declared| Some(declared) != found) {
        let detail = match declared {
            Some(declared) => format!("The Content-Type is {declared}, the bytes are something else."),
            None => format!("The bytes are neither {} nor {}.", PictureType::Png, PictureType::Jpeg),
        };
        return Err(Problem::new(ProblemCode::PictureUnreadable, detail));
    }
    match picture::read(bytes, stop) {
        Ok(symbols) if symbols.is_empty() => Err(Problem::new(
            ProblemCode::NoCodeFound,
            "No code could be read. Fill the picture with the code, sharp, evenly lit and with its white margin.",
        )),
        Ok(symbols) => Ok(symbols),
        Err(Unread::NotAPicture) => {
            let detail = "The bytes do not decode to a picture: damaged, or cut off.";
            Err(Problem::new(ProblemCode::PictureUnreadable, detail))
        }
        Err(Unread::TooLarge { width, height }) => {
            let detail = format!(
                "The picture has {width} by {height} pixels; {} in all and {} on a side are looked at, if they take at most \
                 four bytes each to decode.",
                picture::PIXELS_MAX,
                picture::SIDE_MAX
            );
            Err(Problem::new(ProblemCode::PictureTooLarge, detail))
        }
        Err(Unread::Stopped) => Err(stopped()),
        Err(Unread::NoRoom) => {
            Err(Problem::new(ProblemCode::Overloaded, "There is no memory for a picture at the moment; try again."))
        }
    }
}

/// A code in a picture.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeInPicture {
    /// What kind of symbol it is.
    pub symbology: Symbology,
    /// Its text with the symbology identifier (ISO/IEC 15424) in front; separators are U+001D. POST /v1/scans takes it as
    /// it is.
    pub text: String,
    /// What the code says.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded: Option<Decoded>,
    /// Why it is no code of a medical product, with a stable code.
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<barcode::Error>,
}

impl CodeInPicture {
    /// A symbol, decoded. `today` places two-digit years in a century.
    pub fn of(symbol: Symbol, today: chrono::NaiveDate) -> Self {
        let (decoded, error) = match barcode::decode(&symbol.text, today) {
            Ok(decoded) => (Some(decoded), None),
            Err(error) => (None, Some(error)),
        };
        CodeInPicture { symbology: symbol.symbology, text: symbol.text, decoded, error }
    }
}

/// Which code names the pack: the only one there is, or the one that names a product and a lot and is contradicted by no
/// other. None when several codes were found and none of them names both.
///
/// Codes of one pack may say the same several times (a Data Matrix beside a GS1-128); then the one that says most is taken.
///
/// # Errors
/// `several_packs` when two codes contradict each other, or two of different agencies each name a product and a lot:
/// which of them is meant is never guessed.
pub fn the_pack(codes: &[CodeInPicture]) -> Result<Option<&CodeInPicture>, Problem> {
    if let [only] = codes {
        return Ok(Some(only));
    }
    let decoded = || codes.iter().filter_map(|code| code.decoded.as_ref().map(|decoded| (code, decoded)));
    let complete = |decoded: &Decoded| decoded.udi_di.is_some() && decoded.lot.is_some();
    let named = || decoded().filter(|(_, decoded)| complete(decoded));
    for (_, one) in named() {
        for (_, other) in decoded() {
            if contradicts(one, other) || (complete(other) && one.scheme != other.scheme) {
                let detail = format!(
                    "The picture shows codes of different packs: {} and {}. Take a picture of one of them.",
                    described(one),
                    described(other)
                );
                return Err(Problem::new(ProblemCode::SeveralPacks, detail));
            }
        }
    }
    Ok(named().max_by_key(|(_, decoded)| (decoded.serial.is_some(), decoded.expiry.is_some())).map(|(code, _)| code))
}

fn contradicts(one: &Decoded, other: &Decoded) -> bool {
    fn differ<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
        one.zip(other).is_some_and(|(one, other)| one != other)
    }
    one.scheme == other.scheme && differ(one.udi_di.as_ref(), other.udi_di.as_ref())
        || differ(one.lot.as_ref(), other.lot.as_ref())
        || differ(one.expiry.as_ref(), other.expiry.as_ref())
        || differ(one.serial.as_ref(), other.serial.as_ref())
}

fn described(decoded: &Decoded) -> String {
    let part = |name: &str, value: Option<&str>| value.map(|value| format!("{name} {value}"));
    let parts = [
        part("product", decoded.udi_di.as_deref()),
        part("lot", decoded.lot.as_deref()),
        part("serial number", decoded.serial.as_deref()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACK: &str = "]d201095212345678991727063010HC24A\u{1d}21SN0001";

    fn verdict(texts: &[&str]) -> Result<Option<usize>, ProblemCode> {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        let code = |text: &&str| {
            let symbol = Symbol { symbology: Symbology::DataMatrix, text: (*text).to_owned() };
            CodeInPicture::of(symbol, today)
        };
        let codes: Vec<_> = texts.iter().map(code).collect();
        let chosen = the_pack(&codes).map_err(|problem| problem.code)?;
        Ok(chosen.and_then(|chosen| codes.iter().position(|code| std::ptr::eq(code, chosen))))
    }

    #[test]
    fn one_pack_is_named_by_the_code_that_says_most() {
        let rows: [(&[&str], Option<usize>); 9] = [
            (&[PACK], Some(0)),
            (&["]Q1https://example.com/brand"], Some(0)), // alone, it gets the answer that its text gets
            (&["]E09521234567899", PACK], Some(1)),
            (&["]Q1https://example.com/brand", PACK], Some(1)),
            (&["]C101095212345678991727063010HC24A", PACK], Some(1)),
            (&["]C10109521234567899", "]C110HC24A"], None), // a lot needs its product beside it
            (&["]A0+A123BJC5D6E71G", "]A0+$$52001510X3GD"], None),
            (&["]A0+A123BJC5D6E71G", PACK], Some(1)), // the agencies' numbers of one product differ
            (&["]E09521234567899", "]Q1https://example.com/brand"], None),
        ];
        for (texts, expected) in rows {
            assert_eq!(verdict(texts), Ok(expected), "{texts:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_never_guessed() {
        for other in [
            "]d201095212345678991727063010HC24A\u{1d}21SN0002",
            "]d201095212345678991727063010HC24B\u{1d}21SN0001",
            "]d201095212345678991727053110HC24A",
            "]C101095211111111151727063010HC24A",
            "]E09521111111115",
            "]A0+A123BJC5D6E71/$HC24AB", // the same lot under another agency's number
        ] {
            assert_eq!(verdict(&[PACK, other]), Err(ProblemCode::SeveralPacks), "{other}");
            assert_eq!(verdict(&[other, PACK]), Err(ProblemCode::SeveralPacks), "{other}");
        }
    }
}
