//! What somebody sees of an event that they do not see all of.

use super::wire::EventView;
use crate::command::View;
use crate::error::Result;
use crate::ids::{LotId, SiteId};

/// Events as somebody sees them: of what happened to several sites or to all, what concerns theirs. Also whether that is
/// all of it.
pub(super) fn seen(view: &mut View<'_>, mut events: Vec<EventView>) -> Result<(Vec<EventView>, bool)> {
    let caller = view.caller;
    if caller.sites.is_none() {
        return Ok((events, true));
    }
    let wide = |event: &&mut EventView| event.site_id.is_none();
    let lots: Vec<LotId> = events.iter_mut().filter(wide).flat_map(|event| event.lots()).collect();
    let lots = crate::stock::service::visible(view.db, caller, &lots.iter().collect::<Vec<_>>())?;
    let is_theirs = |subject: &String| match (subject.parse::<SiteId>(), subject.parse::<LotId>()) {
        (Ok(site), _) => caller.sees(&site),
        (_, Ok(lot)) => lots.contains(&lot),
        _ => true,
    };
    let is_here = |posting: &serde_json::Value| {
        let sites: Vec<_> = ["/from/place/site_id", "/to/place/site_id"]
            .iter()
            .filter_map(|end| posting.pointer(end)?.as_str())
            .collect();
        sites.is_empty() || sites.iter().any(|site| site.parse().is_ok_and(|site| caller.sees(&site)))
    };
    let mut whole = true;
    for event in events.iter_mut().filter(wide) {
        let postings = event.details.get_mut("postings").and_then(serde_json::Value::as_array_mut);
        let before = event.subjects.len().saturating_add(postings.as_ref().map_or(0, |postings| postings.len()));
        event.subjects.retain(is_theirs);
        let left = postings.map_or(0, |postings| {
            postings.retain(is_here);
            postings.len()
        });
        whole &= before == event.subjects.len().saturating_add(left);
    }
    Ok((events, whole))
}
