//! Who acts in the demonstration.

use crate::caller::Role;

/// Declares the people: the subject of their token, how they are called, what their token may do.
macro_rules! people {
    ($($(#[$doc:meta])* $person:ident $subject:literal $called:literal [$($role:ident)+];)+) => {
        /// Somebody who acts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Person { $($(#[$doc])* $person,)+ }

        impl Person {
            /// Everybody.
            pub const ALL: &'static [Person] = &[$(Person::$person,)+];

            /// The subject of their token: their name in the journal.
            pub fn subject(self) -> &'static str {
                match self { $(Person::$person => $subject,)+ }
            }

            /// How the story calls them.
            pub fn called(self) -> &'static str {
                match self { $(Person::$person => $called,)+ }
            }

            /// What they may do.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Person::$person => &[$(Role::$role,)+],)+ }
            }
        }
    };
}

people! {
    /// Sets up the clinic.
    Ada "ada" "Ada, admin" [Admin];
    /// Receives and inspects. Holds the quality role as well, so that only the four eyes stop her from releasing.
    Pat "pat" "Pat, purchasing" [Purchaser Quality];
    /// Releases, holds and lifts.
    Quinn "quinn" "Quinn, quality" [Quality];
    /// Treats.
    Nia "nia" "Nia, practitioner" [Practitioner];
    /// Treats, until his registration lapses.
    Max "max" "Max, practitioner" [Practitioner];
    /// Reads.
    Omar "omar" "Omar, auditor" [Auditor];
}
