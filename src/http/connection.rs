//! A connection that does not stay for ever.
//!
//! actix bounds the head of a connection's first request and the time between two requests, but neither a later head
//! that comes byte by byte, nor an answer that nobody reads, nor a body that no handler wanted. So every connection has
//! a deadline of its own: it is lifted while a request is worked on (whose body has its own, see [`super::input`]), and
//! set again when the answer is made.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use prometheus::IntGauge;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// Until when a connection may stay without a request being worked on. Requests find it in their connection's data.
#[derive(Clone)]
pub struct Deadline {
    until: Rc<Cell<Option<Instant>>>,
    patience: Duration,
}

impl Deadline {
    fn after(patience: Duration) -> Self {
        let deadline = Deadline { until: Rc::default(), patience };
        deadline.answered();
        deadline
    }

    /// A request is worked on.
    pub fn lift(&self) {
        self.until.set(None);
    }

    /// The answer is made: it must be read, and the next head be there, in time.
    pub fn answered(&self) {
        self.until.set(Instant::now().checked_add(self.patience));
    }
}

/// A connection with its deadline.
pub struct Connection {
    stream: TcpStream,
    deadline: Deadline,
    timer: Pin<Box<Sleep>>,
    open: IntGauge,
}

impl Connection {
    /// A connection that may stay so long without a request being worked on, counted in a gauge.
    pub fn new(stream: TcpStream, patience: Duration, open: IntGauge) -> Self {
        open.inc();
        let timer = Box::pin(tokio::time::sleep(patience));
        Connection { stream, deadline: Deadline::after(patience), timer, open }
    }

    /// Its deadline.
    pub fn deadline(&self) -> Deadline {
        self.deadline.clone()
    }

    /// What to say when the peer has nothing to say or does not listen: it may take its time, or it is too late.
    fn waiting<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let Some(until) = self.deadline.until.get() else { return Poll::Pending };
        if self.timer.deadline() != until {
            self.timer.as_mut().reset(until);
        }
        self.timer.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.dec();
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Pending => self.waiting(cx),
            read => read,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, buf) {
            Poll::Pending => self.waiting(cx),
            written => written,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
