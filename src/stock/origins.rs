//! By which receipts units may have come (DOMAIN rule 12).
//!
//! Units of numbered packs came by the receipt of their pack. Units without numbers that lay together cannot be told
//! apart: what flows into an account may come from wherever its source's units may, until the account is empty.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{AccountId, ReceiptId};

/// Units without numbers that moved.
#[derive(Clone, Debug)]
pub struct Flow {
    /// From which account.
    pub from: AccountId,
    /// To which.
    pub to: AccountId,
    /// How many.
    pub units: i64,
    /// The receipt that they came by, where they came from a supplier.
    pub receipt: Option<ReceiptId>,
}

/// Where units may come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// These receipts.
    pub receipts: BTreeSet<ReceiptId>,
    /// Any receipt of the lot: they were found, or came back from outside.
    pub is_any: bool,
}

impl Origin {
    /// Adds where other units may come from.
    pub fn add(&mut self, other: &Origin) {
        self.receipts.extend(other.receipts.iter().cloned());
        self.is_any |= other.is_any;
    }
}

/// Where the units of each account may come from, after flows in the order in which they count. `kept` are accounts whose
/// outflows are left out, so that they are never known to be empty.
pub fn of(flows: &[Flow], inside: &BTreeSet<AccountId>, kept: &BTreeSet<AccountId>) -> BTreeMap<AccountId, Origin> {
    let mut origins: BTreeMap<AccountId, Origin> = BTreeMap::new();
    let mut units: BTreeMap<AccountId, i64> = BTreeMap::new();
    for flow in flows {
        let origin = match (&flow.receipt, inside.contains(&flow.from)) {
            (Some(receipt), false) => Origin { receipts: [receipt.clone()].into(), is_any: false },
            (None, false) => Origin { receipts: BTreeSet::new(), is_any: true },
            (_, true) => origins.get(&flow.from).cloned().unwrap_or_default(),
        };
        let left = units.entry(flow.from.clone()).or_default();
        *left -= flow.units;
        if *left <= 0 && !kept.contains(&flow.from) {
            origins.remove(&flow.from);
            units.remove(&flow.from);
        }
        if inside.contains(&flow.to) {
            *units.entry(flow.to.clone()).or_default() += flow.units;
            origins.entry(flow.to.clone()).or_default().add(&origin);
        }
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;
    use crate::ids::Ids;

    #[test]
    fn units_that_lay_together_may_come_from_every_receipt_of_them() {
        let (ids, now): (Ids, Moment) = (Ids::system(), "2026-11-21T09:00:00Z".parse().unwrap());
        let (first, second) = (ReceiptId::mint(&ids, now, 1), ReceiptId::mint(&ids, now, 2));
        let account = |sequence| AccountId::from_uuid(ids.uuid(now, sequence));
        let (supplier, goods_in, passed, returned, adjustment) =
            (account(0), account(1), account(2), account(3), account(4));
        let inside: BTreeSet<_> = [goods_in.clone(), passed.clone()].into();
        let flow = |from: &AccountId, to: &AccountId, units, receipt: Option<&ReceiptId>| Flow {
            from: from.clone(),
            to: to.clone(),
            units,
            receipt: receipt.cloned(),
        };
        let by = |receipt| flow(&supplier, &goods_in, 5, Some(receipt));
        let origin = |receipts: &[&ReceiptId], is_any| Origin {
            receipts: receipts.iter().map(|receipt| (*receipt).clone()).collect(),
            is_any,
        };
        // DOMAIN rule 12: what cannot be told apart may be either
        let rows: Vec<(Vec<Flow>, &AccountId, Origin)> = vec![
            (vec![by(&first)], &goods_in, origin(&[&first], false)),
            (vec![by(&first), by(&second)], &goods_in, origin(&[&first, &second], false)),
            (
                vec![by(&first), by(&second), flow(&goods_in, &passed, 5, None)],
                &passed,
                origin(&[&first, &second], false),
            ),
            // what passed before the other delivery came is of the first alone
            (vec![by(&first), flow(&goods_in, &passed, 5, None), by(&second)], &passed, origin(&[&first], false)),
            (vec![by(&first), flow(&goods_in, &passed, 5, None), by(&second)], &goods_in, origin(&[&second], false)),
            // sending five back does not tell which five
            (
                vec![by(&first), by(&second), flow(&goods_in, &returned, 5, None)],
                &goods_in,
                origin(&[&first, &second], false),
            ),
            (vec![by(&first), flow(&goods_in, &returned, 5, None), by(&second)], &goods_in, origin(&[&second], false)),
            // nobody knows where found units were
            (vec![by(&first), flow(&adjustment, &goods_in, 1, None)], &goods_in, origin(&[&first], true)),
        ];
        for (index, (flows, account, expected)) in rows.into_iter().enumerate() {
            assert_eq!(of(&flows, &inside, &BTreeSet::new()).remove(account), Some(expected), "row {index}");
        }
    }
}
