//! Small files that cost as much as a picture can: in memory, or in time. A bench takes them from here, with `render`
//! beside it: `#[path = "../tests/it/pictures/worst.rs"] mod worst;`.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::GrayImage;

/// What is wrong with a file, what it is sent as, and how it is made.
pub type Worst = (&'static str, &'static str, fn() -> Vec<u8>);

/// Those that take the most memory or time and are looked at all the same; the first four take the most memory.
pub const ACCEPTED: [Worst; 13] = [
    ("16 Mpx of PNG, 64 bits a pixel", "image/png", || png(4000, 4000, 16, 6, false, &[])),
    ("16 Mpx of progressive JPEG, 40 scans", "image/jpeg", || jpeg(4000, 4000, true, &[0x22, 0x11, 0x11], 39)),
    ("16 Mpx of interlaced PNG", "image/png", || png(4000, 4000, 8, 2, true, &[])),
    ("16 Mpx of baseline JPEG", "image/jpeg", || jpeg(4000, 4000, false, &[0x22, 0x11, 0x11], 0)),
    ("as long as a side may be", "image/png", || png(16_384, 976, 8, 0, false, &[])),
    ("16 Mpx of corners of QR codes", "image/png", || pattern(4000, corners)),
    ("2 Mpx of corners of QR codes", "image/png", || pattern(1600, corners)),
    ("16 Mpx of corners of Data Matrix", "image/png", || pattern(4000, angles)),
    ("16 Mpx of thin frames", "image/png", || pattern(4000, frames)),
    ("16 Mpx of bars", "image/png", || pattern(4000, bars)),
    ("16 Mpx of checks", "image/png", || pattern(4000, |x, y| (x ^ y) & 1 == 1)),
    ("16 Mpx of coarse noise", "image/png", || pattern(4000, |x, y| noise(x / 8, y / 8))),
    ("16 Mpx of noise", "image/png", || pattern(4000, noise)),
];

/// Those that are refused for what their heads say.
pub const REFUSED: [Worst; 8] = [
    ("a row of 16 Mpx", "image/png", || png(16_000_000, 1, 8, 0, false, &[])),
    ("a column of 16 Mpx", "image/png", || png(1, 16_000_000, 8, 0, false, &[])),
    ("60,000 by 250", "image/png", || png(60_000, 250, 8, 0, false, &[])),
    ("241 bytes of JPEG, 65,500 by 244", "image/jpeg", || jpeg(65_500, 244, false, &[0x11], 0)[..241].to_vec()),
    ("a little too long", "image/png", || png(16_385, 4, 8, 0, false, &[])),
    ("progressive, every component whole", "image/jpeg", || jpeg(4000, 4000, true, &[0x11; 3], 0)),
    ("progressive, four components", "image/jpeg", || jpeg(3500, 3500, true, &[0x11; 4], 0)),
    ("progressive, rows sampled twice", "image/jpeg", || jpeg(4000, 4000, true, &[0x12, 0x11, 0x11], 0)),
];

/// Small pictures with much that is packed beside their pixels.
pub const PACKED: [Worst; 3] = [
    ("a colour profile", "image/png", || png(300, 200, 8, 0, false, &[(b"iCCP", bomb(b"x\0\0"))])),
    ("a text", "image/png", || png(300, 200, 8, 0, false, &[(b"zTXt", bomb(b"x\0\0"))])),
    ("data behind the last row", "image/png", overfull),
];

fn pattern(side: u32, dark: fn(u32, u32) -> bool) -> Vec<u8> {
    let picture = GrayImage::from_fn(side, side, |x, y| image::Luma([if dark(x, y) { 0 } else { 255 }]));
    super::render::png(&picture)
}

/// Squares of 7 modules as in the corners of a QR code, a pixel each, as close as they can be told apart.
fn corners(x: u32, y: u32) -> bool {
    let (x, y) = (x % 9, y % 9);
    let ring = (i64::from(x) - 4).abs().max((i64::from(y) - 4).abs());
    ring == 3 || ring < 2
}

/// The solid angle of a Data Matrix and its dotted sides, over and over, with nothing sensible in it.
fn angles(x: u32, y: u32) -> bool {
    let (a, b, x, y) = (x / 48, y / 48, x % 48 / 2, y % 48 / 2);
    let inside = (2..22).contains(&x) && (2..22).contains(&y);
    inside
        && match (x - 2, y - 2) {
            (0, _) | (_, 19) => true,
            (x, 0) => x % 2 == 0,
            (19, y) => y % 2 == 1,
            (x, y) => noise(a * 20 + x, b * 20 + y),
        }
}

/// Frames in frames, each a line of one pixel.
fn frames(x: u32, y: u32) -> bool {
    let (x, y) = (x.min(3999 - x), y.min(3999 - y));
    x.min(y) % 4 == 0
}

/// Starts of Code 128 side by side.
fn bars(x: u32, _: u32) -> bool {
    [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0][(x as usize / 2) % 11] == 1
}

fn noise(x: u32, y: u32) -> bool {
    super::render::Chance(u64::from(x) << 32 | u64::from(y)).next() & 1 == 1
}

/// A PNG (ISO/IEC 15948) of zeros, with these chunks before its data.
fn png(width: u32, height: u32, depth: u8, color: u8, interlaced: bool, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let samples = [1, 0, 3, 1, 2, 0, 4][usize::from(color)];
    let row = |width: u32| 1 + (u64::from(width) * samples * u64::from(depth)).div_ceil(8);
    let length: u64 = if interlaced {
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            .map(|(x, y, across, down)| row((width - x).div_ceil(across)) * u64::from((height - y).div_ceil(down)))
            .iter()
            .sum()
    } else {
        row(width) * u64::from(height)
    };
    let mut all = vec![(b"IHDR", head(width, height, depth, color, interlaced))];
    all.extend(chunks.iter().map(|(name, data)| (*name, data.clone())));
    all.push((b"IDAT", zeros(length)));
    assembled(&all)
}

fn head(width: u32, height: u32, depth: u8, color: u8, interlaced: bool) -> Vec<u8> {
    [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, color, 0, 0, u8::from(interlaced)]].concat()
}

fn assembled(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks.iter().cloned().chain([(b"IEND", Vec::new())]) {
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let chunk = [name.as_slice(), &data].concat();
        bytes.extend(&chunk);
        bytes.extend(crc32(&chunk).to_be_bytes());
    }
    bytes
}

fn zeros(length: u64) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), length), &mut packed).unwrap();
    packed.finish().unwrap()
}

/// Much more than what is packed may take when it is unpacked.
const BOMB: u64 = 64 << 20;

fn bomb(before: &[u8]) -> Vec<u8> {
    [before, &zeros(BOMB)].concat()
}

fn overfull() -> Vec<u8> {
    assembled(&[(b"IHDR", head(300, 200, 8, 0, false)), (b"IDAT", zeros(BOMB))])
}

/// An interlaced PNG of a picture, row by row as Adam7 has them.
pub fn interlaced(picture: &GrayImage) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    for (left, top, across, down) in
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    {
        for y in (top..height).step_by(down) {
            let row: Vec<u8> = (left..width).step_by(across).map(|x| picture.get_pixel(x, y).0[0]).collect();
            if !row.is_empty() {
                packed.write_all(&[&[0], row.as_slice()].concat()).unwrap();
            }
        }
    }
    assembled(&[(b"IHDR", head(width, height, 8, 0, true)), (b"IDAT", packed.finish().unwrap())])
}

/// A JPEG (ITU-T T.81, annex B) of one grey, and, where it is progressive, so many scans that say once more that nothing
/// is to be added.
pub fn jpeg(width: u16, height: u16, progressive: bool, sampling: &[u8], scans: usize) -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], length.as_slice(), content].concat()
    };
    // One code of one bit, which stands for the class "nothing follows", or for the longest run of empty blocks.
    let codes = |class: u8, meaning: u8| {
        let mut table = vec![class, 1];
        table.extend([0; 15]);
        table.push(meaning);
        segment(0xc4, &table)
    };
    let ids: Vec<u8> = (1..).take(sampling.len()).collect();
    let mut frame = [&[8], &height.to_be_bytes()[..], &width.to_be_bytes(), &[sampling.len() as u8]].concat();
    let mut first = vec![sampling.len() as u8];
    for (id, factors) in ids.iter().zip(sampling) {
        frame.extend([*id, *factors, 0]);
        first.extend([*id, 0]);
    }
    first.extend([0, if progressive { 0 } else { 63 }, 0]);
    let mut bytes = [
        b"\xff\xd8".to_vec(),
        segment(0xdb, &[&[0], [1; 64].as_slice()].concat()),
        segment(if progressive { 0xc2 } else { 0xc0 }, &frame),
        codes(0x00, 0),
        codes(0x10, if progressive { 0xe0 } else { 0 }),
        segment(0xda, &first),
    ]
    .concat();
    let (across, down) = sampling.iter().fold((1, 1), |most, f| (most.0.max(f >> 4), most.1.max(f & 15)));
    let units =
        usize::from(width).div_ceil(8 * usize::from(across)) * usize::from(height).div_ceil(8 * usize::from(down));
    let blocks: usize = sampling.iter().map(|f| units * usize::from(f >> 4) * usize::from(f & 15)).sum();
    bytes.extend(vec![0; (blocks * if progressive { 1 } else { 2 }).div_ceil(8)]);
    for scan in 0..scans {
        let brightest = units * usize::from(sampling[0] >> 4) * usize::from(sampling[0] & 15);
        // A run of 2^14 blocks and fourteen bits more of them: fifteen bits.
        let runs = vec![0; (brightest.div_ceil(1 << 14) * 15).div_ceil(8)];
        // First all coefficients in full, then one bit more of them, and so on for ever.
        let (high, low) = if scan == 0 { (0, 1) } else { (1, 0) };
        bytes.extend(segment(0xda, &[1, ids[0], 0, 1, 63, high << 4 | low]));
        bytes.extend(runs);
    }
    bytes.extend(b"\xff\xd9");
    bytes
}

/// A JPEG whose head has as many descriptions as an upload can hold, each a part of a larger one that never ends.
pub fn descriptions() -> Vec<u8> {
    let whole = jpeg(300, 200, false, &[0x11], 0);
    let mut bytes = whole[..2].to_vec();
    for number in 0..100_000_u32 {
        let content =
            [b"http://ns.adobe.com/xmp/extension/\0", [b'A'; 32].as_slice(), &[0xff; 4], &number.to_be_bytes(), b"x"]
                .concat();
        bytes.extend([&[0xff, 0xe1], u16::try_from(content.len() + 2).unwrap().to_be_bytes().as_slice()].concat());
        bytes.extend(content);
    }
    bytes.extend(&whole[2..]);
    bytes
}

/// The CRC of PNG (ISO/IEC 15948, annex D).
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}
