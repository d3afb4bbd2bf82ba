//! Answers that are files: rows or lines, a part at a time, so that no more than one is in memory however many there are.

use std::future::Future;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};
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
        for thing in things {
            let line = serde_json::to_vec(thing).map_err(|e| Error::internal(e.to_string()))?;
            let line = shown(line, reader, access);
            match self {
                Writer::Csv(columns) => {
                    let thing = serde_json::from_slice(&line).map_err(|e| Error::internal(e.to_string()))?;
                    columns.write(out, &thing);
                }
                Writer::Ndjson => {
                    out.push_str(std::str::from_utf8(&line).map_err(|e| Error::internal(e.to_string()))?);
                    out.push('\n');
                }
            }
        }
        Ok(())
    }
}

/// Answers with a file of a name, part by part: `part` makes the one at a place, and says where the next begins.
///
/// The first is made before anything is answered, so that what is wrong with the question is said as a problem. Should a later
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
    F: Future<Output = std::result::Result<(String, Option<S>), Problem>> + 'static,
{
    let (first, next) = part(start).await?;
    let rest = stream::unfold((part, next), |(part, next)| async move {
        match part(next?).await {
            Ok((text, next)) => Some((Ok(Bytes::from(text)), (part, next))),
            Err(problem) => Some((Err(actix_web::Error::from(problem)), (part, None))),
        }
    });
    let all = stream::iter([Ok::<_, actix_web::Error>(Bytes::from(first))]).chain(rest);
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(format.content_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{}\"", format.suffix())))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept"));
    Ok(answer.streaming(Box::pin(all)))
}
