//! The story: what is asked, by whom, in which order, and what must come back.
//!
//! To add a step, add a line to a chapter; `step` has the words. [`buying`] is what a purchasing lead would tell,
//! [`visiting`], [`treating`] and [`harm`] a practitioner, [`looking`] whoever looks again: the quality lead and the auditor.

mod buying;
mod harm;
mod looking;
mod stage;
mod treating;
mod visiting;

use chrono::{Days, NaiveDate};

use super::step::Chapter;

/// GTINs under the GS1 prefix for examples.
const HARMONYCA: &str = "09521234567899";
const XEOMIN: &str = "09521234000013";

/// How the books of a lot are shown.
const BOOKS: &str = "{/reconciliation/received} received, {/reconciliation/adjusted} adjusted; \
                     {/reconciliation/on_hand} on hand, {/reconciliation/administered} administered, \
                     {/reconciliation/returned} returned";

/// The codes in the story, as a scanner sends them.
struct Codes {
    /// The hero: one pack, two syringes.
    hero: String,
    /// Two packs of another lot.
    second: [String; 2],
    /// Two packs of a third lot; the second one is damaged.
    third: [String; 2],
    /// Vials that will expire soon, without serial numbers.
    vials: String,
    /// A vial that has expired.
    expired: String,
}

impl Codes {
    fn on(today: NaiveDate) -> Self {
        let code = |gtin: &str, days: i64, lot: &str, serial: &str| {
            // An element of variable length is ended by the separator where another one follows.
            let serial = if serial.is_empty() { String::new() } else { format!("\u{1d}21{serial}") };
            format!("]d201{gtin}17{}10{lot}{serial}", day(today, days).format("%y%m%d"))
        };
        Codes {
            hero: code(HARMONYCA, 400, "HC24A", "SN0001"),
            second: ["SN0101", "SN0102"].map(|serial| code(HARMONYCA, 430, "HC24B", serial)),
            third: ["SN0201", "SN0202"].map(|serial| code(HARMONYCA, 460, "HC24C", serial)),
            vials: code(XEOMIN, 20, "XE25K", ""),
            expired: code(XEOMIN, -3, "XE22Z", "SN0301"),
        }
    }
}

/// A day so many days after `today`, or before it.
fn day(today: NaiveDate, days: i64) -> NaiveDate {
    let distance = Days::new(days.unsigned_abs());
    let moved = if days < 0 { today.checked_sub_days(distance) } else { today.checked_add_days(distance) };
    moved.unwrap_or(today)
}

/// Every chapter, for a day at the clinic.
pub fn chapters(today: NaiveDate) -> Vec<Chapter> {
    let codes = Codes::on(today);
    vec![
        Chapter { title: "Set-up", steps: stage::set_up(today) },
        Chapter { title: "People and licences", steps: stage::people(today) },
        Chapter { title: "An order", steps: buying::order(today) },
        Chapter { title: "A delivery, and one pack in it", steps: buying::delivery(&codes, today) },
        Chapter { title: "Inspection and release", steps: buying::release_after_inspection() },
        Chapter { title: "A visit, before anybody is treated", steps: visiting::visit(&codes, today) },
        Chapter { title: "At the chair", steps: treating::chair(&codes) },
        Chapter { title: "When something goes wrong", steps: harm::event(today) },
        Chapter { title: "A toxin, and who prescribed it", steps: treating::toxin(&codes) },
        Chapter { title: "A void", steps: treating::void(&codes) },
        Chapter { title: "A failed carton", steps: buying::failed_carton(&codes) },
        Chapter { title: "Wrong places, and a count", steps: buying::places() },
        Chapter { title: "An expired vial", steps: treating::expired(&codes) },
        Chapter { title: "A hold", steps: treating::hold(&codes) },
        Chapter { title: "A registration that had lapsed", steps: treating::lapse(&codes, today) },
        Chapter { title: "What is refused before any rule is asked", steps: treating::manners(&codes) },
        Chapter { title: "The morning list", steps: looking::morning() },
        Chapter { title: "The auditor", steps: looking::audit() },
    ]
}
