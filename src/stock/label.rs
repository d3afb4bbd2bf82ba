//! The label of a lot or a pack: a GS1 DataMatrix and its human-readable lines, drawn as SVG or PNG.
//!
//! It stands with stock because it is another view of a lot, asked for by the lot's address and by those who may see it.
//!
//! Lengths are in dots of 300 per inch (0.0847 mm). A module has 5 dots, 0.423 mm: within the 0.254 to 0.990 mm of GS1
//! General Specifications, section 5.12.3, table 7 for regulated healthcare items, near its target of 0.380 mm. The quiet
//! zone has 4 modules where GS1 DataMatrix asks for 1 (section 5.6.3.3). The lines are human readable interpretation
//! (section 4.14): identifiers in parentheses, which are no part of the code, in the code's order. The expiry stands there
//! as the code has it, and below as a date that nobody can misread.

use std::fmt::Write;

use chrono::{Datelike, NaiveDate};
use datamatrix::{DataMatrix, SymbolList};
use font8x8::{BASIC_FONTS, LATIN_FONTS, UnicodeFonts};

use crate::barcode::{self, Element};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::values::xml::text as escaped;
use crate::values::{Gtin, LotText, Name, Serial};

/// Dots of a module.
const MODULE: usize = 5;
/// Dots of white around everything: four modules.
const MARGIN: usize = 4 * MODULE;
/// Dots of a dot of the 8 by 8 font.
const FONT: usize = 3;
/// Dots from line to line.
const LINE: usize = 30;
/// Characters of a line at the most: what a serial number with its identifier needs, and a little more.
const COLUMNS: usize = 28;
/// Dots in a metre, at 300 per inch.
const DOTS_PER_METRE: u32 = 11_811;

/// What a label says.
#[derive(Clone, Debug)]
pub struct Label {
    /// The name of the product.
    pub product: Name,
    /// What the pack is known by.
    pub gtin: Gtin,
    /// The labelled expiry.
    pub expiry: NaiveDate,
    /// The lot.
    pub lot: LotText,
    /// The serial number, for the label of one pack.
    pub serial: Option<Serial>,
}

/// A label, laid out.
pub struct Drawing {
    /// Rectangles of dark modules: left, top, width and height in dots.
    bars: Vec<[usize; 4]>,
    lines: Vec<String>,
    /// Where the lines start.
    text: usize,
    width: usize,
    height: usize,
}

impl Label {
    /// What the code says: GTIN, expiry, lot, serial number, in this order, so that only the lot needs a separator.
    fn elements(&self) -> Vec<Element> {
        let element = |ai: &str, value: String| Element { ai: ai.to_owned(), value };
        let day = self.expiry;
        let expiry = format!("{:02}{:02}{:02}", day.year().rem_euclid(100), day.month(), day.day());
        let mut elements =
            vec![element("01", self.gtin.to_string()), element("17", expiry), element("10", self.lot.to_string())];
        elements.extend(self.serial.iter().map(|serial| element("21", serial.to_string())));
        elements
    }

    /// Lays the label out. `today` is the day on which two-digit years are read.
    ///
    /// # Errors
    /// `label_not_possible` when a reader would not get back what the label says: a year that two digits cannot tell today.
    pub fn draw(&self, today: NaiveDate) -> Result<Drawing> {
        let elements = self.elements();
        let refused = |rule: String| Error::problem(ProblemCode::LabelNotPossible, rule);
        let text = barcode::gs1::element_string::build(&elements, today).map_err(|e| refused(e.message))?;
        let read = barcode::decode(&format!("]d2{text}"), today).map_err(|e| refused(e.message))?;
        if read.expiry != Some(self.expiry) {
            return Err(refused(format!(
                "The expiry {} lies too far from today for a year of two digits.",
                self.expiry
            )));
        }
        let code = DataMatrix::encode_gs1(text.as_bytes(), SymbolList::default().enforce_square())
            .map_err(|e| Error::internal(format!("a label's code: {e:?}")))?;
        let modules = code.bitmap();

        let mut lines = wrapped(self.product.as_str());
        lines.extend(elements.iter().map(|element| format!("({}) {}", element.ai, element.value)));
        lines.push(format!("Expiry {}", self.expiry));
        let text = MARGIN * 2 + modules.width() * MODULE;
        let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        Ok(Drawing {
            bars: bars(modules.width(), modules.bits()),
            text,
            width: text + longest * 8 * FONT + MARGIN,
            height: (modules.height() * MODULE).max(lines.len() * LINE) + MARGIN * 2,
            lines,
        })
    }
}

/// Dark modules beside each other as one rectangle.
fn bars(columns: usize, modules: &[bool]) -> Vec<[usize; 4]> {
    let mut bars = Vec::new();
    for (row, line) in modules.chunks(columns.max(1)).enumerate() {
        let mut column = 0;
        for run in line.chunk_by(|one, next| one == next) {
            if run.first() == Some(&true) {
                bars.push([MARGIN + column * MODULE, MARGIN + row * MODULE, run.len() * MODULE, MODULE]);
            }
            column += run.len();
        }
    }
    bars
}

/// A name in lines that fit, broken between words where that is possible.
fn wrapped(name: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split(' ') {
        let mut letters: Vec<char> = word.chars().collect();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + letters.len() <= COLUMNS => {
                line.push(' ');
                line.extend(letters);
            }
            _ => {
                while letters.len() > COLUMNS {
                    lines.push(letters.drain(..COLUMNS).collect());
                }
                lines.push(letters.into_iter().collect());
            }
        }
    }
    lines
}

impl Drawing {
    /// Where the foot of each line of text is.
    fn feet(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines.iter().enumerate().map(|(index, line)| (MARGIN + index * LINE + 8 * FONT, line.as_str()))
    }

    /// The label as SVG, in millimetres.
    pub fn svg(&self) -> String {
        let Drawing { width, height, .. } = self;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n<g id=\"code\" shape-rendering=\"crispEdges\">",
            millimetres(*width),
            millimetres(*height)
        );
        for [x, y, width, height] in &self.bars {
            let _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
        }
        svg.push_str("</g>\n<g font-family=\"monospace\" font-size=\"28\" xml:space=\"preserve\">");
        for (foot, line) in self.feet() {
            let _ = write!(svg, "<text x=\"{}\" y=\"{foot}\">{}</text>", self.text, escaped(line));
        }
        svg.push_str("</g>\n</svg>\n");
        svg
    }

    /// The label as PNG, 300 dots per inch. Letters that its small font does not have are question marks.
    ///
    /// # Errors
    /// Never, for a picture of this size in memory.
    pub fn png(&self) -> Result<Vec<u8>> {
        let mut pixels = vec![u8::MAX; self.width * self.height];
        let mut fill = |x: usize, y: usize, width: usize, height: usize| {
            for row in y..y + height {
                let start = row * self.width + x;
                if let Some(dots) = pixels.get_mut(start..start + width) {
                    dots.fill(0);
                }
            }
        };
        for [x, y, width, height] in &self.bars {
            fill(*x, *y, *width, *height);
        }
        for (foot, line) in self.feet() {
            for (index, letter) in line.chars().enumerate() {
                let left = self.text + index * 8 * FONT;
                for (row, bits) in glyph(letter).into_iter().enumerate() {
                    for column in (0..8).filter(|column| bits >> column & 1 == 1) {
                        fill(left + column * FONT, foot - 8 * FONT + row * FONT, FONT, FONT);
                    }
                }
            }
        }
        encoded(self.width, self.height, &pixels).map_err(|e| Error::internal(format!("a label's picture: {e}")))
    }
}

fn glyph(letter: char) -> [u8; 8] {
    let known = |letter| BASIC_FONTS.get(letter).or_else(|| LATIN_FONTS.get(letter));
    known(letter).or_else(|| known('?')).unwrap_or_default()
}

fn encoded(width: usize, height: usize, pixels: &[u8]) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let side = |dots: usize| u32::try_from(dots).unwrap_or(0);
    let mut encoder = png::Encoder::new(&mut bytes, side(width), side(height));
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: DOTS_PER_METRE,
        yppu: DOTS_PER_METRE,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// Dots in millimetres, with three decimals.
fn millimetres(dots: usize) -> String {
    let micrometres = dots * 25_400 / 300;
    format!("{}.{:03}", micrometres / 1000, micrometres % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> Label {
        Label {
            product: "Filler <1 mL> & \"more\"".parse().unwrap(),
            gtin: "09521234567899".parse().unwrap(),
            expiry: NaiveDate::from_ymd_opt(2027, 6, 30).unwrap(),
            lot: "HC24A".parse().unwrap(),
            serial: Some("SN<1>&".parse().unwrap()),
        }
    }

    #[test]
    fn lines_say_what_the_code_says() {
        let drawing = label().draw(NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()).unwrap();
        let expected = [
            "Filler <1 mL> & \"more\"",
            "(01) 09521234567899",
            "(17) 270630",
            "(10) HC24A",
            "(21) SN<1>&",
            "Expiry 2027-06-30",
        ];
        assert_eq!(drawing.lines, expected);
        let svg = drawing.svg();
        assert!(svg.contains(">Filler &lt;1 mL&gt; &amp; \"more\"</text>"), "{svg}");
        assert!(svg.contains(">(21) SN&lt;1&gt;&amp;</text>"), "{svg}");
        assert_eq!(svg.matches("<text").count(), expected.len());
    }

    #[test]
    fn what_xml_cannot_hold_is_shown_as_missing() {
        // XML 1.0, 2.2: Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].
        for code in 0..=u32::from(char::MAX) {
            let Some(c) = char::from_u32(code) else { continue };
            let legal = matches!(code, 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x1_0000..=0x10_ffff);
            let expected = match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '>' => "&gt;".to_owned(),
                c if legal => c.to_string(),
                _ => "\u{fffd}".to_owned(),
            };
            assert_eq!(escaped(&c.to_string()), expected, "U+{code:04X}");
        }
        let drawing = Label { product: "Fil\u{fffe}ler\u{ffff}".parse().unwrap(), ..label() };
        let drawing = drawing.draw(NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()).unwrap();
        assert!(drawing.svg().contains(">Fil\u{fffd}ler\u{fffd}</text>"), "{}", drawing.svg());
        assert!(drawing.png().is_ok());
    }

    #[test]
    fn a_year_that_two_digits_cannot_tell_has_no_label() {
        for (year, possible) in [(1977, true), (1976, false), (2027, true), (2076, true), (2077, false)] {
            let expiry = NaiveDate::from_ymd_opt(year, 6, 30).unwrap();
            let drawn = Label { expiry, ..label() }.draw(NaiveDate::from_ymd_opt(2026, 7, 1).unwrap());
            assert_eq!(drawn.is_ok(), possible, "{year}");
        }
    }

    #[test]
    fn long_names_go_on_in_the_next_line() {
        assert_eq!(wrapped("Filler"), ["Filler"]);
        assert_eq!(wrapped(&"x".repeat(60)), ["x".repeat(28), "x".repeat(28), "x".repeat(4)]);
        assert_eq!(
            wrapped("a name of more than twenty-eight letters"),
            ["a name of more than", "twenty-eight letters"]
        );
        assert_eq!(millimetres(300), "25.400");
    }
}
