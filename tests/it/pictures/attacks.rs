//! Pictures that cost as much as a picture can, sent to the program in a process of its own.

use lotline::caller::Role;
use lotline::picture::{Unread, read};

use super::render::{self, sheet};
use super::worst;
use crate::support::client::assert_problem;
use crate::support::process::lotline;
use crate::support::{Database, Kind, Process, World};

/// A server of its own process, and what a picture is asked about.
fn start() -> (Process, World, String) {
    let database = Database::create(Kind::Sqlite).unwrap();
    let server = Process::spawn(lotline("serve", &database)).unwrap_or_else(|log| panic!("{log:?}"));
    let world = World::beside(database, server.http.clone());
    let query = format!("site_id={}&purpose=receive", world.clinic().site);
    (server, world, query)
}

#[test]
fn what_a_head_says_is_refused_before_anything_of_that_size_is_allocated() {
    let (server, world, query) = start();
    let good = render::png(&sheet(&[render::gs1_data_matrix(super::LOT)], 4));
    let before = server.memory_kib("VmHWM");
    for (name, media_type, make) in worst::REFUSED {
        let answer = super::ask(&world, Role::Purchaser, &query, media_type, &make());
        assert_problem(&answer, 422, "picture_too_large", name);
    }
    let most = server.memory_kib("VmHWM");
    assert!(most < before + 32 * 1024, "{most} KiB, {before} KiB before");
    let read = super::ask(&world, Role::Purchaser, &query, "image/png", &good);
    assert_eq!(read.status, 200, "the next picture is looked at");
}

#[test]
fn two_of_the_largest_pictures_at_once_take_less_than_the_program_may() {
    let (server, world, query) = start();
    for pair in worst::ACCEPTED[..2].chunks(2) {
        std::thread::scope(|scope| {
            for (name, media_type, make) in pair {
                let (world, query) = (&world, &query);
                scope.spawn(move || {
                    let answer = super::ask(world, Role::Purchaser, query, media_type, &make());
                    // There is no code in it; to find that out takes long in a build that is made for tests.
                    let code = if answer.status == 503 { "picture_time_limit" } else { "no_code_found" };
                    assert_problem(&answer, answer.status, code, name);
                });
            }
        });
        println!("{} and {}: {} KiB", pair[0].0, pair[1].0, server.memory_kib("VmHWM"));
    }
    let most = server.memory_kib("VmHWM");
    assert!(most < 256 * 1024, "{most} KiB");
}

#[test]
fn what_is_packed_beside_the_pixels_stays_packed() {
    for (name, _, make) in worst::PACKED {
        assert_eq!(read(&make(), &|| false), Ok(Vec::new()), "{name}");
    }
    assert_eq!(read(&worst::descriptions(), &|| false), Err(Unread::NotAPicture), "100,000 descriptions");
    assert_eq!(read(&worst::jpeg(800, 800, true, &[0x11], 41), &|| false), Err(Unread::NotAPicture), "42 scans");
}

/// The reader compares every corner with all others, and every three of them: without a bound this takes hours.
#[test]
fn a_flood_of_corners_of_qr_codes_is_no_qr_code() {
    let (_, _, make) = worst::ACCEPTED.into_iter().find(|(name, ..)| *name == "2 Mpx of corners of QR codes").unwrap();
    assert_eq!(read(&make(), &|| false), Ok(Vec::new()));
}

#[test]
fn a_search_ends_when_it_has_been_long_enough() {
    let (_, _, make) = worst::ACCEPTED.into_iter().find(|(name, ..)| *name == "16 Mpx of bars").unwrap();
    let bytes = make();
    for enough in [0, 1, 60, 70, 100] {
        let asked = std::cell::Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) >= enough;
        assert_eq!(read(&bytes, &stop), Err(Unread::Stopped), "{enough}");
        assert_eq!(asked.get(), enough + 1, "and does nothing more");
    }
}

#[test]
fn a_picture_whose_rows_come_in_seven_passes_is_read_like_any_other() {
    let picture = sheet(&[render::gs1_data_matrix(super::LOT)], 3);
    for (width, height) in [picture.dimensions(), (1, 1), (3, 2), (4, 5), (9, 9)] {
        let picture = image::imageops::crop_imm(&picture, 0, 0, width, height).to_image();
        assert_eq!(read(&worst::interlaced(&picture), &|| false), read(&render::png(&picture), &|| false), "{width}");
    }
    assert_eq!(read(&worst::interlaced(&picture), &|| false).unwrap().len(), 1);
}

/// A code that is too small to be read in the whole picture is read in a piece of it, also where pieces meet.
#[test]
fn a_small_code_in_a_large_picture_is_found_wherever_it_lies() {
    let mut picture = image::GrayImage::from_pixel(4000, 3000, image::Luma([255]));
    for (text, x, y) in [(super::LOT, 1950, 1450), (super::OTHER_LOT, 3900, 2900)] {
        image::imageops::replace(&mut picture, &sheet(&[render::gs1_data_matrix(text)], 2), x, y);
    }
    let found = read(&render::png(&picture), &|| false).unwrap();
    let mut found: Vec<_> = found.iter().map(|symbol| symbol.text.as_str()).collect();
    found.sort_unstable();
    let mut expected = [format!("]d2{}", super::LOT), format!("]d2{}", super::OTHER_LOT)];
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// `cargo test --release --test it picture_times -- --ignored --nocapture` prints how long each takes, and the longest time
/// between two questions whether to go on.
#[test]
#[ignore = "a measurement of some minutes"]
fn picture_times() {
    for (name, _, make) in worst::ACCEPTED {
        let bytes = make();
        let (began, last, longest) =
            (std::time::Instant::now(), std::cell::Cell::new(0), std::cell::Cell::new((0, 0, 0)));
        let asked = std::cell::Cell::new(0);
        let ask = || {
            let now = began.elapsed().as_millis();
            asked.set(asked.get() + 1);
            longest.set(longest.get().max((now - last.replace(now), asked.get(), now)));
            now > 60_000
        };
        let found = read(&bytes, &ask).map(|found| found.len());
        ask();
        println!(
            "{name}: {} KiB, {found:?} in {} ms, at most {:?} ms between two of {} questions",
            bytes.len() / 1024,
            began.elapsed().as_millis(),
            longest.get(),
            asked.get()
        );
    }
}
