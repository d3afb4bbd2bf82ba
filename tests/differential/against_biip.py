"""Compares `lotline decode` with biip (PyPI) on codes made from the rules, and names the reason of every difference.

    python3 -m venv target/biip && target/biip/bin/pip install -r tests/differential/requirements.txt
    target/biip/bin/python tests/differential/against_biip.py --lotline target/debug/lotline

Ends with 1 when a difference has no reason here. A reason is only given where this script sees it for itself in the
code or in what biip read; what Lotline says of its refusal is not enough.
"""

import argparse
import collections
import json
import re
import subprocess
import sys
import time

from biip import ParseConfig, ParseError, parse
from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS
from biip.gs1_messages import GS1Message

from codes import ELEMENT_STRINGS, GS, PREDEFINED, SET_82, Codes, check_digit, check_pair

CONFIG = ParseConfig()
STAND_INS = re.compile(r"\^|\{GS\}")


class Said:
    """What a decoder says: either why not, or elements and facts."""

    def __init__(self, refusal=None, elements=(), facts=None, error=""):
        self.refusal, self.elements, self.facts, self.error = refusal, list(elements), facts or {}, error

    def __repr__(self):
        return f"refused ({self.refusal}: {self.error})" if self.refusal else f"{self.elements} {self.facts}"


def lotline(program: str, codes: list[str]) -> list[Said]:
    run = subprocess.run([program, "decode"], input="".join(f"{c}\n" for c in codes).encode(), capture_output=True, check=True)
    return [from_json(json.loads(line)) for line in run.stdout.splitlines()]


def from_json(line: dict) -> Said:
    if not line["ok"]:
        return Said(refusal=line["error"]["code"], error=line["error"]["message"])
    facts = {name: line[name] for name in ("gtin", "lot", "serial", "expiry", "production_date") if name in line}
    said = Said(elements=[(e["ai"], e["value"]) for e in line["elements"]], facts=facts)
    said.warnings = {warning["code"] for warning in line["warnings"]}
    return said


def biip(code: str) -> Said:
    # biip knows neither stand-ins for the separator nor links in symbols that are not GS1's own, and stumbles over
    # DotCode (]J1): it is asked about the same data without them.
    value = code[3:] if code.startswith(("]d1", "]Q1")) else re.sub(r"^\]J1", "]d2", code)
    try:
        if value.startswith("("):
            return from_message(GS1Message.parse_hri(value, config=CONFIG).element_strings)
        result = parse(value if "http" in value[:7] else STAND_INS.sub(GS, value), config=CONFIG)
    except (ParseError, ValueError, ArithmeticError, IndexError, AssertionError) as error:
        return Said(refusal=type(error).__name__, error=str(error))
    if result.gs1_message:
        return from_message(result.gs1_message.element_strings)
    if result.gs1_digital_link_uri:
        return from_message(result.gs1_digital_link_uri.element_strings)
    number = value[3:] if value.startswith(("]E", "]I")) else value
    if result.gtin and result.gtin.value == number:
        gtin = result.gtin.as_gtin_14()
        return Said(elements=[("01", gtin)], facts={"gtin": gtin})
    errors = [result.gs1_message_error, result.gs1_digital_link_uri_error, result.gtin_error]
    return Said(refusal="ParseError", error=next((e for e in errors if e), ""))


def from_message(strings) -> Said:
    if any(e.gtin_error or e.gln_error or e.sscc_error for e in strings):
        return Said(refusal="key", error="; ".join(e.gtin_error or e.gln_error or e.sscc_error or "" for e in strings))
    facts = {}
    for e in strings:
        names = {"01": "gtin", "10": "lot", "21": "serial"}
        if e.ai.ai in names:
            facts[names[e.ai.ai]] = e.value
    dates = {e.ai.ai: e.date.isoformat() for e in reversed(strings) if e.date}
    expiry = [dates[ai] for ai in ("17", "7003") if ai in dates]
    produced = [dates[ai] for ai in ("11", "8008") if ai in dates]
    if expiry:
        facts["expiry"] = min(expiry)
    if produced:
        facts["production_date"] = produced[0]
    return Said(elements=[(e.ai.ai, e.value) for e in strings], facts=facts)


# What must and must not stand together (General Specifications, sections 4.13 and 4.14): of those that the codes hold.
ITEM = "01 02 03 8006 8026"
NEEDS = {
    **dict.fromkeys("10 11 13 15 16".split(), [ITEM]), "17": [ITEM + " 255"], "12": ["8020"], "20": ["01 02 8006 8026"],
    "21": ["01 03 8006"], "22": ["01"], "235": ["01"], "240": ["01 02 8006 8026"], "241": ["01 02 8006 8026"],
    "242": ["01 02 8006 8026"], "243": ["01"], "250": ["01 03 8006", "21"], "251": ["01 8006"], "254": ["414"], "30": ["01 02"],
    "02": ["37"], "37": ["00", "02 8026"], "403": ["00"], "415": ["8020"], "422": ["01 02 8006 8026"], "423": ["01 02"],
    "424": ["01 02"], "425": ["01 02"], "426": ["01 02"], "427": ["01 02", "422"], "7001": ["01 02 8006 8026"],
    **dict.fromkeys("7002 7003 7005 7006 7007 7008 7009 7010 7011 8005 8008".split(), ["01 02"]), "7004": ["01", "10"],
    **dict.fromkeys("710 711 712 713 714 715 716 717 243 8001 8014 8200 8040".split(), ["01"]), "7020": ["01 8006", "416"],
    **dict.fromkeys("7021 7240 8012".split(), ["01 8006"]), "7022": ["7021"], "8011": ["8010"], "8019": ["8017 8018"],
    "8020": ["415"], "8007": ["415"], "8009": ["00 01"], "8026": ["37"], "4303": ["4302"], "4313": ["4312"],
    "7041": ["00"], "7241": ["8017 8018"], "7242": ["8017 8018"], "8111": ["255"], "8041": ["8040"], "8042": ["8040"],
    "8043": ["8040"], "8030": ["00 01 253 255 8003 8004 8006 8010 8017 8018"],
}  # fmt: skip
EXCLUDES = {
    "01": "02 03 255 37 8006", "02": "03 8026", "03": "37", "21": "235", "255": "02 415 8006 8020 8026", "420": "421",
    "421": "4307", "426": "422 423 424 425", "8006": "37 8026", "8017": "8018", "8005": "395",
}  # fmt: skip


def needs(ai: str) -> list[str]:
    if ai in NEEDS:
        return NEEDS[ai]
    if len(ai) == 4:
        if ai[:3] in "353 354 355 362 363 367 368 369".split() or ai[:2] in ("33", "34"):
            return ["01"] if ai[:3] == "337" else ["00 01"]
        if ai[:2] in ("31", "32", "35", "36"):
            return ["01 02"]
        if ai[:2] == "43":
            return ["00"]
        if ai[:3] in ("703",):
            return ["01 02"]
        if ai[:3] in ("723",):
            return ["01 8004"]
        if ai[:3] == "725":
            return ["8017 8018"]
        if ai[:3] in ("390", "391", "394"):
            return ["255 8020"]
        if ai[:3] in ("392", "393", "395"):
            return ["measure"]
    return []


def alone(elements) -> bool:
    present = {ai for ai, _ in elements}
    measure = any(ai == "30" or ai[:2] in ("31", "32", "35", "36") for ai in present)
    return any(
        not (set(group.split()) & present or (group == "measure" and measure)) for ai in present for group in needs(ai)
    )


def excluded(elements) -> bool:
    present = {ai for ai, _ in elements}
    families = collections.Counter(ai[:3] for ai in present if len(ai) == 4 and ai[0] == "3")
    return any(set(others.split()) & present for ai, others in EXCLUDES.items() if ai in present) or any(
        count > 1 for count in families.values()
    )


def repeated(elements) -> bool:
    values = collections.defaultdict(set)
    for ai, value in elements:
        values[ai].add(value)
    return any(len(found) > 1 for found in values.values())


def wrong_check(elements) -> bool:
    """A check digit that biip does not look at."""
    lengths = {"253": 13, "255": 13, "402": 17, "8006": 14, "8026": 14, "8017": 18, "8018": 18}
    for ai, value in elements:
        key = value[1:14] if ai == "8003" else value[: lengths.get(ai, 0)]
        if key and check_digit(key[:-1]) != key[-1]:
            return True
        if ai in ("8013", "8014") and (len(value) < 3 or check_pair(value[:-2]) != value[-2:]):
            return True
    return False


COUNTRY_3 = ("422", "424", "426")


def wrong_content(elements) -> bool:
    """A rule on the content that biip does not know."""
    for ai, value in elements:
        if ai in ("401", "8004", "8010", "8013", "8014", "7023") and not value[:4].isdigit() or (ai in ("401", "8004", "7023") and len(value) < 4):
            return True
        if ai in ("8006", "8026") and not 0 < int(value[14:16]) <= int(value[16:18]):
            return True
        if ai == "8011" and value.startswith("0"):
            return True
        if ai in COUNTRY_3 and not country(value) or ai in ("421", "7030") and not country(value[:3]) and value[:3] != "999":
            return True
        if ai in ("423", "425") and not all(country(value[at : at + 3]) for at in range(0, len(value), 3)):
            return True
        if ai[:3] in ("391", "393"):
            return True  # currencies: made by mutations only
        if ai in ("7003", "7006", "7007", "7011", "8008", "4326") and "00" in (value[4:6], value[10:12] if ai == "7007" else "01"):
            return True
        if ai in ("4324", "4325", "7003") and not (value[6:8] < "24" and value[8:10] < "60"):
            return True
        if ai in ("8007", "8110", "8112", "8001", "4307", "4309", "4317", "7040", "7041", "7241", "7252", "7258") or ai[:3] == "703":
            return True  # lists and rules of their own: made by mutations only
        if ai == "7007" and len(value) == 12 and not real(value[6:]):
            return True
        if (ai[:2] == "43" or ai in ("7253", "7254", "7256", "7257", "7259")) and re.search("%(?![0-9A-Fa-f]{2})", value):
            return True
    return False


def country(code: str) -> bool:
    return code in ("826", "250", "372", "756")


def real(date: str) -> bool:
    try:
        biip_date = parse("]d217" + date).gs1_message
    except ParseError:
        return False
    return bool(biip_date) and date[4:] != "00"


def cut(code: str, elements) -> bool:
    """biip matches the beginning of a value and takes what is left for the next element, although no separator ends the
    value: one that is too long, or that goes on with a character that it must not hold."""
    text = STAND_INS.sub(GS, code[3:] if code.startswith("]") else code)
    at = 0
    for ai, value in elements:
        while text[at : at + 1] == GS:
            at += 1
        at += len(ai) + len(value)
        if not ai.startswith(PREDEFINED) and text[at : at + 1] not in ("", GS):
            return True
    return False


def path_of(code: str) -> str:
    return re.sub(r"^(\](d1|Q1))?https?://[^/]*", "", code).split("#")[0].split("?")[0]


# What this script sees in the elements, and the refusals of Lotline that it explains.
RULES = [
    (repeated, "ai_repeated", "biip lets an element repeat with another value (4.13)"),
    (alone, "ai_required", "biip does not ask for the element that another one needs (4.14)"),
    (excluded, "ai_excluded", "biip lets elements stand together that exclude each other (4.13)"),
    (wrong_check, "check_digit check_characters", "biip checks the check digits of GTIN, SSCC and GLN only (7.9)"),
    (
        wrong_content,
        "code_not_listed company_prefix value_invalid date_invalid time_invalid check_characters value_too_short unsupported",
        "biip has no rules for the content of this element (3, and the linters of the Syntax Dictionary)",
    ),
]


def reason(code: str, ours: Said, theirs: Said) -> str | None:
    link, bracketed = "http" in code[:10], code.startswith("(")
    if ours.refusal and not theirs.refusal:
        return laxer(code, ours, theirs, link, bracketed)
    if theirs.refusal and not ours.refusal:
        return stricter(code, ours, theirs, link, bracketed)
    return different(code, ours, theirs, link, bracketed)


def laxer(code, ours, theirs, link, bracketed) -> str | None:
    elements = theirs.elements
    if code != code.strip() or code.strip(GS) != code and not code.strip(GS):
        return "biip strips white space and separators around a code (7.8: no value holds white space)"
    if re.search(r"[^\x1d -~]", code):
        return "biip lets characters pass that no GS1 code holds (7.11)"
    if bracketed and re.search(r"\s", code):
        return "biip drops white space and separators in bracketed text (7.11: character set 82 has none)"
    if bracketed and "(" not in code[1:] or bracketed and not re.fullmatch(r"(\(\d{2,4}\)[^()]([^(]|\\\()*)+", code.replace("\\(", "")):
        return "biip reads bracketed text loosely: it skips what stands between elements (4.15)"
    if not link and not bracketed and cut(code, elements):
        return "biip cuts a value off where it stops to fit, and reads on without a separator (7.8.5)"
    for seen, codes, why in RULES:
        if ours.refusal in codes.split() and seen(elements):
            return why
    if any(value == "" for _, value in elements):
        return "biip takes an element without a value (3)"
    if link:
        return loose_link(code, ours, theirs)
    if re.fullmatch(r"\d+", code) and len(elements) == 1 and elements[0][0] == "01" and len(code) in (8, 12, 13, 14):
        return "biip takes digits for a GTIN that may be the rest of an element string; Lotline refuses to guess"
    if code[:3] in ("]E0", "]E4", "]I1"):
        if len(code) - 3 != {"]E0": 13, "]E4": 8, "]I1": 14}[code[:3]]:
            return "biip takes another number of digits than the symbol has (ISO/IEC 15424; 5.2, 5.3)"
    if code.startswith("]") and code[:3] not in ELEMENT_STRINGS + ["]E0", "]E4", "]I1"]:
        return "biip ignores a symbology identifier that is none of a symbol with product data (ISO/IEC 15424)"
    return None


def loose_link(code, ours, theirs) -> str | None:
    path, elements = path_of(code), theirs.elements
    if not re.match(r"(\](d1|Q1))?https?://[^/]", code):
        return "biip takes a link without // and a domain after the scheme (RFC 3986, 3; Digital Link URI syntax)"
    query = code.split("#")[0].partition("?")[2]
    names = [part.split("=")[0] for part in query.split("&")]
    if len(names) != len(set(names)) or any(name in [ai for ai, _ in elements[:1]] for name in names):
        return "biip takes the last of elements that a link repeats (Digital Link URI syntax)"
    if any(name in ("22", "10", "21", "235", "254", "8011", "8019", "8020", "7040", "03", "8200", "7041", "8014") for name in names):
        return "biip takes key qualifiers in the query (Digital Link URI syntax)"
    if any(name.isdigit() and len(name) >= 1 and name not in [ai for ai, _ in elements] for name in names):
        return "biip ignores numeric names in a query that are no element (Digital Link URI syntax)"
    if re.search(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]", code.removeprefix("]Q1").removeprefix("]d1")):
        return "biip takes characters that a URI cannot hold (RFC 3986, 2)"
    if elements and elements[0][0] == "01" and f"/01/{elements[0][1]}" not in path:
        return "biip fills a shortened GTIN up with zeros (Digital Link URI syntax: 14 digits)"
    if re.search(r"/235/", path) and re.search(r"/(22|10|21)/", path):
        return "biip takes 235 after 22, 10 or 21 in a path (Digital Link URI syntax)"
    if re.search(r"%(?![0-9A-Fa-f]{2})", code) or re.search(r"%[89A-Fa-f]", code):
        return "biip reads broken percent-encoding (RFC 3986, 2.1)"
    if re.match(r"https?://[^/]*[^A-Za-z0-9\-.:\[\]/][^/]*/", code.removeprefix("]Q1").removeprefix("]d1")):
        return "biip takes a domain with characters that none has (RFC 3986, 3.2.2)"
    return None


def stricter(code, ours, theirs, link, bracketed) -> str | None:
    if bracketed and "\\(" in code:
        return ESCAPE
    if theirs.error.startswith("Failed to parse GS1 AI (7007)") and any(ai == "7007" and len(v) == 12 for ai, v in ours.elements):
        return "biip takes the end of a range of harvest dates for a time (3, AI 7007)"
    return None


ESCAPE = "biip has no way to write an opening bracket in bracketed text (4.15)"


def different(code, ours, theirs, link, bracketed) -> str | None:
    if bracketed and "\\(" in code:
        return ESCAPE
    if re.fullmatch(r"\d+", code) and theirs.elements == [("01", code.zfill(14))] and "ean_or_ai" in ours.warnings:
        return "biip takes digits for a GTIN that read as elements, too; Lotline reads the elements and warns"
    return None


def identifiers(program: str) -> list[str]:
    """The application identifiers that only one of the two knows."""
    every = [f"{number:0{length}}" for length in (2, 3, 4) for number in range(10**length)]
    answers = lotline(program, [f"({ai})" for ai in every])
    known = {ai for ai, said in zip(every, answers) if said.refusal != "ai_unknown"}
    return sorted(known ^ set(_GS1_APPLICATION_IDENTIFIERS))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lotline", default="target/debug/lotline", help="the program")
    parser.add_argument("--codes", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20260127)
    options = parser.parse_args()
    if only_one := identifiers(options.lotline):
        print(f"application identifiers that only one of the two knows: {only_one}")
        return 1
    print(f"both know the same {len(_GS1_APPLICATION_IDENTIFIERS)} application identifiers")
    began = time.monotonic()
    source = Codes(options.seed)
    codes = [code.replace("\n", "") for code in (source.one() for _ in range(options.codes))]
    ours = lotline(options.lotline, codes)
    assert len(ours) == len(codes), "one answer to each line"
    counts, examples = collections.Counter(), {}
    unexplained = []
    for code, our in zip(codes, ours):
        their = biip(code)
        if our.refusal and their.refusal:
            kind = "both refuse"
        elif not our.refusal and not their.refusal and (our.elements, our.facts) == (their.elements, their.facts):
            kind = "both read the same"
        else:
            kind = reason(code, our, their)
            if kind is None:
                kind = "UNEXPLAINED"
                unexplained.append((code, our, their))
        counts[kind] += 1
        if kind not in examples or len(code) < len(examples[kind]):
            examples[kind] = code
    print(f"{len(codes)} codes in {time.monotonic() - began:.0f} s")
    for kind, count in counts.most_common():
        print(f"{count:7}  {kind}" + ("" if kind.startswith("both") else f", as in {examples[kind]!r}"))
    for code, our, their in unexplained[:40]:
        print(f"\n{code!r}\n  lotline: {our}\n  biip:    {their}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
