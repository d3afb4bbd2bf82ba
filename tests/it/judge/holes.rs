//! Journals by hand.
