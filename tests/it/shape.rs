//! The shape of the house: floors with arrows that point down only, rooms that are closed to others, nothing that goes
//! round, and one way into the tables. It reads the `crate::`, `super::` and `self::` paths of `src/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The floors, from the ground up (docs/architecture.md).
const FLOORS: &[(&str, &str)] = &[
    (
        "ground",
        "archive barcode caller canonical clock db decision error files identity ids limits merkle metrics note picture problem problem_code sealing sheet telemetry values",
    ),
    ("core", "command journal ledger versions"),
    ("wire", "http"),
    (
        "slices",
        "catalogue claims containers custody_log erasures evidence excursions holds inspections licences movements names organisations packs policies practitioners prescriptions protocols purchasing recalls receiving \
         replenishment safety sensors sites stock stocktakes suppliers tokens treatment verifications visits",
    ),
    ("overviews", "attention custody imports me plots reports"),
    ("assembly", "app backup cli config house main upgrade verify"),
];
const SLICES: usize = 3;
const OVERVIEWS: usize = 4;

/// The most lines of a file, but for the schema, which is generated.
const LINES_MAX: usize = 600;

/// The most lines of a function that says nothing of its length.
const FUNCTION_LINES_MAX: usize = 60;
/// What one says that is longer: a table, or a list that is read from top to bottom.
const WHY_IT_IS_LONG: &str = "// Long because";

type Module = Vec<String>;

/// Every file of `src/` by its module.
fn files() -> BTreeMap<Module, PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&src, &mut found);
    let module = |path: &Path| -> Module {
        let path = path.strip_prefix(&src).unwrap().with_extension("");
        let mut parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        parts.pop_if(|last| last == "mod");
        parts
    };
    let rust = found.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.map(|path| (module(&path), path)).filter(|(module, _)| *module != ["lib"]).collect()
}

/// What of a file is code of the program: no comments, no texts, no tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let bare = |line: &str| {
        let line = line.split("//").next().unwrap_or_default();
        line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
    };
    text.lines().map(bare).collect::<Vec<_>>().join("\n")
}

/// The paths that a piece of code names, with the braces of `use` taken apart.
fn paths(code: &str) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    for root in ["crate", "super", "self"] {
        for (at, _) in code.match_indices(&format!("{root}::")) {
            let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$');
            if !code[..at].ends_with(is_name) {
                expand(&code[at..], Vec::new(), &mut found);
            }
        }
    }
    found
}

/// Reads one path of a `use` or an expression; what follows a brace is read for each of its entries. The rest is returned.
fn expand<'a>(mut code: &'a str, mut path: Vec<String>, found: &mut BTreeSet<Vec<String>>) -> &'a str {
    loop {
        code = code.trim_start();
        if let Some(inside) = code.strip_prefix('{') {
            code = inside;
            while !code.trim_start().starts_with('}') && !code.is_empty() {
                code = expand(code, path.clone(), found).trim_start();
                code = code.find([',', '}']).map_or("", |at| &code[at..]).trim_start_matches(',').trim_start();
            }
            return code.trim_start().strip_prefix('}').unwrap_or_default();
        }
        let end = code.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(code.len());
        path.push(code[..end].to_owned());
        code = &code[end..];
        match code.strip_prefix("::") {
            Some(rest) => code = rest,
            None => {
                found.insert(path);
                return code;
            }
        }
    }
}

/// The module that a path leads to from another.
fn resolve(files: &BTreeMap<Module, PathBuf>, from: &Module, path: &[String]) -> Option<Module> {
    let mut parts = path.iter().peekable();
    let mut to = if path[0] == "crate" { Module::new() } else { from.clone() };
    while parts.next_if(|part| matches!(part.as_str(), "crate" | "self" | "super")).is_some_and(|part| {
        if part == "super" {
            to.pop();
        }
        true
    }) {}
    for part in parts {
        to.push(part.clone());
        if !files.contains_key(&to) && !files.keys().any(|known| known.starts_with(&to)) {
            to.pop();
            break;
        }
    }
    (!to.is_empty() && to != *from).then_some(to)
}

/// Every arrow from a module to another.
fn arrows() -> BTreeSet<(Module, Module)> {
    let files = files();
    let of = |(from, path): (&Module, &PathBuf)| -> Vec<(Module, Module)> {
        let named = paths(&code(path));
        named.iter().filter_map(|path| Some((from.clone(), resolve(&files, from, path)?))).collect()
    };
    files.iter().filter(|(module, _)| !module.iter().any(|part| part == "tests")).flat_map(of).collect()
}

fn floor(module: &Module) -> usize {
    let is_on = |(_, rooms): &(&str, &str)| rooms.split_whitespace().any(|room| room == module[0]);
    FLOORS.iter().position(is_on).unwrap_or_else(|| panic!("{} is on no floor", module[0]))
}

/// Takes away whatever nothing leads to or nothing leads on from, until only what goes round is left.
fn circles(mut arrows: BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    loop {
        let from: BTreeSet<_> = arrows.iter().map(|(from, _)| from.clone()).collect();
        let to: BTreeSet<_> = arrows.iter().map(|(_, to)| to.clone()).collect();
        let before = arrows.len();
        arrows.retain(|(start, end)| to.contains(start) && from.contains(end));
        if arrows.len() == before {
            return arrows;
        }
    }
}

#[test]
fn arrows_point_down() {
    let up: Vec<_> = arrows().into_iter().filter(|(from, to)| floor(to) > floor(from)).collect();
    assert!(up.is_empty(), "{up:?}");
}

#[test]
fn nothing_goes_round() {
    let arrows = arrows();
    let folders = arrows.iter().map(|(from, to)| (from[0].clone(), to[0].clone())).filter(|(from, to)| from != to);
    assert_eq!(circles(folders.collect()), BTreeSet::new(), "folders");
    let modules = arrows.iter().map(|(from, to)| (from.join("::"), to.join("::")));
    assert_eq!(circles(modules.collect()), BTreeSet::new(), "modules");
}

/// Siblings see a slice's model, wire, rules and service, and what else it has; its store, its handlers and its events are
/// its own. Overviews see events, too.
#[test]
fn closed_rooms_are_closed() {
    let is_closed = |(from, to): &(Module, Module)| {
        let (above, room) = (floor(from), to.get(1).map(String::as_str));
        let closed = matches!(room, Some("store" | "api")) || (room == Some("events") && above != OVERVIEWS);
        from[0] != to[0] && [SLICES, OVERVIEWS].contains(&above) && [SLICES, OVERVIEWS].contains(&floor(to)) && closed
    };
    let through: Vec<_> = arrows().into_iter().filter(is_closed).collect();
    assert!(through.is_empty(), "{through:?}");
}

/// Tables are written in `store`, `db` and the journal, and nowhere else.
#[test]
fn tables_are_written_in_stores() {
    let writes = ["insert_into(", "diesel::update(", "diesel::delete(", "sql_query("];
    let is_a_store =
        |module: &Module| module.contains(&"store".to_owned()) || ["db", "journal"].contains(&module[0].as_str());
    // What is read there is every table as it is, with SQL of its own.
    let is_verification = |module: &Module| module[0] == "verify";
    let elsewhere: Vec<_> = files()
        .into_iter()
        .filter(|(module, _)| !is_a_store(module) && !is_verification(module))
        .filter(|(_, path)| writes.iter().any(|write| code(path).contains(write)))
        .map(|(module, _)| module.join("::"))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

/// A function of a slice's `store` that writes a table which the journal rebuilds takes the token that only the journal gives,
/// so that no service can write past it.
#[test]
fn recorded_tables_are_written_with_the_journals_token() {
    // It sets a column to itself: a lock.
    let locks = ["evidence::store::wait_for_others"];
    let mut found = Vec::new();
    for (module, path) in files() {
        let is_a_store =
            module.contains(&"store".to_owned()) && !["db", "journal", "verify"].contains(&module[0].as_str());
        for function in code(&path).split("\nfn ").flat_map(|part| part.split("\npub fn ")).filter(|_| is_a_store) {
            let (head, body) = function.split_once(" {\n").unwrap_or((function, ""));
            let name = format!("{}::{}", module.join("::"), head.split(['(', '<']).next().unwrap());
            if !head.contains("Tables<'_>") && !locks.contains(&&*name) {
                found.extend(written(body).into_iter().map(|table| format!("{name}: {table}")));
            }
        }
    }
    found.retain(|said| !lotline::verify::NOT_RECORDED.iter().any(|table| said.ends_with(&format!(": {table}"))));
    assert!(found.is_empty(), "{found:?}");
    let write = "    diesel::delete(gone).execute(db)?; lots::table.filter(lots::id.eq(id))";
    assert_eq!(
        (written(write), written("lots::table.load(db)")),
        (BTreeSet::from(["lots".to_owned()]), BTreeSet::new())
    );
}

/// The tables that a body names, if it writes any: which of them it is, the eye must say.
fn written(body: &str) -> BTreeSet<String> {
    let writes = ["insert_into(", "diesel::update(", "diesel::delete(", "insert_rows!("];
    if !writes.iter().any(|write| body.contains(write)) {
        return BTreeSet::new();
    }
    let before = body.match_indices("::table").map(|(at, _)| &body[..at]);
    let name = |text: &str| text.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned();
    before.map(name).collect()
}

#[test]
fn files_can_be_read_at_a_sitting() {
    let generated = ["db".to_owned(), "schema".to_owned()];
    let long: Vec<_> = files()
        .into_iter()
        .filter(|(module, _)| *module != generated)
        .map(|(module, path)| (module.join("::"), std::fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

/// The functions of a file that are longer than that and do not say why, each from its first line to the brace under it.
fn long_functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_of_a_head = |word: &str| word.starts_with("pub") || ["const", "async"].contains(&word);
    let says_why = |line: &&str| line.trim_start().starts_with(WHY_IT_IS_LONG);
    let mut long = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((before, after)) = line.split_once("fn ") else { continue };
        if !before.split_whitespace().all(is_of_a_head) || line.ends_with([';', '}']) {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - line.trim_start().len()]);
        let body = lines[at..].iter().take_while(|line| **line != end);
        let above = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with(['/', '#']));
        let length = body.clone().count() + 1;
        if length > FUNCTION_LINES_MAX && !above.chain(body).any(says_why) {
            long.push((after.split(['(', '<']).next().unwrap(), length));
        }
    }
    long
}

#[test]
fn functions_can_be_read_at_a_glance() {
    let mut long = Vec::new();
    for (module, path) in files() {
        let text = std::fs::read_to_string(path).unwrap();
        let found = long_functions(&text).into_iter();
        long.extend(found.map(|(name, lines)| (format!("{}::{name}", module.join("::")), lines)));
    }
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn what_goes_round_is_found() {
    let arrows = [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"), ("e", "e")];
    let found = circles(arrows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
    let expected = [("b", "c"), ("c", "b"), ("e", "e")];
    assert_eq!(found, expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect());
    let named = paths("use crate::a::{self, b::{C, d}, e as f}; fn x() { super::y::z(crate::q::Q) } $crate::no::t");
    let named: Vec<_> = named.iter().map(|path| path.join("::")).collect();
    assert_eq!(
        named,
        ["crate::a::b::C", "crate::a::b::d", "crate::a::e", "crate::a::self", "crate::q::Q", "super::y::z"]
    );
}
