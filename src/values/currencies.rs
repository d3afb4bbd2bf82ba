//! The currencies that prices are in: codes only, which are facts.
//!
//! The letters of `iso_4217.json` in Debian's iso-codes 4.15.0, without what no invoice is in (metals, funds, units of account, the
//! code for tests), and the two that ISO 4217 added after it (XCG and ZWG, amendments 176 and 177):
//!
//! ```text
//! jq -r '."4217"[].alpha_3' /usr/share/iso-codes/json/iso_4217.json | LC_ALL=C sort
//! ```

/// Whether `text` is a currency (ISO 4217, three letters).
pub(super) fn is_listed(text: &str) -> bool {
    text.len() == 3 && LETTERS.split(' ').any(|listed| listed == text)
}

/// ISO 4217, alphabetic.
const LETTERS: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
    CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL \
    HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD \
    TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL";

#[cfg(test)]
mod tests {
    use super::is_listed;

    #[test]
    fn money_is_in_a_currency_that_is_listed() {
        // ISO 4217: pounds, euro, yen, CFP francs; then gold, the code for tests, letters that are none, and parts of the list.
        let rows = [
            ("GBP", true),
            ("EUR", true),
            ("JPY", true),
            ("XPF", true),
            ("XAU", false),
            ("XTS", false),
            ("ABC", false),
        ];
        for (text, listed) in
            rows.into_iter().chain([("gbp", false), ("GB", false), ("", false), ("AED AFN", false), ("ED ", false)])
        {
            assert_eq!(is_listed(text), listed, "{text}");
        }
    }
}
