//! Lotline: inventory and chain of custody for injectables, from a vetted supplier to one patient.
//!
//! Every change of state is a command in one database transaction: facts are read, rules (pure functions) decide, and
//! what happened is recorded as events that the tables are computed from. Where to look:
//!
//! | question | module |
//! |---|---|
//! | Who may buy, sell, treat? | [`licences`], [`practitioners`], [`suppliers`] |
//! | Who was given a token? | [`tokens`] |
//! | Who is a token? | [`me`] |
//! | What is a product, where is it authorised? | [`catalogue`] |
//! | Where are things kept, and where were they at a moment? | [`sites`], [`stock`] |
//! | How warm was it there, and for which units too warm? | [`sensors`], [`excursions`] |
//! | How does stock arrive and become usable? | [`receiving`], [`inspections`] |
//! | What is ordered, and may it be? | [`purchasing`] |
//! | What is asked of a supplier for what came wrong? | [`claims`] |
//! | How does it move, leave and get counted? | [`movements`] |
//! | How is a whole room counted? | [`stocktakes`] |
//! | What is to be bought? | [`replenishment`] |
//! | Where is the pack with this number, and what are things called? | [`packs`], [`names`] |
//! | What blocks it? | [`holds`] |
//! | What is recalled, and who has had it? | [`recalls`] |
//! | What does the organisation decide for itself? | [`policies`] |
//! | What was photographed or written about it? | [`evidence`] |
//! | What was opened, and what is left in it? | [`containers`] |
//! | What happens at the chair? | [`treatment`] |
//! | What harm came of it, and does a lot stand out? | [`safety`] |
//! | Who may still read what was done to whom? | [`sealing`], [`erasures`] |
//! | What should somebody look at this morning, and what waits for whom? | [`attention`] |
//! | What did a site have, what came and what went? | [`reports`] |
//! | What happened, and can it be trusted? | [`custody`] |
//! | Does everything still agree with what happened? | [`verifications`], [`verify`] |
//! | Can it be proved to somebody who trusts nobody here? | [`custody_log`] |
//! | How does what a clinic has in lists come in? | [`imports`] |
//! | How is everything kept elsewhere, and brought back? | [`backup`] |
//! | How does a temperature look? | [`plots`] |
//! | What does a code say, and what does a picture of one? | [`barcode`], [`picture`] |
//!
//! Each of these slices has the same rooms: `model` (words), `wire` (requests and answers), `rules` (pure decisions),
//! `events` (what can happen, and what follows), `store` (SQL), `service` (one function for each command), `api` (HTTP). What
//! it is over HTTP it says in one constant, and [`house`] lists them.
//!
//! Arrows point down only, and a test holds that: [`app`], [`backup`], [`verify`], [`cli`] → [`attention`], [`custody`], [`imports`], [`me`], [`plots`], [`reports`] → slices →
//! [`http`] → [`command`] (one transaction), [`versions`] (master data, corrected and retired), [`journal`] (the only way
//! into the tables), [`ledger`] → [`db`] (two databases, two doors) and what lies beside it. `docs/architecture.md` tells
//! the life of one command, and how a capability is added.

#![forbid(unsafe_code)]

pub mod app;
pub mod archive;
pub mod attention;
pub mod backup;
pub mod barcode;
pub mod caller;
pub mod canonical;
pub mod catalogue;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod containers;
pub mod custody;
pub mod custody_log;
pub mod db;
pub mod decision;
pub mod erasures;
pub mod error;
pub mod evidence;
pub mod excursions;
pub mod files;
pub mod holds;
pub mod house;
pub mod http;
pub mod identity;
pub mod ids;
pub mod imports;
pub mod inspections;
pub mod journal;
pub mod ledger;
pub mod licences;
pub mod limits;
pub mod me;
pub mod merkle;
pub mod metrics;
pub mod movements;
pub mod names;
pub mod note;
pub mod organisations;
pub mod packs;
pub mod picture;
pub mod plots;
pub mod policies;
pub mod practitioners;
pub mod prescriptions;
pub mod problem;
pub mod problem_code;
pub mod protocols;
pub mod purchasing;
pub mod recalls;
pub mod receiving;
pub mod replenishment;
pub mod reports;
pub mod safety;
pub mod sealing;
pub mod sensors;
pub mod sheet;
pub mod sites;
pub mod stock;
pub mod stocktakes;
pub mod suppliers;
pub mod telemetry;
pub mod tokens;
pub mod treatment;
pub mod upgrade;
pub mod values;
pub mod verifications;
pub mod verify;
pub mod versions;
pub mod visits;
