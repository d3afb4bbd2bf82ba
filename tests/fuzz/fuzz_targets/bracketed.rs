//! GS1 bracketed text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotline_fuzz::{assemble, check};

fuzz_target!(|data: &[u8]| {
    if let Some(code) = assemble(data, &["(", "]d1(", "(01)09520123456788(", "(01)09520123456788(10)"]) {
        check(&code);
    }
});
