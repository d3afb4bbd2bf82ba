//! The form that a caller wants an answer in (RFC 9110, 12.5.1): by weight, then by how exactly it was named, then by what is
//! usual here. Whoever accepts nothing of what there is gets what is usual, as RFC 9110 (12.4.1) allows: nobody sends an Accept
//! in order to be told nothing.

use actix_web::HttpRequest;
use actix_web::http::header;

/// A form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON: what is usual.
    Json,
    /// Rows of cells (RFC 4180).
    Csv,
    /// Lines of JSON.
    Ndjson,
    /// A page for people.
    Html,
}

/// The forms of a list.
pub const OF_LISTS: &[Format] = &[Format::Json, Format::Csv, Format::Ndjson];

impl Format {
    /// Its name, as it is accepted.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Csv => "text/csv",
            Format::Ndjson => "application/x-ndjson",
            Format::Html => "text/html",
        }
    }

    /// Its name with what else there is to say of it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Html => "text/html; charset=utf-8",
            Format::Json | Format::Ndjson => self.name(),
        }
    }

    /// How the name of a file ends.
    pub const fn suffix(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Html => "html",
        }
    }

    /// The one of these that a request wants; they are in the order of what is usual.
    pub fn wanted(request: &HttpRequest, offered: &[Self]) -> Self {
        let said = request.headers().get_all(header::ACCEPT).filter_map(|accept| accept.to_str().ok());
        Self::chosen(&said.collect::<Vec<_>>().join(","), offered)
    }

    /// The one of these that an Accept says.
    pub fn chosen(accept: &str, offered: &[Self]) -> Self {
        let ranges: Vec<_> = accept.split(',').filter_map(Range::of).collect();
        let mut chosen = offered.first().copied().unwrap_or(Format::Json);
        let mut best = (0, 0);
        for format in offered {
            let of_it = ranges.iter().filter_map(|range| Some((range.exactness(format.name())?, range.weight)));
            // What names it most exactly says how much it is wanted, `text/csv;q=0` beside `*/*` that it is not.
            let Some((exactness, weight)) = of_it.max() else { continue };
            if weight > 0 && (weight, exactness) > best {
                (chosen, best) = (*format, (weight, exactness));
            }
        }
        chosen
    }
}

/// A part of an Accept.
struct Range {
    kind: String,
    /// In thousandths.
    weight: u16,
}

impl Range {
    /// None for what means nothing.
    fn of(text: &str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight = weight.map_or(Some(1000), thousandths)?;
        kind.contains('/').then_some(Range { kind, weight })
    }

    /// How exactly it names a media type; none where it is another.
    fn exactness(&self, name: &str) -> Option<u8> {
        let (kind, _) = name.split_once('/')?;
        match self.kind.as_str() {
            own if own == name => Some(3),
            own if own.strip_suffix("/*") == Some(kind) => Some(2),
            "*/*" => Some(1),
            _ => None,
        }
    }
}

/// A weight, as RFC 9110 (12.4.2) writes it.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 3 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let rest: u16 = format!("{rest:0<3}").parse().ok()?;
    match (whole, rest) {
        ("0", rest) => Some(rest),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Format::{Csv, Html, Json, Ndjson};
    use super::*;

    #[test]
    fn a_form_is_chosen_by_what_is_accepted() {
        for (accept, format) in [
            ("", Json),
            ("*/*", Json),
            ("application/json", Json),
            ("text/csv", Csv),
            ("TEXT/CSV", Csv),
            ("text/csv; charset=utf-8, */*", Csv),
            ("application/x-ndjson", Ndjson),
            ("image/png", Json),
            ("text/*", Csv),
            ("text/csv;q=0", Json),
            ("text/csv;q=0.000, application/x-ndjson;q=0.001", Ndjson),
            ("text/csv;q=0.5, application/json;q=0.8", Json),
            ("application/json;q=0.5, text/csv;q=0.8", Csv),
            ("application/json;q=0.1, */*;q=0.2", Csv),
            ("application/json, text/csv", Json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Json),
            ("text/csv;q=2", Json),
            ("text/csv;q=0.1234", Json),
            ("text/csv;q=-1", Json),
            ("csv", Json),
            (",,;q=1,text/csv", Csv),
        ] {
            assert_eq!(Format::chosen(accept, OF_LISTS), format, "{accept}");
        }
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(Format::chosen(browser, &[Json, Html, Csv]), Html);
        assert_eq!(Format::chosen("text/*", &[Json, Html, Csv]), Html);
    }
}
