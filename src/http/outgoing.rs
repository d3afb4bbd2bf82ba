//! Bodies on their way out: in slices, so that what a reader has not read stays where it is.
//!
//! actix copies what a body gives it into a buffer of the connection, whole. A body that is given out in slices costs
//! each reader a slice, whatever it is long.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;

use super::connection::Answering;
use crate::limits::SLICE;

/// An answer's body, in slices and counted.
pub struct Outgoing {
    rest: Bytes,
    inner: Option<BoxBody>,
    size: BodySize,
    answering: Answering,
}

impl Outgoing {
    /// A body of a connection, and whether there is room for it. What is not in memory yet has none to take.
    pub fn new(body: BoxBody, answering: Answering) -> (Self, bool) {
        let size = body.size();
        let (rest, inner) = match body.try_into_bytes() {
            Ok(bytes) => (bytes, None),
            Err(body) => (Bytes::new(), Some(body)),
        };
        let fits = answering.holds(rest.len());
        (Outgoing { rest, inner, size, answering }, fits)
    }
}

impl MessageBody for Outgoing {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        while self.rest.is_empty() {
            let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
            match Pin::new(inner).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(bytes))) => self.rest = bytes,
                Poll::Ready(end) => {
                    self.inner = None;
                    return Poll::Ready(end);
                }
            }
        }
        let most = SLICE.min(self.rest.len());
        let slice = self.rest.split_to(most);
        self.answering.holds(self.rest.len());
        Poll::Ready(Some(Ok(slice)))
    }
}

/// Bytes of the program itself: they are never copied but for the slice that is on its way.
pub struct Constant {
    rest: &'static [u8],
    size: BodySize,
}

impl Constant {
    /// A body of these bytes.
    pub fn new(bytes: &'static [u8]) -> Self {
        Constant { rest: bytes, size: BodySize::Sized(u64::try_from(bytes.len()).unwrap_or_default()) }
    }
}

impl MessageBody for Constant {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let Some((slice, rest)) = self.rest.split_at_checked(SLICE.min(self.rest.len())) else {
            return Poll::Ready(None);
        };
        self.rest = rest;
        Poll::Ready((!slice.is_empty()).then(|| Ok(Bytes::from_static(slice))))
    }
}
