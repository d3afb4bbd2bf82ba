"""What Schemathesis cannot know of Lotline: which things there are, and which rules no schema can write down."""

import collections
import hashlib
import json
import os
import re
import time

import schemathesis
from schemathesis import GenerationMode

ID = re.compile(r"([a-z]{2,5})_([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
SENT = collections.Counter()
YESTERDAY_MS = int(time.time() - 86_400) * 1000
with open(os.environ["LOTLINE_IDS"], encoding="utf-8") as file:
    IDS = json.load(file)
with open(os.environ["LOTLINE_PICTURE"], "rb") as file:
    PICTURE = file.read()


def number_of(value):
    """A number made of a value, so that the same seed sends the same requests."""
    return int.from_bytes(hashlib.sha256(value.encode()).digest()[:4], "big")


def real(value, fitting, name=None):
    """Ids that were made up: they become those of our things, or where nothing need fit, one eighth the others'."""
    if isinstance(value, dict):
        return {name: real(inner, fitting, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [real(inner, fitting, name) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)  # to JSON Schema 2.0 is an integer, to us a number of units is written without a point
    if not isinstance(value, str):
        return value
    match = ID.fullmatch(value)
    if name in fitting and (match or DIGEST.fullmatch(value)):
        return fitting[name]
    if match and match[4] == "7" and int(match[2] + match[3], 16) >= YESTERDAY_MS:
        return value  # an answer had it: ids carry their time (UUIDv7)
    if name == "gtin" and fitting and re.fullmatch("[0-9]{14}", value):
        return value[:13] + str(-sum(int(digit) * (3, 1)[at % 2] for at, digit in enumerate(value[:13])) % 10)
    kind = match[1] if match else "sha256" if DIGEST.fullmatch(value) else None
    number = number_of(value)
    whose = "ours" if fitting else {0: None, 1: "theirs"}.get(number % 8, "ours")
    known = IDS[whose].get(kind) if whose else None
    return known[(number // 8) % len(known)] if known else value


# What a file begins with that says nothing of its type, where files are kept.
KEPT = {"/v1/evidence": b"%PDF-1.7\n", **{f"/v1/{what}/{{id}}/photographs": b"\x89PNG\r\n\x1a\n" for what in ["visits", "adverse-events"]}}
# What a file of each type begins with.
BEGINS = {
    "application/pdf": b"%PDF-1.7\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF\0\0\0\0WEBP",
}


@schemathesis.hook
def before_call(context, case, kwargs):
    # Every other request of an operation has ids that go together: a lot, and where it lies.
    SENT[case.operation.label] += 1
    is_fitting = SENT[case.operation.label] % 2 == 0
    fitting = {"gtin": None} | IDS["fitting"].get(case.operation.path, {}) if is_fitting else {}
    # What is changed, Schemathesis looks at again, and then takes a picture that it found in an answer for a wrong body: where it sends one
    # of its own accord, it sends what it made up beside it, too.
    phase = case.meta and case.meta.phase.name.name
    if case.operation.path == "/v1/scans/image" and phase in ("COVERAGE", "STATEFUL"):
        return
    for part in ("path_parameters", "query", "body"):
        value = getattr(case, part)
        if isinstance(value, (dict, list)):
            setattr(case, part, real(value, fitting))
    # Whichever version is in force, and nothing that only the server sets. What a request leaves out on purpose stays out.
    if is_fitting and case.operation.method.upper() in ("PUT", "PATCH"):
        if "If-Match" in case.headers:
            case.headers["If-Match"] = "*"
        if isinstance(case.body, dict):
            for name in ("id", "organisation_id", "registered_at", "retired_at", "version", "set_by", "set_at", "suspicions"):
                case.body.pop(name, None)
    # The lot that fits has no serial numbers.
    if is_fitting and "label" in case.operation.path and case.query:
        case.query.pop("serial", None)
    if is_fitting and "lot_id" in fitting and isinstance(case.body, dict):
        case.body.pop("serials", None)
    # In a chain of requests Schemathesis looks at a body again, and takes bytes of ours for a wrong one.
    if not is_fitting or case.meta is None or case.meta.phase.name.name in ("COVERAGE", "STATEFUL"):
        return
    if case.meta.generation.mode != GenerationMode.POSITIVE:
        return  # a body that is wrong on purpose stays so
    if case.operation.path == "/v1/scans/image" and case.media_type in ("image/png", "application/octet-stream"):
        case.body = PICTURE
    if case.operation.path == "/v1/scans/image" and case.media_type == "multipart/form-data":
        case.body = {"file": PICTURE}
    if case.operation.path in KEPT and case.media_type == "multipart/form-data":
        case.body = {"file": KEPT[case.operation.path] + str(case.body).encode()}
    elif case.operation.path in KEPT:
        rest = case.body if isinstance(case.body, bytes) else str(case.body).encode()
        case.body = BEGINS.get(case.media_type, KEPT[case.operation.path]) + rest


# What a request may be refused for though it is as its schema says.
BEYOND_SCHEMAS = {
    # What is not in the request: other things, the time, what was done before.
    "reference_unknown",  # an id that names nothing, or something of the other organisation
    "invalid_cursor",  # one that the list did not give out
    "idempotency_key_reused",
    "read_only_field",  # what stands
    "occurred_in_future",
    "occurred_too_long_ago",
    "occurred_too_early",  # before what it ends or reverses
    "patient_unknown",  # of whom nothing is recorded
    "beyond_the_log",  # how far it has come
    "sizes_reversed",
    "answer_unfit",  # what the protocol asks
    "answer_missing",
    "note_required",  # what the patient answered before
    "protocol_missing",  # which protocols are in force
    "practitioner_required",  # whose token it is
    "effective_too_early",
    "not_of_this_patient",  # whose an administration or a visit is
    "administration_voided",
    "onset_before_administration",
    # What one field says of another.
    "invalid_protocol",
    "consent_before_information",
    "band_reversed",
    "validity_reversed",
    "holder_kind_mismatch",
    "serials_mismatch",
    "serial_packs_mismatch",
    "nothing_to_correct",
    "location_required",
    "diluent_required",
    "same_location",
    "inspection_units",
    "contradictory_inspection",
    "amount_exceeds_units",
    "identifier_units",
    "list_too_long",  # the serial numbers of all lines together
    "duplicate_entry",  # of what a list has twice, uniqueItems sees only whole entries
    # Arithmetic and languages.
    "invalid_gtin",  # a check digit
    "invalid_gln",
    "invalid_udi_di",  # what one looks like depends on its scheme
    "invalid_licence_number",
    "code_unreadable",
    "label_disagrees",  # what a code says, and what is typed beside it
    "lot_required",  # a code that has none
    "expiry_required",
    "invalid_time_zone",  # names that IANA adds to
    "invalid_jurisdiction",  # codes that ISO 3166 adds to
    "invalid_country",
    "invalid_currency",  # codes that ISO 4217 adds to
    "invalid_name",  # Unicode's control characters, which patterns do not name in every engine
    "mixed_scripts",  # of letters that look alike
    "invalid_text",
    "not_text",  # Unicode's noncharacters
    "invalid_amount",  # not nought
    "evidence_empty",  # the length of a body that is no JSON
    "evidence_type_mismatch",
    # What is to be read in a file.
    "logger_file_unclear",
    "import_file_unclear",
    # What is to be seen in a picture.
    "picture_unreadable",
    "picture_too_large",
    "no_code_found",
    "several_packs",
}


# The same for codes that else a schema could say.
IN_THESE_WORDS = [
    *((code, "content") for code in ("missing_field", "unknown_field", "invalid_body", "invalid_value", "empty_list", "list_too_long",
                                     "invalid_units")),  # a form for each kind of protocol
    ("unknown_field", "expected one of"),  # the same
    ("invalid_value", "is for a product or for a class"),
    ("missing_field", "what was explained, or the consent"),  # one of two
    ("missing_field", "or the photograph of what was signed"),  # one of two
    ("invalid_value", "what undoes it, or what is done instead"),  # one of two
    ("empty_list", "or later needs at least one entry"),  # one of two
    ("invalid_value", "must be one of the protocol's"),
    ("invalid_value", "is none of the protocol's points"),
    ("missing_field", "product_id or class must be given"),  # one of two
    ("invalid_body", "is one product: give it, or a class"),  # not both
    ("invalid_value", "is none of the protocol's symptoms"),
    ("invalid_value", "outcome.rating"),
    ("invalid_value", "is a visit of another patient"),
    ("invalid_value", "is a visit at another site"),
    ("invalid_value", "treatment_gates.reversal_agent"),
    ("missing_field", "or product_id must be given"),  # one of two
    ("invalid_value", "excludes product_id"),
    ("missing_field", "where it is about no treatment"),
    ("invalid_value", "holds nothing"),  # of what is about no administration
    ("malformed_query", "not for both"),  # a day, or a moment
    ("invalid_body", "excludes patient_ref and period"),  # one of three
    ("missing_field", "lot_id or patient_ref or period must be given"),
    ("invalid_value", "must be later than period.from"),
    ("invalid_value", "product_classes"),  # "*" stands alone
    ("missing_field", "scan or lot_id or container_id must be given"),  # one of three
    ("missing_field", "the location_id of the place where the units lie"),  # one of two
    ("invalid_body", "stands for lot_id and serial"),  # not both
    ("missing_field", "a product that has none is named in identifiers"),  # one of two
    ("invalid_value", "an opened unit stays where it is"),  # one of five states
    ("missing_field", "how much of the opened unit was used"),
    ("invalid_units", "must be 1 of an opened unit"),
    ("invalid_value", "is a container of another lot"),
    ("invalid_value", "must be above storage.max_c"),
    ("invalid_value", "is for what may be used: leave it out"),  # with release alone
    ("invalid_value", "must be at the same site as"),
    ("invalid_value", "names places of several sites"),
    ("invalid_value", "must be a sensor that travels"),  # at a place for stock
    ("invalid_value", "names two products"),
    ("invalid_value", "denied_lots["),  # gtin or udi_di, one of two
    ("missing_field", "say what the prices are in"),  # where a line has a price
    ("missing_field", "say what the amounts are in"),  # where a line of a claim has one
    ("missing_field", "is missing: say what it is"),  # what is claimed for another reason
    ("missing_field", "do not say how much dearer the units were"),
    ("missing_field", "is what not_delivered needs"),  # one of two, by the reason
    ("missing_field", "is what this reason needs"),
    ("missing_field", "say what was credited, what came instead, or both"),
    ("invalid_value", "is another than the receipt's"),
    ("invalid_value", "is in no currency: withdraw the claim"),
    *(("missing_field", f"].{name} is missing") for name in ("gtin", "lot", "expiry")),  # of a line without a scan
    ("invalid_body", "correct one at a time"),  # a line, or the whole receipt
    *((code, "line_id is missing") for code in ("missing_field", "invalid_body")),
    ("invalid_body", "give one or the other"),
    ("invalid_body", "packs "),  # 0 takes the line back, and says nothing else of it
    ("missing_field", "say what was seen"),  # of a check that failed
    ("invalid_value", "as many characters as from"),  # of a range of serial numbers
    ("invalid_value", "must not come before from"),
    ("missing_field", "or manufactured.to must be given"),  # one of two
    ("missing_field", "what is to become of the units"),  # where any are left
    ("invalid_value", "must be a lot of the product"),
    ("invalid_value", "must not name the patient"),
    ("malformed_query", "its check digit"),  # of a GTIN
    ("malformed_query", "to must lie"),  # after from, and not too long after
    ("malformed_query", "resolution "),  # as many buckets as fit
    ("malformed_query", "time zone"),  # names that IANA adds to
]


@schemathesis.check
def refusals_beyond_schemas(ctx, response, case):
    """A request that is as its schema says is refused with 400 or 422 only for what no schema can say."""
    meta = case.meta
    if response.status_code not in (400, 422) or meta is None or meta.generation.mode != GenerationMode.POSITIVE:
        return
    problem = response.json()
    code = problem["code"]
    for other, words in IN_THESE_WORDS:
        if code == other and words in problem["detail"]:
            return
    assert code in BEYOND_SCHEMAS, f"{code} refuses what the schema allows: {problem['detail']}"
