"""Performs the main job with the generated client: from an empty organisation to an administration and its custody."""

import sys
from datetime import date
from hashlib import sha256
from io import BytesIO

from lotline_client import AuthenticatedClient
from lotline_client import models as m
from lotline_client.api.at_the_chair import create_administration, create_scan
from lotline_client.api.catalogue import create_product
from lotline_client.api.custody import get_administration_custody
from lotline_client.api.evidence import create_evidence
from lotline_client.api.licences import create_licence, create_licence_check
from lotline_client.api.practitioners import create_practitioner
from lotline_client.api.purchasing import create_order, place_order
from lotline_client.api.receiving import create_inspection, create_receipt, create_release
from lotline_client.api.sites import create_location, create_site
from lotline_client.api.suppliers import create_supplier
from lotline_client.types import File

address, *tokens = sys.argv[1:]
admin, purchaser, quality, practitioner, auditor = (
    AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True) for token in tokens
)
PACK = "]d201095212345678991729123110HC24A^21SN0001"


def did(answer):
    """The answer, which must not be a problem."""
    assert answer is not None and not isinstance(answer, m.Problem), answer
    return answer


def create(client, operation, model, body, **path):
    return did(operation.sync(client=client, body=model.from_dict(body), **path))


site = create(admin, create_site, m.NewSite,
              {"name": "Harley Street", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"}).id
places = [
    create(admin, create_location, m.NewLocation,
           {"site_id": site, "name": name, "purpose": purpose, "min_c": 15, "max_c": 25}).id
    for name, purpose in [("Goods in", "quarantine"), ("Cabinet", "stock")]
]
product = create(admin, create_product, m.NewProduct, {
    "gtin": "09521234567899", "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
    "units_per_pack": 2, "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
    "storage": {"min_c": 2, "max_c": 25}, "single_patient": True,
    "approvals": [{"jurisdiction": "GB", "status": "authorised", "source": "illustrative", "verified_on": date.today().isoformat()}],
}).id
supplier = create(admin, create_supplier, m.NewSupplier,
                  {"name": "Example Medical", "country": "GB", "approved_classes": ["hybrid_filler"]}).id
nia = create(admin, create_practitioner, m.NewPractitioner, {"name": "Dr Nia Example", "profession": "doctor"}).id
for kind, holder, what, authority, number in [
    ("site", site, "facility", "CQC", "1-0000000001"),
    ("supplier", supplier, "wholesale", "MHRA", "WDA-00000"),
    ("practitioner", nia, "professional_registration", "GMC", "1234567"),
]:
    licence = create(admin, create_licence, m.NewLicence, {
        "holder": {"type": kind, "id": holder}, "kind": what, "authority": authority, "number": number,
        "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2026-01-01", "valid_to": "2099-12-31",
    })
    create(admin, create_licence_check, m.NewCheck, {"outcome": "verified", "source": "public register"}, id=licence.id)

order = create(purchaser, create_order, m.NewOrder,
               {"site_id": site, "supplier_id": supplier, "lines": [{"product_id": product, "packs": 1}]}).id
did(place_order.sync(id=order, client=purchaser, body=m.PlaceOrder()))
receipt = create(purchaser, create_receipt, m.NewReceipt, {
    "order_id": order, "supplier_id": supplier, "site_id": site, "location_id": places[0],
    "lines": [{"scan": PACK, "packs": 1}],
})
lot = receipt.lines[0].lot_id
question = {"code": PACK, "site_id": site, "practitioner_id": nia, "purpose": "administer"}
early = create(practitioner, create_scan, m.NewScan, question).decision
assert [reason.code for reason in early.reasons if reason.code == "lot_quarantined"], early
# A photograph of the carton: as octets, and the same in a form. Either way it is kept under the digest of its bytes.
PHOTOGRAPH = b"\xff\xd8\xff\xe0\0\x10JFIF\0\r\n-- and so on"
for body in [File(payload=BytesIO(PHOTOGRAPH)),
             m.FileForm(file=File(payload=BytesIO(PHOTOGRAPH), file_name="carton.jpg", mime_type="image/jpeg"))]:
    kept = did(create_evidence.sync(client=purchaser, body=body))
    assert kept.sha256 == sha256(PHOTOGRAPH).hexdigest() and kept.media_type == "image/jpeg", kept
create(purchaser, create_inspection, m.NewInspection, {
    "receipt_id": receipt.id, "lot_id": lot, "units_passed": 2, "units_failed": 0,
    "checks": [{"criterion": criterion, "result": "pass"}
               for criterion in ["outer_carton_intact", "tamper_evidence_intact", "label_legible"]],
})
create(quality, create_release, m.NewRelease, {
    "from_location_id": places[0], "to_location_id": places[1], "units": 2, "serials": ["SN0001"],
    "reason": "Inspection complete",
}, id=lot)
assert create(practitioner, create_scan, m.NewScan, question).decision.allowed
administration = create(practitioner, create_administration, m.NewAdministration, {
    "scan": PACK, "site_id": site, "practitioner_id": nia, "patient_ref": "P-1001", "units": 1,
    "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"},
})
custody = did(get_administration_custody.sync(id=administration.id, client=auditor))
kinds = [event.kind for event in custody.events]
for kind in ["order_placed", "receipt_recorded", "packaging_inspected", "stock_released", "stock_administered"]:
    assert kind in kinds, (kind, kinds)
print("performed:", ", ".join(kinds))
