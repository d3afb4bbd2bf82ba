//! The few words of SVG that a plot needs. Lengths are whole tenths of a unit: what is computed in integers is the same on every
//! machine.

use std::fmt::{self, Write};

use crate::values::xml;

/// A length, in tenths of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenths(pub i64);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, whole, tenth) = (if self.0 < 0 { "-" } else { "" }, self.0.abs() / 10, self.0.abs() % 10);
        match tenth {
            0 => write!(f, "{sign}{whole}"),
            tenth => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

/// A drawing in the making.
#[derive(Default)]
pub struct Svg(String);

impl Svg {
    /// Adds an element that has nothing in it. Values of attributes are escaped.
    pub fn element(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)]) {
        self.head(name, attributes);
        self.0.push_str("/>");
    }

    /// Adds an element with a text. Text and values are escaped.
    pub fn text(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)], text: &str) {
        self.begin(name, attributes);
        self.0.push_str(&xml::text(text));
        self.end(name);
    }

    /// Adds a text that can be read on whatever is beneath it.
    pub fn over(&mut self, (x, y): (Tenths, Tenths), anchor: &str, text: &str) {
        self.text(
            "text",
            &[
                ("x", &x),
                ("y", &y),
                ("text-anchor", &anchor),
                ("stroke", &"#fff"),
                ("stroke-width", &3),
                ("stroke-linejoin", &"round"),
                ("paint-order", &"stroke"),
            ],
            text,
        );
    }

    /// Begins an element.
    pub fn begin(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)]) {
        self.head(name, attributes);
        self.0.push('>');
    }

    /// Ends the element that was begun.
    pub fn end(&mut self, name: &str) {
        let _ = write!(self.0, "</{name}>");
    }

    /// Begins a line, for whoever reads the text.
    pub fn line(&mut self) {
        self.0.push('\n');
    }

    /// Adds what was drawn apart.
    pub fn append(&mut self, other: Svg) {
        self.0.push_str(&other.0);
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)]) {
        let _ = write!(self.0, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.0, " {name}=\"{}\"", xml::attribute(&value.to_string()));
        }
    }
}

/// As much of a text as fits into so many tenths of a unit, in letters of ten and a half units. Letters differ: what is counted
/// is what wide ones of a sans-serif take.
pub fn fitted(text: &str, room: i64) -> String {
    let mut taken: i64 = 0;
    for (place, letter) in text.char_indices() {
        taken = taken.saturating_add(width_of(letter));
        if taken > room {
            let kept = text.get(..place).unwrap_or_default().trim_end();
            let mut kept: Vec<char> = kept.chars().collect();
            kept.pop();
            return kept.into_iter().chain(['…']).collect();
        }
    }
    text.to_owned()
}

/// How wide a text is, in tenths of a unit.
pub fn width(text: &str) -> i64 {
    text.chars().map(width_of).sum()
}

fn width_of(letter: char) -> i64 {
    match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | '.' | ',' | ':' | '\'' | '|' | '!' | 'I' => 37,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 102,
        'A'..='Z' | '&' | '<' | '>' | '+' | '=' | '~' => 84,
        ' '..='~' | '°' | '·' | '–' => 66,
        _ => 105,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_they_are() {
        let rows = [(0, "0"), (5, "0.5"), (-5, "-0.5"), (10, "1"), (3_581, "358.1"), (-120, "-12")];
        for (tenths, expected) in rows {
            assert_eq!(Tenths(tenths).to_string(), expected);
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        assert_eq!(fitted("Fridge", 1000), "Fridge");
        assert_eq!(fitted("", 0), "");
        let long = "ü".repeat(200);
        let short = fitted(&long, 1050);
        assert_eq!(short, format!("{}…", "ü".repeat(9)));
        assert!(width(&short) <= 1050);
    }

    #[test]
    fn nothing_of_a_name_is_more_than_text() {
        let mut svg = Svg::default();
        let name = "<script>alert(\"1\")</script> & 'x'\u{1}";
        svg.text("text", &[("data-name", &name)], name);
        assert_eq!(
            svg.finish(),
            "<text data-name=\"&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 'x'\u{fffd}\">\
             &lt;script&gt;alert(\"1\")&lt;/script&gt; &amp; 'x'\u{fffd}</text>"
        );
    }
}
