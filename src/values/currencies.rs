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

impl super::Currency {
    /// An amount for people: `289.00 GBP` for 28900, with as many decimals as the currency has (ISO 4217, minor unit).
    pub fn told(&self, minor: i64) -> String {
        let decimals = match self.as_str() {
            listed if WITHOUT.split(' ').any(|other| other == listed) => 0,
            listed if THREE.split(' ').any(|other| other == listed) => 3,
            _ => 2,
        };
        let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
        let sign = if minor < 0 { "\u{2212}" } else { "" };
        match digits.split_at_checked(digits.len().saturating_sub(decimals)) {
            Some((whole, part)) if !part.is_empty() => format!("{sign}{whole}.{part} {self}"),
            _ => format!("{sign}{digits} {self}"),
        }
    }
}

/// Currencies without a minor unit (ISO 4217, list one).
const WITHOUT: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";

/// Those of whose minor units a thousand make one.
const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";

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
    fn an_amount_has_the_decimals_of_its_currency() {
        for (currency, minor, expected) in [
            ("GBP", 28_900, "289.00 GBP"),
            ("GBP", 5, "0.05 GBP"),
            ("EUR", 0, "0.00 EUR"),
            ("JPY", 28_900, "28900 JPY"),
            ("KWD", 28_900, "28.900 KWD"),
            ("GBP", -150, "\u{2212}1.50 GBP"),
        ] {
            let currency: crate::values::Currency = currency.parse().unwrap();
            assert_eq!(currency.told(minor), expected);
        }
    }

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
