//! Files from any client: as the body itself, with their media type or as `application/octet-stream`, or as the part `file`
//! of a form (`multipart/form-data`, RFC 7578). Which way a file came makes no difference to what is done with it: a repeated
//! request is told by the bytes of the file, not by the boundary that a client drew for it.

use std::cell::Cell;
use std::convert::Infallible;
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use futures_util::{future, stream};
use multer::Multipart;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::input::{Incoming, Inlet, acceptable, header, media_type, too_large};
use crate::limits::{FORM_FRAME_MAX, UPLOAD_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::values::Invalid;

/// Bytes of which nothing is said.
const OCTETS: &str = "application/octet-stream";
/// A form.
const FORM: &str = "multipart/form-data";
/// The part of a form that is the file.
const PART: &str = "file";

/// A form with a file. Its part may have a Content-Type of its own, which its bytes must then be; one that has none, or
/// `application/octet-stream`, is what its bytes are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileForm {
    /// The file: this part, once, and no other.
    pub file: Octets,
}

/// The bytes of a file.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Octets(pub String);

/// A file that was sent, of one of the media types `M`.
pub struct File<M> {
    /// What the caller says that it is, where anything was said.
    pub declared: Option<M>,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub digest: [u8; 32],
    /// The memory that they take of what all bodies may; to be kept as long as they are.
    pub room: OwnedSemaphorePermit,
}

/// How a file comes.
enum Way<M> {
    Body(Option<M>),
    Form { boundary: String },
}

impl<M: FromStr<Err = Invalid>> Way<M> {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        match media_type(request).as_str() {
            FORM => {
                let boundary = multer::parse_boundary(header(request, CONTENT_TYPE));
                Ok(Way::Form { boundary: boundary.map_err(|_| malformed("its Content-Type names no boundary"))? })
            }
            OCTETS => Ok(Way::Body(None)),
            other => Ok(Way::Body(Some(declared(other, "The Content-Type")?))),
        }
    }
}

fn declared<M: FromStr<Err = Invalid>>(media_type: &str, what: &str) -> Result<M, Problem> {
    media_type.parse().map_err(|invalid: Invalid| {
        let detail = format!("{what} {}, or {OCTETS}, or the body is {FORM} with a part named {PART}.", invalid.rule);
        Problem::new(ProblemCode::UnsupportedMediaType, detail)
    })
}

fn malformed(why: &str) -> Problem {
    Problem::new(ProblemCode::MalformedForm, format!("The body is no form with a file: {why}."))
}

impl<M: FromStr<Err = Invalid> + 'static> FromRequest for File<M> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let way = Way::of(request);
        // What a form needs beside its file counts for the form; the file itself is measured as it comes.
        let most = match &way {
            Ok(Way::Form { .. }) => UPLOAD_MAX.saturating_add(FORM_FRAME_MAX),
            _ => UPLOAD_MAX,
        };
        let acceptable = acceptable(request, most);
        let (inlet, payload) = (Inlet::of(request), payload.take());
        Box::pin(async move {
            let way = way?;
            acceptable?;
            let incoming = inlet?.begin(payload, most)?;
            match way {
                Way::Body(declared) => whole(incoming, declared).await,
                Way::Form { boundary } => part(incoming, boundary).await,
            }
        })
    }
}

async fn whole<M>(mut incoming: Incoming, declared: Option<M>) -> Result<File<M>, Problem> {
    let (mut bytes, mut digest) = (Vec::new(), Sha256::new());
    while let Some(chunk) = incoming.next().await? {
        digest.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    Ok(File { declared, bytes, digest: digest.finalize().into(), room: incoming.into_room() })
}

/// What of a form is no file: preamble, headers and boundaries. It is read into memory until its end is found, and looked
/// through again with each piece that comes, so that there may only be little of it at a time.
#[derive(Default)]
struct Frame {
    is_file: Cell<bool>,
    length: Cell<usize>,
}

impl Frame {
    fn grows(&self, by: usize) -> Result<(), Problem> {
        if self.is_file.get() {
            return Ok(());
        }
        self.length.set(self.length.get().saturating_add(by));
        if self.length.get() > FORM_FRAME_MAX {
            let why = format!("more than {FORM_FRAME_MAX} bytes of it lie outside of the file");
            return Err(malformed(&why));
        }
        Ok(())
    }
}

/// Reads a form as it comes: one side takes its pieces from the connection, the other what they mean. They are two, because
/// the parser asks for a stream that may go to another thread, and what comes from a connection stays on its own.
async fn part<M: FromStr<Err = Invalid>>(mut incoming: Incoming, boundary: String) -> Result<File<M>, Problem> {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let frame = Frame::default();
    let taking = async {
        while let Some(chunk) = incoming.next().await? {
            frame.grows(chunk.len())?;
            // Whoever reads has what it wants, or has refused it.
            if sender.send(chunk).await.is_err() {
                break;
            }
        }
        drop(sender);
        Ok::<_, Problem>(incoming.into_room())
    };
    let pieces = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (Ok::<_, Infallible>(chunk), receiver))
    });
    let (room, read) = future::join(taking, file_of(Multipart::new(pieces, boundary), &frame)).await;
    // A connection that broke off is why the form did.
    let (room, (declared, bytes, digest)) = (room?, read?);
    Ok(File { declared, bytes, digest, room })
}

async fn file_of<M: FromStr<Err = Invalid>>(
    mut form: Multipart<'_>,
    frame: &Frame,
) -> Result<(Option<M>, Vec<u8>, [u8; 32]), Problem> {
    let broken = |error: multer::Error| match error {
        multer::Error::IncompleteStream
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteFieldData { .. } => malformed("it ends before its last boundary"),
        _ => malformed("its parts cannot be told apart"),
    };
    let mut found = None;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        if field.name() != Some(PART) {
            let detail = format!("The form has a part that is not known: it takes one, named {PART}.");
            return Err(Problem::new(ProblemCode::UnknownField, detail));
        }
        if found.is_some() {
            let detail = format!("The form has several parts named {PART}: send one file.");
            return Err(Problem::new(ProblemCode::DuplicateField, detail).at(PART));
        }
        let media_type = field.content_type().map(|media_type| media_type.essence_str().to_ascii_lowercase());
        let declared: Option<M> = match media_type.as_deref() {
            None | Some(OCTETS) => None,
            Some(other) => Some(self::declared(other, "The Content-Type of file")?),
        };
        frame.is_file.set(true);
        let (mut bytes, mut digest) = (Vec::new(), Sha256::new());
        while let Some(chunk) = field.chunk().await.map_err(broken)? {
            if bytes.len().saturating_add(chunk.len()) > UPLOAD_MAX {
                return Err(too_large(UPLOAD_MAX));
            }
            digest.update(&chunk);
            bytes.extend_from_slice(&chunk);
        }
        frame.is_file.set(false);
        found = Some((declared, bytes, digest.finalize().into()));
    }
    found.ok_or_else(|| {
        let detail = format!("The form lacks {PART}: the part of that name is the file.");
        Problem::new(ProblemCode::MissingField, detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // As curl writes it; the file has what looks like the beginning of a boundary.
    const FILE: &[u8] = b"\x89PNG\r\n\r\n--edge\r\n--edge-of-it\r--\r";
    const HEAD: &[u8] = b"--edge-of-a-form\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
        Content-Type: text/plain\r\n\r\n";
    const TAIL: &[u8] = b"\r\n--edge-of-a-form--";

    #[derive(Debug, PartialEq)]
    struct Text;

    impl FromStr for Text {
        type Err = Invalid;

        fn from_str(text: &str) -> Result<Self, Invalid> {
            let rule = "is not text/plain";
            if text == "text/plain" { Ok(Text) } else { Err(Invalid::new(ProblemCode::InvalidValue, rule)) }
        }
    }

    fn read(form: &[u8], piece: usize) -> Result<(Option<Text>, Vec<u8>), ProblemCode> {
        let pieces: Vec<_> =
            form.chunks(piece).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
        let form = Multipart::new(stream::iter(pieces), "edge-of-a-form");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(file_of(form, &Frame::default()));
        read.map(|(declared, bytes, _)| (declared, bytes)).map_err(|problem| problem.code)
    }

    #[test]
    fn a_file_is_what_lies_between_its_boundaries_however_it_comes() {
        let form = [HEAD, FILE, TAIL].concat();
        for piece in 1..=form.len() {
            assert_eq!(read(&form, piece), Ok((Some(Text), FILE.to_vec())), "in pieces of {piece}");
        }
    }

    #[test]
    fn a_form_that_is_cut_off_is_never_taken_for_whole() {
        let form = [HEAD, FILE, TAIL].concat();
        for length in 0..form.len() {
            let (cut, _) = form.split_at(length);
            for piece in [1, 7, form.len()] {
                assert_eq!(
                    read(cut, piece),
                    Err(ProblemCode::MalformedForm),
                    "{length} bytes of it, in pieces of {piece}"
                );
            }
        }
    }
}
