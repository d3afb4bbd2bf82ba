//! The line stream of `lotline decode`. The first two bytes say in what chunks it arrives.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotline_fuzz::{barcode::MAX_INPUT, check_stream};

fuzz_target!(|data: &[u8]| {
    if let Some((&[low, high], stream)) = data.split_first_chunk() {
        let chunk = usize::from(u16::from_be_bytes([high & 0x7f, low]));
        if high & 0x80 == 0 || stream.is_empty() {
            check_stream(stream, chunk);
        } else {
            // One line that is too long, or many lines.
            let length = if stream.contains(&b'\n') { 4096 } else { MAX_INPUT + 3 };
            let long: Vec<u8> = stream.iter().copied().cycle().take(length).collect();
            check_stream(&long, chunk);
        }
    }
});
