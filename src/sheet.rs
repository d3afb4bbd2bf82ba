//! Sheets: rows and columns as people save them from a spreadsheet, or as the maker of a device writes them (CSV).
//!
//! One reading for every file that comes in: its characters, what separates its columns, and the line that each row begins
//! on, as the person counts it who looks for that row.

use crate::values::words;

words! {
    /// What separates columns.
    Delimiter {
        /// `,`
        Comma "comma",
        /// `;`
        Semicolon "semicolon",
        /// A tabulator.
        Tab "tab",
    }
}

impl Delimiter {
    /// The byte that it is.
    pub fn byte(self) -> u8 {
        match self {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
            Delimiter::Tab => b'\t',
        }
    }

    /// What separates the names in the line that has them: no name of ours has a semicolon or a tabulator in it.
    pub fn of(line: &str) -> Self {
        if line.contains(';') {
            Delimiter::Semicolon
        } else if line.contains('\t') {
            Delimiter::Tab
        } else {
            Delimiter::Comma
        }
    }
}

/// The text of a file: as its byte order mark says, else UTF-8, else as Windows writes in the west. What ends a line is one
/// character, so that lines are counted as the person counts them who looks for one.
pub fn text(bytes: &[u8]) -> String {
    let decoded = if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0
    } else {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
        }
    };
    if decoded.contains("\r\n") { decoded.replace("\r\n", "\n") } else { decoded.into_owned() }
}

/// The cells of one line.
pub fn cells(line: &str, delimiter: Delimiter) -> Option<csv::StringRecord> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter.byte()).from_reader(line.as_bytes());
    reader.records().next()?.ok()
}

/// The rows below so many lines, each with the line that it begins on. Those in which every cell is empty are left out.
///
/// What the iterator gives instead of a row says why the file is no CSV.
pub fn rows(
    body: &str,
    delimiter: Delimiter,
    lines_before: u64,
) -> impl Iterator<Item = Result<(u64, csv::StringRecord), String>> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.byte())
        .from_reader(body.as_bytes());
    let is_said = |record: &csv::StringRecord| record.iter().any(|cell| !cell.trim().is_empty());
    reader.into_records().filter_map(move |record| match record {
        Err(error) => Some(Err(format!("The file is no CSV: {error}."))),
        Ok(record) if !is_said(&record) => None,
        Ok(record) => {
            let line = record.position().map_or(0, |at| at.line().saturating_add(empty_lines(body, at.byte())));
            Some(Ok((line.saturating_add(lines_before), record)))
        }
    })
}

/// How many empty lines stand at a place: the reader counts a row from where the one before it ended, though it begins below them.
fn empty_lines(body: &str, byte: u64) -> u64 {
    let rest = usize::try_from(byte).ok().and_then(|byte| body.as_bytes().get(byte..)).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n');
    u64::try_from(empty.count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_whatever_wrote_it() {
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("é\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for (bytes, said) in [
            (b"\xef\xbb\xbf\xc3\xa9\r\n".to_vec(), "é\n"),
            (b"\xc3\xa9\r\n".to_vec(), "é\n"),
            (b"\xe9\n".to_vec(), "é\n"),
            (b"\x80".to_vec(), "€"),
            (utf16, "é\n"),
            (Vec::new(), ""),
        ] {
            assert_eq!(text(&bytes), said, "{bytes:?}");
        }
    }

    #[test]
    fn rows_have_the_line_that_they_begin_on() {
        let found: Vec<_> = rows("a;\"b\nc\"\n;\n\nd;e;f\n", Delimiter::Semicolon, 1).map(Result::unwrap).collect();
        let said: Vec<_> = found.iter().map(|(line, row)| (*line, row.iter().collect::<Vec<_>>())).collect();
        assert_eq!(said, [(2, vec!["a", "b\nc"]), (6, vec!["d", "e", "f"])]);
    }
}
