#!/usr/bin/env python3
"""Attacks a running server with what its own document says, on SQLite and on PostgreSQL.

    tests/schemathesis/run.py [sqlite] [postgres] [options of `schemathesis run`]

For each database: a throw-away one, `lotline serve` on it, two organisations with one of everything, and Schemathesis
with a token of each, so that it tries the things of the one with the token of the other. Afterwards the books must agree
with the journal (`lotline verify`), and the log must hold no answer with status 500. What Schemathesis looks for and what
it is told to let pass is in schemathesis.toml and hooks.py.

Needs Python with venv, and the server built (`cargo build`). The packages come from requirements.txt, each with its
version, into a folder of their own under target/.
"""

import datetime
import hashlib
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
LOTLINE = TARGET / "debug" / "lotline"
SEED = os.environ.get("LOTLINE_SCHEMATHESIS_SEED", "20260701")
EXAMPLES = os.environ.get("LOTLINE_SCHEMATHESIS_EXAMPLES", "4")
GTIN = "09521234567899"  # under GS1's prefix for examples
ROLES = ["admin", "purchaser", "practitioner", "quality", "auditor", "device"]
# Data that is made from a schema does not satisfy their rules every time: a lot that was inspected by somebody else, units
# that are there, a check digit, a file's first bytes, a code in a picture. The preparation has done each.
HARD = {
    "POST /v1/licences/{id}/acknowledgements", "POST /v1/licences/{id}/checks/{check_id}/reversals",
    "POST /v1/inspections/{id}/reversals", "POST /v1/movements/{id}/reversals", "POST /v1/receipts/{id}/voids",
    "POST /v1/locations/{id}/reinstate", "POST /v1/sensors/{id}/reinstate", "POST /v1/suppliers/{id}/reinstate", "POST /v1/movements/{id}/approvals", "POST /v1/movements/{id}/rejections",
    "POST /v1/administrations", "POST /v1/administrations/{id}/voids", "POST /v1/administrations/{id}/confirmations",
    "POST /v1/deviations/{id}/close",
    "POST /v1/evidence", "POST /v1/inspections", "POST /v1/lots/{id}/releases", "POST /v1/orders/{id}/place",
    "POST /v1/products", "POST /v1/receipts/{id}/corrections", "POST /v1/scans/image", "POST /v1/transfers",
    "PUT /v1/products/{id}", "POST /v1/readings/import", "POST /v1/imports", "GET /v1/locations/{id}/climate",
    "POST /v1/excursions/{id}/assessments", "POST /v1/containers", "POST /v1/containers/{id}/discard",
    "GET /v1/locations/{id}/climate.svg", "POST /v1/recalls/{id}/lots", "POST /v1/recalls/{id}/contacts",
    "POST /v1/recalls/{id}/acknowledgements", "POST /v1/recalls/{id}/close", "POST /v1/patients/erasures",
    "POST /v1/evidence-bundles", "GET /v1/log/proofs/inclusion", "GET /v1/log/proofs/consistency",
    "GET /v1/reports/period", "POST /v1/stock-takes/{id}/withdrawals", "POST /v1/stock-takes/{id}/close",
    "POST /v1/replenishment/orders", "POST /v1/claims", "POST /v1/claims/{id}/settle", "POST /v1/adverse-events", "POST /v1/adverse-events/{id}/close",
    "POST /v1/stock-takes/{id}/scans",
    "POST /v1/prescriptions", "POST /v1/prescriptions/{id}/withdraw",
    "POST /v1/visits/{id}/photographs", "POST /v1/adverse-events/{id}/photographs", "POST /v1/follow-ups/{id}/reviews", "POST /v1/follow-ups/{id}/close",
    "POST /v1/stock-takes/{id}/reopen", "POST /v1/stock-takes/{id}/approve", "POST /v1/stock-takes/{id}/cancel",
}
ID = re.compile(r"\b([a-z]{2,5})_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def tools():
    """The folder with Schemathesis in it."""
    wanted = HERE / "requirements.txt"
    folder = TARGET / "schemathesis" / hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", wanted]
        subprocess.run(pip, check=True)
        (folder / "ready").touch()
    return folder / "bin"


class Postgres:
    """A throw-away PostgreSQL behind a socket in a folder of its own; see tests/it/support/postgres.rs."""

    SETTINGS = "listen_addresses = ''\nfsync = off\nfull_page_writes = off\nmax_connections = 60\n"

    def __init__(self, folder):
        self.folder = folder / "pg"
        self.folder.mkdir()
        owner = self.unprivileged()
        if owner:
            folder.chmod(0o711)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
        self.binaries = self.installed()
        self.run("initdb", "-D", "data", "-U", "lotline", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        settings = self.SETTINGS + f"unix_socket_directories = '{self.folder}'\n"
        with open(self.folder / "data" / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(settings)
        self.run("pg_ctl", "start", "-w", "-s", "-D", "data", "-l", "log")

    @staticmethod
    def unprivileged():
        """PostgreSQL refuses to run as root."""
        if os.getuid() != 0:
            return None
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        return names.get("postgres") or names["nobody"]

    @staticmethod
    def installed():
        places = [os.environ.get("LOTLINE_POSTGRES_BIN"), *sorted(map(str, pathlib.Path("/").glob("usr/lib/postgresql/*/bin")))]
        found = [place for place in places if place and (pathlib.Path(place) / "initdb").exists()]
        if not found and shutil.which("initdb"):
            found = [pathlib.Path(shutil.which("initdb")).parent]
        if not found:
            sys.exit("PostgreSQL is not installed")
        return pathlib.Path(found[-1])

    def run(self, program, *arguments):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        done = subprocess.run([self.binaries / program, *arguments], cwd=self.folder, env=environment, **self.user,
                              stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        if done.returncode:
            log = self.folder / "log"
            sys.exit(f"{program} failed\n{log.read_text() if log.exists() else ''}")

    def url(self):
        return f"postgres:///postgres?host={self.folder}&user=lotline"

    def stop(self):
        self.run("pg_ctl", "stop", "-s", "-m", "immediate", "-D", "data")


class Server:
    """`lotline serve` on a free port."""

    def __init__(self, options, log):
        self.options = options
        self.log = open(log, "wb")
        self.process = subprocess.Popen(
            # All of it comes from one address, and most is refused.
            [LOTLINE, "serve", "--bind", "127.0.0.1:0", "--rate-anonymous", "off", "--rate-failed", "off", *options],
            stderr=self.log,
        )
        for _ in range(300):
            found = re.search(r'"address":"([^"]+)"', pathlib.Path(log).read_text(encoding="utf-8"))
            if found:
                self.address = f"http://{found[1]}"
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        sys.exit(f"the server did not start\n{pathlib.Path(log).read_text(encoding='utf-8')}")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


class Organisation:
    """An organisation with one of everything."""

    def __init__(self, server, name):
        self.server, self.seen = server, set()
        made = subprocess.run([LOTLINE, "init", "--organisation", name, *server.options], check=True, capture_output=True)
        self.id = json.loads(made.stdout)["organisation_id"]
        self.tokens = {}
        self.make()

    def token(self, subject, *roles):
        if subject not in self.tokens:
            command = [LOTLINE, "token", "--organisation", self.id, "--ttl", "2h", "--subject", subject, "--role", *roles]
            done = subprocess.run([*command, *self.server.options], check=True, capture_output=True, text=True)
            self.tokens[subject] = done.stdout.strip()
        return self.tokens[subject]

    def request(self, method, path, body=None, subject="mary", media_type="application/json"):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token(subject, *ROLES)}", "content-type": media_type}
        return urllib.request.Request(self.server.address + path, data, headers, method=method)

    def send(self, method, path, body=None, subject="mary", media_type="application/json"):
        with urllib.request.urlopen(self.request(method, path, body, subject, media_type)) as answer:
            text = answer.read().decode()
        self.seen.update(match[0] for match in ID.finditer(text))
        return json.loads(text)

    def known(self):
        """The ids of what there is, by their kind."""
        ids = {"sha256": [self.evidence]}
        # Whoever signs visits stays who they are: random requests would take the subject of the token from them.
        for seen in sorted(self.seen - {self.signer}):
            ids.setdefault(seen.split("_")[0], []).append(seen)
        return ids

    def post(self, path, body, **how):
        return self.send("POST", "/v1/" + path, body, **how)

    def photograph(self, path, entry_of):
        """A photograph that is kept, and given back: its entry."""
        picture = b"\x89PNG\r\n\x1a\nface"
        with urllib.request.urlopen(self.request("POST", f"{path}?view=front", picture, media_type="image/png")) as answer:
            entry = entry_of(json.loads(answer.read()))
        with urllib.request.urlopen(self.request("GET", f"{path}/{entry}")) as answer:
            assert answer.read() == picture
        return entry

    def verify(self):
        """A verification that is done: there is one at a time in a deployment."""
        for _ in range(600):
            try:
                begun = self.post("verifications", {})["id"]
                break
            except urllib.error.HTTPError as error:
                if error.code != 409:
                    raise
                time.sleep(0.1)
        while self.send("GET", f"/v1/verifications/{begun}")["state"] == "running":
            time.sleep(0.1)

    def make(self):
        site = self.post("sites", {"name": "Harley Street", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"})["id"]
        band = {"site_id": site, "min_c": 2, "max_c": 8}
        quarantine = self.post("locations", band | {"name": "Quarantine", "purpose": "quarantine"})["id"]
        stock = self.post("locations", band | {"name": "Stock", "purpose": "stock"})["id"]
        other = self.post("locations", band | {"name": "Room 2", "purpose": "stock"})["id"]
        closed = self.post("locations", band | {"name": "Room 3", "purpose": "stock"})["id"]
        shelf = {"location_id": stock, "name": "Upper shelf", "interval_seconds": 300}
        sensor, broken = [self.post("sensors", shelf)["id"] for _ in range(2)]
        self.post("readings", {"readings": [{"sensor_id": sensor, "at": "2026-06-30T08:00:00Z", "celsius": 5}]})
        self.send("POST", f"/v1/readings/import?sensor_id={sensor}", b"time,temp\n2026-06-30T08:05:00Z,5.1\n",
                  media_type="text/csv")
        self.send("POST", "/v1/imports?kind=practitioners", b"name,profession\nDr I. Example,doctor\n",
                  media_type="text/csv")
        for kind in ["products", "suppliers", "practitioners", "licences", "locations"]:
            with urllib.request.urlopen(self.request("GET", f"/v1/imports/templates/{kind}")) as answer:
                answer.read()
        # Excursions that hold nothing: at a place where nothing lies.
        empty = self.post("locations", band | {"name": "Room 4", "purpose": "stock"})["id"]
        excursions = []
        for name in ["Door", "Back"]:
            warm = self.post("sensors", shelf | {"location_id": empty, "name": name})["id"]
            self.post("readings", {"readings": [{"sensor_id": warm, "at": f"2026-06-30T08:{minute}0:00Z", "celsius": 9}
                                                for minute in range(5)]})
            excursions.append(self.send("GET", f"/v1/excursions?sensor_id={warm}")["items"][0]["id"])
        said = {"disposition": "release", "new_expiry": "2040-01-31", "reason": "Short"}
        self.post(f"excursions/{excursions[0]}/assessments", said)
        self.send("GET", f"/v1/excursions/{excursions[0]}/administrations")
        of_a_day = "from=2026-06-30T00:00:00Z&to=2026-07-01T00:00:00Z"
        self.send("GET", f"/v1/locations/{stock}/climate?{of_a_day}")
        with urllib.request.urlopen(self.request("GET", f"/v1/locations/{stock}/climate.svg?{of_a_day}")) as answer:
            answer.read()
        bought = {
            "gtin": GTIN, "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
            "units_per_pack": 2, "unit": {"presentation": "syringe", "amount": "1.25", "amount_unit": "mL"},
            "storage": {"min_c": 2, "max_c": 25}, "single_patient": True,
            "approvals": [{"jurisdiction": "GB", "status": "authorised", "source": "illustrative",
                           "verified_on": datetime.date.today().isoformat()}],
        }
        product = self.post("products", bought)["id"]
        self.send("PATCH", f"/v1/products/{product}", {"in_use_hours": 24})
        seller = {"name": "Wholesale", "country": "GB", "approved_classes": ["hybrid_filler"]}
        supplier = self.post("suppliers", seller)["id"]
        person = self.post("practitioners", {"name": "Dr A. Example", "profession": "doctor", "subject": "ann"})["id"]
        for kind, holder, licence, authority, number in [
            ("site", site, "facility", "CQC", "1-100"),
            ("supplier", supplier, "wholesale", "MHRA", "WDA 100"),
            ("practitioner", person, "professional_registration", "GMC", "1234567"),
        ]:
            made = self.post("licences", {
                "holder": {"type": kind, "id": holder}, "kind": licence, "authority": authority, "number": number,
                "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2020-01-01", "valid_to": "2099-12-31",
            })["id"]
            self.post(f"licences/{made}/checks", {"outcome": "verified", "source": "the public register"})
            registration = made
        order = {"site_id": site, "supplier_id": supplier, "lines": [{"product_id": product, "packs": 10}]}
        *drafts, placed, part = [self.post("orders", order)["id"] for _ in range(6)]
        for each in (placed, part):
            self.post(f"orders/{each}/place", {})
        self.post("receipts", {"supplier_id": supplier, "site_id": site, "location_id": quarantine, "order_id": part,
                               "lines": [{"gtin": GTIN, "lot": "PART", "expiry": "2040-06-30", "packs": 1}]})
        lots, unseen = [], []
        for number in range(3):
            line = {"gtin": GTIN, "lot": f"LOT{number}", "expiry": "2040-06-30", "packs": 200}
            receipt = self.post("receipts", {"supplier_id": supplier, "site_id": site, "location_id": quarantine,
                                             "lines": [line]})
            lot = receipt["lines"][0]["lot_id"]
            lots.append(lot)
            checks = [{"criterion": criterion, "result": "pass"}
                      for criterion in ["outer_carton_intact", "tamper_evidence_intact", "label_legible"]]
            self.post("inspections", {"receipt_id": receipt["id"], "lot_id": lot, "units_passed": 300, "units_failed": 0,
                                      "checks": checks}, subject="ines")
            self.post(f"lots/{lot}/releases", {"from_location_id": quarantine, "to_location_id": stock, "units": 200,
                                               "reason": "Inspection complete"})
            fresh = self.post("receipts", {"supplier_id": supplier, "site_id": site, "location_id": quarantine,
                                           "lines": [line | {"lot": f"FRESH{number}"}]})
            unseen.append({"receipt_id": fresh["id"], "id": fresh["id"], "line_id": fresh["lines"][0]["id"],
                           "lot_id": fresh["lines"][0]["lot_id"]})
            self.post("transfers", {"lot_id": lot, "from_location_id": stock, "to_location_id": other, "units": 20,
                                    "reason": "Restocking"})
            treatment = {"lot_id": lot, "site_id": site, "location_id": stock, "practitioner_id": person,
                         "patient_ref": "P-1001", "units": 1, "treatment": {"area": "midface"}}
            done = self.post("administrations", treatment)
            self.post(f"administrations/{done['id']}/confirmations", {}, subject="ann")
        opened = []
        for _ in range(2):
            opened.append(self.post("containers", {"lot_id": lots[0], "location_id": stock, "diluent_ul": 250})["id"])
        self.post("administrations", treatment | {"lot_id": lots[0], "container_id": opened[0],
                                                  "treatment": {"area": "midface", "amount_used": "0.25"}})
        self.post(f"containers/{opened[0]}/discard", {"reason": "In-use life over"})
        self.send("GET", f"/v1/containers/{opened[0]}")
        self.post("holds", {"scope": {"type": "lot", "id": lot}, "reason": "Under review"})
        # Recalls of what nobody has: the things that others need stay free.
        recalled = self.post("receipts", {"supplier_id": supplier, "site_id": site, "location_id": quarantine,
                                          "lines": [{"gtin": GTIN, "lot": "RECALLED", "expiry": "2040-06-30", "packs": 2},
                                                    {"gtin": GTIN, "lot": "RECALLEDO", "expiry": "2040-06-30", "packs": 2}]})
        recall = {"classification": "class_2", "gtin": GTIN, "reason": "Wrong needle in some packs"}
        recalls = [self.post("recalls", recall | {"reference": f"FSN-{number}", "lots": lots})["id"]
                   for number, lots in enumerate([["RECALLED"], ["NEVER-CAME"]])]
        meant = {"lot_id": recalled["lines"][1]["lot_id"], "reason": "The notice means this one, too"}
        self.post(f"recalls/{recalls[0]}/lots", meant)
        self.post(f"recalls/{recalls[0]}/acknowledgements", {"site_id": site})
        given = self.post("administrations", treatment | {"lot_id": recalled["lines"][0]["lot_id"],
                                                          "location_id": quarantine,
                                                          "retrospective": {"reason": "Found in the paper notes"}})
        told = {"administration_id": given["id"], "outcome": "informed"}
        self.post(f"recalls/{recalls[0]}/contacts", told)
        self.post(f"recalls/{recalls[1]}/close", {"reason": "Withdrawn"}, subject="ines")
        self.send("GET", f"/v1/recalls/{recalls[0]}/impact")
        self.send("PUT", "/v1/levels", {"site_id": site, "product_id": product, "minimum_packs": 1, "maximum_packs": 3})
        self.send("GET", f"/v1/replenishment?site_id={site}")
        with urllib.request.urlopen(self.request("GET", f"/v1/replenishment/plot.svg?site_id={site}&product_id={product}")) as answer:
            answer.read()
        self.post("replenishment/orders", {"site_id": site, "lines": [{"product_id": product, "supplier_id": supplier, "packs": 1}]})
        # One stock-take that is counted in, and one that goes all the way.
        shelves = [self.post("locations", {"site_id": site, "name": f"Shelf {number}", "purpose": "quarantine", "min_c": 2, "max_c": 8})["id"]
                   for number in range(4)]
        takes = [self.post("stock-takes", {"location_ids": [shelf]})["id"] for shelf in shelves[:3]]
        for take in takes[:2]:
            taken = self.post(f"stock-takes/{take}/scans", {"scans": [{"lot_id": lots[0], "units": 2}, {"lot_id": lots[0], "units": 1}]})
            scan = taken["scans"][1]["scan"]["id"]
            self.post(f"stock-takes/{take}/withdrawals", {"scan_id": scan, "reason": "Counted twice"})
        self.post(f"stock-takes/{takes[1]}/close", {})
        self.post(f"stock-takes/{takes[1]}/reopen", {"location_ids": [shelves[1]], "reason": "Once more"})
        self.post(f"stock-takes/{takes[1]}/close", {})
        self.post(f"stock-takes/{takes[1]}/approve", {}, subject="ines")
        self.post(f"stock-takes/{takes[2]}/cancel", {"reason": "The wrong shelf"})
        # The record around a treatment: a visit to record in, and one that is signed.
        yes_no = {"type": "yes_no", "yes": "stop", "no": "none"}
        contents = {
            "screening": {"valid_days": 30, "questions": [{"code": "pregnancy", "text": "Are you pregnant?", "answer": yes_no}]},
            "consent": {"points": [{"code": "risks", "text": "Risks"}], "reflection_hours": 0, "valid_days": 180},
            "follow_up": {"checks": [{"code": f"call {day}", "after_days": day, "look_at": "Pain"} for day in range(1, 5)]},
            "aftercare": {"languages": [{"language": "en-GB", "instructions": ["Rest"], "return_precautions": ["Call"]}]},
        }
        protocols = {kind: self.post("protocols", {
            "kind": kind, "title": kind, "source": "Illustrative", "effective_from": "2026-01-01", "reason": "First version",
            "content": content})["id"] for kind, content in contents.items()}
        self.signer = self.post("practitioners", {"name": "Dr S. Example", "profession": "doctor", "subject": "sam"})["id"]
        authority = self.post("licences", {
            "holder": {"type": "practitioner", "id": self.signer}, "kind": "prescriber", "authority": "GMC", "number": "7654321",
            "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2020-01-01", "valid_to": "2099-12-31"})["id"]
        self.post(f"licences/{authority}/checks", {"outcome": "verified", "source": "the public register"})
        prescription = {"patient_ref": treatment["patient_ref"], "product_id": product, "units": 1, "prescriber_id": self.signer,
                        "site_id": site, "seen": "in_person", "valid_until": "2099-12-31"}
        prescriptions = [self.post("prescriptions", prescription)["id"] for _ in range(3)]
        self.post("prescriptions/search", {"patient_ref": treatment["patient_ref"]})
        self.post(f"prescriptions/{prescriptions[1]}/withdraw", {"reason": "Another product"})
        visits = [self.post("visits", {"site_id": site, "practitioner_id": self.signer, "patient_ref": treatment["patient_ref"],
                                       "planned": [{"product_id": product, "area": "midface"}]})["id"] for _ in range(3)]
        self.post("visits/search", {"patient_ref": treatment["patient_ref"]})
        for what, body in {
            "screenings": {"answers": [{"question": "pregnancy", "value": False}]},
            "consents": {"explained": [{"point": "risks", "by": ["spoken"], "to_whom": "the patient"}], "agreed": {"witness": "N. Example"}},
            "withdrawals": {}, "age-attestations": {"of_age": True, "seen": "passport"}, "goals": {"later": ["Firmer skin"]},
            "reversibility-plans": {"instead": "Massage"}, "aftercare": {"language": "en-GB", "by": ["spoken"], "return_precautions": "Call at once"},
            "addenda": {"text": "The patient called"},
        }.items():
            for visit in [visits[0], visits[2]]:  # the one that is signed has all that a policy may ask for
                self.post(f"visits/{visit}/{what}", body)
        self.post("administrations", treatment | {
            "visit_id": visits[1], "treatment": {"area": "chin"}, "retrospective": {"reason": "Found in the paper notes"}})
        signed = self.post(f"visits/{visits[1]}/sign", {}, subject="sam")
        self.send("GET", f"/v1/visits/{visits[0]}")
        photograph = self.photograph(f"/v1/visits/{visits[0]}/photographs", lambda entry: entry["id"])
        follow_ups = [due["id"] for due in signed["follow_ups"]]
        self.post(f"follow-ups/{follow_ups[0]}/reviews", {"note": "No pain"})
        self.post(f"follow-ups/{follow_ups[1]}/close", {"reason": "Has moved away"})
        self.send("GET", f"/v1/protocols/{protocols['screening']}")
        # Harm: one to go on with, and one that is closed.
        harmed = self.post("administrations", treatment | {"lot_id": lots[0], "patient_ref": "P-1003"})
        harm = {"administration_ids": [harmed["id"]], "patient_ref": "P-1003", "kind": "swelling", "severity": "mild",
                "onset_at": harmed["occurred_at"], "description": "Swelling of the left cheek"}
        harms = [self.post("adverse-events", harm)["id"] for _ in range(3)]
        for event in harms[1:]:
            self.post(f"adverse-events/{event}/reviews", {"note": "Looked at"})
        self.post(f"adverse-events/{harms[0]}/reports-sent", {"to": "MHRA Yellow Card"})
        self.post(f"adverse-events/{harms[1]}/close", {"outcome": "recovered", "note": "Gone"})
        seen = self.photograph(f"/v1/adverse-events/{harms[0]}/photographs", lambda event: event["entries"][-1]["id"])
        self.post("signals/reviews", {"lot_id": lots[0], "conclusion": "Nothing that we can see"})
        for path in [f"adverse-events/{harms[0]}", f"adverse-events/{harms[0]}/report"]:
            self.send("GET", f"/v1/{path}")
        with urllib.request.urlopen(self.request("GET", f"/v1/signals/plot.svg?product_id={product}")) as answer:
            answer.read()
        late = self.post("administrations", treatment | {"retrospective": {"reason": "Found in the paper notes"}})
        resolution = {"resolution": "The notes are transcribed the same day"}
        self.post(f"deviations/{late['deviation']['id']}/close", resolution, subject="ines")
        self.post(f"administrations/{done['id']}/voids", {"reason": "Wrong patient", "returned_to_stock": False})
        self.post(f"receipts/{unseen[2]['id']}/corrections",
                  {"line_id": unseen[2]["line_id"], "packs": 199, "reason": "Counted again"})
        self.post("administrations", treatment | {"lot_id": lots[0], "patient_ref": "P-9009"})
        self.post("patients/erasures", {"patient_ref": "P-9009", "reason": "Asked for", "override_reason": "Legal has agreed"})
        event = self.send("GET", "/v1/events?limit=1")["items"][0]["id"]
        time.sleep(3)  # until the log has it
        self.send("GET", f"/v1/log/proofs/inclusion?event_id={event}")
        self.send("GET", "/v1/log/proofs/consistency?from=1&to=1")
        self.send("GET", f"/v1/reports/period?site_id={site}&from=2026-06-01&to=2026-07-31")
        for of in [{"lot_id": lots[0]}, {"patient_ref": treatment["patient_ref"]}]:
            with urllib.request.urlopen(self.request("POST", "/v1/evidence-bundles", of)) as answer:
                answer.read()
        file = self.send("POST", "/v1/evidence", b"%PDF-1.7\n" + self.id.encode(), media_type="application/pdf")
        self.evidence = file["sha256"]
        with urllib.request.urlopen(self.request("GET", f"/v1/lots/{lots[0]}/label.png")) as answer:
            self.picture = answer.read()
        self.send("POST", f"/v1/scans/image?site_id={site}&purpose=administer", self.picture, media_type="image/png")
        line = {"gtin": GTIN, "lot": "CLAIMED", "expiry": "2040-06-30", "packs": 100, "pack_price_minor": 28900}
        came = self.post("receipts", {"supplier_id": supplier, "site_id": site, "location_id": quarantine, "currency": "GBP",
                                      "lines": [line]})
        claim = {"receipt_id": came["id"], "receipt_line_id": came["lines"][0]["id"]}
        asks = {"receipt_id": came["id"], "lines": [
            {"receipt_line_id": claim["receipt_line_id"], "reason": "damaged", "units": 1}]}
        claims = [self.post("claims", asks)["id"] for _ in range(4)]
        self.post(f"claims/{claims[1]}/withdraw", {"reason": "Damaged by us"})
        for what, say in [("send", {}), ("settle", {"credit_minor": 14450})]:
            self.post(f"claims/{claims[2]}/{what}", say)
        at = {"lot_id": lots[0], "from_location_id": stock, "to_location_id": other, "location_id": stock}
        self.fitting = {
            "/v1/orders": {"site_id": site, "supplier_id": supplier, "product_id": product},
            "/v1/orders/{id}": {"id": drafts[1], "site_id": site, "supplier_id": supplier, "product_id": product},
            "/v1/orders/{id}/place": {"id": drafts[0]},
            "/v1/orders/{id}/close": {"id": part},
            "/v1/receipts": {"site_id": site, "supplier_id": supplier, "location_id": quarantine, "order_id": placed},
            "/v1/receipts/{id}/corrections": unseen[0],
            "/v1/inspections": unseen[1],
            "/v1/lots/{id}/releases": {"id": lots[0], "from_location_id": quarantine, "to_location_id": stock},
            "/v1/administrations": at | {"site_id": site, "practitioner_id": person, "prescriber_id": person},
            "/v1/administrations/{id}/voids": {"location_id": quarantine},
            "/v1/locations/{id}": {"id": stock, "site_id": site},
            "/v1/sensors/{id}": {"id": sensor, "location_id": stock},
            "/v1/sensors/{id}/readings": {"id": sensor},
            "/v1/sensors/{id}/retire": {"id": broken},
            "/v1/readings/import": {"sensor_id": sensor},
            "/v1/excursions/{id}": {"id": excursions[0]},
            "/v1/excursions/{id}/administrations": {"id": excursions[0]},
            "/v1/excursions/{id}/assessments": {"id": excursions[1]},
            "/v1/recalls": {"gtin": None},
            "/v1/recalls/{id}": {"id": recalls[0]},
            "/v1/recalls/{id}/impact": {"id": recalls[0]},
            "/v1/recalls/{id}/lots": {"id": recalls[0]},
            "/v1/recalls/{id}/acknowledgements": {"id": recalls[0], "site_id": site},
            "/v1/recalls/{id}/contacts": {"id": recalls[0], "administration_id": given["id"]},
            "/v1/claims": claim,
            "/v1/claims/{id}": {"id": claims[0]},
            "/v1/levels": {"site_id": site, "product_id": product},
            "/v1/replenishment": {"site_id": site},
            "/v1/replenishment/plot.svg": {"site_id": site, "product_id": product},
            "/v1/replenishment/orders": {"site_id": site, "product_id": product, "supplier_id": supplier},
            "/v1/stock-takes": {"site_id": site, "location_id": shelves[3]},
            "/v1/stock-takes/{id}": {"id": takes[0]},
            "/v1/stock-takes/{id}/scans": {"id": takes[0], "lot_id": lots[0], "location_id": shelves[0]},
            "/v1/protocols": {"product_id": product},
            "/v1/protocols/{id}": {"id": protocols["screening"]},
            "/v1/prescriptions": {"site_id": site, "product_id": product},
            "/v1/prescriptions/{id}": {"id": prescriptions[0]},
            "/v1/prescriptions/{id}/withdraw": {"id": prescriptions[2]},
            "/v1/visits": {"site_id": site, "practitioner_id": person, "product_id": product},
            "/v1/visits/{id}": {"id": visits[0]},
            "/v1/visits/{id}/screenings": {"id": visits[0], "protocol_id": protocols["screening"]},
            "/v1/visits/{id}/consents": {"id": visits[0], "protocol_id": protocols["consent"]},
            "/v1/visits/{id}/aftercare": {"id": visits[0], "protocol_id": protocols["aftercare"]},
            "/v1/visits/{id}/reversibility-plans": {"id": visits[0], "product_id": product},
            **{f"/v1/visits/{{id}}/{what}": {"id": visits[0]}
               for what in ["withdrawals", "age-attestations", "goals", "addenda"]},
            "/v1/visits/{id}/sign": {"id": visits[2]},
            "/v1/visits/{id}/photographs": {"id": visits[0]},
            "/v1/visits/{id}/photographs/{entry_id}": {"id": visits[0], "entry_id": photograph},
            "/v1/follow-ups": {"site_id": site},
            "/v1/follow-ups/{id}/reviews": {"id": follow_ups[2]},
            "/v1/follow-ups/{id}/close": {"id": follow_ups[3]},
            "/v1/adverse-events": {"site_id": site, "product_id": product, "lot_id": lots[0]},
            **{f"/v1/adverse-events/{{id}}{what}": {"id": harms[0]} for what in ["", "/report", "/reviews", "/reports-sent", "/photographs"]},
            "/v1/adverse-events/{id}/photographs/{entry_id}": {"id": harms[0], "entry_id": seen},
            "/v1/adverse-events/{id}/close": {"id": harms[2]},
            "/v1/signals": {"product_id": product},
            "/v1/signals/plot.svg": {"product_id": product},
            "/v1/signals/reviews": {"lot_id": lots[0]},
            "/v1/containers": {"lot_id": lots[0], "location_id": stock},
            "/v1/containers/{id}": {"id": opened[0]},
            "/v1/containers/{id}/discard": {"id": opened[1]},
            "/v1/lots/{id}/label.svg": {"id": lots[0]},
            "/v1/lots/{id}/label.png": {"id": lots[0]},
            "/v1/evidence/{sha256}": {"sha256": self.evidence},
            "/v1/evidence/{sha256}/metadata": {"sha256": self.evidence},
            "/v1/scans/image": {"site_id": site, "practitioner_id": person, "prescriber_id": person},
        } | {f"/v1/{name}": at for name in ["transfers", "wastages", "returns", "destructions", "counts"]}
        # What may be retired without taking the rest with it.
        spare = self.post("sites", {"name": "Spare", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"})["id"]
        for name, thing in [("sites", spare), ("locations", self.post("locations", {
            "site_id": spare, "name": "Spare", "purpose": "stock", "min_c": 2, "max_c": 8})["id"]),
            ("products", self.post("products", bought | {"gtin": "09521234500001"})["id"]),
            ("suppliers", self.post("suppliers", seller)["id"]),
            ("practitioners", self.post("practitioners", {"name": "Dr B. Example", "profession": "nurse"})["id"])]:
            self.fitting[f"/v1/{name}/{{id}}/retire"] = {"id": thing}
        # What was retired can come back.
        left = {"sites": self.post("sites", {"name": "Closed", "jurisdiction": "GB-ENG", "time_zone": "Europe/London"})["id"],
                "practitioners": self.post("practitioners", {"name": "Dr C. Example", "profession": "nurse"})["id"]}
        for name, thing in left.items():
            self.post(f"{name}/{thing}/retire", {"reason": "Not here any more"})
            self.fitting[f"/v1/{name}/{{id}}/reinstate"] = {"id": thing}
        # What only a story of its own makes possible.
        again = self.post("suppliers", seller)["id"]
        made = self.post("licences", {
            "holder": {"type": "supplier", "id": again}, "kind": "wholesale", "authority": "MHRA", "number": "WDA 200",
            "jurisdiction": "GB", "product_classes": ["*"], "valid_from": "2020-01-01", "valid_to": "2099-12-31"})["id"]
        check = self.post(f"licences/{made}/checks", {"outcome": "verified", "source": "another register"})["id"]
        self.post(f"licences/{made}/checks/{check}/reversals", {"reason": "Keyed for another supplier"})
        for what, say in [("retire", "Broken"), ("reinstate", "Mended")]:
            self.post(f"locations/{closed}/{what}", {"reason": say})
            self.post(f"sensors/{broken}/{what}", {"reason": say})
        for what, units in [("approvals", 15), ("rejections", 10)]:
            count = {"lot_id": lots[0], "location_id": other, "units_counted": units, "reason": "Monthly"}
            self.post(f"movements/{self.post('counts', count)['id']}/{what}", {"reason": "Looked again"}, subject="ines")
        wasted = self.post("wastages", {"lot_id": lots[0], "from_location_id": other, "units": 1, "reason": "Dropped"})
        self.post(f"movements/{wasted['id']}/reversals", {"reason": "Another lot"})
        line = {"gtin": GTIN, "lot": "TWICE", "expiry": "2040-06-30", "packs": 1}
        twice = self.post("receipts", {"supplier_id": supplier, "site_id": site, "location_id": quarantine, "lines": [line]})
        looked = self.post("inspections", {"receipt_id": twice["id"], "lot_id": twice["lines"][0]["lot_id"],
                                           "units_passed": 2, "units_failed": 0, "checks": checks}, subject="ines")
        self.post(f"inspections/{looked['id']}/reversals", {"reason": "Another lot"})
        self.post(f"receipts/{twice['id']}/voids", {"reason": "Entered twice"})
        for outcome, since in [("suspended", {"effective_on": "2026-01-01"}), ("verified", {})]:
            self.post(f"licences/{registration}/checks", {"outcome": outcome, "source": "the public register"} | since)
        self.post(f"licences/{registration}/acknowledgements", {"note": "Looked at each"})
        self.verify()
        for path in ["stock", "events?limit=200", "movements", "deviations", "licences", "holds"]:
            self.send("GET", "/v1/" + path)


def answered(document, log):
    """How many requests there were, and the operations that no request made succeed: they were not tried."""
    requests = [json.loads(line) for line in log.splitlines() if '"message":"request"' in line]
    done = {(line["method"], line["route"]) for line in requests if line["status"] < 300}
    operations = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    return len(requests), sorted({" ".join(operation) for operation in operations - done} - HARD)


def attack(kind, binaries, more):
    """One database. True when nothing was found."""
    print(f"\n=== {kind}, seed {SEED}", flush=True)
    began = time.monotonic()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lotline-schemathesis-"))
    postgres = Postgres(folder) if kind == "postgres" else None
    server = None
    try:
        options = ["--data-dir", folder / "data", *(["--database-url", postgres.url()] if postgres else [])]
        server = Server(options, folder / "log")
        ours, theirs = Organisation(server, "Example Clinics"), Organisation(server, "Elsewhere Clinics")
        ids = {"ours": ours.known(), "theirs": theirs.known(), "fitting": ours.fitting}
        (folder / "ids.json").write_text(json.dumps(ids))
        (folder / "label.png").write_bytes(ours.picture)
        prepared = (folder / "log").stat().st_size
        with urllib.request.urlopen(server.address + "/openapi.json") as answer:
            document = json.load(answer)
        people = [{"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
                  for name, token in [("ours", ours.token("sam", *ROLES)), ("theirs", theirs.token("sam", *ROLES))]]
        (folder / "auth.json").write_text(json.dumps({"auth": people}))
        shutil.copy(HERE / "hooks.py", folder / "hooks.py")
        config = (HERE / "schemathesis.toml").read_text().replace("AUTH", str(folder / "auth.json"))
        (folder / "schemathesis.toml").write_text(config)
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(folder), "LOTLINE_IDS": str(folder / "ids.json"),
                                    "LOTLINE_PICTURE": str(folder / "label.png")}
        command = [binaries / "schemathesis", "--config-file", folder / "schemathesis.toml", "run",
                   server.address + "/openapi.json", "--seed", SEED, "--max-examples", EXAMPLES, *more]
        found = subprocess.run(command, cwd=folder, env=environment).returncode
        server.stop()
        server = None
        lines = [json.loads(line) for line in (folder / "log").read_text().splitlines() if line.startswith("{")]
        own = [line for line in lines if line.get("target", "").startswith("lotline")]
        lost = [line for line in own if line.get("status", 0) == 500 or line["level"] == "ERROR"]
        print("\n".join(json.dumps(line) for line in lost[:20]))
        verified = subprocess.run([LOTLINE, "verify", *options]).returncode
        asked, untried = answered(document, (folder / "log").read_bytes()[prepared:].decode())
        for operation in untried:
            print(f"never done: {operation}")
        print(f"--- {kind}: {asked} requests in {time.monotonic() - began:.0f} s; Schemathesis {found}, verify {verified}, "
              f"{len(lost)} errors in the log, {len(untried)} operations never done", flush=True)
        return not (found or verified or lost or untried)
    finally:
        if server:
            server.stop()
        if postgres:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    kinds = [word for word in sys.argv[1:] if word in ("sqlite", "postgres")] or ["sqlite", "postgres"]
    more = [word for word in sys.argv[1:] if word not in ("sqlite", "postgres")]
    if not LOTLINE.exists():
        sys.exit("build the server first: cargo build")
    binaries = tools()
    if len(kinds) == 1:
        sys.exit(0 if attack(kinds[0], binaries, more) else 1)
    # Side by side: most of the time a processor makes requests up. What each says is printed when it has ended.
    runs = []
    for kind in kinds:
        said = tempfile.TemporaryFile()
        runs.append((subprocess.Popen([sys.executable, __file__, kind, *more], stdout=said, stderr=subprocess.STDOUT), said))
    failed = 0
    for run, said in runs:
        failed |= run.wait()
        said.seek(0)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
