//! The GS1 application identifiers: what each may hold, what it needs beside it, and where it goes
//! in a Digital Link.
//!
//! The facts are those of the GS1 Barcode Syntax Dictionary, release 2026-01-27 (GS1 General
//! Specifications, section 3), in a form of our own: names in plain words, and a family such as
//! 3100 to 3105 in one row. Where a numeric key always starts with digits, the check for a company
//! prefix is left out, because it cannot fail.

pub use super::ai::{Ai, Charset, Check, Part};
use std::sync::LazyLock;

/// How many digits the identifiers have that start with these two digits. `None` when no identifier
/// starts so.
pub fn ai_length(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'0', b'0'..=b'3', ..] | [b'1', b'0'..=b'3' | b'5'..=b'7', ..] | [b'2', b'0'..=b'2', ..] => Some(2),
        [b'3', b'0' | b'7', ..] | [b'9', b'0'..=b'9', ..] => Some(2),
        [b'2', b'3'..=b'5', ..] | [b'4', b'0'..=b'2', ..] | [b'7', b'1', ..] => Some(3),
        [b'3', b'1'..=b'6' | b'9', ..] | [b'4', b'3', ..] | [b'7', b'0' | b'2', ..] | [b'8', b'0'..=b'2', ..] => {
            Some(4)
        }
        _ => None,
    }
}

/// The row for `ai`, given with all its digits.
pub fn find(ai: &str) -> Option<&'static Ai> {
    let prefix = two_digits(ai)?;
    let (from, to) = (*FIRST_ROW.get(prefix)?, *FIRST_ROW.get(prefix + 1)?);
    TABLE.get(from..to)?.iter().find(|row| row.covers(ai))
}

/// For each two digits the first row whose stem is not below them. Decoding a code looks up some
/// thirty identifiers, most of them in search of swallowed ones, so that a search through the whole
/// table would be what it mostly does.
static FIRST_ROW: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let first = |prefix| TABLE.partition_point(|row| two_digits(row.stem) < Some(prefix));
    (0..=100).map(first).collect()
});

fn two_digits(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Some(usize::from(tens - b'0') * 10 + usize::from(ones - b'0')),
        _ => None,
    }
}

/// The row for the identifier that `text` starts with, and the identifier as written.
pub(crate) fn starting(text: &str) -> Option<(&'static Ai, &str)> {
    let ai = text.get(..ai_length(text)?)?;
    find(ai).map(|row| (row, ai))
}

use Charset::{Digits, Set39, Set64, Set82};
use Check::*;

const fn part(charset: Charset, min: usize, max: usize, checks: &'static [Check]) -> Part {
    Part { charset, min, max, optional: false, checks }
}
/// Exactly so many digits.
const fn n(length: usize, checks: &'static [Check]) -> Part {
    part(Digits, length, length, checks)
}
/// Up to so many digits.
const fn nv(max: usize, checks: &'static [Check]) -> Part {
    part(Digits, 1, max, checks)
}
/// Exactly so many characters of set 82.
const fn x(length: usize, checks: &'static [Check]) -> Part {
    part(Set82, length, length, checks)
}
/// Up to so many characters of set 82.
const fn xv(max: usize, checks: &'static [Check]) -> Part {
    part(Set82, 1, max, checks)
}
const fn opt(part: Part) -> Part {
    Part { optional: true, ..part }
}

const fn ai(stem: &'static str, name: &'static str, parts: &'static [Part]) -> Ai {
    Ai {
        stem,
        family: None,
        name,
        parts,
        needs: "",
        excludes: "",
        once_in_family: false,
        attribute: true,
        qualifiers: None,
    }
}
/// A measure of a trade item (31nn to 36nn).
const fn trade(stem: &'static str, name: &'static str) -> Ai {
    ai(stem, name, SIX_DIGITS).family('0', '5').once().needs("01 02")
}
/// A measure of a logistic unit (33nn to 36nn).
const fn logistic(stem: &'static str, name: &'static str) -> Ai {
    trade(stem, name).needs("00 01")
}

const ITEM: &str = "01 02 03 8006 8026";
const ITEM_BUT_MTO: &str = "01 02 8006 8026";
const MEASURE: &str = "30 31nn 32nn 35nn 36nn";
const SIX_DIGITS: &[Part] = &[n(6, &[])];
const INTERNAL: &[Part] = &[xv(90, &[])];
const KEY_13: &[Part] = &[n(13, &[CheckDigit])];
const COUNTRIES: &[Part] =
    &[n(3, &[Country]), opt(n(3, &[Country])), opt(n(3, &[Country])), opt(n(3, &[Country])), opt(n(3, &[Country]))];

/// Every application identifier, in ascending order of its stem.
#[rustfmt::skip] // one row a line: that is what makes it a table
pub static TABLE: &[Ai] = &[
    ai("00", "SSCC", &[n(18, &[CheckDigit])]).key(""),
    ai("01", "GTIN", &[n(14, &[CheckDigit])]).not("255 37").key("22 10 21|235"),
    ai("02", "GTIN of contained items", &[n(14, &[CheckDigit])]).needs("37").not("01 03"),
    ai("03", "GTIN of a made-to-order item", &[n(14, &[CheckDigit])]).not("01 02 37").no_attribute(),
    ai("10", "batch or lot", &[xv(20, &[])]).needs(ITEM),
    ai("11", "production date", &[n(6, &[DateOrMonth])]).needs(ITEM),
    ai("12", "due date", &[n(6, &[DateOrMonth])]).needs("8020"),
    ai("13", "packaging date", &[n(6, &[DateOrMonth])]).needs(ITEM),
    ai("15", "best-before date", &[n(6, &[DateOrMonth])]).needs(ITEM),
    ai("16", "sell-by date", &[n(6, &[DateOrMonth])]).needs(ITEM),
    ai("17", "expiry date", &[n(6, &[DateOrMonth])]).needs("01 02 03 255 8006 8026"),
    ai("20", "internal product variant", &[n(2, &[])]).needs(ITEM_BUT_MTO),
    ai("21", "serial number", &[xv(20, &[])]).needs("01 03 8006").not("235").no_attribute(),
    ai("22", "consumer product variant", &[xv(20, &[])]).needs("01").no_attribute(),
    ai("235", "third-party serialised extension", &[xv(28, &[])]).needs("01").no_attribute(),
    ai("240", "additional product identification", &[xv(30, &[])]).needs(ITEM_BUT_MTO),
    ai("241", "customer part number", &[xv(30, &[])]).needs(ITEM_BUT_MTO),
    ai("242", "made-to-order variation", &[nv(6, &[])]).needs(ITEM_BUT_MTO),
    ai("243", "packaging component number", &[xv(20, &[])]).needs("01"),
    ai("250", "secondary serial number", &[xv(30, &[])]).needs("01+21 03+21 8006+21"),
    ai("251", "reference to source", &[xv(30, &[])]).needs("01 8006"),
    ai("253", "document type (GDTI)", &[n(13, &[CheckDigit]), opt(xv(17, &[]))]).key(""),
    ai("254", "extension of a GLN", &[xv(20, &[])]).needs("414").no_attribute(),
    ai("255", "coupon number (GCN)", &[n(13, &[CheckDigit]), opt(nv(12, &[]))]).not("01 02 415 8006 8020 8026").key(""),
    ai("30", "variable count", &[nv(8, &[])]).needs("01 02"),
    trade("310", "net weight, kg"),
    trade("311", "length, m"),
    trade("312", "width, m"),
    trade("313", "height, m"),
    trade("314", "area, m²"),
    trade("315", "net volume, l"),
    trade("316", "net volume, m³"),
    trade("320", "net weight, lb"),
    trade("321", "length, in"),
    trade("322", "length, ft"),
    trade("323", "length, yd"),
    trade("324", "width, in"),
    trade("325", "width, ft"),
    trade("326", "width, yd"),
    trade("327", "height, in"),
    trade("328", "height, ft"),
    trade("329", "height, yd"),
    logistic("330", "gross weight, kg"),
    logistic("331", "logistic length, m"),
    logistic("332", "logistic width, m"),
    logistic("333", "logistic height, m"),
    logistic("334", "logistic area, m²"),
    logistic("335", "logistic volume, l"),
    logistic("336", "logistic volume, m³"),
    trade("337", "kg per m²").needs("01"),
    logistic("340", "gross weight, lb"),
    logistic("341", "logistic length, in"),
    logistic("342", "logistic length, ft"),
    logistic("343", "logistic length, yd"),
    logistic("344", "logistic width, in"),
    logistic("345", "logistic width, ft"),
    logistic("346", "logistic width, yd"),
    logistic("347", "logistic height, in"),
    logistic("348", "logistic height, ft"),
    logistic("349", "logistic height, yd"),
    trade("350", "area, in²"),
    trade("351", "area, ft²"),
    trade("352", "area, yd²"),
    logistic("353", "logistic area, in²"),
    logistic("354", "logistic area, ft²"),
    logistic("355", "logistic area, yd²"),
    trade("356", "net weight, troy oz"),
    trade("357", "net weight or volume, oz"),
    trade("360", "net volume, qt"),
    trade("361", "net volume, gal"),
    logistic("362", "logistic volume, qt"),
    logistic("363", "logistic volume, gal"),
    trade("364", "net volume, in³"),
    trade("365", "net volume, ft³"),
    trade("366", "net volume, yd³"),
    logistic("367", "logistic volume, in³"),
    logistic("368", "logistic volume, ft³"),
    logistic("369", "logistic volume, yd³"),
    ai("37", "count of contained items", &[nv(8, &[])]).needs("00+02 00+8026"),
    ai("390", "amount payable", &[nv(15, &[])]).family('0', '9').once().needs("255 8020").not("391n 394n 8111"),
    ai("391", "amount payable, with currency", &[n(3, &[Currency]), nv(15, &[])]).family('0', '9').once().needs("8020"),
    ai("392", "price", &[nv(15, &[])]).family('0', '9').once().needs("01+30 01+31nn 01+32nn 01+35nn 01+36nn").not("393n"),
    ai("393", "price, with currency", &[n(3, &[Currency]), nv(15, &[])]).family('0', '9').once().needs(MEASURE),
    ai("394", "percentage discount", &[n(4, &[])]).family('0', '3').once().needs("255").not("8111"),
    ai("395", "price per unit of measure", &[n(6, &[])]).family('0', '5').once().needs(MEASURE).not("392n 393n 8005"),
    ai("400", "customer order number", &[xv(30, &[])]),
    ai("401", "consignment (GINC)", &[xv(30, &[CompanyPrefix])]).key(""),
    ai("402", "shipment (GSIN)", &[n(17, &[CheckDigit])]).key(""),
    ai("403", "routing code", &[xv(30, &[])]).needs("00"),
    ai("410", "ship-to GLN", KEY_13),
    ai("411", "bill-to GLN", KEY_13),
    ai("412", "purchased-from GLN", KEY_13),
    ai("413", "ship-for GLN", KEY_13),
    ai("414", "GLN of a location", KEY_13).key("254|7040"),
    ai("415", "GLN of the invoicing party", KEY_13).needs("8020").key("8020"),
    ai("416", "GLN of the production or service location", KEY_13),
    ai("417", "GLN of a party", KEY_13).key("7040"),
    ai("420", "ship-to postal code", &[xv(20, &[])]).not("421"),
    ai("421", "ship-to postal code, with country", &[n(3, &[Country]), xv(9, &[])]).not("4307"),
    ai("422", "country of origin", &[n(3, &[Country])]).needs(ITEM_BUT_MTO).not("426"),
    ai("423", "countries of initial processing", COUNTRIES).needs("01 02").not("426"),
    ai("424", "country of processing", &[n(3, &[Country])]).needs("01 02").not("426"),
    ai("425", "countries of disassembly", COUNTRIES).needs("01 02").not("426"),
    ai("426", "country of full process", &[n(3, &[Country])]).needs("01 02"),
    ai("427", "country subdivision of origin", &[xv(3, &[])]).needs("01+422 02+422"),
    ai("4300", "ship-to company", &[xv(35, &[PercentEncoded])]).needs("00"),
    ai("4301", "ship-to name", &[xv(35, &[PercentEncoded])]).needs("00"),
    ai("4302", "ship-to address, first line", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4303", "ship-to address, second line", &[xv(70, &[PercentEncoded])]).needs("4302"),
    ai("4304", "ship-to suburb", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4305", "ship-to locality", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4306", "ship-to region", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4307", "ship-to country", &[x(2, &[CountryLetters])]).needs("00"),
    ai("4308", "ship-to telephone", &[xv(30, &[])]).needs("00"),
    ai("4309", "ship-to coordinates", &[n(10, &[Latitude]), n(10, &[Longitude])]).needs("00"),
    ai("4310", "return-to company", &[xv(35, &[PercentEncoded])]).needs("00"),
    ai("4311", "return-to name", &[xv(35, &[PercentEncoded])]).needs("00"),
    ai("4312", "return-to address, first line", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4313", "return-to address, second line", &[xv(70, &[PercentEncoded])]).needs("4312"),
    ai("4314", "return-to suburb", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4315", "return-to locality", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4316", "return-to region", &[xv(70, &[PercentEncoded])]).needs("00"),
    ai("4317", "return-to country", &[x(2, &[CountryLetters])]).needs("00"),
    ai("4318", "return-to postal code", &[xv(20, &[])]).needs("00"),
    ai("4319", "return-to telephone", &[xv(30, &[])]).needs("00"),
    ai("4320", "service description", &[xv(35, &[PercentEncoded])]).needs("00"),
    ai("4321", "dangerous goods flag", &[n(1, &[YesNo])]).needs("00"),
    ai("4322", "authority to leave", &[n(1, &[YesNo])]).needs("00"),
    ai("4323", "signature required", &[n(1, &[YesNo])]).needs("00"),
    ai("4324", "not before delivery time", &[n(6, &[DateOrMonth]), n(4, &[HourMinute])]).needs("00"),
    ai("4325", "not after delivery time", &[n(6, &[DateOrMonth]), n(4, &[HourMinute])]).needs("00"),
    ai("4326", "release date", &[n(6, &[Date])]).needs("00"),
    ai("4330", "maximum temperature, °F", &[n(6, &[]), opt(x(1, &[Hyphen]))]).needs("00").not("4331"),
    ai("4331", "maximum temperature, °C", &[n(6, &[]), opt(x(1, &[Hyphen]))]).needs("00").not("4330"),
    ai("4332", "minimum temperature, °F", &[n(6, &[]), opt(x(1, &[Hyphen]))]).needs("00").not("4333"),
    ai("4333", "minimum temperature, °C", &[n(6, &[]), opt(x(1, &[Hyphen]))]).needs("00").not("4332"),
    ai("7001", "NATO stock number", &[n(13, &[])]).needs(ITEM_BUT_MTO),
    ai("7002", "meat cut", &[xv(30, &[])]).needs("01 02"),
    ai("7003", "expiry date and time", &[n(6, &[Date]), n(4, &[HourMinute])]).needs("01 02"),
    ai("7004", "active potency", &[nv(4, &[])]).needs("01+10"),
    ai("7005", "catch area", &[xv(12, &[])]).needs("01 02"),
    ai("7006", "first freeze date", &[n(6, &[Date])]).needs("01 02"),
    ai("7007", "harvest date", &[n(6, &[Date]), opt(n(6, &[Date]))]).needs("01 02"),
    ai("7008", "species for fishery", &[xv(3, &[])]).needs("01 02"),
    ai("7009", "fishing gear type", &[xv(10, &[])]).needs("01 02"),
    ai("7010", "production method", &[xv(2, &[])]).needs("01 02"),
    ai("7011", "test-by date", &[n(6, &[Date]), opt(n(4, &[HourMinute]))]).needs("01 02"),
    ai("7020", "refurbishment lot", &[xv(20, &[])]).needs("01+416 8006+416"),
    ai("7021", "functional status", &[xv(20, &[])]).needs("01 8006"),
    ai("7022", "revision status", &[xv(20, &[])]).needs("01+7021 8006+7021"),
    ai("7023", "asset of an assembly (GIAI)", &[xv(30, &[CompanyPrefix])]),
    ai("703", "processor", &[n(3, &[CountryOr999]), xv(27, &[])]).family('0', '9').needs("01 02"),
    ai("7040", "unique identification code with index", &[n(1, &[]), x(1, &[]), x(1, &[]), x(1, &[ImporterIndex])]).no_attribute(),
    ai("7041", "freight unit type", &[xv(4, &[PackageType])]).needs("00").no_attribute(),
    ai("710", "national number, Germany (PZN)", &[xv(20, &[])]).needs("01"),
    ai("711", "national number, France (CIP)", &[xv(20, &[])]).needs("01"),
    ai("712", "national number, Spain (CN)", &[xv(20, &[])]).needs("01"),
    ai("713", "national number, Brazil (DRN)", &[xv(20, &[])]).needs("01"),
    ai("714", "national number, Portugal (AIM)", &[xv(20, &[])]).needs("01"),
    ai("715", "national number, United States (NDC)", &[xv(20, &[])]).needs("01"),
    ai("716", "national number, Italy (AIC)", &[xv(20, &[])]).needs("01"),
    ai("717", "national number, Costa Rica (SRN)", &[xv(20, &[])]).needs("01"),
    ai("723", "certification reference", &[x(2, &[]), xv(28, &[])]).family('0', '9').needs("01 8004"),
    ai("7240", "protocol", &[xv(20, &[])]).needs("01 8006"),
    ai("7241", "AIDC media type", &[n(2, &[MediaType])]).needs("8017 8018"),
    ai("7242", "version control number", &[xv(25, &[])]).needs("8017 8018"),
    ai("7250", "date of birth", &[n(8, &[LongDate])]).needs("8018").not("7251"),
    ai("7251", "date and time of birth", &[n(8, &[LongDate]), n(4, &[HourMinute])]).needs("8018").not("7250"),
    ai("7252", "biological sex", &[n(1, &[BiologicalSex])]).needs("8018"),
    ai("7253", "family name", &[xv(40, &[PercentEncoded])]).needs("8017 8018").not("7256 7259"),
    ai("7254", "given name", &[xv(40, &[PercentEncoded])]).needs("8017 8018").not("7256 7259"),
    ai("7255", "name suffix", &[xv(10, &[])]).needs("8017 8018").not("7256 7259"),
    ai("7256", "full name", &[xv(90, &[PercentEncoded])]).needs("8017 8018"),
    ai("7257", "address of a person", &[xv(70, &[PercentEncoded])]).needs("8018"),
    ai("7258", "birth sequence", &[x(3, &[PositionOfEnd])]).needs("8018+7259"),
    ai("7259", "baby of family name", &[xv(40, &[PercentEncoded])]).needs("8018").not("7256"),
    ai("8001", "roll dimensions", &[n(4, &[NonZero]), n(5, &[NonZero]), n(3, &[NonZero]), n(1, &[Winding]), n(1, &[])]).needs("01"),
    ai("8002", "mobile telephone identifier", &[xv(20, &[])]),
    ai("8003", "returnable asset (GRAI)", &[n(1, &[Zero]), n(13, &[CheckDigit]), opt(xv(16, &[]))]).key(""),
    ai("8004", "individual asset (GIAI)", &[xv(30, &[CompanyPrefix])]).key("7040"),
    ai("8005", "price per unit of measure", &[n(6, &[])]).needs("01 02"),
    ai("8006", "piece of a trade item (ITIP)", &[n(14, &[CheckDigit]), n(4, &[PieceOfTotal])]).not("01 37").key("22 10 21"),
    ai("8007", "bank account (IBAN)", &[xv(34, &[Iban])]).needs("415"),
    ai("8008", "production date and time", &[n(6, &[Date]), n(2, &[Hour]), opt(n(2, &[Sixty])), opt(n(2, &[Sixty]))]).needs("01 02"),
    ai("8009", "optically readable sensor", &[xv(50, &[])]).needs("00 01"),
    ai("8010", "component or part (CPID)", &[part(Set39, 1, 30, &[CompanyPrefix])]).key("8011"),
    ai("8011", "serial number of a component", &[nv(12, &[NoLeadingZero])]).needs("8010").no_attribute(),
    ai("8012", "software version", &[xv(20, &[])]).needs("01 8006"),
    ai("8013", "global model number", &[xv(25, &[CheckPair, CompanyPrefix])]).key(""),
    ai("8014", "highly individualised device (MUDI)", &[xv(25, &[CheckPair, CompanyPrefix, HasNonDigit])]).needs("01").no_attribute(),
    ai("8017", "service provider (GSRN)", &[n(18, &[CheckDigit])]).not("8018").key("8019"),
    ai("8018", "service recipient (GSRN)", &[n(18, &[CheckDigit])]).not("8017").key("8019"),
    ai("8019", "service relation instance", &[nv(10, &[])]).needs("8017 8018").no_attribute(),
    ai("8020", "payment slip reference", &[xv(25, &[])]).needs("415").no_attribute(),
    ai("8026", "pieces of a contained item (ITIP)", &[n(14, &[CheckDigit]), n(4, &[PieceOfTotal])]).needs("37").not("02 8006"),
    ai("8030", "digital signature", &[part(Set64, 1, 90, &[])]).needs("00 01+21 253 255 8003 8004 8006+21 8010+8011 8017 8018"),
    ai("8040", "first IMEI", &[n(15, &[])]).needs("01+21").no_attribute(),
    ai("8041", "second IMEI", &[n(15, &[])]).needs("01+21+8040").no_attribute(),
    ai("8042", "eSIM", &[n(32, &[])]).needs("01+21+8040").no_attribute(),
    ai("8043", "physical SIM", &[n(18, &[]), opt(nv(2, &[]))]).needs("01+21+8040").no_attribute(),
    ai("8110", "coupon, North America", &[xv(70, &[Coupon])]),
    ai("8111", "loyalty points of a coupon", &[n(4, &[])]).needs("255"),
    ai("8112", "positive offer file coupon", &[xv(70, &[Coupon])]),
    ai("8200", "product web address", &[xv(70, &[])]).needs("01").no_attribute(),
    ai("90", "information agreed between partners", &[xv(30, &[])]),
    ai("91", "company internal information", INTERNAL),
    ai("92", "company internal information", INTERNAL),
    ai("93", "company internal information", INTERNAL),
    ai("94", "company internal information", INTERNAL),
    ai("95", "company internal information", INTERNAL),
    ai("96", "company internal information", INTERNAL),
    ai("97", "company internal information", INTERNAL),
    ai("98", "company internal information", INTERNAL),
    ai("99", "company internal information", INTERNAL),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_whole() {
        assert!(TABLE.is_sorted_by(|a, b| a.stem < b.stem), "sorted, no stem twice");
        for row in TABLE {
            let (low, _) = row.family.unwrap_or((' ', ' '));
            let ai = format!("{}{low}", row.stem);
            let ai = ai.trim_end();
            assert_eq!(ai_length(ai), Some(ai.len()), "{ai}");
            assert!(find(ai).is_some_and(|found| std::ptr::eq(found, row)), "{ai} is found");
            assert!(!row.parts.is_empty(), "{ai}");
            let (min, max) = row.length();
            assert!(min >= 1 && max <= 90, "{ai}: {min} to {max}");
            if row.has_predefined_length() {
                assert_eq!(min, max, "{ai} needs no separator, so its length must be fixed");
            }
            let fixed = row.parts.iter().take_while(|part| part.min == part.max && !part.optional).count();
            let last = row.parts.len() - 1;
            assert!(
                row.parts.iter().skip(fixed).all(|part| part.optional) || fixed == last,
                "{ai}: only the end may vary"
            );
            let patterns = [row.needs, row.excludes, row.qualifiers.unwrap_or_default()];
            for pattern in patterns.iter().flat_map(|list| list.split([' ', '+', '|'])).filter(|p| !p.is_empty()) {
                let start = format!("{}{}", pattern.trim_end_matches('n'), "0".repeat(pattern.matches('n').count()));
                assert_eq!(ai_length(&start), Some(pattern.len()), "{ai} refers to {pattern}");
            }
        }
    }

    #[test]
    fn identifiers_that_do_not_exist() {
        for ai in [
            "", "0", "04", "14", "18", "19", "011", "1", "23", "236", "3106", "3170", "399", "3944", "419", "7012",
            "718", "724", "89", "8101", "٠١",
        ] {
            assert!(find(ai).is_none(), "{ai}");
        }
        // GS1 General Specifications, figure 3.2-1.
        for ai in ["3100", "3105", "3999", "7030", "7039", "7230", "90", "91", "99", "8200"] {
            assert_eq!(find(ai).is_some(), ai != "3999", "{ai}");
        }
    }

    #[test]
    fn predefined_lengths() {
        // GS1 General Specifications, section 7.8.5: all of the prefixes, assigned or not, and none
        // else.
        let with: Vec<&str> =
            TABLE.iter().filter(|row| row.has_predefined_length()).map(|row| row.stem.get(..2).unwrap()).collect();
        for prefix in
            ["00", "01", "02", "03", "11", "12", "13", "15", "16", "17", "20", "31", "32", "33", "34", "35", "36", "41"]
        {
            assert!(with.contains(&prefix), "{prefix}");
        }
        for ai in ["10", "21", "22", "235", "30", "37", "3900", "402", "422", "7003", "8006", "8017"] {
            assert!(!find(ai).unwrap().has_predefined_length(), "{ai}");
        }
    }
}
