//! The arithmetic of the log against the definitions of RFC 6962, written down once more as naively as they stand there, and
//! against proofs and notes that others made.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lotline::merkle::{self, Edge, Hash, Place, Tiles, Tree};
use lotline::note::{self, Checkpoint, Note, VerifierKey};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// `MTH(D[n])`, section 2.1.
fn mth(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => Sha256::digest([&[0], leaf.as_slice()].concat()).into(),
        _ => {
            let (left, right) = leaves.split_at(k(leaves.len()));
            Sha256::digest([&[1], mth(left).as_slice(), mth(right).as_slice()].concat()).into()
        }
    }
}

/// The largest power of two that is smaller than `n`.
fn k(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// `PATH(m, D[n])`, section 2.1.1.
fn path(m: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = k(leaves.len());
    let (left, right) = leaves.split_at(k);
    if m < k { [path(m, left), vec![mth(right)]].concat() } else { [path(m - k, right), vec![mth(left)]].concat() }
}

/// `SUBPROOF(m, D[n], b)`, section 2.1.2; `PROOF(m, D[n])` is that with `true`.
fn subproof(m: usize, leaves: &[Vec<u8>], b: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if b { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = k(leaves.len());
    let (left, right) = leaves.split_at(k);
    if m <= k {
        [subproof(m, left, b), vec![mth(right)]].concat()
    } else {
        [subproof(m - k, right, false), vec![mth(left)]].concat()
    }
}

/// Tiles in memory, as a log keeps them, and how often one was read.
#[derive(Default)]
struct Kept {
    tiles: BTreeMap<Place, Vec<Hash>>,
    read: usize,
}

impl Tiles for Kept {
    type Error = Infallible;

    fn tile(&mut self, place: Place, width: usize) -> Result<Vec<Hash>, Infallible> {
        self.read += 1;
        Ok(self.tiles[&place][..width].to_vec())
    }
}

/// Keeps a tree of leaves that are added one by one; the roots of each size on the way.
fn grow(hashes: impl Iterator<Item = Hash>) -> (Kept, Edge, Vec<Hash>) {
    let (mut kept, mut edge) = (Kept::default(), Edge::default());
    let mut roots = vec![edge.root()];
    for hash in hashes {
        edge.push::<Infallible>(hash, |place, tile| {
            kept.tiles.insert(place, tile.to_vec());
            Ok(())
        })
        .unwrap();
        roots.push(edge.root());
    }
    kept.tiles.extend(edge.tiles().map(|(place, tile)| (place, tile.to_vec())));
    (kept, edge, roots)
}

fn leaves(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|number| number.to_string().into_bytes()).collect()
}

/// Every proof of every size up to 70, around one tile, and around 256 tiles of leaf hashes.
#[test]
fn roots_and_proofs_are_those_of_the_definitions() {
    for size in (0..70).chain([255, 256, 257, 511, 512, 600]) {
        let all = leaves(size);
        let (mut kept, edge, roots) = grow(all.iter().map(|leaf| merkle::leaf(leaf)));
        assert_eq!(edge.root(), mth(&all), "{size}");
        let n = u64::try_from(size).unwrap();
        let some = if size < 70 { 1 } else { 37 };
        for m in (0..size).step_by(some) {
            let index = u64::try_from(m).unwrap();
            let proof = Tree::new(&mut kept, n).inclusion(index).unwrap();
            assert_eq!(proof, path(m, &all), "{m} of {size}");
            assert!(merkle::is_included(&merkle::leaf(&all[m]), index, n, &proof, &edge.root()));
            assert!(!merkle::is_included(&merkle::leaf(b"another"), index, n, &proof, &edge.root()));
            let proof = Tree::new(&mut kept, n).consistency(index).unwrap();
            assert_eq!(Tree::new(&mut kept, n).root(index).unwrap(), roots[m], "{m} of {size}");
            // Nothing is defined between no leaves and some.
            assert_eq!(merkle::is_consistent(index, n, &roots[m], &edge.root(), &proof), m > 0, "{m} to {size}");
            if m > 0 {
                assert_eq!(proof, subproof(m, &all, true), "{m} to {size}");
            }
            assert!(!merkle::is_consistent(index, n, &merkle::leaf(b"another"), &edge.root(), &proof));
        }
    }
}

/// A tree of more than 65,536 leaves has a third level of tiles. What the definitions say of it takes them a while, so they are
/// asked once, for leaves that are cheap to tell.
#[test]
fn a_large_tree_is_read_through_few_tiles() {
    let size = 65_536 + 256 + 3;
    let all = leaves(size);
    let (mut kept, edge, _) = grow(all.iter().map(|leaf| merkle::leaf(leaf)));
    assert_eq!(edge.root(), mth(&all));
    assert_eq!(kept.tiles.keys().map(|place| place.level).max(), Some(2));
    let n = u64::try_from(size).unwrap();
    for m in [0, 255, 256, 40_000, 65_535, 65_536, size - 1] {
        let index = u64::try_from(m).unwrap();
        kept.read = 0;
        let proof = Tree::new(&mut kept, n).inclusion(index).unwrap();
        assert!(kept.read <= 6, "{} tiles for leaf {m}", kept.read);
        assert_eq!(proof, path(m, &all), "{m}");
        if m > 0 {
            kept.read = 0;
            let proof = Tree::new(&mut kept, n).consistency(index).unwrap();
            assert!(kept.read <= 6, "{} tiles from {m}", kept.read);
            assert_eq!(proof, subproof(m, &all, true), "{m}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever a tree is put away and taken up again, it goes on as one that never was.
    #[test]
    fn an_edge_is_taken_up_where_it_was_left(size in 0_usize..1_200, left in 0_usize..1_200) {
        let left = left.min(size);
        let hashes: Vec<Hash> = leaves(size).iter().map(|leaf| merkle::leaf(leaf)).collect();
        let (mut kept, edge, _) = grow(hashes[..left].iter().copied());
        let count = u64::try_from(left).unwrap();
        let places = merkle::edge_places(count);
        let mut again = Edge::of(count, places.iter().map(|place| (*place, kept.tiles[place].clone()))).unwrap();
        prop_assert_eq!((again.root(), again.size()), (edge.root(), count));
        for hash in &hashes[left..] {
            again.push::<Infallible>(*hash, |place, tile| { kept.tiles.insert(place, tile.to_vec()); Ok(()) }).unwrap();
        }
        kept.tiles.extend(again.tiles().map(|(place, tile)| (place, tile.to_vec())));
        let (whole, edge, _) = grow(hashes.iter().copied());
        prop_assert_eq!(again.root(), edge.root());
        prop_assert_eq!(kept.tiles, whole.tiles);
    }

    /// Any leaves of any tree lead to its root with what lies between them, which is told without the tree; and whatever is otherwise
    /// leads elsewhere or nowhere. How many leaves the tree has is what the checkpoint says, beside the root.
    #[test]
    fn leaves_lead_to_the_root_with_what_lies_between_them(
        size in 1_u64..300, seed in prop::collection::btree_set(0_u64..300, 0..40), bit in 0_usize..256, extra in any::<[u8; 32]>()
    ) {
        let all = leaves(usize::try_from(size).unwrap());
        let (mut kept, edge, _) = grow(all.iter().map(|leaf| merkle::leaf(leaf)));
        let some: Vec<u64> = seed.iter().map(|index| index % size).collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let beside = Tree::new(&mut kept, size).beside(&some).unwrap();
        let at = |index: &u64| merkle::leaf(&all[usize::try_from(*index).unwrap()]);
        let told: Vec<_> = some.iter().map(|index| (*index, at(index))).collect();
        let root = Some(edge.root());
        prop_assert_eq!(merkle::root_over(size, &told, &beside), root);
        // What lies between, naively: of each leaf that is not there the largest subtree around it without one that is.
        let mut naive = Vec::new();
        let mut start = 0_u64;
        while start < size {
            if some.contains(&start) {
                start += 1;
                continue;
            }
            let fits = |height: &u32| {
                let end = start + (1 << height);
                start.is_multiple_of(1 << height) && end <= size && !some.iter().any(|index| (start..end).contains(index))
            };
            let height = (0..9).filter(fits).max().unwrap();
            let (from, to) = (usize::try_from(start).unwrap(), usize::try_from(start + (1 << height)).unwrap());
            naive.push(mth(&all[from..to]));
            start += 1 << height;
        }
        prop_assert_eq!(&beside, &naive);
        for wrong in altered(&beside, bit, extra) {
            prop_assert_ne!(merkle::root_over(size, &told, &wrong), root);
        }
        for place in 0..told.len() {
            let mut wrong = told.clone();
            wrong[place].1[bit / 8] ^= 1 << (bit % 8);
            prop_assert_ne!(merkle::root_over(size, &wrong, &beside), root);
            wrong.clone_from(&told);
            wrong[place].0 += 1;
            prop_assert_ne!(merkle::root_over(size, &wrong, &beside), root);
            wrong.clone_from(&told);
            wrong.remove(place);
            prop_assert_ne!(merkle::root_over(size, &wrong, &beside), root);
            wrong.insert(place, told[place]);
            wrong.insert(place, told[place]);
            prop_assert_eq!(merkle::root_over(size, &wrong, &beside), None);
        }
    }

    /// One changed bit, one hash more or less, another index or size: nothing is proved.
    #[test]
    fn nothing_else_is_proved(size in 2_u64..300, m in 0_u64..300, bit in 0_usize..256, extra in any::<[u8; 32]>()) {
        let m = m % size;
        let all = leaves(usize::try_from(size).unwrap());
        let (mut kept, edge, roots) = grow(all.iter().map(|leaf| merkle::leaf(leaf)));
        let (at, root) = (usize::try_from(m).unwrap(), edge.root());
        let leaf = merkle::leaf(&all[at]);
        let proof = Tree::new(&mut kept, size).inclusion(m).unwrap();
        prop_assert!(merkle::is_included(&leaf, m, size, &proof, &root));
        for wrong in altered(&proof, bit, extra) {
            prop_assert!(!merkle::is_included(&leaf, m, size, &wrong, &root));
        }
        prop_assert!(!merkle::is_included(&leaf, m ^ 1, size, &proof, &root));
        prop_assert!(!merkle::is_included(&leaf, m + size, size, &proof, &root));
        let proof = Tree::new(&mut kept, size).consistency(m).unwrap();
        prop_assert_eq!(merkle::is_consistent(m, size, &roots[at], &root, &proof), m > 0);
        for wrong in altered(&proof, bit, extra) {
            prop_assert!(!merkle::is_consistent(m, size, &roots[at], &root, &wrong), "{} to {}", m, size);
        }
    }
}

/// A proof with one bit flipped, with its last hash missing, with one more at either end.
fn altered(proof: &[Hash], bit: usize, extra: Hash) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[extra]].concat(), [&[extra], proof].concat()];
    if let Some((_, rest)) = proof.split_last() {
        let mut flipped = proof.to_vec();
        let at = bit % flipped.len();
        flipped[at][bit / 8] ^= 1 << (bit % 8);
        all.extend([flipped, rest.to_vec()]);
    }
    all
}

#[test]
fn tiles_have_the_width_that_their_tree_gives_them() {
    let width = |level, index, size| Place { level, index }.width(size);
    assert_eq!(
        [width(0, 0, 0), width(0, 0, 1), width(0, 0, 256), width(0, 1, 256), width(0, 1, 300)],
        [0, 1, 256, 0, 44]
    );
    assert_eq!([width(1, 0, 255), width(1, 0, 256), width(1, 0, 65_535), width(2, 0, 65_536)], [0, 1, 255, 1]);
    assert_eq!(merkle::edge_places(0), []);
    assert_eq!(merkle::edge_places(256), [Place { level: 1, index: 0 }]);
    // A tile too few, too short, too long, or one that belongs to nothing.
    let hash = merkle::empty();
    let at = |level, index| Place { level, index };
    assert!(Edge::of(257, [(at(0, 1), vec![hash]), (at(1, 0), vec![hash])]).is_some());
    assert!(Edge::of(257, [(at(0, 1), vec![hash])]).is_none());
    assert!(Edge::of(257, [(at(0, 1), vec![hash, hash]), (at(1, 0), vec![hash])]).is_none());
    assert!(Edge::of(257, [(at(0, 1), Vec::new()), (at(1, 0), vec![hash])]).is_none());
    assert!(Edge::of(256, [(at(0, 1), vec![hash]), (at(1, 0), vec![hash])]).is_none());
    assert_eq!(merkle::from_bytes(&[0; 33]), None);
    assert_eq!(merkle::from_bytes(&[0; 32 * 257]), None);
    assert_eq!(merkle::from_bytes(&[7; 64]), Some(vec![[7; 32]; 2]));
}

/// The key and the note of the example in C2SP signed-note.
const KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

#[test]
fn a_note_is_signed_by_its_key_and_nobody_else() {
    let key: VerifierKey = KEY.parse().unwrap();
    assert_eq!(key.to_string(), KEY);
    let note = Note::read(NOTE).unwrap();
    assert_eq!(note.text, "This is an example message.\n");
    assert!(note.is_signed_by(&key) && note.claims(&key));
    let changed = NOTE.replace("example message", "Example message");
    assert!(!Note::read(&changed).unwrap().is_signed_by(&key));
    let renamed = VerifierKey { name: "example.com/bar".to_owned(), ..key.clone() };
    assert!(!note.is_signed_by(&renamed) && !note.claims(&renamed));
    // One more signature, of somebody unknown, is nobody's concern; a wrong one that claims to be the key's is.
    let more = format!("{NOTE}\u{2014} witness.example AAAAAAAA\n");
    assert!(Note::read(&more).unwrap().is_signed_by(&key));
    let forged = format!("{NOTE}\u{2014} example.com/foo Uw2QOgAA\n");
    assert!(!Note::read(&forged).unwrap().is_signed_by(&key));
    for broken in [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n\u{2014} name !!!!\n",
        &NOTE[..NOTE.len() - 1],
        &NOTE.replace("example", "ex\tample"),
    ] {
        assert!(Note::read(broken).is_err(), "{broken:?}");
    }
    for broken in [
        "",
        "a+b",
        "a+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        &KEY.replace("+Ae", "+Be"),
        &KEY.replace("foo", "f oo"),
    ] {
        assert!(broken.parse::<VerifierKey>().is_err(), "{broken}");
    }
    assert!(
        note::is_name("lotline.local/log/org_1")
            && !note::is_name("a b")
            && !note::is_name("a+b")
            && !note::is_name("")
    );
}

#[test]
fn a_checkpoint_is_written_and_read() {
    // The example in C2SP tlog-checkpoint.
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let read = Checkpoint::read(text).unwrap();
    assert_eq!((read.origin.as_str(), read.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(read.to_string(), text);
    assert_eq!(Checkpoint::read(&format!("{text}of its own\n")).unwrap(), read);
    for broken in [
        "",
        "a\n",
        "a\n1\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUY\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
        &format!("{text}\n"),
    ] {
        assert!(Checkpoint::read(broken).is_err(), "{broken:?}");
    }
}

fn vectors(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("LOTLINE_VECTORS") else {
        println!("LOTLINE_VECTORS is not set: {name} is left out");
        return None;
    };
    let file = Path::new(&folder).join(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    Some(serde_json::from_str(&text).unwrap())
}

fn from_hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn hash_of(bytes: Vec<u8>) -> Option<Hash> {
    bytes.try_into().ok()
}

fn from_base64(text: &Value) -> Option<Hash> {
    hash_of(STANDARD.decode(text.as_str().unwrap_or_default()).unwrap())
}

/// A root; of one that is no hash, which a few vectors have where it does not matter which it is, something that differs as it does.
fn root_of(text: &Value) -> Hash {
    from_base64(text).unwrap_or_else(|| Sha256::digest(format!("no hash: {text}")).into())
}

fn proof_of(vector: &Value) -> Option<Vec<Hash>> {
    vector["proof"].as_array().map_or(Some(Vec::new()), |proof| proof.iter().map(from_base64).collect())
}

#[test]
fn proofs_of_others_are_proofs_and_their_broken_ones_are_not() {
    let Some(document) = vectors("merkle_vectors.json") else { return };
    let all = |name: &str| document[name].as_array().filter(|all| !all.is_empty()).unwrap().clone();
    for vector in all("inclusion") {
        let number = |name: &str| vector[name].as_u64().unwrap();
        let hashes = from_base64(&vector["leafHash"]).zip(from_base64(&vector["root"]));
        let proved = proof_of(&vector).zip(hashes).is_some_and(|(proof, (leaf, root))| {
            merkle::is_included(&leaf, number("leafIdx"), number("treeSize"), &proof, &root)
        });
        assert_eq!(proved, !vector["wantErr"].as_bool().unwrap(), "{vector}");
    }
    for vector in all("consistency") {
        let number = |name: &str| vector[name].as_u64().unwrap();
        let (first, second) = (root_of(&vector["root1"]), root_of(&vector["root2"]));
        let proved = proof_of(&vector)
            .is_some_and(|proof| merkle::is_consistent(number("size1"), number("size2"), &first, &second, &proof));
        assert_eq!(proved, !vector["wantErr"].as_bool().unwrap(), "{vector}");
    }
    for vector in all("hashes").iter().filter(|vector| vector["kind"] != "node") {
        let found =
            if vector["kind"] == "leaf" { merkle::leaf(&from_hex(&vector["data_hex"])) } else { merkle::empty() };
        assert_eq!(found.to_vec(), from_hex(&vector["want"]), "{vector}");
    }
    let inputs: Vec<_> = document["trees"]["leaf_inputs_hex"].as_array().unwrap().iter().map(from_hex).collect();
    let (_, _, roots) = grow(inputs.iter().map(|leaf| merkle::leaf(leaf)));
    let expected: Vec<_> = document["trees"]["roots_by_size"].as_array().unwrap().iter().map(from_hex).collect();
    assert_eq!(roots.iter().map(|root| root.to_vec()).collect::<Vec<_>>(), expected);
}

/// Proofs that others made for trees whose leaf `i` is the single byte `i`.
#[test]
fn the_proofs_are_those_that_others_make() {
    let Some(document) = vectors("merkle_vectors.json") else { return };
    let hashes =
        |list: &Value| list.as_array().unwrap().iter().map(|hash| hash_of(from_hex(hash)).unwrap()).collect::<Vec<_>>();
    let tree = |size: u64| grow((0..size).map(|number| merkle::leaf(&[u8::try_from(number).unwrap()])));
    for vector in document["generated"].as_array().unwrap() {
        let size = vector["size"].as_u64().unwrap();
        let (mut kept, edge, _) = tree(size);
        assert_eq!(edge.root().to_vec(), from_hex(&vector["root"]), "{size}");
        for (index, proof) in (0..).zip(vector["inclusion"].as_array().unwrap()) {
            assert_eq!(Tree::new(&mut kept, size).inclusion(index).unwrap(), hashes(proof), "{index} of {size}");
        }
        for (from, proof) in vector["consistency"].as_object().unwrap() {
            let found = Tree::new(&mut kept, size).consistency(from.parse().unwrap()).unwrap();
            assert_eq!(found, hashes(proof), "{from} to {size}");
        }
    }
    // All proofs between sizes up to 64, one line each, under one digest.
    let mut lines = Sha256::new();
    for size in 1..=64 {
        let (mut kept, ..) = tree(size);
        for from in 1..=size {
            let proof = Tree::new(&mut kept, size).consistency(from).unwrap();
            let hex = |hash: &Hash| hash.iter().fold(" ".to_owned(), |text, byte| format!("{text}{byte:02x}"));
            lines.update(format!("{from} {size}{}\n", proof.iter().map(hex).collect::<String>()));
        }
    }
    let wanted = &document["rolling"]["classic_consistency_1_64"]["want"];
    assert_eq!(lines.finalize().to_vec(), from_hex(wanted));
}

#[test]
fn notes_of_others_are_read() {
    let Some(document) = vectors("note_vectors.json") else { return };
    for vector in document["signed_notes"].as_array().filter(|all| !all.is_empty()).unwrap() {
        let key: VerifierKey = vector["vkey"].as_str().unwrap().parse().unwrap();
        let good = Note::read(vector["note"].as_str().unwrap()).is_ok_and(|note| note.is_signed_by(&key));
        assert_eq!(good, vector["valid"].as_bool().unwrap(), "{vector}");
    }
    let example = Note::read(document["checkpoint_example_unverifiable_here"].as_str().unwrap()).unwrap();
    assert_eq!(Checkpoint::read(example.text).unwrap().to_string(), example.text);
}
