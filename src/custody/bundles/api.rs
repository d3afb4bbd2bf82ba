//! Evidence bundles over HTTP.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use super::gathering::{self, Found, Gathered, Pictured};
use super::report::{self, Cover, Pages};
use super::wire::NewEvidenceBundle;
use super::{
    ABOUT, About, CHECKPOINT, Counts, FORMAT, INDEX, Index, Indexed, KEY, Makers, REPORT, SIGNATURE, Subject, VERSION,
    numbered, statement,
};
use crate::archive::Writer;
use crate::canonical;
use crate::clock::Moment;
use crate::command::View;
use crate::custody::proofs;
use crate::custody_log::sequencing;
use crate::custody_log::service::Signed;
use crate::custody_log::witness::Witness;
use crate::error::{Error, Result};
use crate::evidence::photographs;
use crate::evidence::service::Objects;
use crate::http::commands::{Queries, State};
use crate::http::input::Body;
use crate::http::paging::After;
use crate::problem::{Problem, ProblemCode};

/// Makes an evidence bundle: one file about a lot, a patient or a period, for somebody who trusts nobody here.
///
/// A ZIP file: `report.html` to read and to print, the exact bytes of every event, what leads from them to a signed checkpoint of the
/// custody log, and the key. `lotline verify --bundle FILE --key VKEY` checks it without a network and without a database. Of a lot
/// it tells its whole chain of custody, refusals included; of a patient all that they were given and what became of it, with the
/// chains of these lots; of a period what was recorded from `from` on and before `to`. What is clinical stays sealed but in the bundle of a
/// patient, which opens it for that patient. Whatever was recorded before the request is in it. With a token of some sites it has
/// what that sees; events that concern others as well are counted, and told without their content. It changes nothing, and is no event.
#[utoipa::path(operation_id = "create_evidence_bundle", tag = "Custody", request_body = NewEvidenceBundle,
    responses((status = 201, description = "The file.", body = String, content_type = "application/zip")))]
#[post("/evidence-bundles")]
pub(in crate::custody) async fn create_evidence_bundle(
    queries: Queries,
    state: web::Data<State>,
    witness: web::Data<Witness>,
    makers: web::Data<Makers>,
    objects: web::Data<Objects>,
    body: Body<NewEvidenceBundle>,
) -> std::result::Result<HttpResponse, Problem> {
    let asked = body.value.asked()?;
    let permit = makers.take()?;
    let (queries, witness) = (queries.report(), witness.into_inner());
    let organisation = queries.caller().organisation_id.clone();
    let find = |queries: Queries| {
        queries.run(move |view| {
            let found = gathering::find(view, &asked)?;
            let title = gathering::title(view, &found)?;
            Ok((found, title, view.now))
        })
    };
    let (found, title, now) = find(queries.clone()).await?;
    sequencing::catch_up(&state, &witness, &organisation).await?;
    let ((), signed) = proofs::ask(queries.clone(), &state, witness.clone(), |_, _| Ok(())).await?;
    let about = About {
        format: FORMAT.to_owned(),
        version: VERSION,
        organisation_id: organisation,
        subject: found.subject().clone(),
        made_at: now,
        made_for: queries.caller().subject.clone(),
        tree_size: signed.size,
    };
    let name = file_name(&about.subject, now);
    let mut making = Making::new(queries, (witness, objects.get_ref().clone()), about, (found, title), signed, permit);
    let mut first = making.beginning()?;
    // What is wrong with the database is said as a problem for as long as nothing was sent.
    first.extend(making.next().await?.unwrap_or_default());
    let rest = stream::unfold(making, |mut making| async move {
        match making.next().await {
            Ok(part) => part.map(|part| (Ok(Bytes::from(part)), making)),
            // Whoever reads must not take half of it for all: the connection is broken off.
            Err(problem) => {
                making.at = At::Done;
                Some((Err(actix_web::Error::from(problem)), making))
            }
        }
    });
    let all = stream::StreamExt::chain(stream::iter([Ok::<_, actix_web::Error>(Bytes::from(first))]), rest);
    Ok(HttpResponse::Created()
        .content_type("application/zip")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(Box::pin(all)))
}

/// What the file is called: names of files are in histories and logs, so it says of no patient who they are.
fn file_name(subject: &Subject, now: Moment) -> String {
    let day = now.day_in(chrono_tz::Tz::UTC);
    match subject {
        Subject::LotId(lot) => format!("evidence-{lot}-{day}.zip"),
        Subject::PatientIds(_) => format!("evidence-patient-{day}.zip"),
        Subject::Period { from, to } => {
            let day_of = |moment: &Moment| moment.day_in(chrono_tz::Tz::UTC);
            format!("evidence-{}-to-{}.zip", day_of(from), day_of(to))
        }
    }
}

/// How far a file is.
enum At {
    Part(After),
    /// What is left of the photographs of a part, and what comes behind them.
    Photographs(std::vec::IntoIter<Pictured>, Option<After>),
    End,
    Done,
}

/// A file in the making.
struct Making {
    queries: Queries,
    witness: Arc<Witness>,
    about: About,
    found: Arc<Found>,
    title: String,
    signed: Signed,
    archive: Writer,
    parts: Vec<Indexed>,
    pages: Pages,
    /// What the report tells on its first page.
    entries: String,
    counts: Counts,
    number: usize,
    objects: Objects,
    /// How many photographs were told of.
    pictured: usize,
    /// Those that could not be read.
    lost: Vec<String>,
    at: At,
    _permit: OwnedSemaphorePermit,
}

impl Making {
    fn new(
        queries: Queries,
        (witness, objects): (Arc<Witness>, Objects),
        about: About,
        (found, title): (Found, String),
        signed: Signed,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Making {
            queries,
            witness,
            about,
            found: Arc::new(found),
            title,
            signed,
            archive: Writer::default(),
            parts: Vec::new(),
            pages: Pages::new(),
            entries: String::new(),
            counts: Counts::default(),
            number: 0,
            objects,
            pictured: 0,
            lost: Vec::new(),
            at: At::Part(After::START),
            _permit: permit,
        }
    }

    /// A part of the file, with what stands before it.
    fn part(&mut self, out: &mut Vec<u8>, name: &str, content: &[u8]) {
        out.extend(self.archive.head(name, content));
        out.extend(content);
        self.parts.push(Indexed {
            name: name.to_owned(),
            bytes: u64::try_from(content.len()).unwrap_or(u64::MAX),
            sha256: STANDARD.encode(Sha256::digest(content)),
        });
    }

    fn vkey(&self) -> String {
        self.witness.verifier(&self.about.organisation_id).to_string()
    }

    /// What the file begins with.
    fn beginning(&mut self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let about = canonical::text(&self.about)?;
        self.part(&mut out, ABOUT, about.as_bytes());
        let vkey = format!("{}\n", self.vkey());
        self.part(&mut out, KEY, vkey.as_bytes());
        let note = self.signed.note.clone();
        self.part(&mut out, CHECKPOINT, note.as_bytes());
        Ok(out)
    }

    /// What comes next of it; none behind its end.
    async fn next(&mut self) -> std::result::Result<Option<Vec<u8>>, Problem> {
        loop {
            match std::mem::replace(&mut self.at, At::Done) {
                At::Part(after) => {
                    let (found, so_far) = (self.found.clone(), (self.about.tree_size, self.pictured));
                    let gather = move |view: &mut View<'_>| gathering::gather(view, &found, so_far, after);
                    let mut gathered = self.queries.clone().run(gather).await?;
                    self.pictured = gathered.pictured;
                    let photographs = std::mem::take(&mut gathered.photographs).into_iter();
                    self.at = At::Photographs(photographs, gathered.next.clone());
                    if let Some(out) = self.take(gathered) {
                        return Ok(Some(out));
                    }
                }
                At::Photographs(mut left, next) => match left.next() {
                    None => self.at = next.map_or(At::End, At::Part),
                    Some(pictured) => {
                        self.at = At::Photographs(left, next);
                        if let Some(out) = self.photograph(pictured).await? {
                            return Ok(Some(out));
                        }
                    }
                },
                At::End => return Ok(Some(self.end()?)),
                At::Done => return Ok(None),
            }
        }
    }

    /// A photograph; none where what is kept of it cannot be read, which the report tells then.
    async fn photograph(&mut self, pictured: Pictured) -> std::result::Result<Option<Vec<u8>>, Problem> {
        let Pictured { name, patient, photograph } = pictured;
        let find = move |view: &mut View<'_>| {
            let missing = || Error::not_found("photograph");
            let patient = view.patients.by_id(&view.caller.organisation_id, &patient)?.ok_or_else(missing)?;
            photographs::find(view, patient, photograph)
        };
        let read = async {
            let found = self.queries.clone().run(find).await?;
            photographs::open(&self.objects, found).await.map_err(Problem::from)
        };
        match read.await {
            Ok((picture, _, _held)) => {
                let mut out = Vec::new();
                self.part(&mut out, &name, &picture);
                Ok(Some(out))
            }
            Err(problem) if matches!(problem.code, ProblemCode::EvidenceDamaged | ProblemCode::NotFound) => {
                self.lost.push(name);
                Ok(None)
            }
            Err(problem) => Err(problem),
        }
    }

    /// Takes in what was gathered; none where that is nothing.
    fn take(&mut self, gathered: Gathered) -> Option<Vec<u8>> {
        if gathered.report.is_empty() {
            return None;
        }
        let mut out = Vec::new();
        self.number = self.number.saturating_add(1);
        self.counts.add(gathered.counts);
        self.part(&mut out, &numbered("events", self.number, "ndjson"), &gathered.events);
        self.part(&mut out, &numbered("proof", self.number, "json"), &gathered.proof);
        if !gathered.opened.is_empty() {
            self.part(&mut out, &numbered("opened", self.number, "ndjson"), &gathered.opened);
        }
        if self.number == 1 && gathered.next.is_none() {
            self.entries = gathered.report;
        } else {
            let name = numbered("report", self.number, "html");
            let page = report::of_part(&self.title, self.number, &gathered.report);
            self.part(&mut out, &name, page.as_bytes());
            let told = gathered.counts.events.saturating_add(gathered.counts.withheld);
            self.pages.push((name, gathered.span, told));
        }
        Some(out)
    }

    /// What the file ends with.
    fn end(&mut self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        let vkey = self.vkey();
        let cover = Cover {
            title: &self.title,
            about: &self.about,
            vkey: &vkey,
            checkpoint: &self.signed.note,
            counts: self.counts,
            lost: &self.lost,
        };
        let page = report::cover(&cover, &self.pages, &self.entries);
        self.part(&mut out, REPORT, page.as_bytes());
        let Counts { events, opened, withheld } = self.counts;
        let index = Index { events, opened, withheld, parts: std::mem::take(&mut self.parts) };
        let index = canonical::text(&index)?;
        self.part(&mut out, INDEX, index.as_bytes());
        let text = statement(&STANDARD.encode(Sha256::digest(index.as_bytes())));
        let signature = self.witness.sign_text(&self.about.organisation_id, &text);
        self.part(&mut out, SIGNATURE, signature.as_bytes());
        out.extend(std::mem::take(&mut self.archive).end());
        Ok(out)
    }
}
