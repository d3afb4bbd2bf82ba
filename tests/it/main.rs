//! The one integration binary: every scenario through HTTP, on SQLite and PostgreSQL.

mod barcode_properties;
mod barcode_vectors;
mod id_number_vectors;
mod postgres_support;
mod support;
