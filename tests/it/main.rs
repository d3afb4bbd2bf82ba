//! The one integration binary: every scenario through HTTP, on SQLite and PostgreSQL.

// A test fails by panicking; the lints against it are for the code that serves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::string_slice,
    missing_docs
)]

mod access_matrix;
mod alarm_vectors;
mod amounts;
mod answers;
mod authentication;
mod backups;
mod bad_input;
mod barcode_properties;
mod barcode_vectors;
mod before_passes;
mod bounded;
mod budget_histories;
mod bundles;
mod catalogue;
mod chair;
mod claims;
mod containers;
mod corrections;
mod custody;
mod custody_log;
mod decisions_in_order;
mod decode_stream;
mod deliveries;
mod edits;
mod erasures;
mod evidence;
mod evidence_quota;
mod examples;
mod excursion_histories;
mod excursions;
mod files;
mod follow_ups;
mod gates_at_the_chair;
mod gates_of_stock;
mod histories;
mod hostile_input;
mod id_number_vectors;
mod idempotency;
mod identifiers;
mod imports;
mod journal;
mod journeys;
mod judge;
mod keys_apart;
mod lanes;
mod large_events;
mod licences;
mod limits;
mod lists;
mod logs;
mod lot_texts;
mod me;
mod merkle;
mod mis_keyed_receipts;
mod mkt_vectors;
mod moments;
mod movements;
mod movements_back;
mod names;
mod never_received;
mod numbers;
mod openapi_lock;
mod operations;
mod order_of_events;
mod overload;
mod paging;
mod pasts;
mod people;
mod periods;
mod pictures;
mod places;
mod plans;
mod plots;
mod policies;
mod postgres_connections;
mod postgres_roles;
mod postgres_support;
mod prescriptions;
mod private_files;
mod process_faults;
mod protocols;
mod purchasing;
mod races;
mod reason_codes;
mod reasons_together;
mod recall_histories;
mod recalls;
mod receiving;
mod replenishment;
mod retention;
mod safety;
mod schema;
mod scorecards;
mod sensors;
mod serials;
mod shape;
mod signals;
mod signing_keys;
mod sites;
mod slow;
mod stability_budgets;
mod statements;
mod stocktakes;
mod strangers;
mod strict_tables;
mod support;
mod tampering;
mod thin_chain;
mod token_command;
mod tokens;
mod verifications;
mod versions;
mod visits;
mod ways_around;
mod work;
