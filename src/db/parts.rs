//! Rows in parts: as many as fit in memory at once, and few statements for many of them. PostgreSQL gives rows one by one, too, but
//! for each that costs several times what it is.

use diesel::QueryResult;

/// The rows of a statement that are asked for at once.
pub const PART: usize = 4_000;

/// Gives rows one by one. `load` reads the next [`PART`] of them, behind the last that was given.
pub fn in_parts<R: Copy>(
    mut load: impl FnMut(Option<R>) -> QueryResult<Vec<R>>,
) -> impl Iterator<Item = QueryResult<R>> {
    let (mut part, mut last, mut is_last_part) = (Vec::new().into_iter(), None, false);
    std::iter::from_fn(move || {
        loop {
            if let Some(row) = part.next() {
                last = Some(row);
                return Some(Ok(row));
            }
            if is_last_part {
                return None;
            }
            match load(last) {
                Ok(rows) => {
                    is_last_part = rows.len() < PART;
                    part = rows.into_iter();
                }
                Err(error) => {
                    is_last_part = true;
                    return Some(Err(error));
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_given_once_and_what_fails_ends_it() {
        for all in [0, 1, PART - 1, PART, PART + 1, 3 * PART] {
            let mut asked = 0;
            let rows = in_parts(|last: Option<usize>| {
                asked += 1;
                Ok((last.map_or(0, |last| last + 1)..all).take(PART).collect())
            });
            assert_eq!(rows.collect::<QueryResult<Vec<_>>>(), Ok((0..all).collect::<Vec<_>>()));
            assert_eq!(asked, all / PART + 1, "{all}");
        }
        let broken = |last: Option<usize>| match last {
            None => Ok((0..PART).collect()),
            Some(_) => Err(diesel::result::Error::NotFound),
        };
        let rows: Vec<_> = in_parts(broken).collect();
        assert_eq!((rows.len(), rows.last()), (PART + 1, Some(&Err(diesel::result::Error::NotFound))));
    }
}
