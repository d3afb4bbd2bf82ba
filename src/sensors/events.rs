//! What can happen to sensors, and that readings came.

use super::model::{Batch, LetGo, Sensor};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;
use crate::versions::{Revision, versioned};

events! {
    /// A sensor was registered.
    SensorRegistered "sensor_registered" (Sensor)
    /// A sensor was corrected.
    SensorCorrected "sensor_corrected" (Box<Revision<Sensor>>)
    /// A sensor was retired.
    SensorRetired "sensor_retired" (Box<Revision<Sensor>>)
    /// A sensor was reinstated.
    SensorReinstated "sensor_reinstated" (Box<Revision<Sensor>>)
    /// Readings of sensors of one site were accepted.
    ReadingsAccepted "readings_accepted" (Batch)
    /// Readings of a sensor were let go: hours of them are kept.
    ReadingsLetGo "readings_let_go" (LetGo)
}

versioned!(Sensor "sensor" SensorRegistered SensorCorrected SensorRetired SensorReinstated |sensor| Some(
    &sensor.site_id
));

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::SensorRegistered(new) => store::insert(tables, new),
            Deed::SensorCorrected(new) | Deed::SensorRetired(new) | Deed::SensorReinstated(new) => {
                once(store::replace(tables, &new.row)?)
            }
            Deed::ReadingsAccepted(batch) => {
                let organisation = &head.organisation_id;
                once(store::taking_in::count_batches(tables, organisation, &batch.sensors())?)?;
                for new in &batch.contradictions {
                    store::contradict(tables, organisation, new, head.recorded_at)?;
                }
                Ok(())
            }
            Deed::ReadingsLetGo(gone) => {
                let before_us = gone.before.unix_micros();
                once(store::letting_go::let_go(tables, &head.organisation_id, &gone.sensor_id, before_us)?)
            }
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        match self {
            Deed::SensorRegistered(sensor) => format!("Sensor {} was registered.", sensor.name),
            Deed::SensorCorrected(revision) => revision.summary("corrected"),
            Deed::SensorRetired(revision) => revision.summary("retired"),
            Deed::SensorReinstated(revision) => revision.summary("reinstated"),
            Deed::ReadingsAccepted(batch) => {
                let (sensors, against) = (batch.sensors().len(), batch.contradictions.len());
                let count = |many: usize, noun: &str| number(i64::try_from(many).unwrap_or(i64::MAX), noun);
                let against =
                    if against == 0 { String::new() } else { format!(", and {against} contradicted what was there") };
                format!("{} of {} came{against}.", number(batch.readings, "reading"), count(sensors, "sensor"))
            }
            Deed::ReadingsLetGo(gone) => {
                format!("{} of {} were let go; hours of them are kept.", number(gone.readings, "reading"), gone.day)
            }
        }
    }
}
