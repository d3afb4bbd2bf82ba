//! Text in XML: names and lot texts are what somebody typed.

/// Text that is safe between tags. What is no character of XML (XML 1.0, 2.2) is shown as one that is missing: names are
/// refused that have such, but were not always.
pub fn text(text: &str) -> String {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().map(|c| if legal(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The same for a value in quotation marks.
pub fn attribute(value: &str) -> String {
    text(value).replace('"', "&quot;")
}
