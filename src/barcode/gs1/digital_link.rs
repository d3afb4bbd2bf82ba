//! GS1 Digital Link URIs, uncompressed (GS1 Digital Link Standard: URI Syntax, release 1.6.0):
//! reading them under any domain, and building the canonical one under `https://id.gs1.org`.

use super::ai_table::{self, Ai};
use super::association::{self, Seen};
use super::{MAX_ELEMENTS, Read, check, too_many};
use crate::barcode::error::{code, warning};
use crate::barcode::{Element, Error, Warning};
use chrono::NaiveDate;
use std::borrow::Cow;

/// The domain of a canonical Digital Link.
const CANONICAL: &str = "https://id.gs1.org";

/// Reads the Digital Link that starts at byte `start` of `input`. Values and their places are
/// checked, associations are not.
pub(crate) fn read<'a>(
    input: &'a str,
    start: usize,
    today: NaiveDate,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Read<'a>>, Error> {
    let uri = input.get(start..).unwrap_or_default();
    let (path_at, path, query_at, query) = split(uri, start)?;
    let mut reader = Reader { today, warnings, elements: Vec::new() };
    reader.path(path, path_at)?;
    let in_path = reader.elements.len();
    reader.query(query, query_at)?;
    let elements = reader.elements;
    check_places(&elements, in_path)?;
    Ok(elements)
}

/// The scheme that `text` starts with, all in capitals or all in small letters as the standard
/// wants it.
pub(crate) fn scheme(text: &str) -> Option<&'static str> {
    ["https://", "HTTPS://", "http://", "HTTP://"].into_iter().find(|scheme| text.starts_with(scheme))
}

/// Position and text of the path and of the query.
fn split(uri: &str, start: usize) -> Result<(usize, &str, usize, &str), Error> {
    let syntax = |offset: usize, message: &str| Error::new(code::LINK, start + offset, message);
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if let Some((offset, character)) = uri.char_indices().find(|(_, c)| !allowed(*c)) {
        return Err(syntax(offset, &format!("A web address cannot hold {character:?}.")));
    }
    let scheme = scheme(uri).ok_or_else(|| syntax(0, "The web address must start with https:// or http://."))?;
    let rest = uri.get(scheme.len()..).unwrap_or_default();
    let (domain, _) = rest.split_once('/').ok_or_else(|| syntax(uri.len(), "The web address has no path."))?;
    if domain.is_empty() {
        return Err(syntax(scheme.len(), "The web address has no domain."));
    }
    if let Some(offset) = domain.find(|c: char| "_~?#@!$&'()*+,;=%".contains(c)) {
        return Err(syntax(
            scheme.len() + offset,
            "The domain of the web address holds a character that a domain cannot have.",
        ));
    }
    let path_at = scheme.len() + domain.len();
    let tail = uri.get(path_at..).unwrap_or_default();
    let tail = tail.split_once('#').map_or(tail, |(before, _)| before);
    let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
    Ok((start + path_at, path, start + path_at + path.len() + 1, query))
}

struct Reader<'a, 'w> {
    today: NaiveDate,
    warnings: &'w mut Vec<Warning>,
    elements: Vec<Read<'a>>,
}

impl<'a> Reader<'a, '_> {
    /// Reads the pairs of identifier and value from the last primary key on; what stands before it
    /// is the stem.
    fn path(&mut self, path: &'a str, path_at: usize) -> Result<(), Error> {
        // Pairs from the end: position of the identifier, identifier, value.
        let mut pairs = Vec::new();
        let mut before = path;
        let key = loop {
            let pair = before.rsplit_once('/').and_then(|(rest, value)| {
                let (stem, ai) = rest.rsplit_once('/')?;
                Some((stem, ai, value, ai_table::find(ai)?))
            });
            let Some((stem, ai, value, row)) = pair else {
                break None;
            };
            pairs.push((path_at + stem.len() + 1, ai, value, row));
            if row.qualifiers.is_some() {
                break Some(row);
            }
            if pairs.len() > MAX_ELEMENTS {
                return Err(too_many(path_at));
            }
            before = stem;
        };
        if key.is_none() {
            let message = "The web address holds no GS1 key such as /01/ with a GTIN at the end of its path.";
            return Err(Error::new(code::LINK_KEY, path_at, message));
        }
        pairs.into_iter().rev().try_for_each(|(at, ai, value, row)| self.element(row, ai, at, value, false))
    }

    fn query(&mut self, query: &'a str, query_at: usize) -> Result<(), Error> {
        let mut at = query_at;
        for parameter in query.split('&') {
            let here = at;
            at += parameter.len() + 1;
            // Parameters without a value, or with a name that is no number, belong to the web site.
            let Some((name, value)) = parameter.split_once('=') else {
                continue;
            };
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let row = ai_table::find(name).ok_or_else(|| {
                Error::new(
                    code::AI_UNKNOWN,
                    here,
                    format!("The query holds \"{}\", which is not a GS1 application identifier.", clip(name)),
                )
            })?;
            self.element(row, name, here, value, true)?;
        }
        Ok(())
    }

    fn element(
        &mut self,
        row: &'static Ai,
        ai: &'a str,
        at: usize,
        written: &'a str,
        in_query: bool,
    ) -> Result<(), Error> {
        if self.elements.len() == MAX_ELEMENTS {
            return Err(too_many(at));
        }
        let value_at = at + ai.len() + 1;
        let value = self.decode(written, in_query, value_at)?;
        check::value(row, ai, &value, self.today).map_err(|error| {
            let offset = if written.len() == value.len() { error.position } else { 0 };
            Error { position: value_at + offset, ..error }
        })?;
        self.elements.push(Read { row, ai, value, at });
        Ok(())
    }

    /// Resolves percent-encoding and, in a query, `+` for a space (RFC 3986; HTML form encoding).
    fn decode(&mut self, written: &'a str, in_query: bool, value_at: usize) -> Result<Cow<'a, str>, Error> {
        if !written.contains(|c| c == '%' || (in_query && c == '+')) {
            return Ok(Cow::Borrowed(written));
        }
        let mut value = String::with_capacity(written.len());
        let mut rest = written.chars();
        while let Some(character) = rest.next() {
            match character {
                '%' => match rest.as_str().get(..2).and_then(hexadecimal) {
                    Some(byte) if byte.is_ascii() => {
                        value.push(char::from(byte));
                        rest.nth(1);
                    }
                    Some(_) => {
                        let message = "The web address holds a percent-encoded character that GS1 data cannot have.";
                        return Err(Error::new(code::CHARACTER, value_at, message));
                    }
                    None => {
                        // A percent sign is a lawful character of lots and serials, so this is the
                        // only way to read it.
                        value.push('%');
                        let message = "A percent sign without two hexadecimal digits was kept as it stands. Compare with the pack.";
                        if self.warnings.iter().all(|known| known.code != warning::PERCENT) {
                            self.warnings.push(Warning::new(warning::PERCENT, message));
                        }
                    }
                },
                '+' if in_query => value.push(' '),
                _ => value.push(character),
            }
        }
        Ok(Cow::Owned(value))
    }
}

fn hexadecimal(digits: &str) -> Option<u8> {
    // `from_str_radix` alone would take "+1".
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
}

fn clip(text: &str) -> String {
    text.chars().take(8).collect()
}

/// Checks that the path is a key with its qualifiers in order, and that nothing stands in the query
/// which belongs into the path.
fn check_places(elements: &[Read], in_path: usize) -> Result<(), Error> {
    let (path, query) = elements.split_at_checked(in_path).unwrap_or((elements, &[]));
    let Some((key, qualifiers)) = path.split_first() else {
        return Ok(());
    };
    let alternatives = key.row.qualifiers.unwrap_or_default();
    let written: Vec<&str> = qualifiers.iter().map(|qualifier| qualifier.ai).collect();
    let fits = |alternative: &&str| in_order(&written, alternative);
    if !alternatives.split('|').any(|alternative| fits(&alternative)) {
        let at = qualifiers.first().map_or(key.at, |first| first.at);
        let message = format!("After AI {} the path may hold only {}, in this order.", key.ai, listed(alternatives));
        return Err(Error::new(code::LINK_PATH, at, message));
    }
    for (index, element) in query.iter().enumerate() {
        if path.iter().chain(query.iter().take(index)).any(|earlier| earlier.ai == element.ai) {
            let message = format!("{} stands twice in the web address.", check::label(element.row, element.ai));
            return Err(Error::new(code::LINK_REPEATED, element.at, message));
        }
        if !element.row.attribute {
            let message =
                format!("{} may not stand in the query of a Digital Link.", check::label(element.row, element.ai));
            return Err(Error::new(code::LINK_QUERY, element.at, message));
        }
        let belongs_in_path =
            alternatives.split('|').filter(fits).any(|sequence| sequence.split(' ').any(|ai| ai == element.ai));
        if belongs_in_path {
            let message =
                format!("{} belongs into the path after AI {}.", check::label(element.row, element.ai), key.ai);
            return Err(Error::new(code::LINK_QUERY, element.at, message));
        }
    }
    Ok(())
}

fn listed(alternatives: &str) -> String {
    if alternatives.is_empty() {
        "nothing".to_owned()
    } else {
        format!("AI {}", alternatives.replace(' ', ", ").replace('|', " or "))
    }
}

/// The canonical Digital Link of `elements`: the first primary key with its qualifiers in the path,
/// the rest in the query, those of predefined length first. `None` when there is no primary key, or
/// when an element may stand neither in path nor query.
pub fn build(elements: &[Element]) -> Option<String> {
    build_seen(&association::seen(elements))
}

pub(crate) fn build_seen(elements: &[Seen]) -> Option<String> {
    let (key, alternatives) = elements.iter().find_map(|element| Some((element.ai, element.row?.qualifiers?)))?;
    let find = |ai: &str| elements.iter().find(|element| element.ai == ai);
    let present = |alternative: &str| alternative.split(' ').filter_map(find).count();
    // Of alternative qualifiers those of which more are at hand; the first where they tie.
    let chosen =
        alternatives.split('|').reduce(|best, other| if present(other) > present(best) { other } else { best })?;
    let path: Vec<&Seen> = std::iter::once(key).chain(chosen.split(' ')).filter_map(find).collect();
    let mut link = String::with_capacity(96);
    link.push_str(CANONICAL);
    for element in &path {
        push(&mut link, '/', element.ai, '/', element.value);
    }
    let mut separator = '?';
    for predefined in [true, false] {
        for (index, element) in elements.iter().enumerate() {
            let row = element.row?;
            let known = path.iter().copied().chain(elements.iter().take(index)).any(|earlier| earlier.ai == element.ai);
            if known || row.has_predefined_length() != predefined {
                continue;
            }
            if !row.attribute || alternatives.split(['|', ' ']).any(|qualifier| qualifier == element.ai) {
                return None;
            }
            push(&mut link, separator, element.ai, '=', element.value);
            separator = '&';
        }
    }
    Some(link)
}

fn push(link: &mut String, before: char, ai: &str, between: char, value: &str) {
    link.push(before);
    link.push_str(ai);
    link.push(between);
    escape(value, link);
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn escape(value: &str, link: &mut String) {
    let reserved = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_' | '~');
    let mut rest = value;
    while let Some((before, from)) = rest.find(reserved).and_then(|at| rest.split_at_checked(at)) {
        link.push_str(before);
        let mut characters = from.chars();
        let mut bytes = [0; 4];
        let character = characters.next().map_or("", |c| c.encode_utf8(&mut bytes));
        for byte in character.bytes() {
            link.push('%');
            for half in [byte >> 4, byte & 15] {
                link.extend(char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase()));
            }
        }
        rest = characters.as_str();
    }
    link.push_str(rest);
}

/// Whether a Digital Link's path may be this sequence of identifiers: a primary key and its
/// qualifiers, in order.
pub fn is_path(sequence: &[&str]) -> bool {
    let Some((key, qualifiers)) = sequence.split_first() else {
        return false;
    };
    let alternatives = ai_table::find(key).and_then(|row| row.qualifiers);
    alternatives
        .is_some_and(|alternatives| alternatives.split('|').any(|alternative| in_order(qualifiers, alternative)))
}

/// Whether `qualifiers` stand in the order of `alternative`; none of it need be there.
fn in_order(qualifiers: &[&str], alternative: &str) -> bool {
    let mut alternative = alternative.split(' ');
    qualifiers.iter().all(|qualifier| alternative.any(|ai| ai == *qualifier))
}
