//! Pictures in, labels out: what is read, what is refused, and that a printed label says what it is for.

mod attacks;
mod rates;
pub mod render;
pub mod worst;

use image::{GrayImage, ImageDecoder, Luma};
use lotline::caller::Role;
use lotline::picture::{PIXELS_MAX, Symbology, read};
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{EXPIRY, FAR_EXPIRY, GTIN, scan};
use super::support::{Answer, World, on_both_databases};
use render::{Modules, png, sheet};

on_both_databases!(
    a_picture_gets_the_answer_of_its_code,
    several_codes_in_one_picture,
    what_is_no_picture_with_a_code,
    a_scan_by_picture_is_for_those_who_scan,
    a_label_says_what_the_lot_is,
    labels_that_cannot_be,
);

const LOT: &str = "01095212345678991727063010HC24A";
const OTHER_LOT: &str = "01095212345678991727063010HC24B";

fn ask(world: &World, role: Role, query: &str, media_type: &str, bytes: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", world.token(role));
    let headers = [("authorization", bearer.as_str()), ("content-type", media_type)];
    world.http.send("POST", &format!("/v1/scans/image?{query}"), &headers, Some(bytes))
}

fn look(world: &World, query: &str, bytes: &[u8]) -> Answer {
    ask(world, Role::Practitioner, query, "image/png", bytes)
}

fn sheet_of(symbols: &[Modules]) -> Vec<u8> {
    png(&sheet(symbols, 3))
}

fn a_picture_gets_the_answer_of_its_code(world: &World) {
    let clinic = world.clinic();
    clinic.stocked("HC24A", EXPIRY, 2);
    let query = format!("site_id={}&practitioner_id={}&purpose=administer", clinic.site, clinic.practitioner);
    let before = world.database.state();
    let codes = [
        (render::gs1_data_matrix(LOT), format!("]d2{LOT}"), "gs1_data_matrix"),
        (render::gs1_qr_code(LOT), format!("]Q3{LOT}"), "gs1_qr_code"),
        (render::gs1_128("01095212345678991727063010", "HC24A"), format!("]C1{LOT}"), "gs1_128"),
        (
            render::qr_code(&format!("https://id.gs1.org/01/{GTIN}/10/HC24A?17=270630")),
            format!("]Q1https://id.gs1.org/01/{GTIN}/10/HC24A?17=270630"),
            "qr_code",
        ),
    ];
    for (symbol, text, symbology) in codes {
        let answer = look(world, &query, &sheet_of(&[symbol]));
        let mut found = answer.without_names();
        assert_eq!(answer.status, 200, "{found}");
        assert_eq!(found["decision"]["allowed"], true, "{found}");
        let fields = found.as_object_mut().unwrap();
        assert_eq!(fields.remove("symbology"), Some(json!(symbology)));
        let codes = fields.remove("codes").unwrap();
        assert_eq!(codes, json!([{"symbology": symbology, "text": text, "decoded": fields["decoded"]}]));
        let mut same = world.create_scan(&clinic.question(&text));
        // All but the moment at which each was asked.
        for answer in [&mut found, &mut same] {
            answer["decision"]["evaluated_at"] = Value::Null;
            answer["decision"]["basis"][0]["occurred_at"] = Value::Null;
        }
        assert_eq!(found, same, "the answer is the one that the text gets");
    }
    // The same picture as octets, and in a form.
    let png = sheet_of(&[render::gs1_data_matrix(LOT)]);
    let head = b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n";
    let form = [&head[..], &png, b"\r\n--edge--\r\n"].concat();
    for (media_type, bytes) in [("application/octet-stream", &png), ("multipart/form-data; boundary=edge", &form)] {
        let answer = ask(world, Role::Practitioner, &query, media_type, bytes);
        assert_eq!((answer.status, &answer.json()["decoded"]["lot"]), (200, &json!("HC24A")), "{}", answer.json());
    }
    // A photograph in colour, and one without the practitioner.
    let grey = sheet(&[render::gs1_data_matrix(LOT)], 4);
    let answer = ask(
        world,
        Role::Purchaser,
        &format!("site_id={}&purpose=receive", clinic.site),
        "image/jpeg",
        &render::jpeg(&grey, 60),
    );
    assert_eq!((answer.status, &answer.json()["decoded"]["lot"]), (200, &json!("HC24A")), "{}", answer.json());
    assert_eq!(world.database.state(), before, "a scan changes nothing and keeps nothing");
}

trait CreateScan {
    fn create_scan(&self, body: &Value) -> Value;
}

impl CreateScan for World {
    fn create_scan(&self, body: &Value) -> Value {
        let (status, answer) = self.post(Role::Practitioner, "/v1/scans", body);
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

fn several_codes_in_one_picture(world: &World) {
    let clinic = world.clinic();
    clinic.stocked("HC24A", EXPIRY, 2);
    let query = format!("site_id={}&practitioner_id={}&purpose=administer", clinic.site, clinic.practitioner);

    // The same pack in two codes, and an EAN-13 of the product: one answer.
    let pack = [
        render::gs1_data_matrix(&format!("{LOT}\u{1d}21SN0001")),
        render::gs1_128("01095212345678991727063010", "HC24A"),
        render::ean_13("952123456789"),
    ];
    let found = look(world, &query, &sheet_of(&pack)).json();
    assert_eq!(found["decoded"]["serial"], "SN0001", "{found}");
    assert_eq!(found["symbology"], "gs1_data_matrix");
    assert_eq!(found["codes"].as_array().unwrap().len(), 3, "{found}");

    // HIBC in two codes: both are listed, neither is the pack.
    let primary = render::with_hibc_check("+A123BJC5D6E71");
    let secondary = render::with_hibc_check(&format!("+$$3270630X3{}", primary.chars().last().unwrap()));
    let found = look(world, &query, &sheet_of(&[render::code_39(&primary), render::code_128(&secondary)])).json();
    let mut texts: Vec<_> =
        found["codes"].as_array().unwrap().iter().map(|code| code["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    assert_eq!(texts, [format!("]A0{primary}"), format!("]C0{secondary}")], "{found}");
    assert!(found.get("decision").is_none() && found.get("symbology").is_none(), "{found}");

    // Another lot beside it: never a guess.
    for other in [render::gs1_data_matrix(OTHER_LOT), render::ean_13("952111111111")] {
        let answer = look(world, &query, &sheet_of(&[render::gs1_data_matrix(LOT), other]));
        assert_problem(&answer, 422, "several_packs", "two packs");
    }
}

fn what_is_no_picture_with_a_code(world: &World) {
    let clinic = world.clinic();
    let query = format!("site_id={}&purpose=administer", clinic.site);
    let empty = png(&GrayImage::from_pixel(300, 200, Luma([200])));
    let good = sheet_of(&[render::gs1_data_matrix(LOT)]);
    let plain = sheet_of(&[render::data_matrix(LOT)]);
    let product_only = sheet_of(&[render::ean_13("952123456789")]);
    let mut bomb = good.clone();
    // Width and height stand behind the signature and the chunk's length and name; nothing is allocated for them.
    bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);
    let crc = worst::crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    let before = world.database.state();
    for (media_type, bytes, status, code) in [
        ("image/png", empty.as_slice(), 422, "no_code_found"),
        ("image/jpeg", good.as_slice(), 422, "picture_unreadable"),
        ("image/png", &good[..good.len() / 2], 422, "picture_unreadable"),
        ("image/png", b"", 422, "picture_unreadable"),
        ("image/png", b"\x89PNG\r\n\x1a\n and so on", 422, "picture_unreadable"),
        ("image/jpeg", b"\xff\xd8\xff\xe0 and so on", 422, "picture_unreadable"),
        ("image/png", bomb.as_slice(), 422, "picture_too_large"),
        // What a single code says is answered as POST /v1/scans answers it: data that is not marked as GS1's is no GTIN.
        ("image/png", plain.as_slice(), 422, "code_unreadable"),
        ("image/png", product_only.as_slice(), 422, "lot_required"),
        ("application/octet-stream", b"GIF89a", 422, "picture_unreadable"),
        ("multipart/form-data; boundary=edge", good.as_slice(), 400, "malformed_form"),
        ("image/webp", good.as_slice(), 415, "unsupported_media_type"),
        ("application/json", good.as_slice(), 415, "unsupported_media_type"),
    ] {
        let answer = ask(world, Role::Practitioner, &query, media_type, bytes);
        assert_problem(&answer, status, code, &format!("{media_type}, {} bytes", bytes.len()));
    }
    let wide = png(&GrayImage::from_pixel(PIXELS_MAX as u32 / 1000 + 1, 1000, Luma([255])));
    assert_problem(&look(world, &query, &wide), 422, "picture_too_large", "a little too many pixels");
    assert_problem(&look(world, &query, &vec![0; 10 * 1024 * 1024 + 1]), 413, "body_too_large", "too many bytes");
    for (query, status, code) in [
        ("purpose=administer".to_owned(), 400, "malformed_query"),
        (format!("site_id={}", clinic.site), 400, "malformed_query"),
        (format!("{query}&patient_ref=P-1"), 400, "malformed_query"),
        (query.replace(&clinic.site, "site_01932c07-8d00-7000-8000-00000000dead"), 422, "reference_unknown"),
    ] {
        assert_problem(&look(world, &query, &good), status, code, &query);
    }
    assert_eq!(world.database.state(), before);
}

fn a_scan_by_picture_is_for_those_who_scan(world: &World) {
    let clinic = world.clinic();
    let bytes = sheet_of(&[render::gs1_data_matrix(LOT)]);
    for role in Role::ALL {
        let answer = ask(world, *role, &format!("site_id={}&purpose=administer", clinic.site), "image/png", &bytes);
        let expected = if matches!(role, Role::Purchaser | Role::Practitioner) { 200 } else { 403 };
        assert_eq!(answer.status, expected, "{role}");
    }
}

/// The pixels of a label's SVG: only its modules, as its rectangles say.
fn rasterised(svg: &str) -> Vec<u8> {
    let number = |text: &str, name: &str| -> u32 {
        let (_, rest) = text.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let (_, sheet) = svg.split_once("<rect").unwrap();
    let mut picture = GrayImage::from_pixel(number(sheet, "width"), number(sheet, "height"), Luma([255]));
    let (_, code) = svg.split_once("<g id=\"code\"").unwrap();
    for bar in code.split_once("</g>").unwrap().0.split("<rect").skip(1) {
        for y in number(bar, "y")..number(bar, "y") + number(bar, "height") {
            for x in number(bar, "x")..number(bar, "x") + number(bar, "width") {
                picture.put_pixel(x, y, Luma([0]));
            }
        }
    }
    png(&picture)
}

fn label(world: &World, path: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Practitioner));
    world.http.send("GET", &format!("/v1/lots/{path}"), &[("authorization", bearer.as_str())], None)
}

fn a_label_says_what_the_lot_is(world: &World) {
    let clinic = world.clinic();
    let receipt = world.create(
        Role::Purchaser,
        "/v1/receipts",
        &clinic.receipt(json!([{"scan": scan("270630", "HC/24-A", Some("SN-1+2")), "packs": 1}])),
    );
    let lot = receipt["lines"][0]["lot_id"].as_str().unwrap().to_owned();
    let code = format!("]d201{GTIN}1727063010HC/24-A");
    for (query, text, serial) in
        [("", code.clone(), None), ("?serial=SN-1%2B2", format!("{code}\u{1d}21SN-1+2"), Some("SN-1+2"))]
    {
        let (picture, drawing) =
            (label(world, &format!("{lot}/label.png{query}")), label(world, &format!("{lot}/label.svg{query}")));
        assert_eq!((picture.status, drawing.status), (200, 200), "{}", drawing.json());
        assert_eq!(picture.header("content-type"), Some("image/png"));
        assert_eq!(drawing.header("content-type"), Some("image/svg+xml"));
        let svg = String::from_utf8(drawing.bytes).unwrap();
        for printed in [picture.bytes.as_slice(), &rasterised(&svg)] {
            let read = read(printed, &|| false).unwrap();
            assert_eq!(read.len(), 1, "{read:?}");
            assert_eq!((read[0].symbology, read[0].text.as_str()), (Symbology::Gs1DataMatrix, text.as_str()));
        }
        let query = format!("site_id={}&purpose=receive", clinic.site);
        let found = look(world, &query, &picture.bytes).json();
        assert_eq!((&found["lot"]["id"], &found["decoded"]["expiry"]), (&json!(lot), &json!(EXPIRY)), "{found}");
        assert_eq!(found["decoded"]["serial"], json!(serial));
        for line in
            [format!(">(01) {GTIN}<"), ">(17) 270630<".into(), ">(10) HC/24-A<".into(), format!(">Expiry {EXPIRY}<")]
        {
            assert!(svg.contains(&line), "{line} in {svg}");
        }
        assert_eq!(svg.contains(">(21) SN-1+2<"), serial.is_some());
    }
    let bytes = label(world, &format!("{lot}/label.png")).bytes;
    let decoder = image::codecs::png::PngDecoder::new(std::io::Cursor::new(&bytes)).unwrap();
    assert!(decoder.dimensions().0 < 1000 && decoder.dimensions().1 < 600);
    // 300 dots per inch: 11811 in a metre, each way.
    let dots = [11_811_u32.to_be_bytes(), 11_811_u32.to_be_bytes()].concat();
    assert!(bytes.windows(13).any(|chunk| chunk == [b"pHYs", dots.as_slice(), &[1]].concat()));
}

fn labels_that_cannot_be(world: &World) {
    let clinic = world.clinic();
    let receipt = world.create(
        Role::Purchaser,
        "/v1/receipts",
        &clinic.receipt(json!([
            {"gtin": GTIN, "lot": "FAR", "expiry": FAR_EXPIRY, "packs": 1},
            {"scan": scan("270630", "HC24A", Some("SN1")), "packs": 1},
        ])),
    );
    let lots = receipt["lines"].as_array().unwrap();
    let (far, near) = (lots[0]["lot_id"].as_str().unwrap(), lots[1]["lot_id"].as_str().unwrap());
    for kind in ["svg", "png"] {
        // The year 2099 has no two digits that mean it in 2026.
        assert_problem(&label(world, &format!("{far}/label.{kind}")), 409, "label_not_possible", kind);
        assert_problem(&label(world, &format!("{near}/label.{kind}?serial=SN2")), 404, "not_found", kind);
        assert_problem(&label(world, &format!("{far}/label.{kind}?serial=SN1")), 404, "not_found", kind);
        assert_problem(&label(world, &format!("{near}/label.{kind}?size=9")), 400, "malformed_query", kind);
        assert_problem(
            &label(world, &format!("lot_01932c07-8d00-7000-8000-00000000dead/label.{kind}")),
            404,
            "not_found",
            kind,
        );
    }
    assert_problem(&label(world, &format!("{near}/label.pdf")), 404, "not_found", "pdf");
    let other = world.register_organisation("Another clinic");
    let stranger = world.sign(&other, "somebody", &[Role::Quality], None);
    let headers = [("authorization", format!("Bearer {stranger}"))];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = world.http.send("GET", &format!("/v1/lots/{near}/label.svg"), &headers, None);
    assert_problem(&answer, 404, "not_found", "another organisation's lot");
}

/// `cargo test --test it picture_rates -- --ignored --nocapture` prints the table that the README states.
#[test]
#[ignore = "a measurement of some minutes"]
fn picture_rates() {
    println!("{}", rates::table(&rates::measure(25)));
}

/// Floors well below the measured rates, of fewer pictures: what breaks the reading of a symbology, or makes it read what is
/// not there, is noticed.
#[test]
fn spoilt_pictures_are_mostly_read_and_never_wrong() {
    const PICTURES: u64 = 1;
    let measured = rates::measure(PICTURES);
    let table = rates::table(&measured);
    for (row, (symbology, _, _)) in measured.iter().zip(rates::SYMBOLOGIES) {
        assert!(row.iter().all(|rate| rate.wrong.is_empty()), "{table}");
        assert_eq!(row[0].read, PICTURES, "{symbology} as printed\n{table}");
        let read: u64 = row.iter().map(|rate| rate.read).sum();
        assert!(read * 2 >= PICTURES * rates::SPOILT.len() as u64, "{symbology}: half of all\n{table}");
    }
}
