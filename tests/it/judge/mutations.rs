//! What `tests/mutations/run` takes out of the source is still there: a mutation that no longer fits proves nothing.

use std::fs;
use std::path::Path;

#[test]
fn every_hole_fits_the_source_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(holes) = fs::read_dir(root.join("tests/mutations/holes")) else { return }; // a copy that is mutated
    let mut wrong = Vec::new();
    for path in holes.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "hole")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut changes = text.split("\n@@@ ");
        let head = changes.next().unwrap();
        let says = |field: &str| head.lines().any(|line| line.starts_with(field));
        if !says("What: ") || !(says("Finds: ") || says("Scenario: ")) {
            wrong.push(format!("{name} does not say what it is, and what it is found by"));
        }
        let mut count = 0;
        for change in changes {
            count += 1;
            let (file, change) = change.split_once('\n').unwrap();
            let Some((from, _)) = change.split_once("\n===\n") else {
                wrong.push(format!("{name} does not say what stands in place of what"));
                continue;
            };
            let found = fs::read_to_string(root.join(file)).unwrap_or_default().matches(&format!("{from}\n")).count();
            if found != 1 {
                wrong.push(format!("{name}: what it takes out of {file} is there {found} times, not once"));
            }
        }
        if count == 0 {
            wrong.push(format!("{name} changes nothing"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
