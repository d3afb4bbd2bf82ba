//! Journals by hand for [`super::grounds`]: a refusal that was due beside one that was not.

use serde_json::json;

use super::holes::{Book, finds, utc};

/// A refusal of a deed over lot 1, by somebody who inspected nothing.
fn refused(book: &mut Book, at: &str, operation: &str, code: &str, subject: &str) {
    refused_to("quinn", book, at, operation, code, subject);
}

fn refused_to(who: &str, book: &mut Book, at: &str, operation: &str, code: &str, subject: &str) {
    let request = json!({
        "lot_id": "lot1", "site_id": "site1", "practitioner_id": "prac1", "from_location_id": "Q", "units": 2
    });
    let reasons = json!([{"code": code, "subject": {"id": subject}}]);
    let data = json!({"operation": operation, "request": request, "decision": {"reasons": reasons}});
    book.write(at, "gate_refused", data);
    book.events.last_mut().unwrap().actor = who.to_owned();
}

fn policy(book: &mut Book, at: &str, body: &serde_json::Value) {
    book.write(at, "policy_set", json!({"set_at": utc(at), "body": body}));
}

#[test]
fn a_licence_that_counted() {
    for (licence, code) in
        [("registration", "practitioner_licence_check_failed"), ("facility", "site_licence_check_failed")]
    {
        for (at, expected) in [("03 10:00", &["refused_without_ground"][..]), ("05 10:00", &[])] {
            finds(expected, |book| {
                book.stock(2);
                if at > "04" {
                    book.check("04 10:00", licence, "suspended", None);
                }
                refused(book, at, "administer", code, licence);
            });
        }
    }
}

#[test]
fn a_lot_that_was_not_denied() {
    let denied = json!({"denied_lots": [{"gtin": "09521234567899", "lot": "hc24a"}], "denied_suppliers": []});
    for operation in ["administer", "release"] {
        finds(&["refused_without_ground"], |book| {
            book.stock(2);
            refused(book, "03 10:00", operation, "lot_denied", "lot1");
            policy(book, "04 10:00", &denied);
        });
        finds(&[], |book| {
            book.stock(2);
            policy(book, "04 10:00", &denied);
            refused(book, "05 10:00", operation, "lot_denied", "lot1");
        });
    }
    finds(&["denied_lot"], |book| {
        book.stock(2);
        policy(book, "04 10:00", &denied);
        book.administer("05 10:00", 1);
    });
    finds(&[], |book| {
        book.stock(2);
        book.administer("03 10:00", 1);
        policy(book, "04 10:00", &denied);
    });
}

#[test]
fn who_was_not_retired() {
    let change = |book: &mut Book, at: &str, how: &str| {
        book.write(at, &format!("practitioner_{how}"), json!({"row": {"id": "prac1", "name": "Dr"}}));
    };
    finds(&["refused_without_ground"], |book| {
        refused(book, "03 10:00", "administer", "practitioner_retired", "prac1");
        change(book, "04 10:00", "retired");
        refused(book, "05 10:00", "administer", "practitioner_retired", "prac1");
    });
    finds(&["refused_without_ground"], |book| {
        change(book, "04 10:00", "retired");
        change(book, "05 10:00", "reinstated");
        refused(book, "06 10:00", "administer", "practitioner_retired", "prac1");
    });
}

#[test]
fn what_might_have_been_released() {
    for (code, units, expected) in [
        ("units_not_passed", 2, &["refused_without_ground"][..]),
        ("units_not_passed", 1, &[]),
        ("lot_on_hold", 2, &["refused_without_ground"]),
    ] {
        finds(expected, |book| {
            book.receive("02 10:00", "rec1", "good", 2);
            book.pass("02 11:00", "insp1", units);
            refused(book, "02 12:00", "release", code, "lot1");
        });
    }
}

#[test]
fn who_inspected_does_not_release() {
    for (who, expected) in [("quinn", &["refused_without_ground"][..]), ("ada", &[])] {
        finds(expected, |book| {
            book.receive("02 10:00", "rec1", "good", 2);
            book.pass("02 11:00", "insp1", 2);
            refused_to(who, book, "02 12:00", "release", "inspector_cannot_release", who);
        });
    }
}

#[test]
fn an_order_that_might_not_be_placed() {
    let place = |book: &mut Book, at: &str, supplier: &str| {
        let order = json!({"id": "ord1", "site_id": "site1", "supplier_id": supplier});
        book.write("02 10:00", "order_created", json!({"order": order, "lines": [{"product_id": "prd1"}]}));
        book.write(at, "order_placed", json!({"order_id": "ord1"}));
    };
    finds(&[], |book| place(book, "03 10:00", "good"));
    finds(&["bad_order"], |book| place(book, "03 10:00", "bad"));
    finds(&["bad_order"], |book| {
        book.check("02 09:00", "wholesale", "suspended", None);
        place(book, "03 10:00", "good");
    });
    finds(&["bad_order"], |book| {
        policy(book, "02 09:00", &json!({"denied_suppliers": ["good"]}));
        place(book, "03 10:00", "good");
    });
    finds(&["bad_order"], |book| {
        book.write("02 09:00", "product_retired", json!({"row": {"id": "prd1", "class": "ha_filler"}}));
        place(book, "03 10:00", "good");
    });
}
