//! Merkle trees of RFC 6962 section 2.1, kept as tiles of 256 hashes (C2SP tlog-tiles): arithmetic alone, nothing of
//! databases or keys.
//!
//! A tree of `n` leaves is cut into tiles. Tile `i` of level 0 has the leaf hashes `256·i` to `256·i + 255`; tile `i` of level
//! `l + 1` has the roots of the whole tiles `256·i` to `256·i + 255` of level `l`. A tile that is whole never changes, and of each
//! level only the last may not be whole: so a proof reads a few tiles for each level, however many leaves there are, and a
//! tree grows by its right [`Edge`].

use sha2::{Digest, Sha256};

/// SHA-256 of a leaf, of two subtrees, or of nothing.
pub type Hash = [u8; 32];

/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;
/// Hashes of a whole tile.
pub const TILE: usize = 256;
/// Levels of the tree that a level of tiles spans: a whole tile has two to the power of this many hashes.
const SPAN: u32 = 8;

/// The hash of a leaf: SHA-256 over a zero byte and the leaf's bytes.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0_u8]).chain_update(bytes).finalize().into()
}

/// The hash of two subtrees side by side: SHA-256 over a byte of one, the left hash and the right one.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1_u8]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub fn empty() -> Hash {
    Sha256::digest([]).into()
}

/// Where a tile is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The level, 0 for the leaves.
    pub level: u32,
    /// Which tile of the level, from 0.
    pub index: u64,
}

impl Place {
    /// How many hashes the tile has in a tree of so many leaves.
    pub fn width(self, size: u64) -> usize {
        let whole = size.checked_shr(SPAN.saturating_mul(self.level)).unwrap_or(0);
        let before = self.index.saturating_mul(TILE_U64);
        usize::try_from(whole.saturating_sub(before)).unwrap_or(TILE).min(TILE)
    }
}

const TILE_U64: u64 = 1 << SPAN;

/// The tiles that have a tree's right edge: of each level the last, where it is not whole.
pub fn edge_places(size: u64) -> Vec<Place> {
    let levels = (0..u64::BITS.div_ceil(SPAN)).map(|level| Place { level, index: above(size, level) >> SPAN });
    levels.filter(|place| place.width(size) > 0).collect()
}

/// How many hashes a level of tiles has in a tree of so many leaves.
fn above(size: u64, level: u32) -> u64 {
    size.checked_shr(SPAN.saturating_mul(level)).unwrap_or(0)
}

/// A tile as bytes: its hashes one after the other.
pub fn to_bytes(tile: &[Hash]) -> Vec<u8> {
    tile.concat()
}

/// A tile from bytes; none where they are no whole number of hashes, or more than a tile has.
pub fn from_bytes(bytes: &[u8]) -> Option<Vec<Hash>> {
    let hashes: Option<Vec<Hash>> = bytes.chunks(HASH_BYTES).map(|hash| hash.try_into().ok()).collect();
    hashes.filter(|hashes| hashes.len() <= TILE)
}

/// The root over hashes in a row, as RFC 6962 divides them: each number of leaves at the largest power of two below it.
fn fold(hashes: &[Hash]) -> Option<Hash> {
    let mut whole: Vec<(Hash, u32)> = Vec::new(); // roots of whole subtrees with their heights, which fall from left to right
    for hash in hashes {
        let (mut hash, mut height) = (*hash, 0);
        while let Some((left, _)) = whole.pop_if(|(_, left)| *left == height) {
            hash = node(&left, &hash);
            height += 1;
        }
        whole.push((hash, height));
    }
    whole.into_iter().map(|(hash, _)| hash).rev().reduce(|right, left| node(&left, &right))
}

/// What a tree needs to grow and to know its root: of each level of tiles the last, where it is not whole. Its memory grows
/// with the logarithm of the leaves only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a tree of so many leaves, from the tiles that [`edge_places`] names; none where they are not those.
    pub fn of(size: u64, tiles: impl IntoIterator<Item = (Place, Vec<Hash>)>) -> Option<Self> {
        let mut levels = Vec::new();
        let mut given: std::collections::BTreeMap<Place, Vec<Hash>> = tiles.into_iter().collect();
        for place in edge_places(size) {
            let tile = given.remove(&place)?;
            let level = usize::try_from(place.level).ok()?;
            levels.resize(level.checked_add(1)?, Vec::new());
            (tile.len() == place.width(size)).then_some(())?;
            *levels.last_mut()? = tile;
        }
        given.is_empty().then_some(Edge { size, levels })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash; what is done with each tile that became whole is the caller's.
    ///
    /// # Errors
    /// What that answers.
    pub fn push<E>(
        &mut self,
        leaf: Hash,
        mut whole: impl FnMut(Place, &[Hash]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.size = self.size.saturating_add(1);
        let mut hash = leaf;
        for level in 0_u32.. {
            let at = usize::try_from(level).unwrap_or(usize::MAX);
            if self.levels.len() <= at {
                self.levels.push(Vec::with_capacity(TILE));
            }
            let Some(tile) = self.levels.get_mut(at) else { return Ok(()) };
            tile.push(hash);
            if tile.len() < TILE {
                return Ok(());
            }
            let index = (above(self.size, level) >> SPAN).saturating_sub(1);
            whole(Place { level, index }, tile)?;
            hash = fold(tile).unwrap_or_else(empty);
            tile.clear();
        }
        Ok(())
    }

    /// The tiles that are not whole.
    pub fn tiles(&self) -> impl Iterator<Item = (Place, &[Hash])> {
        let place = |level: u32| Place { level, index: above(self.size, level) >> SPAN };
        let tiles = (0_u32..).zip(&self.levels).map(move |(level, tile)| (place(level), tile.as_slice()));
        tiles.filter(|(_, tile)| !tile.is_empty())
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        // From the right: the subtrees of a level are all larger than everything below it.
        let mut right: Option<Hash> = None;
        for tile in &self.levels {
            for subtree in whole_subtrees(tile).into_iter().rev() {
                right = Some(right.map_or(subtree, |right| node(&subtree, &right)));
            }
        }
        right.unwrap_or_else(empty)
    }
}

/// The roots of the whole subtrees that so many hashes divide into, the largest first.
fn whole_subtrees(mut hashes: &[Hash]) -> Vec<Hash> {
    let mut roots = Vec::new();
    while let Some(bits) = hashes.len().checked_ilog2() {
        let Some((first, rest)) = hashes.split_at_checked(1 << bits) else { break };
        roots.extend(fold(first));
        hashes = rest;
    }
    roots
}

/// Gives the hashes of a tile: as many as asked for, from the first, or an error where it has not so many.
pub trait Tiles {
    /// What reading one can fail with.
    type Error;

    /// The first `width` hashes of a tile.
    ///
    /// # Errors
    /// When it has not so many, or cannot be read.
    fn tile(&mut self, place: Place, width: usize) -> std::result::Result<Vec<Hash>, Self::Error>;
}

/// A tree of so many leaves that lies in tiles; what was asked for once is kept for as long as this lives, which a few proofs do.
pub struct Tree<'a, T: Tiles> {
    tiles: &'a mut T,
    size: u64,
    read: std::collections::BTreeMap<Place, Vec<Hash>>,
}

impl<'a, T: Tiles> Tree<'a, T> {
    /// The tree of so many leaves.
    pub fn new(tiles: &'a mut T, size: u64) -> Self {
        Tree { tiles, size, read: std::collections::BTreeMap::new() }
    }

    /// The hashes `from` to `from + count` of a level of tiles, which lie in one.
    fn hashes(&mut self, level: u32, from: u64, count: usize) -> std::result::Result<Vec<Hash>, T::Error> {
        let place = Place { level, index: from >> SPAN };
        if !self.read.contains_key(&place) {
            let tile = self.tiles.tile(place, place.width(self.size))?;
            self.read.insert(place, tile);
        }
        let skipped = usize::try_from(from & (TILE_U64 - 1)).unwrap_or(0);
        let tile = self.read.get(&place).map(Vec::as_slice).unwrap_or_default();
        Ok(tile.iter().skip(skipped).take(count).copied().collect())
    }

    /// The root over the leaves from `start` to before `end`, as RFC 6962 divides them: `MTH(D[start:end])`. Every split of a tree
    /// starts at a multiple of the largest power of two that is in it, so whole subtrees are found in the tiles.
    fn root_of(&mut self, start: u64, end: u64) -> std::result::Result<Hash, T::Error> {
        let count = end.saturating_sub(start);
        let Some(height) = count.checked_ilog2() else { return Ok(empty()) };
        if count.is_power_of_two() {
            let level = height / SPAN;
            let hashes = self.hashes(level, above(start, level), 1 << (height % SPAN))?;
            return Ok(fold(&hashes).unwrap_or_else(empty));
        }
        let middle = start.saturating_add(1 << height);
        Ok(node(&self.root_of(start, middle)?, &self.root_of(middle, end)?))
    }

    /// The root of the tree of the first `size` leaves.
    ///
    /// # Errors
    /// When tiles cannot be read.
    pub fn root(&mut self, size: u64) -> std::result::Result<Hash, T::Error> {
        self.root_of(0, size)
    }

    /// That the leaf `index` is in the tree: `PATH(m, D[n])` of section 2.1.1. The caller sees to it that it is.
    ///
    /// # Errors
    /// When tiles cannot be read.
    pub fn inclusion(&mut self, index: u64) -> std::result::Result<Vec<Hash>, T::Error> {
        let (mut start, mut end, mut path) = (0, self.size, Vec::new());
        while let Some(middle) = split(start, end) {
            if index < middle {
                path.push(self.root_of(middle, end)?);
                end = middle;
            } else {
                path.push(self.root_of(start, middle)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// What shows, beside some leaves, that all of them are in the tree: the roots of the [whole subtrees](between) that lie between
    /// them, from left to right. The indices rise, and the last of them is in the tree.
    ///
    /// # Errors
    /// When tiles cannot be read.
    pub fn beside(&mut self, leaves: &[u64]) -> std::result::Result<Vec<Hash>, T::Error> {
        let mut hashes = Vec::new();
        let mut from = 0;
        for end in leaves.iter().copied().chain([self.size]) {
            for (start, height) in between(from, end) {
                hashes.push(self.root_of(start, start.saturating_add(1 << height))?);
            }
            from = end.saturating_add(1);
        }
        Ok(hashes)
    }

    /// That the tree begins with the one of the first `from` leaves: `PROOF(m, D[n])` of section 2.1.2. Nothing is needed from
    /// nothing, and to itself.
    ///
    /// # Errors
    /// When tiles cannot be read.
    pub fn consistency(&mut self, from: u64) -> std::result::Result<Vec<Hash>, T::Error> {
        if from == 0 || from >= self.size {
            return Ok(Vec::new());
        }
        let (mut start, mut end, mut path) = (0, self.size, Vec::new());
        let mut is_whole = true; // whether the first tree is a subtree of the second from its first leaf on
        while from < end {
            let Some(middle) = split(start, end) else { break };
            if from <= middle {
                path.push(self.root_of(middle, end)?);
                end = middle;
            } else {
                path.push(self.root_of(start, middle)?);
                (start, is_whole) = (middle, false);
            }
        }
        if !is_whole {
            path.push(self.root_of(start, end)?);
        }
        path.reverse();
        Ok(path)
    }
}

/// The whole subtrees that the leaves from `from` to before `end` divide into, from left to right, each with its first leaf and its
/// height: of each the largest that begins there, at a multiple of what it has, and does not reach beyond.
pub fn between(from: u64, end: u64) -> impl Iterator<Item = (u64, u32)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let left = end.checked_sub(at)?.checked_ilog2()?;
        let (start, height) = (at, at.trailing_zeros().min(left));
        at = at.saturating_add(1 << height);
        Some((start, height))
    })
}

/// The root of a tree of so many leaves, from some of them with their indices, and what [`Tree::beside`] gives for them. None where
/// the indices do not rise, one is not in the tree, or there are more hashes or fewer than it takes: so that leaves which lead to
/// the root of a tree are in it, at these places (RFC 6962 section 2.1: nobody finds others that do).
pub fn root_over(size: u64, leaves: &[(u64, Hash)], beside: &[Hash]) -> Option<Hash> {
    let mut whole: Vec<(Hash, u32)> = Vec::new(); // as in `fold`
    let mut push = |mut hash: Hash, mut height: u32| {
        while let Some((left, _)) = whole.pop_if(|(_, left)| *left == height) {
            hash = node(&left, &hash);
            height = height.saturating_add(1);
        }
        whole.push((hash, height));
    };
    let (mut beside, mut from) = (beside.iter(), 0);
    for (end, leaf) in leaves.iter().map(|(index, leaf)| (*index, Some(leaf))).chain([(size, None)]) {
        if end < from || (leaf.is_some() && end >= size) {
            return None;
        }
        for (_, height) in between(from, end) {
            push(*beside.next()?, height);
        }
        if let Some(leaf) = leaf {
            push(*leaf, 0);
            from = end.checked_add(1)?;
        }
    }
    if beside.next().is_some() {
        return None;
    }
    Some(whole.into_iter().map(|(hash, _)| hash).rev().reduce(|right, left| node(&left, &right)).unwrap_or_else(empty))
}

/// Where a tree of more than one leaf is divided: after the largest power of two that is less than its leaves.
fn split(start: u64, end: u64) -> Option<u64> {
    let last = end.checked_sub(start)?.checked_sub(1)?;
    Some(start.saturating_add(1 << last.checked_ilog2()?))
}

/// Whether a proof shows that a leaf is in the tree of a root (RFC 9162 section 2.1.3.2, which says how proofs of RFC 6962 are
/// verified).
pub fn is_included(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for other in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(other, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that the tree of the second root begins with the tree of the first (RFC 9162 section 2.1.4.2). That a tree
/// begins with no leaf at all says nothing, and is not proved.
pub fn is_consistent(first: u64, second: u64, first_root: &Hash, second_root: &Hash, proof: &[Hash]) -> bool {
    if first == 0 || first >= second {
        return proof.is_empty() && first != 0 && first == second && first_root == second_root;
    }
    let mut hashes = proof.iter();
    let mut start = if first.is_power_of_two() { Some(first_root) } else { hashes.next() };
    let Some(start) = start.take() else { return false };
    let (mut at, mut last) = (first - 1, second - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old, mut new) = (*start, *start);
    for other in hashes {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (old, new) = (node(other, &old), node(other, &new));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new = node(&new, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == *first_root && new == *second_root
}
