//! GS1 Digital Links.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotline_fuzz::{assemble, check};

fuzz_target!(|data: &[u8]| {
    if let Some(code) = assemble(
        data,
        &[
            "https://",
            "]Q1https://id.gs1.org/",
            "https://id.gs1.org/01/09520123456788/",
            "HTTP://example.com/01/09520123456788?",
        ],
    ) {
        check(&code);
    }
});
