//! GS1 element strings, and EAN, UPC and ITF-14 numbers with their composite components.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotline_fuzz::{assemble, check};

fuzz_target!(|data: &[u8]| {
    if let Some(code) = assemble(
        data,
        &["", "]d2", "]C1", "]Q3", "]e0", "]J1", "]E0", "]E4", "]I1", "]d20109520123456788", "]E402345673|]e0"],
    ) {
        check(&code);
    }
});
