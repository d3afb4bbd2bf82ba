//! ICCBBA (ISBT 128) data structures.

#![no_main]

use libfuzzer_sys::fuzz_target;
use lotline_fuzz::{assemble, check};

fuzz_target!(|data: &[u8]| {
    if let Some(code) = assemble(data, &["=", "&", "=/", "]C0=/A9999XYZ100T0944", "=/A9999XYZ100T0944=,000025=>026032"])
    {
        check(&code);
    }
});
