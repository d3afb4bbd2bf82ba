//! Bytes to grey pixels, in memory that is known before the first pixel: what a head says is checked against
//! [`PIXELS_MAX`], [`SIDE_MAX`] and [`DECODED_MAX`], and rows become grey one by one.
//!
//! Nothing but pixels is looked at: colour profiles, texts, thumbnails and further frames are never unpacked.

use std::io::Cursor;

use png::{ColorType, InterlaceInfo, Limits, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::grey::{Grey, filled};
use super::{DECODED_MAX, PIXELS_MAX, SIDE_MAX, Stop, Unread, guarded};

/// The most scans of a progressive JPEG. Each goes over all blocks, and may do so in a few bytes; the longest scripts that
/// are in use have about twenty.
const SCANS_MAX: usize = 40;
/// The most segments before the pixels of a JPEG: a description in the largest segments fills fewer than 200 of them, and
/// the decoder compares what it finds in them with each other.
const SEGMENTS_MAX: usize = 1_000;
/// What the PNG decoder may take beside the pixels: a few rows, and a chunk as long as an upload may be.
const PNG_WORKSPACE: usize = 16 * 1024 * 1024;
/// Rows after which the caller is asked whether to go on.
const ROWS_AT_ONCE: u32 = 64;

/// Decodes a picture to grey. What is transparent is paper: white.
pub fn grey(bytes: &[u8], stop: Stop<'_>) -> Result<Grey, Unread> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => png(bytes, stop),
        [0xff, 0xd8, 0xff, ..] => guarded(|| Some(jpeg(bytes))).unwrap_or(Err(Unread::NotAPicture)),
        _ => Err(Unread::NotAPicture),
    }
}

/// Refuses a picture that is not looked at because of its size, or of the bytes that it takes while it is decoded.
fn fits(width: u32, height: u32, decoded: u64) -> Result<(), Unread> {
    if width.max(height) > SIDE_MAX || u64::from(width) * u64::from(height) > PIXELS_MAX || decoded > DECODED_MAX {
        return Err(Unread::TooLarge { width, height });
    }
    Ok(())
}

fn png(bytes: &[u8], stop: Stop<'_>) -> Result<Grey, Unread> {
    guarded(|| Some(png_rows(bytes, stop))).unwrap_or(Err(Unread::NotAPicture))
}

fn png_rows(bytes: &[u8], stop: Stop<'_>) -> Result<Grey, Unread> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: PNG_WORKSPACE });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let (width, height) = decoder.read_header_info().map_err(|_| Unread::NotAPicture)?.size();
    fits(width, height, 0)?;
    let mut grey = Grey::white(width, height)?;
    let mut reader = decoder.read_info().map_err(|_| Unread::NotAPicture)?;
    let (color, _) = reader.output_color_type();
    let stride = usize::try_from(width).map_err(|_| Unread::NotAPicture)?;
    let mut line = Vec::with_capacity(stride);
    for number in 0..rows(width, height, reader.info().interlaced) {
        if number.is_multiple_of(ROWS_AT_ONCE) && stop() {
            return Err(Unread::Stopped);
        }
        let row = reader.next_interlaced_row().map_err(|_| Unread::NotAPicture)?.ok_or(Unread::NotAPicture)?;
        line.clear();
        shades(row.data(), color, &mut line);
        match row.interlace() {
            InterlaceInfo::Adam7(pass) => png::expand_interlaced_row(&mut grey.pixels, stride, &line, pass, 8),
            InterlaceInfo::Null(_) => {
                let start = stride.saturating_mul(usize::try_from(number).unwrap_or(usize::MAX));
                let place = grey.pixels.get_mut(start..).and_then(|rest| rest.get_mut(..stride));
                let (Some(place), Some(line)) = (place, line.get(..stride)) else { return Err(Unread::NotAPicture) };
                place.copy_from_slice(line);
            }
        }
    }
    Ok(grey)
}

/// How many rows a PNG has, those of all seven passes where it is interlaced (ISO/IEC 15948, 8.2). What its data says
/// beyond them is not unpacked.
fn rows(width: u32, height: u32, interlaced: bool) -> u32 {
    // First column and row of each pass, and the steps between them.
    const PASSES: [(u32, u32, u32); 7] = [(0, 0, 8), (4, 0, 8), (0, 4, 8), (2, 0, 4), (0, 2, 4), (1, 0, 2), (0, 1, 2)];
    if !interlaced {
        return height;
    }
    let lines = |(column, row, step): (u32, u32, u32)| {
        if width > column { height.saturating_sub(row).div_ceil(step) } else { 0 }
    };
    PASSES.into_iter().map(lines).fold(0, u32::saturating_add)
}

/// Adds the shades of a row of pixels with eight bits a sample.
fn shades(row: &[u8], color: ColorType, line: &mut Vec<u8>) {
    let on_paper = |grey: u8, alpha: u8| {
        let mixed = u32::from(grey) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
        u8::try_from(mixed / 255).unwrap_or(u8::MAX)
    };
    match color {
        ColorType::Grayscale | ColorType::Indexed => line.extend_from_slice(row),
        ColorType::GrayscaleAlpha => {
            line.extend(row.as_chunks().0.iter().map(|[grey, alpha]| on_paper(*grey, *alpha)));
        }
        ColorType::Rgb => line.extend(row.as_chunks().0.iter().map(|rgb| luma(*rgb))),
        ColorType::Rgba => {
            line.extend(row.as_chunks().0.iter().map(|[r, g, b, alpha]| on_paper(luma([*r, *g, *b]), *alpha)));
        }
    }
}

/// How bright a colour is: ITU-R BT.709, item 3.2.
fn luma([r, g, b]: [u8; 3]) -> u8 {
    let sum = 2126 * u32::from(r) + 7152 * u32::from(g) + 722 * u32::from(b);
    u8::try_from(sum / 10_000).unwrap_or(u8::MAX)
}

fn jpeg(bytes: &[u8]) -> Result<Grey, Unread> {
    let frame = Frame::of(bytes).ok_or(Unread::NotAPicture)?;
    let (width, height) = (u32::from(frame.width), u32::from(frame.height));
    // Before the decoder sees it: what it needs grows with the sides.
    fits(width, height, frame.coefficients())?;
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_max_scans(SCANS_MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| Unread::NotAPicture)?;
    let info = decoder.info().ok_or(Unread::NotAPicture)?;
    if (info.width, info.height, usize::from(info.components)) != (frame.width, frame.height, frame.sampling.len()) {
        return Err(Unread::NotAPicture);
    }
    // The brightness is there already where colours are told as brightness and two differences.
    let bright = matches!(decoder.input_colorspace(), Some(ColorSpace::Luma | ColorSpace::YCbCr));
    let (out, samples) = if bright { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    let bytes_out = samples * u64::from(width) * u64::from(height);
    fits(width, height, frame.coefficients().saturating_add(bytes_out))?;
    decoder.set_options(options.jpeg_set_out_colorspace(out));
    let mut grey = Grey::white(width, height)?;
    if bright {
        decoder.decode_into(&mut grey.pixels).map_err(|_| Unread::NotAPicture)?;
        return Ok(grey);
    }
    let mut colours = filled(bytes_out)?;
    decoder.decode_into(&mut colours).map_err(|_| Unread::NotAPicture)?;
    for (pixel, rgb) in grey.pixels.iter_mut().zip(colours.as_chunks().0) {
        *pixel = luma(*rgb);
    }
    Ok(grey)
}

/// What the head of a JPEG says about the memory that its pixels take (ITU-T T.81, B.2.2 and B.2.3).
struct Frame {
    width: u16,
    height: u16,
    /// Horizontal and vertical sampling factor of each component.
    sampling: Vec<(u64, u64)>,
    /// Whether everything is kept until the last scan: a progressive picture, or one whose components come one by one.
    kept: bool,
}

impl Frame {
    /// Walks the segments up to the first scan, stepping over what lies between them as the decoder does.
    fn of(bytes: &[u8]) -> Option<Frame> {
        let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
        let mut frame = None;
        for _ in 0..SEGMENTS_MAX {
            let start = rest.iter().position(|byte| *byte == 0xff)?;
            let (_, marked) = rest.split_at_checked(start)?;
            let at = marked.iter().position(|byte| *byte != 0xff && *byte != 0)?;
            let [marker, high, low, content @ ..] = marked.get(at..)? else { return None };
            let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
            let (content, after) = content.split_at_checked(length)?;
            match marker {
                0xc0..=0xc2 if frame.is_none() => frame = Some(Frame::head(content, *marker == 0xc2)?),
                0xda => {
                    let mut frame: Frame = frame?;
                    frame.kept |= usize::from(*content.first()?) < frame.sampling.len();
                    return Some(frame);
                }
                // A second frame, another coding, the end.
                0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xd9 => return None,
                _ => {}
            }
            rest = after;
        }
        None
    }

    fn head(content: &[u8], progressive: bool) -> Option<Frame> {
        let [_precision, h1, h0, w1, w0, count, components @ ..] = content else { return None };
        let sampling: Vec<_> = components
            .as_chunks()
            .0
            .iter()
            .map(|[_id, factors, _table]| (u64::from(factors >> 4).max(1), u64::from(factors & 15).max(1)))
            .collect();
        let (width, height) = (u16::from_be_bytes([*w1, *w0]), u16::from_be_bytes([*h1, *h0]));
        let sound = width > 0 && height > 0 && sampling.len() == usize::from(*count) && (1..=4).contains(count);
        sound.then_some(Frame { width, height, sampling, kept: progressive })
    }

    /// Bytes of the coefficients that are kept until the last scan: two each, in blocks of 64.
    fn coefficients(&self) -> u64 {
        if !self.kept {
            return 0;
        }
        let across = self.sampling.iter().map(|factors| factors.0).max().unwrap_or(1);
        let down = self.sampling.iter().map(|factors| factors.1).max().unwrap_or(1);
        let units = u64::from(self.width).div_ceil(8 * across) * u64::from(self.height).div_ceil(8 * down);
        let blocks: u64 = self.sampling.iter().map(|(across, down)| units * across * down).sum();
        // The decoder takes as much again where only rows are sampled twice.
        blocks * 128 * if down > across { down } else { 1 }
    }
}
