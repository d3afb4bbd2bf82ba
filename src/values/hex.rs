//! Bytes as hexadecimal digits, two for each.

/// Bytes in small digits.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first bytes of a digest: enough to tell one thing from another.
pub fn first(digest: &[u8], bytes: usize) -> String {
    encode(digest.get(..bytes).unwrap_or(digest))
}

/// The bytes that digits stand for; none where they are no pairs of digits.
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_what_their_digits_say() {
        // python: bytes([0, 15, 160, 255]).hex()
        assert_eq!(encode(&[0, 15, 160, 255]), "000fa0ff");
        assert_eq!(first(&[0, 15, 160, 255], 2), "000f");
        assert_eq!(first(&[1], 2), "01");
        assert_eq!(decode("000fA0ff"), Some(vec![0, 15, 160, 255]));
        for wrong in ["0", "000", "0g", "+1", "\u{e9}0"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
