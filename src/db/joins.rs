//! Which tables are joined without saying on what.

use super::schema::{accounts, lots, product_approvals, product_identifiers, products};

diesel::joinable!(accounts -> lots (lot_id));
diesel::joinable!(product_approvals -> products (product_id));
diesel::joinable!(product_identifiers -> products (product_id));
