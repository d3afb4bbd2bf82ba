//! How often a code is read, by symbology and by what is wrong with the picture.

use std::fmt::Write;

use lotline::picture::read;

use super::render::{self, Chance, Modules, Spoil};

/// The symbologies, each with how to make a symbol of chance data and what must be read from it, and the pixels of a module.
pub const SYMBOLOGIES: [(&str, fn(&mut Chance) -> (Modules, String), f64); 8] = [
    ("GS1 DataMatrix", gs1_data_matrix, 5.0),
    ("Data Matrix (HIBC)", data_matrix, 5.0),
    ("GS1 QR code", gs1_qr_code, 5.0),
    ("QR code (Digital Link)", qr_code, 5.0),
    ("GS1-128", gs1_128, 3.0),
    ("Code 128 (HIBC)", code_128, 3.0),
    ("Code 39 (HIBC)", code_39, 3.0),
    ("EAN-13", ean_13, 3.0),
];

fn elements(chance: &mut Chance) -> (String, String) {
    let rest = format!("{}\u{1d}21{}", chance.letters(8), chance.letters(10));
    ("01095212345678991727063010".to_owned(), rest)
}

fn gs1_data_matrix(chance: &mut Chance) -> (Modules, String) {
    let (digits, rest) = elements(chance);
    (render::gs1_data_matrix(&format!("{digits}{rest}")), format!("]d2{digits}{rest}"))
}

fn gs1_qr_code(chance: &mut Chance) -> (Modules, String) {
    let (digits, rest) = elements(chance);
    (render::gs1_qr_code(&format!("{digits}{rest}")), format!("]Q3{digits}{rest}"))
}

fn gs1_128(chance: &mut Chance) -> (Modules, String) {
    let (digits, rest) = ("01095212345678991727063010", chance.letters(8));
    (render::gs1_128(digits, &rest), format!("]C1{digits}{rest}"))
}

fn qr_code(chance: &mut Chance) -> (Modules, String) {
    let text =
        format!("https://id.gs1.org/01/09521234567899/10/{}/21/{}?17=270630", chance.letters(8), chance.letters(10));
    (render::qr_code(&text), format!("]Q1{text}"))
}

fn hibc(chance: &mut Chance, lot: usize) -> String {
    let (product, lot) = (chance.letters(6), chance.letters(lot));
    render::with_hibc_check(&format!("+A123{product}1/$$3270630{lot}"))
}

fn data_matrix(chance: &mut Chance) -> (Modules, String) {
    let text = hibc(chance, 10);
    (render::data_matrix(&text), format!("]d1{text}"))
}

fn code_128(chance: &mut Chance) -> (Modules, String) {
    let text = hibc(chance, 5);
    (render::code_128(&text), format!("]C0{text}"))
}

fn code_39(chance: &mut Chance) -> (Modules, String) {
    let text = render::with_hibc_check(&format!("+A123{}1", chance.letters(6)));
    (render::code_39(&text), format!("]A0{text}"))
}

fn ean_13(chance: &mut Chance) -> (Modules, String) {
    let digits: String = (0..12).map(|_| char::from(b'0' + (chance.next() % 10) as u8)).collect();
    let sum: u32 =
        digits.bytes().zip([1, 3].into_iter().cycle()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (render::ean_13(&digits), format!("]E0{digits}{}", (10 - sum % 10) % 10))
}

/// What is wrong with the pictures. All but the first add a little of what every photograph has: noise and JPEG.
pub const SPOILT: [(&str, fn(&mut Chance) -> Spoil); 8] = [
    ("as printed", |_| Spoil::default()),
    ("turned, any angle", |chance| Spoil { degrees: chance.between(0.0, 360.0), ..photograph(chance) }),
    ("perspective", |chance| Spoil {
        perspective: (chance.between(-0.3, 0.3), chance.between(-0.3, 0.3)),
        degrees: chance.between(-5.0, 5.0),
        ..photograph(chance)
    }),
    ("blurred", |chance| Spoil {
        blur: chance.between(0.2, 0.7),
        degrees: chance.between(-5.0, 5.0),
        ..photograph(chance)
    }),
    ("uneven light", |chance| Spoil {
        shade: chance.between(0.6, 0.9),
        shade_degrees: chance.between(0.0, 360.0),
        degrees: chance.between(-5.0, 5.0),
        ..photograph(chance)
    }),
    ("JPEG quality 10 to 25", |chance| Spoil {
        jpeg: Some(10 + (chance.next() % 16) as u8),
        degrees: chance.between(-5.0, 5.0),
        ..Spoil::default()
    }),
    ("noise", |chance| Spoil {
        noise: chance.between(20.0, 45.0),
        degrees: chance.between(-5.0, 5.0),
        jpeg: Some(80),
        ..Spoil::default()
    }),
    ("a little of everything", |chance| Spoil {
        degrees: chance.between(0.0, 360.0),
        perspective: (chance.between(-0.15, 0.15), chance.between(-0.15, 0.15)),
        blur: chance.between(0.0, 0.4),
        shade: chance.between(0.2, 0.6),
        shade_degrees: chance.between(0.0, 360.0),
        noise: chance.between(5.0, 15.0),
        jpeg: Some(50),
    }),
];

fn photograph(chance: &mut Chance) -> Spoil {
    Spoil { noise: chance.between(2.0, 6.0), jpeg: Some(80), ..Spoil::default() }
}

/// What came of the pictures of one symbology with one fault.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    pub pictures: u64,
    pub read: u64,
    /// What was read and is not in the picture.
    pub wrong: Vec<String>,
}

/// Reads so many pictures of every symbology with every fault: rows are symbologies, columns faults.
pub fn measure(pictures: u64) -> Vec<Vec<Rate>> {
    let cell = |row: usize, column: usize| {
        let mut rate = Rate { pictures, ..Rate::default() };
        for number in 0..pictures {
            let mut chance = Chance((row as u64) << 48 | (column as u64) << 32 | number);
            let (symbol, expected) = SYMBOLOGIES[row].1(&mut chance);
            let spoil = SPOILT[column].1(&mut chance);
            let bytes = render::picture(&symbol, SYMBOLOGIES[row].2, spoil, &mut chance);
            let found = read(&bytes, &|| false).unwrap();
            rate.read += u64::from(found.iter().any(|symbol| symbol.text == expected));
            rate.wrong.extend(found.into_iter().map(|symbol| symbol.text).filter(|text| *text != expected));
        }
        rate
    };
    let row = |row| (0..SPOILT.len()).map(|column| cell(row, column)).collect();
    std::thread::scope(|scope| {
        let rows: Vec<_> = (0..SYMBOLOGIES.len()).map(|index| scope.spawn(move || row(index))).collect();
        rows.into_iter().map(|row| row.join().unwrap()).collect()
    })
}

/// The rates in per cent, as a table in Markdown.
pub fn table(rates: &[Vec<Rate>]) -> String {
    let mut table = String::from("| % read |");
    for (name, _) in SPOILT {
        let _ = write!(table, " {name} |");
    }
    table.push_str("\n|---|");
    table.push_str(&"---:|".repeat(SPOILT.len()));
    for ((name, _, _), row) in SYMBOLOGIES.iter().zip(rates) {
        let _ = write!(table, "\n| {name} |");
        for rate in row {
            let _ = write!(table, " {} |", rate.read * 100 / rate.pictures);
        }
    }
    let wrong: Vec<_> = rates.iter().flatten().flat_map(|rate| &rate.wrong).collect();
    let pictures: u64 = rates.iter().flatten().map(|rate| rate.pictures).sum();
    let _ = write!(table, "\n\n{pictures} pictures, wrong texts: {wrong:?}");
    table
}
