//! Every limit, in one place: how much, why so much, and what is answered beyond. `/docs/limits` shows this table.
//!
//! Those of connections and time can be set when a server is started ([`crate::config::Serving`]); the numbers here are
//! their defaults.

/// How many entries a page has when nothing is asked for.
pub const PAGE_DEFAULT: i64 = 50;

/// Declares limits: a constant each, and the table of all of them.
macro_rules! limits {
    ($($name:ident: $type:ty = $value:expr, $unit:literal, $beyond:literal, $what:literal, $why:literal;)+) => {
        $(#[doc = $what] #[doc = ""] #[doc = $why] pub const $name: $type = $value;)+

        /// The table: what is limited, to how much, what is answered beyond, and why.
        pub fn table() -> Vec<Row> {
            vec![$(Row { what: $what, most: format!("{} {}", Number::from($name), $unit), beyond: $beyond, why: $why },)+]
        }
    };
}

/// A row of the table.
pub struct Row {
    /// What is limited.
    pub what: &'static str,
    /// The limit with its unit.
    pub most: String,
    /// What is answered beyond it.
    pub beyond: &'static str,
    /// Why there is a limit, and why this one.
    pub why: &'static str,
}

limits! {
    CONNECTIONS_MAX: u16 = 2048, "connections", "one that waits for its peer gives way, first one without a token",
        "Open connections (--max-connections).",
        "Each may cost a head of 128 KiB at worst, and a file descriptor; the server raises its own soft limit of those.";
    CONNECTIONS_RESERVE: usize = 256, "connections", "waits in the system's queue",
        "Connections beyond these, while requests are worked on on all of them.",
        "Whoever asks how the process is must be heard while it works hardest.";
    PEER_CONNECTIONS_MAX: u16 = 512, "connections", "the one of the peer that waits longest gives way",
        "Open connections of one peer: an IPv4 address, or the first 64 bits of an IPv6 address (--peer-connections). Proxies named by --trusted-proxies have no share.",
        "All telephones of a clinic share an address; nobody needs a quarter of all connections.";
    BACKLOG: i32 = 1024, "connections", "the system lets it try again",
        "Connections that wait to be accepted.",
        "A burst must find a place; the system may have a lower limit of its own.";
    HEAD_TIMEOUT_SECONDS: u16 = 10, "s", "408 without a body, and the connection is closed",
        "Time for the head of the first request of a connection (--head-timeout).",
        "Whoever sends a head byte by byte holds a connection that others need.";
    BODY_TIMEOUT_SECONDS: u16 = 30, "s", "408 request_timeout, and the connection is closed",
        "Time for a body, and one second more for each 64 KiB that have arrived (--body-timeout).",
        "Ten megabytes may come over a slow line; nothing may come for ever.";
    BODY_RATE: usize = 64 * 1024, "bytes a second", "408 request_timeout, and the connection is closed",
        "The rate that a long body must keep.",
        "A clinic's uplink is slow, but not as slow as an attacker.";
    ANSWER_TIMEOUT_SECONDS: u16 = 30, "s", "the connection is broken off",
        "Time for an answer to be read, and one second more for each 64 KiB that have been (--answer-timeout).",
        "Whoever does not read holds memory that others need.";
    ANSWER_RATE: usize = 64 * 1024, "bytes a second", "the connection is broken off",
        "The rate at which a long answer must be read.",
        "As fast as a long body must be sent.";
    ANSWERS_MEMORY: usize = 32 * 1024 * 1024, "bytes", "one of which less than a piece was read within a second is broken off; if none is, 503 overloaded with Retry-After to a GET",
        "Memory for answers that wait to be read, all together; the first 16 KiB of each do not count.",
        "A hundred of the longest pages; more must not take the memory of everybody else.";
    ANSWER_SMALL: usize = 16 * 1024, "bytes", "counted",
        "The part of each answer that does not count towards that.",
        "What is answered at the chair is smaller.";
    SLICE: usize = 7 * 1024, "bytes", "the next when it is read",
        "What a connection has at once of an answer.",
        "It fits with its head into a buffer of 8 KiB, of which each connection has one.";
    PIECE: usize = 8 * 1024, "bytes", "the next when it is looked at",
        "What a connection takes at once of what arrives. Of requests that are sent before their turn it takes no more.",
        "A head with a token fits; answers come in their order anyway.";
    IDLE_TIMEOUT_SECONDS: u16 = 75, "s", "the connection is closed",
        "Time between two requests of a connection (--idle-timeout). The next head must be whole within this and the time for a head.",
        "Longer than load balancers keep theirs (60 s), so that they close first and lose no request.";
    RATE_ANONYMOUS: u32 = 600, "requests a minute", "429 too_many_requests with Retry-After",
        "Requests of one peer without a valid token, refused ones included (--rate-anonymous). How the process is may be asked as often as one likes.",
        "A page of the documentation with all that it shows takes ten.";
    RATE_FAILED: u32 = 600, "requests a minute", "429 too_many_requests with Retry-After",
        "Requests of one subject that were refused or have failed, with 400 to 499 (--rate-failed). Accepted ones do not count.",
        "Sixty who lose a race, or an afternoon of mistyping, are far from it; whoever fills the journal with refusals is not.";
    TOO_MANY_WAIT_MS: u16 = 250, "ms", "answered then",
        "Time until 429 too_many_requests is answered: what else comes over the connection waits behind it.",
        "Nobody notices who was to wait anyway; whoever sends a thousand at once keeps nobody busy.";
    TOKENS_REMEMBERED: usize = 1_024, "tokens", "all are checked again",
        "Tokens that were found good and are remembered, but for their times.",
        "One for each person and device of a group of clinics; of 1 KiB each they take 1 MiB.";
    KNOWN_MAX: usize = 8_192, "facts", "all are read again",
        "Sites, people, products, licences and policies that a process remembers.",
        "More than a group of clinics has; of 2 KiB each they take 16 MiB.";
    RATE_COUNTERS: usize = 65_536, "counters", "those go of whom least was counted",
        "Peers, and subjects, whose rates are counted.",
        "Whoever has a network of IPv6 addresses has more peers than memory.";
    URI_MAX: usize = 8 * 1024, "bytes", "414 uri_too_long",
        "The address with its query.",
        "The longest that this API needs has less than 1 KiB.";
    HEADERS_MAX: usize = 64, "headers", "431 head_too_large",
        "Headers of a request.",
        "Browsers and proxies send about twenty. Above 96 the answer has no body.";
    HEAD_MAX: usize = 32 * 1024, "bytes", "431 head_too_large",
        "The names and values of all headers together, but for the token, which has a limit of its own.",
        "Browsers and proxies send less than 4 KiB. Above 128 KiB in all the answer has no body.";
    TOKEN_MAX: usize = 8 * 1024, "bytes", "401 unauthenticated",
        "A token.",
        "Ours have less than 1 KiB, with a list of sites a little more.";
    BODY_MAX: usize = 1024 * 1024, "bytes", "413 body_too_large",
        "A JSON body.",
        "The largest receipt, 1,000 serial numbers in 500 lines, has less than 200 KiB.";
    UPLOAD_MAX: usize = 10 * 1024 * 1024, "bytes", "413 body_too_large",
        "An uploaded file.",
        "A photograph of a telephone or a scanned delivery note.";
    FORM_FRAME_MAX: usize = 256 * 1024, "bytes", "400 malformed_form",
        "What of a form with a file lies outside of the file: boundaries, headers of parts, what stands before them.",
        "Clients send less than 1 KiB; it is looked through again with each piece of it that arrives.";
    PICTURE_PIXELS_MAX: u64 = crate::picture::PIXELS_MAX, "pixels", "422 picture_too_large",
        "A picture of a code.",
        "Telephones take 12 million; its size is read before it is decoded.";
    PICTURE_SIDE_MAX: u32 = crate::picture::SIDE_MAX, "pixels", "422 picture_too_large",
        "A side of a picture of a code.",
        "Four times what telephones take.";
    PICTURES_AT_ONCE: usize = 2, "pictures", "waits",
        "Pictures that are looked at at the same time.",
        "Each takes a processor, and 75 MB of memory at worst: 64 MB while it is decoded, and the bytes that were sent.";
    PICTURES_WAITING: usize = 8, "pictures", "503 overloaded with Retry-After",
        "Pictures that wait to be looked at.",
        "A second or two of work; whoever comes later is better told than kept.";
    PICTURE_SECONDS: u64 = 20, "s", "503 picture_time_limit with Retry-After",
        "Time for a picture, its turn included.",
        "A photograph of 12 million pixels takes less than a second of one processor.";
    DIGESTS_AT_ONCE: usize = 2, "files", "waits",
        "Evidence files that are compared with their digest at the same time.",
        "Each takes a processor; ten megabytes take it for some hundredths of a second.";
    BODIES_MEMORY: usize = 32 * 1024 * 1024, "bytes", "503 overloaded with Retry-After",
        "Memory for bodies that are arriving, all together; the first 16 KiB of each do not count.",
        "Three of the largest uploads at once; more must not take the memory of everybody else, and small bodies always fit.";
    BODY_SMALL: usize = 16 * 1024, "bytes", "counted",
        "The part of each body that does not count towards that.",
        "What happens at the chair is smaller.";
    DEPTH_MAX: usize = 32, "levels", "400 nested_too_deeply",
        "How deep arrays and objects of a body may lie in each other.",
        "No body of this API has more than five, and what reads deeper ones needs stack for them.";
    LIST_MAX: usize = 1000, "entries", "422 list_too_long",
        "Entries of any list or object of a body, where no smaller limit is named.",
        "A list is read in one transaction, and everybody waits behind it.";
    ORDER_LINES_MAX: usize = 200, "lines", "422 list_too_long",
        "Lines of an order.",
        "More than a clinic orders at once.";
    RECEIPT_LINES_MAX: usize = 500, "lines", "422 list_too_long",
        "Lines of a receipt.",
        "A delivery scanned pack by pack; a longer one is two receipts.";
    RECEIPT_SERIALS_MAX: usize = 1000, "serial numbers", "422 list_too_long",
        "Serial numbers of a receipt, all lines together.",
        "Each is a row of its own, written in one transaction.";
    SERIALS_MAX: usize = 500, "serial numbers", "422 list_too_long",
        "Serial numbers of an inspection, a release or a movement.",
        "Each is read and written in one transaction.";
    VISIT_ENTRIES_MAX: i64 = 100, "entries", "409 visit_full",
        "What is recorded in one visit; the last ten are for withdrawals of consent.",
        "All of it is read at the chair and shown together; a treatment needs a dozen.";
    ADVERSE_EVENT_ENTRIES_MAX: i64 = 100, "entries", "409 adverse_event_full",
        "What is recorded about one adverse event after its report.",
        "All of it is shown together; one that takes months has a few dozen.";
    ADVERSE_EVENT_ADMINISTRATIONS_MAX: usize = 20, "administrations", "422 list_too_long",
        "Administrations that one adverse event is about, or that one action used.",
        "One treatment has a few; each is looked at, and each of their lots may be held.";
    ADVERSE_EVENT_ACTIONS_MAX: usize = 20, "actions", "422 list_too_long",
        "What was done, in one report or one review.",
        "What follows is recorded with the next review.";
    VISIT_PLANNED_MAX: usize = 20, "entries", "422 list_too_long",
        "What is planned for one visit.",
        "Nobody is treated in more areas at once.";
    VISIT_ADMINISTRATIONS_MAX: i64 = 200, "administrations", "the first of them are shown",
        "Administrations that a visit shows.",
        "One treatment has a few; the list of administrations has them all, by page.";
    FOLLOW_UPS_MAX: i64 = 500, "follow-ups", "the first of them are shown",
        "What is due after one visit, or again for one patient.",
        "A protocol has at most 50 checks; a visit rests on a few.";
    CLAIM_LINES_MAX: usize = 50, "lines", "422 list_too_long",
        "Lines of a claim.",
        "A letter to a supplier has as many as fit on its pages; whoever claims more writes a second one.";
    CLAIM_EVIDENCE_MAX: usize = 20, "files", "422 list_too_long",
        "Photographs of a line of a claim.",
        "A carton from every side, and what lay in it.";
    STOCK_TAKE_PLACES_MAX: usize = 20, "places", "422 list_too_long",
        "Places of one stock-take.",
        "A room with all its fridges; whoever counts more opens another one.";
    STOCK_TAKE_SCANS_AT_ONCE: usize = 200, "scans", "422 list_too_long",
        "Scans that are sent to a stock-take in one request.",
        "Each is looked up, and whoever is at the chair waits for all of them.";
    STOCK_TAKE_LINES_MAX: usize = 500, "lots at their places", "409 stock_take_too_large",
        "What a stock-take may come to: each lot at each place.",
        "All are compared, shown and posted in one transaction.";
    STOCK_TAKE_SCANS_MAX: usize = 5_000, "scans", "409 stock_take_too_large",
        "Scans of a stock-take, and packs with numbers that lie at its places.",
        "Two megabytes; ten times what a storeroom has.";
    REPLENISHMENT_LOTS_MAX: usize = 5_000, "lots", "422 replenishment_too_large",
        "Lots of the products of a page of replenishment that had not run out 13 weeks ago.",
        "Some megabytes; fewer products have fewer lots.";
    REPLENISHMENT_PRODUCTS_MAX: usize = 500, "products", "422 replenishment_too_large",
        "Products with a level at a site of which drafts are written in one request that names none.",
        "All are looked at in one transaction; whoever has more names them.";
    LEAVES_AT_ONCE: usize = 512, "leaves", "the next step makes the rest",
        "Leaves of the custody log that one transaction makes.",
        "Whoever is at the chair waits for one step at the most.";
    EVENT_POSTINGS_MAX: usize = 500, "lines", "goes on in further events of the same command",
        "Lines of an event that say which units moved where.",
        "Each pack with a serial number has one; what reads a page of events reads no more than these of each.";
    EVENT_MAX: usize = 2 * 1024 * 1024, "bytes", "500 internal, and nothing is changed",
        "An event, as it is stored.",
        "The largest that can be made is the refusal of a body of 1 MiB, which is in it with the reasons.";
    READINGS_MAX: usize = 10_000, "readings", "422 list_too_long",
        "Readings of a request.",
        "A month of a sensor that measures every five minutes.";
    READINGS_AT_ONCE: usize = 500, "readings", "the next in a transaction of their own",
        "Readings that are taken in by one transaction.",
        "They take milliseconds, and nobody at the chair waits longer than for them.";
    READINGS_RETENTION_DAYS_MIN: i64 = 91, "days", "422 invalid_value",
        "How short a time readings may be kept.",
        "What comes thirty days late is judged with the 61 days before it.";
    READINGS_LOOKED_BACK_DAYS: i64 = 61, "days", "the verdict reading_too_old",
        "Readings that must be there before one that is added, once any of its sensor were let go.",
        "A cumulative rule remembers thirty days, and what it counted then another thirty.";
    LOGGER_ROWS_MAX: usize = 110_000, "rows", "422 list_too_long",
        "Rows of a file of a temperature logger.",
        "A year of one that measures every five minutes.";
    LOGGER_PREAMBLE_MAX: u64 = 100, "lines", "422 logger_file_unclear",
        "Lines of such a file until the one with the names of its columns.",
        "Makers put a page about the logger before the readings.";
    IMPORT_ROWS_MAX: usize = 1_000, "rows", "422 list_too_long",
        "Rows of a list that is brought in.",
        "They are judged and written in one transaction, and everybody waits behind it; a clinic has dozens of products and people.";
    IMPORT_CELL_MAX: usize = 4_096, "bytes", "the verdict invalid_text",
        "A cell of such a list.",
        "No field of the requests that rows become is longer.";
    SENSORS_OF_LOCATION_MAX: i64 = 100, "sensors", "409 too_many_sensors",
        "Sensors of a location, retired ones included.",
        "One for each shelf and for each year; who asks for its temperature asks all of them.";
    SENSOR_SECONDS_MAX: i64 = 86_400, "s", "422 invalid_value",
        "How seldom a sensor may measure.",
        "What is looked at less than once a day is not watched.";
    ALARM_RULES_MAX: usize = 16, "rules", "422 list_too_long",
        "Alarm rules of a sensor.",
        "Loggers have five.";
    ALARM_MINUTES_MAX: i64 = 43_200, "minutes", "422 invalid_value",
        "How long it may last until a rule raises an alarm.",
        "Thirty days: as long as bouts are remembered for a cumulative rule.";
    CLIMATE_BUCKETS_MAX: usize = 10_000, "buckets", "400 malformed_query",
        "Buckets of an answer about the climate of a location.",
        "More than any plot has points.";
    CLIMATE_DAYS_MAX: i64 = 1_830, "days", "400 malformed_query",
        "Days of an answer about the climate of a location.",
        "Five years of a sensor that measures every five minutes are half a million readings.";
    PLOT_EXCURSIONS_MAX: usize = 40, "excursions", "left out, and the plot says so",
        "Excursions of a plot.",
        "More cannot be told apart on a sheet of paper.";
    PLOT_LOTS_MAX: usize = 12, "lots", "left out, and the plot says so",
        "Lots beneath a plot, those first that were exposed.",
        "A sheet of paper has room for so many.";
    FUNNEL_LOTS_MAX: usize = 200, "lots", "left out, and the plot says so",
        "Lots of a plot of adverse events, those first that have the most.",
        "More cannot be told apart on a sheet of paper.";
    PRESENCE_POSTINGS_MAX: i64 = 10_000, "movements", "where the lot was before is not told",
        "Movements of a lot that are followed back to tell when units of it were at a location.",
        "Few lots have as many units.";
    DOCUMENTS_MAX: usize = 20, "documents", "422 list_too_long",
        "Documents of a receipt.",
        "Delivery note, certificate, temperature record, and photographs.";
    PAGE_MAX: i64 = 200, "entries", "400 malformed_query",
        "Entries of a page.",
        "A screen shows fewer, and a program can go on with the cursor.";
    FILE_AT_ONCE: i64 = 100, "entries", "the next when it is read",
        "Entries of a list that are read together for a file of it.",
        "Whoever reads a file has two parts of it in memory, however long it is: one is written while the next is read.";
    NAMES_MAX: usize = 1_000, "names", "ids without a name",
        "Things that one answer calls by their names, beside their ids.",
        "More than a page of a list has, unless each entry has many lines.";
    SCORECARD_DAYS_MAX: i64 = 366, "days", "400 malformed_query",
        "The period of a supplier's scorecard.",
        "A year, with its leap day.";
    SCORECARD_ENTRIES_MAX: i64 = 1_000, "entries", "422 report_too_large",
        "Orders, deliveries or claims of a supplier's scorecard, each.",
        "Three deliveries a day of one supplier, for a year.";
    REPORT_LOTS_MAX: usize = 5_000, "lots", "422 report_too_large",
        "Lots of a report on a period: those that were at the site or moved there.",
        "Years of a clinic; the answer has two megabytes, and a shorter period has fewer lots.";
    REPORT_CANDIDATES_MAX: usize = 50_000, "lots", "422 report_too_large",
        "Lots that are looked at for a report on a period: those at the site now, and those that have moved there since it began.",
        "Their ids take four megabytes.";
    IMPACT_MAX: i64 = 1_000, "entries", "400 malformed_query",
        "Entries of a page of the impact of a recall.",
        "What a recall of a usual lot comes to is one answer of some hundred kilobytes; more is paged or streamed.";
    BUNDLE_EVENTS_MAX: u64 = 1_000_000, "events", "422 bundle_too_large",
        "Events of an evidence bundle of a period.",
        "Some gigabytes, and more than a group of clinics records in a year; a longer period is several bundles.";
    BUNDLE_ADMINISTRATIONS_MAX: i64 = 500, "administrations", "422 bundle_too_large",
        "Administrations of an evidence bundle of a patient.",
        "Forty years of one a month; each is looked for beside the others, and so is each of their lots.";
    BUNDLE_PART: usize = 1024 * 1024, "bytes", "the next part",
        "Bytes of events, and 500 events, after which an evidence bundle goes on in its next part.",
        "Whoever makes or checks a bundle has one part in memory, however long it is.";
    BUNDLES_AT_ONCE: usize = 4, "bundles", "503 overloaded with Retry-After",
        "Evidence bundles that a process makes at the same time.",
        "Each has a part in memory, of a few megabytes, for as long as its caller takes to read it.";
    ATTENTION_MAX: i64 = 200, "entries", "left out",
        "Entries of each list of the morning list.",
        "Whoever has more to do begins with these.";
    LOOKED_AT_MAX: i64 = 1_000, "entries", "the page ends there, with the cursor to go on",
        "Entries that are looked at for a page, where what is asked for has no order of its own.",
        "However much is stored, a page costs the same; a page with fewer entries than were asked for, or none, is not the last while it has a cursor.";
    READ_SECONDS: u64 = 10, "s", "503 read_time_limit with Retry-After",
        "Time for a read; it ends sooner when its caller goes.",
        "Every page is found in milliseconds; what takes longer waits for a machine that is too busy.";
    IDEMPOTENCY_KEY_MAX: usize = 128, "characters", "400 invalid_idempotency_key",
        "An Idempotency-Key.",
        "A UUID has 36.";
    ANSWERS_KEPT_DAYS: i64 = 7, "days", "the key is free again",
        "How long an answer is kept for a request that comes again with its Idempotency-Key.",
        "Whoever was cut off comes again within minutes, or after a weekend; what is kept for ever grows for ever.";
    QUEUE_MAX: usize = 1024, "changes", "503 overloaded with Retry-After",
        "Changes that wait for SQLite's writer.",
        "A second of work; whoever comes later is better told than kept.";
    CHANGES_AT_ONCE: usize = 2, "changes", "waits; 503 unavailable with Retry-After after 5 s",
        "Changes to what others rest on (licences, policies, master data, holds) that one process has in PostgreSQL at once.",
        "Each is alone in its organisation: more would only take the connections from those who decide and read.";
    VERIFICATIONS_KEPT: i64 = 50, "verifications", "the oldest is forgotten",
        "Verifications of an organisation that are kept with what they found.",
        "What was found long ago is in the log of the server; the journal is the record.";
}

/// A limit as a number, whatever its type.
struct Number(u128);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = self.0.to_string();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len().saturating_sub(i)).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        Number(u128::try_from(number).unwrap_or_default())
    }
}

impl From<u32> for Number {
    fn from(number: u32) -> Self {
        Number(number.into())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Number(number.into())
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Number(u128::try_from(number).unwrap_or_default())
    }
}

impl From<i32> for Number {
    fn from(number: i32) -> Self {
        Number(u128::try_from(number).unwrap_or_default())
    }
}

impl From<u16> for Number {
    fn from(number: u16) -> Self {
        Number(number.into())
    }
}
