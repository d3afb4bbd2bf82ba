//! Grey pixels, and what is done with them: made smaller, turned, cut and painted over.

use image::imageops;
use rxing::common::HybridBinarizer;
use rxing::{BinaryBitmap, Luma8Source};

use super::Unread;

/// Grey pixels.
pub struct Grey {
    /// Row by row.
    pub pixels: Vec<u8>,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// White bytes, so many, if there is room for them.
pub fn filled(bytes: u64) -> Result<Vec<u8>, Unread> {
    let length = usize::try_from(bytes).map_err(|_| Unread::NoRoom)?;
    let mut filled = Vec::new();
    filled.try_reserve_exact(length).map_err(|_| Unread::NoRoom)?;
    filled.resize(length, u8::MAX);
    Ok(filled)
}

impl Grey {
    /// White paper.
    pub fn white(width: u32, height: u32) -> Result<Grey, Unread> {
        Ok(Grey { pixels: filled(u64::from(width) * u64::from(height))?, width, height })
    }

    /// A part of the picture that lies within it.
    pub fn piece(&self, left: u32, top: u32, width: u32, height: u32) -> Result<Grey, Unread> {
        let mut piece = Grey::white(width, height)?;
        let size = |length: u32| usize::try_from(length).map_err(|_| Unread::NoRoom);
        let (line, left, top, width) = (size(self.width)?.max(1), size(left)?, size(top)?, size(width)?.max(1));
        for (row, place) in self.pixels.chunks_exact(line).skip(top).zip(piece.pixels.chunks_exact_mut(width)) {
            if let Some(part) = row.get(left..).and_then(|rest| rest.get(..width)) {
                place.copy_from_slice(part);
            }
        }
        Ok(piece)
    }

    /// The same picture with a longer side of `side` pixels.
    pub fn smaller(&self, side: u32) -> Grey {
        let longest = self.width.max(self.height).max(1);
        let scaled = |length: u32| {
            u32::try_from(u64::from(length) * u64::from(side) / u64::from(longest)).unwrap_or(side).max(1)
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        let view = image::ImageBuffer::<image::Luma<u8>, &[u8]>::from_raw(self.width, self.height, &self.pixels);
        let pixels = view.map(|view| imageops::thumbnail(&view, width, height).into_raw()).unwrap_or_default();
        Grey { pixels, width, height }
    }

    /// The same picture turned by an angle with this cosine and sine, in 1024ths; what was outside is white.
    pub fn turned(&self, cos: i64, sin: i64) -> Result<Grey, Unread> {
        let (width, height) = (i64::from(self.width), i64::from(self.height));
        let new_width = (width * cos.abs() + height * sin.abs()) / 1024;
        let new_height = (width * sin.abs() + height * cos.abs()) / 1024;
        let mut pixels = Vec::new();
        let area = usize::try_from(new_width * new_height).map_err(|_| Unread::NoRoom)?;
        pixels.try_reserve_exact(area).map_err(|_| Unread::NoRoom)?;
        for row in 0..new_height {
            let (mut x, mut y) = {
                let (dx, dy) = (-new_width / 2, row - new_height / 2);
                (width * 512 + dx * cos + dy * sin, height * 512 - dx * sin + dy * cos)
            };
            for _ in 0..new_width {
                pixels.push(self.between(x, y));
                x += cos;
                y -= sin;
            }
        }
        Ok(Grey {
            pixels,
            width: u32::try_from(new_width).unwrap_or(0),
            height: u32::try_from(new_height).unwrap_or(0),
        })
    }

    /// The grey at a point given in 1024ths of a pixel, between the four pixels around it.
    fn between(&self, x: i64, y: i64) -> u8 {
        let (column, row) = (x >> 10, y >> 10);
        let (right, down) = (x & 1023, y & 1023);
        let width = i64::from(self.width);
        if column < 0 || row < 0 || column + 1 >= width || row + 1 >= i64::from(self.height) {
            return u8::MAX;
        }
        let Ok(start) = usize::try_from(row * width + column) else { return u8::MAX };
        let line = usize::try_from(self.width).unwrap_or(0);
        let pair = |at: usize| match self.pixels.get(at..at + 2) {
            Some([left, next]) => i64::from(*left) * (1024 - right) + i64::from(*next) * right,
            _ => 255 * 1024,
        };
        let mixed = pair(start) * (1024 - down) + pair(start + line) * down;
        u8::try_from(mixed >> 20).unwrap_or(u8::MAX)
    }

    /// Paints a convex quadrilateral white, a little larger than it is.
    pub fn erase(&mut self, corners: [(i64, i64); 4], percent: i64) {
        let sum = corners.iter().fold((0, 0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
        let centre = (sum.0 / 4, sum.1 / 4);
        let grown = corners
            .map(|(x, y)| (centre.0 + (x - centre.0) * percent / 100, centre.1 + (y - centre.1) * percent / 100));
        let edges = {
            let [a, b, c, d] = grown;
            [(a, b), (b, c), (c, d), (d, a)]
        };
        let span = |values: [i64; 4], most: u32| {
            let (low, high) = (values.iter().min().copied(), values.iter().max().copied());
            (low.unwrap_or(0).max(0), high.unwrap_or(0).min(i64::from(most) - 1))
        };
        let (left, right) = span(grown.map(|corner| corner.0), self.width);
        let (top, bottom) = span(grown.map(|corner| corner.1), self.height);
        for y in top..=bottom {
            for x in left..=right {
                let sides = edges.map(|((ax, ay), (bx, by))| (bx - ax) * (y - ay) - (by - ay) * (x - ax));
                let inside = sides.iter().all(|side| *side >= 0) || sides.iter().all(|side| *side <= 0);
                let at = usize::try_from(y * i64::from(self.width) + x).ok();
                if let Some(pixel) = at.filter(|_| inside).and_then(|at| self.pixels.get_mut(at)) {
                    *pixel = u8::MAX;
                }
            }
        }
    }

    /// The picture as the readers take it.
    pub fn bitmap(&self) -> Option<BinaryBitmap<HybridBinarizer<Luma8Source<'_>>>> {
        let source = Luma8Source::new_with_slice(&self.pixels, self.width, self.height).ok()?;
        Some(BinaryBitmap::new(HybridBinarizer::new(source)))
    }
}
