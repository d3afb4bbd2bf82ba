//! Symbols, drawn by other hands than those that read them, and spoilt as a telephone spoils them. Every picture comes from
//! a seed, so that each run sees the same ones.

use std::f64::consts::TAU;

use datamatrix::{DataMatrix, SymbolList};
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{GrayImage, ImageEncoder, Luma};
use lotline::barcode::hibc;

/// Dark modules, row by row.
#[derive(Clone)]
pub struct Modules {
    pub dark: Vec<bool>,
    pub width: usize,
    pub height: usize,
}

fn square(dark: Vec<bool>, width: usize) -> Modules {
    Modules { height: dark.len() / width, dark, width }
}

/// Bars, a quarter as high as they are wide.
fn bars(bits: &[u8]) -> Modules {
    let height = bits.len() / 4;
    let row: Vec<bool> = bits.iter().map(|bit| *bit == 1).collect();
    Modules { dark: row.repeat(height), width: row.len(), height }
}

pub fn data_matrix(text: &str) -> Modules {
    let bitmap = DataMatrix::encode(text.as_bytes(), SymbolList::default()).unwrap().bitmap();
    square(bitmap.bits().to_vec(), bitmap.width())
}

pub fn gs1_data_matrix(text: &str) -> Modules {
    let bitmap = DataMatrix::encode_gs1(text.as_bytes(), SymbolList::default()).unwrap().bitmap();
    square(bitmap.bits().to_vec(), bitmap.width())
}

fn qr(code: &qrcode::QrCode) -> Modules {
    let dark = code.to_colors().into_iter().map(|color| color == qrcode::Color::Dark).collect();
    square(dark, code.width())
}

pub fn qr_code(text: &str) -> Modules {
    qr(&qrcode::QrCode::new(text).unwrap())
}

pub fn gs1_qr_code(text: &str) -> Modules {
    let mut bits = qrcode::bits::Bits::new(qrcode::Version::Normal(5));
    bits.push_fnc1_first_position().unwrap();
    bits.push_byte_data(text.as_bytes()).unwrap();
    bits.push_terminator(qrcode::EcLevel::M).unwrap();
    qr(&qrcode::QrCode::with_bits(bits, qrcode::EcLevel::M).unwrap())
}

/// GS1-128 of an element string that starts with so many digits.
pub fn gs1_128(digits: &str, rest: &str) -> Modules {
    let rest = rest.replace('\u{1d}', "\u{179}");
    bars(&barcoders::sym::code128::Code128::new(format!("\u{106}\u{179}{digits}\u{181}{rest}")).unwrap().encode())
}

pub fn code_128(text: &str) -> Modules {
    bars(&barcoders::sym::code128::Code128::new(format!("\u{181}{text}")).unwrap().encode())
}

pub fn code_39(text: &str) -> Modules {
    bars(&barcoders::sym::code39::Code39::new(text).unwrap().encode())
}

/// Of twelve digits; the thirteenth is computed.
pub fn ean_13(digits: &str) -> Modules {
    bars(&barcoders::sym::ean13::EAN13::new(digits).unwrap().encode())
}

/// HIBC data with its check character.
pub fn with_hibc_check(data: &str) -> String {
    format!("{data}{}", hibc::check_character(data).unwrap())
}

/// A generator of numbers (splitmix64), the same for the same seed everywhere.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
        (0..count).map(|_| char::from(LETTERS[self.next() as usize % LETTERS.len()])).collect()
    }
}

/// What is wrong with a picture.
#[derive(Clone, Copy, Default)]
pub struct Spoil {
    /// Turned by so many degrees.
    pub degrees: f64,
    /// Seen from the side: how much nearer one edge is than the other, right and down.
    pub perspective: (f64, f64),
    /// Radius of the blur, in modules.
    pub blur: f64,
    /// How much darker the darkest corner is than the lightest, and in which direction that is.
    pub shade: f64,
    pub shade_degrees: f64,
    /// Standard deviation of the noise, of 255 greys.
    pub noise: f64,
    /// JPEG quality; PNG without.
    pub jpeg: Option<u8>,
}

/// Draws a symbol with modules of so many pixels in the middle of a sheet, as the telephone sees it.
pub fn picture(symbol: &Modules, module: f64, spoil: Spoil, chance: &mut Chance) -> Vec<u8> {
    let (width, height) = (symbol.width as f64, symbol.height as f64);
    // Twelve modules around it: more than any quiet zone.
    let (cos, sin) = ((spoil.degrees / 360.0 * TAU).cos(), (spoil.degrees / 360.0 * TAU).sin());
    let across = ((width * cos.abs() + height * sin.abs()) * (1.0 + spoil.perspective.0.abs()) + 24.0) * module;
    let down = ((width * sin.abs() + height * cos.abs()) * (1.0 + spoil.perspective.1.abs()) + 24.0) * module;
    let (across, down) = (across.ceil() as u32, down.ceil() as u32);
    let paper = |x: f64, y: f64| {
        let (column, row) = ((x + width / 2.0).floor(), (y + height / 2.0).floor());
        let inside = (0.0..width).contains(&column) && (0.0..height).contains(&row);
        if inside && symbol.dark[row as usize * symbol.width + column as usize] { 35.0 } else { 225.0 }
    };
    let mut greys = Vec::with_capacity((across * down) as usize);
    for row in 0..down {
        for column in 0..across {
            let mut sum = 0.0;
            for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                let x = (f64::from(column) + dx - f64::from(across) / 2.0) / module;
                let y = (f64::from(row) + dy - f64::from(down) / 2.0) / module;
                let depth =
                    1.0 + spoil.perspective.0 * x / width.max(height) + spoil.perspective.1 * y / width.max(height);
                let (x, y) = (x / depth, y / depth);
                sum += paper(x * cos + y * sin, y * cos - x * sin);
            }
            greys.push(sum / 4.0);
        }
    }
    let mut greys = blurred(greys, across as usize, down as usize, spoil.blur * module);
    let (light_x, light_y) =
        ((spoil.shade_degrees / 360.0 * TAU).cos() / 2.0, (spoil.shade_degrees / 360.0 * TAU).sin() / 2.0);
    for (index, grey) in greys.iter_mut().enumerate() {
        let (x, y) = (index % across as usize, index / across as usize);
        let along = (x as f64 / f64::from(across) - 0.5) * light_x + (y as f64 / f64::from(down) - 0.5) * light_y;
        *grey *= 1.0 - spoil.shade * (along + 0.5);
        if spoil.noise > 0.0 {
            // The sum of four even ones is near enough to a normal one; its deviation is 1/√3.
            let even: f64 = (0..4).map(|_| chance.between(-0.5, 0.5)).sum();
            *grey += spoil.noise * even * 3.0_f64.sqrt();
        }
    }
    let picture = GrayImage::from_fn(across, down, |x, y| {
        Luma([greys[(y * across + x) as usize].round().clamp(0.0, 255.0) as u8])
    });
    match spoil.jpeg {
        Some(quality) => jpeg(&picture, quality),
        None => png(&picture),
    }
}

/// Three box blurs, one after the other, are close to a Gaussian one.
fn blurred(mut greys: Vec<f64>, width: usize, height: usize, radius: f64) -> Vec<f64> {
    let reach = radius.round() as usize;
    if reach == 0 {
        return greys;
    }
    for _ in 0..2 {
        for (lines, length, stride, step) in [(height, width, width, 1), (width, height, 1, width)] {
            for line in 0..lines {
                let at = |index: usize| line * stride + index * step;
                let before: Vec<f64> = (0..length).map(|index| greys[at(index)]).collect();
                for index in 0..length {
                    let window = &before[index.saturating_sub(reach)..(index + reach + 1).min(length)];
                    greys[at(index)] = window.iter().sum::<f64>() / window.len() as f64;
                }
            }
        }
    }
    greys
}

pub fn png(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut bytes).write_image(picture, width, height, ExtendedColorType::L8).unwrap();
    bytes
}

pub fn jpeg(picture: &GrayImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = picture.dimensions();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(picture, width, height, ExtendedColorType::L8)
        .unwrap();
    bytes
}

/// Symbols one below the other on one sheet.
pub fn sheet(symbols: &[Modules], module: u32) -> GrayImage {
    let width = symbols.iter().map(|symbol| symbol.width as u32 + 24).max().unwrap() * module;
    let height = symbols.iter().map(|symbol| symbol.height as u32 + 24).sum::<u32>() * module;
    let mut sheet = GrayImage::from_pixel(width, height, Luma([255]));
    let mut top = 12;
    for symbol in symbols {
        for (index, _) in symbol.dark.iter().enumerate().filter(|(_, dark)| **dark) {
            let (x, y) = (12 + (index % symbol.width) as u32, top + (index / symbol.width) as u32);
            for (dx, dy) in (0..module).flat_map(|dy| (0..module).map(move |dx| (dx, dy))) {
                sheet.put_pixel(x * module + dx, y * module + dy, Luma([0]));
            }
        }
        top += symbol.height as u32 + 24;
    }
    sheet
}
