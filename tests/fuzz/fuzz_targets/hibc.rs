//! HIBC, as it comes, and with the check character that belongs to it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotline_fuzz::barcode::hibc::check_character;
use lotline_fuzz::{assemble, check};

fuzz_target!(|data: &[u8]| {
    let starts = ["+", "]C0+", "+A99912345/", "+$$", "+A99912345/$$3261031LOT/"];
    if let Some(mut code) = assemble(data, &starts) {
        check(&code);
        let fitting = std::str::from_utf8(&code).ok().and_then(|text| check_character(text.trim_start_matches("]C0")));
        if let Some(fitting) = fitting {
            code.extend(fitting.to_string().bytes());
            check(&code);
        }
    }
});
