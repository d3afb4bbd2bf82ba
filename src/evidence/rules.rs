//! What is taken as evidence, and whether it is still what was taken.

use sha2::{Digest, Sha256};

use super::model::{Evidence, MediaType};
use crate::policies::model::Policy;
use crate::problem::{Problem, ProblemCode};
use crate::values::Sha256Hex;

/// What kind of file its first bytes say that it is.
///
/// PNG: ISO/IEC 15948 section 5.2. JPEG: start of image and a marker, ITU-T T.81 annex B. WebP: RFC 9649 section 2.4.
/// PDF: ISO 32000-1 section 7.5.2, at the very beginning.
pub fn sniff(bytes: &[u8]) -> Option<MediaType> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(MediaType::Png),
        [0xff, 0xd8, 0xff, ..] => Some(MediaType::Jpeg),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::Webp),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(MediaType::Pdf),
        _ => None,
    }
}

/// What kind of file is taken: one that has bytes, and is what its Content-Type says, where it says anything.
///
/// # Errors
/// `evidence_empty`, `evidence_type_mismatch`.
pub fn acceptable(declared: Option<MediaType>, bytes: &[u8]) -> Result<MediaType, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new(ProblemCode::EvidenceEmpty, "The body has no bytes."));
    }
    match sniff(bytes) {
        Some(found) if declared.is_none_or(|declared| declared == found) => Ok(found),
        found => {
            let found = found.map_or("none of the types that are taken", |found| found.as_str());
            let detail = match declared {
                Some(declared) => format!("The Content-Type is {declared}, the bytes are {found}."),
                None => format!("The bytes are {found}."),
            };
            Err(Problem::new(ProblemCode::EvidenceTypeMismatch, detail))
        }
    }
}

/// An organisation's files have together no more bytes than its policy allows (`evidence_quota_bytes`).
///
/// # Errors
/// `evidence_quota_exceeded`.
pub fn has_room(policy: &Policy, total: i64, bytes: i64) -> Result<(), Problem> {
    let quota = policy.evidence_quota_bytes();
    if total.saturating_add(bytes) <= quota {
        return Ok(());
    }
    let detail = format!(
        "The organisation's files have {total} bytes, and {bytes} more would be above the {quota} of its policy."
    );
    Err(Problem::new(ProblemCode::EvidenceQuotaExceeded, detail))
}

/// Whether bytes are the ones that were uploaded, by what was made of all of them.
pub fn is_intact(evidence: &Evidence, bytes: Sha256) -> bool {
    Sha256Hex::from(<[u8; 32]>::from(bytes.finalize())) == evidence.sha256
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [(&[u8], Option<MediaType>); 16] = [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Some(MediaType::Png)),
        (b"\x89PNG\r\n\x1a\n", Some(MediaType::Png)),
        (b"\x89PNG\n\x1a\n", None), // its line ends were changed on the way
        (b"\x89PNG", None),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(MediaType::Jpeg)),
        (b"\xff\xd8\xff\xe1", Some(MediaType::Jpeg)),
        (b"\xff\xd8", None),
        (b"RIFF\x1a\0\0\0WEBPVP8 ", Some(MediaType::Webp)),
        (b"RIFF\x1a\0\0\0WAVEfmt ", None),
        (b"RIFF\x1a\0\0\0WEB", None),
        (b"%PDF-1.7\n", Some(MediaType::Pdf)),
        (b" %PDF-1.7\n", None),
        (b"GIF89a", None),
        (b"<!doctype html>", None),
        (b"\0", None),
        (b"", None),
    ];

    #[test]
    fn a_type_is_read_from_the_first_bytes() {
        for (bytes, expected) in TYPES {
            assert_eq!(sniff(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn what_is_taken_is_what_it_says_that_it_is() {
        for declared in MediaType::ALL.iter().copied().map(Some).chain([None]) {
            for (bytes, found) in TYPES {
                let taken = acceptable(declared, bytes).map_err(|problem| problem.code);
                let expected = match (found, declared) {
                    _ if bytes.is_empty() => Err(ProblemCode::EvidenceEmpty),
                    (Some(found), None) => Ok(found),
                    (Some(found), Some(declared)) if found == declared => Ok(found),
                    _ => Err(ProblemCode::EvidenceTypeMismatch),
                };
                assert_eq!(taken, expected, "{declared:?} {:?}", String::from_utf8_lossy(bytes));
            }
        }
    }
}
