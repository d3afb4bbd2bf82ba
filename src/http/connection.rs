//! A connection that does not stay for ever, and does not take more than it is due.
//!
//! actix bounds the head of a connection's first request and the time between two requests, but neither a later head
//! that comes byte by byte, nor an answer that nobody reads, nor a body that no handler wanted, nor how many requests
//! are read ahead of their answers. So every connection has a deadline of its own: it is lifted while a request is worked
//! on (whose body has its own, see [`super::input`]), and set again when the answer is made. And bytes are handed over up
//! to the end of one head; what comes behind it is handed over when its answer has gone out.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::crowd::{Crowd, Seat};
use crate::limits::{ANSWER_RATE, PIECE};

/// How long a connection waits for its peer.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the next request, and for its head to be whole.
    pub idle: Duration,
    /// For an answer to be read, beside the second that each [`ANSWER_RATE`] bytes of it are given.
    pub answer: Duration,
}

/// Whose turn it is on a connection, and until when the peer may take its own. Requests find it in their connection's
/// data.
#[derive(Clone)]
pub struct Turn(Rc<Line>);

struct Line {
    crowd: Arc<Crowd>,
    seat: Arc<Seat>,
    patience: Patience,
    phase: Cell<Phase>,
    until: Cell<Option<Instant>>,
    /// Bytes of the answer that the system has taken.
    written: Cell<usize>,
}

/// What the bytes that arrive are part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A head.
    Head,
    /// A body; how much of it is still to come, where its length is known.
    Body(Option<u64>),
    /// Nothing yet: a request is worked on, or its answer not read.
    Answering,
    /// The same, and all of the answer is on its way.
    Answered,
}

impl Turn {
    fn new(crowd: Arc<Crowd>, seat: Arc<Seat>, patience: Patience) -> Self {
        let line = Line {
            crowd,
            seat,
            patience,
            phase: Cell::new(Phase::Head),
            until: Cell::default(),
            written: Cell::default(),
        };
        line.until_in(patience.idle);
        Turn(Rc::new(line))
    }

    /// A request is worked on, which has a body or not; its length, where it says one.
    pub fn begins(&self, has_body: bool, length: Option<u64>) {
        self.works();
        let phase = match (has_body, length) {
            (false, _) | (_, Some(0)) => Phase::Answering,
            (true, length) => Phase::Body(length),
        };
        let before = self.0.phase.replace(phase);
        // Where it had come with an earlier one, nobody was looking for more: its answer began as that of the other ended.
        if matches!(before, Phase::Answering | Phase::Answered) && phase != Phase::Answering {
            self.0.seat.reads_on();
        }
    }

    /// Nothing but the peer keeps the request from being worked on: its body is waited for, or it comes too often.
    pub fn waits(&self) {
        self.0.crowd.waits(&self.0.seat);
    }

    /// The request is worked on (again).
    pub fn works(&self) {
        self.0.until.set(None);
        self.0.seat.works();
    }

    /// The request has a valid token.
    pub fn has_token(&self) {
        self.0.seat.has_token();
    }

    /// The answer is made: it must be read, and the next head be there, in time. Dropped when nothing is left of it.
    pub fn answers(&self) -> Answering {
        self.0.phase.set(Phase::Answering);
        self.0.written.set(0);
        self.0.crowd.waits(&self.0.seat);
        self.0.until_in(self.0.patience.answer);
        Answering(self.0.clone())
    }
}

/// An answer on its way.
pub struct Answering(Rc<Line>);

impl Answering {
    /// So many bytes of it are in memory and wait to be read. Whether there is room for them.
    pub fn holds(&self, bytes: usize) -> bool {
        self.0.crowd.holds(&self.0.seat, bytes)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.crowd.holds(&self.0.seat, 0);
        self.0.phase.set(Phase::Answered);
    }
}

impl Line {
    fn until_in(&self, time: Duration) {
        self.until.set(Instant::now().checked_add(time));
    }

    /// The system has taken bytes of an answer: whoever reads has more time.
    fn wrote(&self, bytes: usize) {
        let before = self.written.get();
        let written = before.saturating_add(bytes);
        self.written.set(written);
        let earned = (written / ANSWER_RATE).saturating_sub(before / ANSWER_RATE);
        if earned > 0
            && let Some(until) = self.until.get()
        {
            let earned = Duration::from_secs(u64::try_from(earned).unwrap_or_default());
            self.until.set(until.checked_add(earned));
            self.crowd.waits(&self.seat);
        }
    }

    /// The system has taken all that there was. If that was an answer, the next head may come.
    fn flushed(&self) -> bool {
        let whole = self.phase.get() == Phase::Answered;
        if whole {
            self.phase.set(Phase::Head);
            self.crowd.waits(&self.seat);
            self.until_in(self.patience.idle);
        }
        whole
    }
}

/// A connection with its deadline.
pub struct Connection {
    stream: TcpStream,
    line: Rc<Line>,
    timer: Pin<Box<Sleep>>,
    /// What came behind the end of a head.
    held: Vec<u8>,
    /// Whether what was handed over last must be looked at before there is more.
    pause: bool,
    line_end: LineEnd,
}

/// Where in a line a head is; it ends with an empty one, whose end may be written as CR LF or LF (RFC 9112, 2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineEnd {
    #[default]
    Inside,
    Begins,
    BeginsWithCr,
}

impl LineEnd {
    /// How many of these bytes belong to the head, if it ends in them.
    fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        for (i, byte) in bytes.iter().enumerate() {
            *self = match (*self, byte) {
                (LineEnd::Inside, b'\n') => LineEnd::Begins,
                (LineEnd::Begins, b'\r') => LineEnd::BeginsWithCr,
                (LineEnd::Begins | LineEnd::BeginsWithCr, b'\n') => {
                    *self = LineEnd::Inside;
                    return Some(i.saturating_add(1));
                }
                _ => LineEnd::Inside,
            };
        }
        None
    }
}

impl Connection {
    /// A connection that has just come.
    pub fn new(stream: TcpStream, crowd: &Arc<Crowd>, patience: Patience) -> Self {
        let seat = crowd.arrive(stream.peer_addr().ok());
        let Turn(line) = Turn::new(crowd.clone(), seat, patience);
        let timer = Box::pin(tokio::time::sleep(patience.idle));
        Connection { stream, line, timer, held: Vec::new(), pause: false, line_end: LineEnd::default() }
    }

    /// Whose turn it is on it.
    pub fn turn(&self) -> Turn {
        Turn(self.line.clone())
    }

    /// What to say when the peer has nothing to say or does not listen: it may take its time, or it is too late.
    fn waiting<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.line.seat.wakes(cx.waker());
        if self.line.seat.is_lost() {
            return Poll::Ready(Err(self.broken_off(io::ErrorKind::ConnectionAborted)));
        }
        let Some(until) = self.line.until.get() else { return Poll::Pending };
        if self.timer.deadline() != until {
            self.timer.as_mut().reset(until);
        }
        match self.timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(self.broken_off(io::ErrorKind::TimedOut))),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Breaks it off: the system, too, forgets what was not read.
    fn broken_off(&self, why: io::ErrorKind) -> io::Error {
        let _ = self.stream.set_zero_linger();
        why.into()
    }

    /// Hands over what has come, from what is held or from the system, at most so much.
    fn take(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, most: usize) -> Poll<io::Result<usize>> {
        let most = most.min(buf.remaining());
        if !self.held.is_empty() {
            let count = most.min(self.held.len());
            let rest = self.held.split_off(count);
            buf.put_slice(&self.held);
            self.held = rest;
            return Poll::Ready(Ok(count));
        }
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
        match Pin::new(&mut self.stream).poll_read(cx, &mut part) {
            Poll::Pending => self.waiting(cx),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => {
                let count = part.filled().len();
                buf.advance(count);
                Poll::Ready(Ok(count))
            }
        }
    }

    /// Hands over a head, or what has come of it. What came behind it is held.
    fn take_head(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let Poll::Ready(count) = self.take(cx, buf, PIECE)? else { return Poll::Pending };
        let new = buf.filled().get(before..).unwrap_or_default();
        if let Some(end) = self.line_end.find(new) {
            self.pause = true;
            if end < count {
                let mut behind = new.get(end..).unwrap_or_default().to_vec();
                behind.append(&mut self.held);
                self.held = behind;
                buf.set_filled(before.saturating_add(end));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Hands over what has come of a body.
    fn take_body(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>, left: Option<u64>) -> Poll<io::Result<()>> {
        let most = left.map_or(PIECE, |left| usize::try_from(left).unwrap_or(PIECE).min(PIECE));
        let Poll::Ready(count) = self.take(cx, buf, most)? else { return Poll::Pending };
        self.pause = count == most;
        if let Some(left) = left {
            let left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
            self.line.phase.set(if left == 0 { Phase::Answering } else { Phase::Body(Some(left)) });
        }
        Poll::Ready(Ok(()))
    }

    /// Hands over nothing, but that the peer has ended the connection.
    fn take_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held.is_empty() {
            let mut byte = [0; 1];
            match self.stream.poll_peek(cx, &mut ReadBuf::new(&mut byte)) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Ok(())),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(_)) | Poll::Pending => {}
            }
        }
        self.waiting(cx)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.line.crowd.leave(&self.line.seat);
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if std::mem::take(&mut self.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match self.line.phase.get() {
            Phase::Head => self.take_head(cx, buf),
            Phase::Body(left) => self.take_body(cx, buf, left),
            Phase::Answering | Phase::Answered => self.take_end(cx),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, buf) {
            Poll::Pending => self.waiting(cx),
            Poll::Ready(written) => {
                self.line.wrote(*written.as_ref().unwrap_or(&0));
                Poll::Ready(written)
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_ready() && self.line.flushed() {
            // Whoever waited for the answer to go out reads on.
            cx.waker().wake_by_ref();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ends_with_an_empty_line_however_it_is_cut() {
        for (text, end) in [
            ("GET / HTTP/1.1\r\n\r\nmore", Some(18)),
            ("GET / HTTP/1.1\n\nmore", Some(16)),
            ("GET / HTTP/1.1\n\r\nmore", Some(17)),
            ("GET / HTTP/1.1\r\n\nmore", Some(17)),
            ("GET / HTTP/1.1\r\nx: y\r\n\r\n", Some(24)),
            ("GET / HTTP/1.1\r\n\rx\n", None),
            ("GET / HTTP/1.1\r\r\n", None),
            ("\r\n", None),
            ("", None),
        ] {
            for cut in 0..=text.len() {
                let (first, second) = text.as_bytes().split_at(cut);
                let mut line = LineEnd::default();
                let found = line.find(first).or_else(|| line.find(second).map(|end| cut + end));
                assert_eq!(found, end, "{text:?} cut at {cut}");
            }
        }
    }
}
