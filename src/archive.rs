//! ZIP files of one form (APPNOTE 6.3.10): parts one after the other, as they are, without compression, comments, dates or anything
//! else that could be otherwise. What everybody's tools open, and still every byte of it follows from the names and contents of
//! the parts: so a file that was changed anywhere is told from one that was not, and nothing in it can expand.
//!
//! A part is written when it is whole, so its size and its checksum stand before it, and a file is made and read from its
//! beginning to its end. What is held of the parts before is a line of the directory each.

use std::io::Read;

/// The longest name of a part, in bytes.
const NAME_MAX: usize = 64;
/// The first of January 1980, the earliest that the format knows: when a part was made says what is in the parts.
const DAY: u16 = 0x0021;
/// From here on a place is written in the form of 64 bits.
const WIDE: u64 = 0xffff_ffff;
/// The same of the number of parts.
const MANY: u64 = 0xffff;
/// What reads parts that begin beyond [`WIDE`].
const VERSION_WIDE: u16 = 45;
const VERSION: u16 = 10;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const WIDE_END: u32 = 0x0606_4b50;
const WIDE_PLACE: u32 = 0x0706_4b50;

/// What a directory says of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    crc: u32,
    size: u32,
    offset: u64,
}

/// Numbers as they stand in a ZIP file: the lowest byte first.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn u16(mut self, numbers: &[u16]) -> Self {
        numbers.iter().for_each(|number| self.0.extend(number.to_le_bytes()));
        self
    }

    fn u32(mut self, numbers: &[u32]) -> Self {
        numbers.iter().for_each(|number| self.0.extend(number.to_le_bytes()));
        self
    }

    fn u64(mut self, numbers: &[u64]) -> Self {
        numbers.iter().for_each(|number| self.0.extend(number.to_le_bytes()));
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.0.extend(text.as_bytes());
        self
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn length(of: &[u8]) -> u64 {
    u64::try_from(of.len()).unwrap_or(u64::MAX)
}

impl Entry {
    fn name_length(&self) -> u16 {
        u16::try_from(self.name.len()).unwrap_or(u16::MAX)
    }

    /// What stands before the part.
    fn head(&self) -> Vec<u8> {
        let head = Bytes::default().u32(&[LOCAL]).u16(&[VERSION, 0, 0, 0, DAY]).u32(&[self.crc, self.size, self.size]);
        head.u16(&[self.name_length(), 0]).text(&self.name).0
    }

    /// What stands in the directory.
    fn line(&self) -> Vec<u8> {
        let is_wide = self.offset >= WIDE;
        let (version, extra) = if is_wide { (VERSION_WIDE, 12) } else { (VERSION, 0) };
        let line = Bytes::default().u32(&[CENTRAL]).u16(&[version, version, 0, 0, 0, DAY]);
        let line = line.u32(&[self.crc, self.size, self.size]).u16(&[self.name_length(), extra, 0, 0, 0]);
        let line = line.u32(&[0, narrow(self.offset.min(WIDE))]).text(&self.name);
        if is_wide { line.u16(&[1, 8]).u64(&[self.offset]).0 } else { line.0 }
    }
}

/// What stands behind the parts: the directory, and where it is.
fn directory(parts: &[Entry], offset: u64) -> Vec<u8> {
    let lines: Vec<u8> = parts.iter().flat_map(Entry::line).collect();
    let (count, size) = (u64::try_from(parts.len()).unwrap_or(u64::MAX), length(&lines));
    let mut end = Bytes(lines);
    if offset >= WIDE || count >= MANY {
        end = end.u32(&[WIDE_END]).u64(&[44]).u16(&[VERSION_WIDE, VERSION_WIDE]).u32(&[0, 0]);
        end = end.u64(&[count, count, size, offset]);
        end = end.u32(&[WIDE_PLACE, 0]).u64(&[offset.saturating_add(size)]).u32(&[1]);
    }
    let few = u16::try_from(count.min(MANY)).unwrap_or(u16::MAX);
    end.u32(&[END]).u16(&[0, 0, few, few]).u32(&[narrow(size), narrow(offset.min(WIDE))]).u16(&[0]).0
}

/// A file in the making: what it gives out, one after the other, is the file.
#[derive(Default)]
pub struct Writer {
    parts: Vec<Entry>,
    offset: u64,
}

impl Writer {
    /// What stands before a part, which follows it.
    pub fn head(&mut self, name: &str, content: &[u8]) -> Vec<u8> {
        let entry = Entry {
            name: name.to_owned(),
            crc: crc32fast::hash(content),
            size: u32::try_from(content.len()).unwrap_or(u32::MAX),
            offset: self.offset,
        };
        let head = entry.head();
        self.offset = self.offset.saturating_add(length(&head)).saturating_add(length(content));
        self.parts.push(entry);
        head
    }

    /// What stands behind the last part.
    pub fn end(self) -> Vec<u8> {
        directory(&self.parts, self.offset)
    }
}

/// What is wrong with a file, and which part of it that is: its name, or what stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The part.
    pub part: String,
    /// Why.
    pub why: String,
}

impl Wrong {
    /// What is wrong with a part. Files are made by strangers, and this is shown on a terminal: nothing of theirs moves its cursor.
    pub fn of(part: &str, why: impl Into<String>) -> Self {
        let why: String = why.into().chars().take(WHY_MAX).map(printable).collect();
        Wrong { part: part.chars().map(printable).collect(), why }
    }
}

/// Characters of a reason that are shown.
const WHY_MAX: usize = 300;

/// A character as a terminal may show it.
pub fn printable(c: char) -> char {
    if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.part, self.why)
    }
}

/// What the directory at the end of a file is called where it is wrong.
pub const DIRECTORY: &str = "directory";

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Reads a file from its beginning to its end.
pub struct Reader<R> {
    from: R,
    parts: Vec<Entry>,
    offset: u64,
    most: usize,
    has_ended: bool,
}

impl<R: Read> Reader<R> {
    /// A file whose parts have so many bytes at the most.
    pub fn new(from: R, most: usize) -> Self {
        Reader { from, parts: Vec::new(), offset: 0, most, has_ended: false }
    }

    /// What the part is called that comes now, as far as is known before it is read.
    fn place(&self) -> String {
        format!("part {}", self.parts.len().saturating_add(1))
    }

    /// So many bytes, or as many as there are.
    fn take(&mut self, count: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = u64::try_from(count).unwrap_or(u64::MAX);
        self.from.by_ref().take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The next part; none when the file is at its end, and all of it is as it must be.
    ///
    /// # Errors
    /// What is wrong.
    pub fn part(&mut self) -> Result<Option<Part>, Wrong> {
        if self.has_ended {
            return Ok(None);
        }
        let place = self.place();
        let unread = |e: std::io::Error| Wrong::of(&place, format!("cannot be read: {e}"));
        let ends = |part: &str| Wrong::of(part, "the file ends in it: it was cut off");
        let start = self.take(4).map_err(unread)?;
        if start == CENTRAL.to_le_bytes() || start == END.to_le_bytes() {
            return self.directory(&start).map(|()| None);
        }
        let rest = self.take(26).map_err(unread)?;
        let number = |at: usize, width: usize| -> Option<u64> {
            let bytes = rest.get(at..at.checked_add(width)?)?;
            Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
        };
        let (Some(crc), Some(size), Some(name_length)) = (number(10, 4), number(14, 4), number(22, 2)) else {
            return Err(ends(&place));
        };
        let name_length = usize::try_from(name_length).unwrap_or(usize::MAX);
        if start != LOCAL.to_le_bytes() || name_length > NAME_MAX {
            return Err(Wrong::of(&place, "what stands before it is not what stands before a part"));
        }
        let name = self.take(name_length).map_err(unread)?;
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        let name = String::from_utf8(name).ok().filter(|name| name.bytes().all(|byte| is_plain(&byte)));
        let name = name.filter(|name| name.len() == name_length && !name.is_empty());
        let name = name.ok_or_else(|| Wrong::of(&place, "it has no name that a part can have"))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > self.most {
            return Err(Wrong::of(&name, format!("it says that it has {size} bytes, more than any part has")));
        }
        let content = self.take(size).map_err(|e| Wrong::of(&name, format!("cannot be read: {e}")))?;
        if content.len() < size {
            return Err(ends(&name));
        }
        let entry = Entry { name, crc: narrow(crc), size: narrow(length(&content)), offset: self.offset };
        let head = entry.head();
        if head.get(4..30) != Some(&rest) {
            return Err(Wrong::of(&entry.name, "what stands before it is not what stands before a part"));
        }
        if crc32fast::hash(&content) != entry.crc {
            return Err(Wrong::of(&entry.name, "it does not have the checksum that stands before it"));
        }
        self.offset = self.offset.saturating_add(length(&head)).saturating_add(length(&content));
        let name = entry.name.clone();
        self.parts.push(entry);
        Ok(Some(Part { name, content }))
    }

    /// Reads what stands behind the parts, of which the first bytes have been read.
    fn directory(&mut self, start: &[u8]) -> Result<(), Wrong> {
        let expected = directory(&self.parts, self.offset);
        let unread = |e: std::io::Error| Wrong::of(DIRECTORY, format!("cannot be read: {e}"));
        let rest = self.take(expected.len().saturating_sub(start.len())).map_err(unread)?;
        if [start, &rest].concat() != expected {
            let why = if rest.len().saturating_add(start.len()) < expected.len() {
                "the file ends in it: it was cut off"
            } else {
                "it does not say what is in the file"
            };
            return Err(Wrong::of(DIRECTORY, why));
        }
        if !self.take(1).map_err(unread)?.is_empty() {
            return Err(Wrong::of(DIRECTORY, "something follows on it"));
        }
        self.has_ended = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: [(&str, &[u8]); 3] = [("a.txt", b"one\n"), ("b-00001.json", b""), ("report.html", b"<p>\xc3\xa4</p>")];

    fn file() -> Vec<u8> {
        let (mut writer, mut file) = (Writer::default(), Vec::new());
        for (name, content) in PARTS {
            file.extend(writer.head(name, content));
            file.extend(content);
        }
        file.extend(writer.end());
        file
    }

    fn read(file: &[u8]) -> Result<Vec<Part>, Wrong> {
        let mut reader = Reader::new(file, 1_000);
        std::iter::from_fn(|| reader.part().transpose()).collect()
    }

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let file = file();
        let parts = read(&file).unwrap();
        assert!(parts.iter().map(|part| (part.name.as_str(), part.content.as_slice())).eq(PARTS));
        for at in 0..file.len() {
            for bit in [1, 0x80] {
                let mut flipped = file.clone();
                flipped[at] ^= bit;
                assert!(read(&flipped).is_err(), "byte {at}");
            }
            assert!(read(&file[..at]).is_err(), "cut off at {at}");
        }
        assert!(read(&[file.as_slice(), b"\n"].concat()).is_err());
        assert_eq!(read(b"").unwrap_err().part, "part 1");
        let mut reader = Reader::new(file.as_slice(), 3);
        assert_eq!(reader.part().unwrap_err().part, "a.txt");
    }

    /// Python: `struct.pack("<I6H3I5H2I", …)` and `struct.pack("<HHQ", 1, 8, 1 << 32)`, after APPNOTE sections 4.3.12 and 4.5.3.
    #[test]
    fn places_beyond_four_gigabytes_are_written_in_64_bits() {
        let entry = Entry { name: "a".to_owned(), crc: 1, size: 2, offset: 1 << 32 };
        let hex: String = entry.line().iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = concat!(
            "504b01022d002d00000000000000210001000000020000000200000001000c00000000000000",
            "00000000ffffffff610100080000000000",
            "01000000"
        );
        assert_eq!(hex, expected);
        let end = directory(&[entry], (1 << 32) + 33);
        assert!(end.ends_with(&[[0xff; 4].as_slice(), &[0, 0]].concat()), "{end:?}");
    }
}
