//! Answers that are files: rows or lines, a part at a time, so that no more than two are in memory however many there are.

use std::future::Future;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::future::{LocalBoxFuture, join};
use futures_util::stream;
use serde::Serialize;
use utoipa::ToSchema;

use super::accept::Format;
use super::csv::Columns;
use super::shown::shown;
use super::slice::Access;
use crate::caller::Caller;
use crate::error::{Error, Result};
use crate::problem::Problem;

/// How things are written into a file.
pub enum Writer {
    /// A row each.
    Csv(Columns),
    /// A line each.
    Ndjson,
}

impl Writer {
    /// The one of a form; none for those that are no files of rows.
    pub fn of<T: ToSchema>(format: Format) -> Option<Self> {
        match format {
            Format::Csv => Some(Writer::Csv(Columns::of::<T>())),
            Format::Ndjson => Some(Writer::Ndjson),
            Format::Json | Format::Html => None,
        }
    }

    /// The same with some columns before the others.
    pub fn beginning_with(self, names: &[&str]) -> Self {
        match self {
            Writer::Csv(columns) => Writer::Csv(columns.beginning_with(names)),
            Writer::Ndjson => Writer::Ndjson,
        }
    }

    /// What stands before the first.
    pub fn head(&self) -> String {
        match self {
            Writer::Csv(columns) => columns.head(),
            Writer::Ndjson => String::new(),
        }
    }

    /// Adds things, as their reader may see them.
    ///
    /// # Errors
    /// An internal error for what has no place in JSON.
    pub fn write(&self, out: &mut String, things: &[impl Serialize], reader: &Caller, access: Access) -> Result<()> {
        let mut lines = things.iter().map(|thing| {
            let line = serde_json::to_vec(thing).map_err(|e| Error::internal(e.to_string()))?;
            String::from_utf8(shown(line, reader, access)).map_err(|e| Error::internal(e.to_string()))
        });
        match self {
            Writer::Csv(columns) => columns.write(out, lines),
            Writer::Ndjson => lines.try_for_each(|line| {
                out.push_str(&line?);
                out.push('\n');
                Ok(())
            }),
        }
    }
}

/// The text of a part, which may still be on its way.
pub type Text = LocalBoxFuture<'static, std::result::Result<String, Problem>>;

/// A text that is there.
pub fn ready(text: String) -> Text {
    Box::pin(std::future::ready(Ok(text)))
}

/// A text that is written from here on, in a thread of its own.
pub fn writing(write: impl FnOnce() -> Result<String> + Send + 'static) -> Text {
    let written = tokio::task::spawn_blocking(write);
    Box::pin(async move {
        let text = written.await.map_err(|e| Error::internal(format!("a part of a file: {e}")))?;
        text.map_err(Problem::from)
    })
}

/// Answers with a file of a name, part by part: `part` reads the one at a place, and says where the next begins. While one is written,
/// the next is read.
///
/// The first is read before anything is answered, so that what is wrong with the question is said as a problem. Should a later
/// one fail, the connection is broken off: whoever reads must not take half of it for all. When they go, nothing more is made.
///
/// # Errors
/// What the first part answers.
pub async fn stream<S, P, F>(
    format: Format,
    name: &str,
    start: S,
    part: P,
) -> std::result::Result<HttpResponse, Problem>
where
    S: 'static,
    P: Fn(S) -> F + 'static,
    F: Future<Output = std::result::Result<(Text, Option<S>), Problem>> + 'static,
{
    let (first, next) = part(start).await?;
    let all = stream::unfold((part, Some(first), next), |(part, text, next)| async move {
        let read = async {
            match next {
                Some(place) => part(place).await.map(Some),
                None => Ok(None),
            }
        };
        match join(text?, read).await {
            (Ok(text), Ok(read)) => {
                let (following, next) = read.unzip();
                Some((Ok(Bytes::from(text)), (part, following, next.flatten())))
            }
            (Err(problem), _) | (_, Err(problem)) => Some((Err(actix_web::Error::from(problem)), (part, None, None))),
        }
    });
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(format.content_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{}\"", format.suffix())))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept"));
    Ok(answer.streaming(Box::pin(all)))
}
