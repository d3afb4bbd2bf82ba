//! The figures as a drawing: `docs/administrations.svg`, in black and white, legible on paper.

use std::fmt::Write;

const ROW: usize = 26;
const LEFT: usize = 330;
const WIDE: usize = 300;

/// Bars with their names and rates; the longest is that of the greatest rate.
pub fn draw(title: &str, bars: &[(String, f64)]) -> String {
    let most = bars.iter().map(|(_, rate)| *rate).fold(1.0, f64::max);
    let (width, height) = (LEFT + WIDE + 90, 50 + bars.len() * ROW);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\" \
         role=\"img\"><title>{title}</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"22\" font-size=\"15\">{title}</text>\n"
    );
    for (number, (name, rate)) in bars.iter().enumerate() {
        let (y, long) = (36 + number * ROW, (rate / most * WIDE as f64).round());
        let fill = if name.contains("baseline") || name.contains("alone") { "#bbb" } else { "#333" };
        let (text_x, rate_x, base) = (LEFT - 8, LEFT as f64 + long + 6.0, y + 15);
        writeln!(
            svg,
            "<text x=\"{text_x}\" y=\"{base}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"{LEFT}\" y=\"{y}\" width=\"{long}\" height=\"19\" fill=\"{fill}\"/>\
             <text x=\"{rate_x}\" y=\"{base}\">{rate:.0}</text>"
        )
        .unwrap();
    }
    svg.push_str("</svg>\n");
    svg
}
