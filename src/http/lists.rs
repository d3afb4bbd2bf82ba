//! Lists, in the form that somebody wants: a page as JSON, or all of it as a file.
//!
//! A file is the same list with the same filters, page after page by the same keys, from where `cursor` says on; `limit` is how
//! many entries it has at the most, and without one it has all. Each part is as of when it was read. What is added meanwhile
//! comes if its place is behind what was read by then; nothing that was there when the file began and stays there is left out or
//! comes twice. What has a place of its own by something that changes, such as the day on which stock expires, is where it is when
//! its part is read. With `as_of` all of it is as of then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::accept::Format;
use super::commands::Queries;
use super::files::{self, Writer};
use super::paging::{Cursor, Found, Limit, List, Page, search};
use crate::command::View;
use crate::error::Result;
use crate::limits::FILE_AT_ONCE;
use crate::problem::Problem;
use crate::sealing::Patients;

/// What of a list is asked for.
pub struct Asked<const N: usize> {
    /// The list.
    pub list: List<N>,
    /// How many entries.
    pub limit: Option<Limit>,
    /// From where on.
    pub cursor: Option<Cursor>,
    /// Of which size of the log.
    pub tree_size: Option<u64>,
}

/// How far a file is.
struct Place<const N: usize> {
    after: [String; N],
    /// How many entries may still come.
    left: Option<i64>,
    is_first: bool,
}

impl Queries {
    /// Answers with a list.
    ///
    /// # Errors
    /// `invalid_cursor`; what the query answers.
    pub async fn page<T, F, K, const N: usize>(
        self,
        list: List<N>,
        limit: Option<Limit>,
        cursor: Option<Cursor>,
        fetch: F,
        key: K,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        T: Serialize + ToSchema + Send + 'static,
        F: Fn(&mut View<'_>, [String; N], i64) -> Result<Vec<T>> + Send + Sync + 'static,
        K: Fn(&T) -> [String; N] + Send + Sync + 'static,
    {
        self.search(list, limit, cursor, move |view, after, limit| fetch(view, after, limit).map(Found::all), key).await
    }

    /// Answers with a list in which what is asked for is looked for.
    ///
    /// # Errors
    /// `invalid_cursor`; what the query answers.
    pub async fn search<T, F, K, const N: usize>(
        self,
        list: List<N>,
        limit: Option<Limit>,
        cursor: Option<Cursor>,
        fetch: F,
        key: K,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        T: Serialize + ToSchema + Send + 'static,
        F: Fn(&mut View<'_>, [String; N], i64) -> Result<Found<T, N>> + Send + Sync + 'static,
        K: Fn(&T) -> [String; N] + Send + Sync + 'static,
    {
        let asked = Asked { list, limit, cursor, tree_size: None };
        self.list(asked, fetch, key, |_, found| Ok(found), |_, page| Ok(page)).await
    }

    /// Answers with a list that is shown otherwise than it is found, or whose pages say something beside it. What of a file was found
    /// is shown while the next part is read.
    ///
    /// # Errors
    /// `invalid_cursor`; what the query, `show` and `paged` answer.
    pub async fn list<R, T, A, F, K, S, P, const N: usize>(
        self,
        asked: Asked<N>,
        fetch: F,
        key: K,
        show: S,
        paged: P,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        R: Send + 'static,
        T: Serialize + ToSchema + Send + 'static,
        A: Serialize + Send + 'static,
        F: Fn(&mut View<'_>, [String; N], i64) -> Result<Found<R, N>> + Send + Sync + 'static,
        K: Fn(&R) -> [String; N] + Send + Sync + 'static,
        S: Fn(&Patients, Vec<R>) -> Result<Vec<T>> + Send + Sync + 'static,
        P: FnOnce(&mut View<'_>, Page<T>) -> Result<A> + Send + 'static,
    {
        let format = self.format();
        if let Some(writer) = Writer::of::<T>(format) {
            return self.file(asked, (format, writer), fetch, key, show).await;
        }
        let answer = move |view: &mut View<'_>| {
            let Asked { list, limit, cursor, tree_size } = asked;
            let page = search(list, limit, cursor, |after, limit| fetch(view, after, limit), key)?;
            let page = page.map(|found| show(view.patients, found))?;
            paged(view, page.of_tree(tree_size))
        };
        self.report().show(answer).await
    }

    /// Answers with all of a list.
    async fn file<R, T, F, K, S, const N: usize>(
        self,
        asked: Asked<N>,
        (format, writer): (Format, Writer),
        fetch: F,
        key: K,
        show: S,
    ) -> std::result::Result<HttpResponse, Problem>
    where
        R: Send + 'static,
        T: Serialize + Send + 'static,
        F: Fn(&mut View<'_>, [String; N], i64) -> Result<Found<R, N>> + Send + Sync + 'static,
        K: Fn(&R) -> [String; N] + Send + Sync + 'static,
        S: Fn(&Patients, Vec<R>) -> Result<Vec<T>> + Send + Sync + 'static,
    {
        let Asked { list, limit, cursor, tree_size } = asked;
        let start = Place { after: list.after(cursor.as_ref())?, left: limit.map(Limit::entries), is_first: true };
        let as_of = tree_size.map(|size| format!("-as-of-{size}")).unwrap_or_default();
        let name = format!("{}-{}{as_of}", list.file_name(), self.now().day_in(chrono_tz::Tz::UTC));
        let (queries, making) = (self.report(), Arc::new((writer, fetch, key, show)));
        // How long the longest part was: a text that grows takes twice as much, and each thread that writes keeps it.
        let longest = Arc::new(AtomicUsize::new(0));
        let part = move |Place { after, left, is_first }: Place<N>| {
            let (making, queries, longest) = (making.clone(), queries.clone(), longest.clone());
            async move {
                let reading = making.clone();
                let read = move |view: &mut View<'_>| {
                    let (_, fetch, key, _) = &*reading;
                    let at_once = left.map_or(FILE_AT_ONCE, |left| left.min(FILE_AT_ONCE));
                    let Found { items, looked_at } = fetch(view, after, at_once)?;
                    let found = i64::try_from(items.len()).unwrap_or(i64::MAX);
                    let next = if found >= at_once { items.last().map(key) } else { looked_at };
                    let left = left.map(|left| left.saturating_sub(found));
                    let next = next.filter(|_| left != Some(0)).map(|after| Place { after, left, is_first: false });
                    Ok((items, next))
                };
                let (items, next) = queries.clone().run(read).await?;
                let written = files::writing(move || {
                    let (writer, .., show) = &*making;
                    let items = show(queries.patients(), items)?;
                    let mut text = String::with_capacity(longest.load(Ordering::Relaxed));
                    if is_first {
                        text.push_str(&writer.head());
                    }
                    writer.write(&mut text, &items, queries.caller(), queries.access())?;
                    longest.fetch_max(text.len().saturating_add(text.len() / 16), Ordering::Relaxed);
                    Ok(text)
                });
                Ok((written, next))
            }
        };
        files::stream(format, &name, start, part).await
    }
}
