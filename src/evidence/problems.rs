//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    EvidenceQuotaExceeded "evidence_quota_exceeded" 409 "admin" "The files of the organisation would have more bytes than its policy allows (evidence_quota_bytes)."
        "The organisation's files have 107374180000 bytes, and 51200 more would be above the 107374182400 of its policy." [];
    EvidenceEmpty "evidence_empty" 422 "caller" "The uploaded file has no bytes."
        "The body has no bytes." [];
    EvidenceTypeMismatch "evidence_type_mismatch" 422 "caller" "The uploaded file is not of the type that its Content-Type says, or of none that is taken."
        "The Content-Type is image/png, the bytes are image/jpeg." [];
    EvidenceDamaged "evidence_damaged" 500 "operator" "The file is no longer what was uploaded, and is not given out. Restore it, or upload the same file again."
        "The file is no longer what was uploaded, and is not given out. Restore it, or upload the same file again." [];
}
