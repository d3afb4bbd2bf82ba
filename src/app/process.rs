//! A server process: what its requests need, and what single slices need beside that.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
use crate::custody::bundles::Makers;
use crate::custody_log::witness::Witness;
use crate::db::{DatabaseUrl, Store};
use crate::error::Result;
use crate::evidence::objects::Objects;
use crate::http::auth::Keys;
use crate::http::commands::State;
use crate::ids::{Ids, OrganisationId};
use crate::metrics::Metrics;
use crate::sealing::Patients;
use crate::treatment::pictures::Pictures;
use crate::verifications::model::Outcome;
use crate::verifications::service::{Runner, Verify};
use crate::verify::{self, Beside};

/// What a server process has.
#[derive(Clone)]
pub struct Process {
    /// What every request may need.
    pub state: State,
    /// The bytes of photographs and documents.
    pub evidence: Objects,
    /// What signs the custody log, and what it has published.
    pub witness: Arc<Witness>,
    /// Who looks at pictures.
    pub pictures: Pictures,
    /// Who makes evidence bundles.
    pub bundles: Makers,
    /// Who verifies, when somebody asks for it.
    pub verifier: Runner,
    pub(super) known: Known,
}

impl Process {
    /// A server process on a database.
    ///
    /// # Errors
    /// When two numbers have the same name, which is a defect.
    pub fn new(
        store: Store,
        keys: impl Into<Arc<Keys>>,
        patients: Patients,
        witness: Witness,
        evidence: Objects,
        clock: Clock,
        ids: Ids,
    ) -> Result<Self> {
        let process = ids.uuid(clock.now(), 0).to_string();
        let witness = Arc::new(witness);
        let verify = verification(store.url().clone(), patients.clone(), witness.clone(), evidence.clone());
        let verifier = Runner::new(&process, store.url().file().is_some(), verify);
        let metrics = Metrics::new(store.numbers()?)?;
        let (keys, in_flight) = (keys.into(), Arc::default());
        let (access, reader) = (crate::house::operation, crate::house::kinds);
        let (judge, naming) = (crate::house::JUDGE, crate::house::NAMING);
        let state = State { store, keys, clock, ids, access, reader, judge, naming, patients, in_flight, metrics };
        let (pictures, bundles, known) = (Pictures::default(), Makers::default(), Known::default());
        Ok(Process { state, evidence, witness, pictures, bundles, verifier, known })
    }
}

/// Findings that are kept, and how long each may be.
const FINDINGS_KEPT: usize = 100;
const FINDING_MAX: usize = 500;

/// How this process verifies: as `lotline verify` does beside it, on a snapshot and a connection of its own.
fn verification(url: DatabaseUrl, patients: Patients, witness: Arc<Witness>, evidence: Objects) -> Arc<Verify> {
    Arc::new(move |progress| {
        let seen = witness.seen()?;
        let beside =
            Beside { evidence: Some(Some(&evidence)), log: Some(&seen), checkpoints: &[], patients: Some(&patients) };
        let report = verify::check_telling(&url, &beside, &mut |done, all| progress.tell(done, all))?;
        let found = u64::try_from(report.findings.len()).unwrap_or(u64::MAX);
        let short = |finding: &String| finding.chars().take(FINDING_MAX).collect();
        Ok(Outcome {
            events: report.events,
            rows: report.rows,
            readings: report.readings,
            evidence_files: report.files,
            disagreements: found.saturating_add(report.left_out),
            findings: report.findings.iter().take(FINDINGS_KEPT).map(short).collect(),
        })
    })
}

/// Organisations known to be in the database. They are never removed, so this never goes stale.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<HashSet<OrganisationId>>>);

impl Known {
    /// Whether an organisation is in this database.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn has(&self, state: &State, organisation: &OrganisationId) -> Result<bool> {
        // Every change of the set is a single step, so whoever panicked has left it whole.
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known().contains(organisation) {
            return Ok(true);
        }
        let id = organisation.clone();
        let found = state.store.read(move |db| crate::organisations::service::exists(db, &id)).await?;
        if found {
            known().insert(organisation.clone());
        }
        Ok(found)
    }
}
