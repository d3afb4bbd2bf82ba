"""Codes to compare decoders on: made from the rules of GS1's General Specifications, from a seed.

Knows nothing of Lotline. A code is text as a scanner sends it, U+001D for the separator.
"""

import random

GS = "\x1d"
DIGITS = "0123456789"
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
PLAIN = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ-"
SET_39 = "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83]
# General Specifications, section 7.8.5: after these no separator is needed.
PREDEFINED = ("00", "01", "02", "03", "04", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
              "31", "32", "33", "34", "35", "36", "41")  # fmt: skip
ELEMENT_STRINGS = ["]d2", "]C1", "]Q3", "]e0", "]J1"]


def check_digit(digits: str) -> str:
    """Modulo 10, weights 3 and 1 from the right (section 7.9.1)."""
    return str(-sum(int(d) * (1 if i % 2 else 3) for i, d in enumerate(reversed(digits))) % 10)


def check_pair(text: str) -> str:
    """Modulo 1021 over ascending primes from the right (section 7.9.5)."""
    total = sum(SET_82.index(c) * p for c, p in zip(reversed(text), PRIMES)) % 1021
    return SET_32[total // 32] + SET_32[total % 32]


def join(elements: list[tuple[str, str]]) -> str:
    """An element string, with separators only where they are needed."""
    text = ""
    for number, (ai, value) in enumerate(elements):
        last = number == len(elements) - 1
        text += ai + value + ("" if last or ai.startswith(PREDEFINED) else GS)
    return text


class Codes:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one(self) -> str:
        kinds = [
            (22, self.element_string), (8, self.bracketed), (14, self.link), (8, self.number), (6, self.wrong_check),
            (6, self.edge_date), (8, self.swallowed), (5, self.separators), (4, self.lonely), (4, self.repeated),
            (2, self.excluded), (4, self.wrong_value), (9, self.mutated),
        ]  # fmt: skip
        return self.random.choices([k for _, k in kinds], [w for w, _ in kinds])[0]()

    # Values

    def digits(self, length: int) -> str:
        return "".join(self.random.choices(DIGITS, k=length))

    def text(self, longest: int, alphabet: str | None = None) -> str:
        alphabet = alphabet or (PLAIN if self.random.random() < 0.7 else SET_82)
        length = self.random.randint(1, longest if self.random.random() < 0.1 else min(longest, 12))
        return "".join(self.random.choices(alphabet, k=length))

    def keyed(self, length: int, start: str = "") -> str:
        body = start + self.digits(length - 1 - len(start))
        return body + check_digit(body)

    def gtin(self) -> str:
        return self.keyed(14, self.random.choice(["0952", "0952", "1952", "0", "00", "000000", "9"]))

    def date(self, no_day: bool = True) -> str:
        year = self.random.choice([26, 27, 28, 29, 30, 20, 25, self.random.randint(0, 99)])
        day = "00" if no_day and self.random.random() < 0.1 else f"{self.random.randint(1, 28):02}"
        return f"{year:02}{self.random.randint(1, 12):02}{day}"

    def time(self) -> str:
        return f"{self.random.randint(0, 23):02}{self.random.randint(0, 59):02}"

    def pieces(self) -> str:
        total = self.random.randint(1, 99)
        return self.gtin() + f"{self.random.randint(1, total):02}{total:02}"

    # Element lists that keep all rules

    def item(self) -> list[tuple[str, str]]:
        """A trade item as it comes on a pack."""
        r = self.random
        pool = {
            "17": self.date, "11": self.date, "13": self.date, "15": self.date, "16": self.date,
            "10": lambda: self.text(20), "21": lambda: self.text(20), "22": lambda: self.text(20),
            "20": lambda: self.digits(2), "240": lambda: self.text(30), "241": lambda: self.text(30),
            "242": lambda: self.digits(r.randint(1, 6)), "251": lambda: self.text(30),
            "30": lambda: self.digits(r.randint(1, 8)), f"310{r.randint(0, 5)}": lambda: self.digits(6),
            f"335{r.randint(0, 5)}": lambda: self.digits(6), f"362{r.randint(0, 5)}": lambda: self.digits(6),
            "422": lambda: r.choice(["826", "250", "372"]), "424": lambda: r.choice(["826", "756"]),
            "423": lambda: r.choice(["826", "826250", "372250826"]), "7002": lambda: self.text(30),
            "7003": lambda: self.date(False) + self.time(), "7006": lambda: self.date(False),
            "7007": lambda: self.date(False) + r.choice(["", self.date(False)]), "7030": lambda: "826" + self.text(27),
            f"71{r.randint(0, 7)}": lambda: self.text(20), "7240": lambda: self.text(20),
            "8005": lambda: self.digits(6), "8012": lambda: self.text(20),
            "8008": lambda: self.date(False) + self.time()[:2] + r.choice(["", "00", "5959"]),
            "90": lambda: self.text(30), f"9{r.randint(1, 9)}": lambda: self.text(90),
        }  # fmt: skip
        usual = ["17", "10", "21", "11"]
        chosen = [ai for ai in usual if r.random() < 0.6]
        chosen += r.sample([ai for ai in pool if ai not in usual], r.choice([0, 0, 0, 1, 2]))
        elements = [("01", self.gtin())] + [(ai, pool[ai]()) for ai in chosen]
        if "21" in chosen and r.random() < 0.1:
            elements.append(("250", self.text(30)))
        if "21" not in chosen and r.random() < 0.03:
            elements.append(("235", self.text(28)))
        if r.random() < 0.3:
            r.shuffle(elements)
        return elements

    def other_key(self) -> list[tuple[str, str]]:
        """Logistic units, documents, assets, places, relations."""
        r = self.random
        key = r.choice("00 253 255 401 402 414 415 417 8003 8004 8006 8010 8013 8017 8018".split())
        elements = {
            "00": lambda: [("00", self.keyed(18)), ("02", self.gtin()), ("37", self.digits(r.randint(1, 8))), ("10", self.text(20))],
            "253": lambda: [("253", self.keyed(13) + r.choice(["", self.text(17)]))],
            "255": lambda: [("255", self.keyed(13) + r.choice(["", self.digits(5)])), ("17", self.date())],
            "401": lambda: [("401", self.digits(7) + self.text(10)), ("400", self.text(30))],
            "402": lambda: [("402", self.keyed(17))],
            "414": lambda: [("414", self.keyed(13)), ("254", self.text(20))],
            "415": lambda: [("415", self.keyed(13)), ("8020", self.text(25)), ("12", self.date())],
            "417": lambda: [("417", self.keyed(13))],
            "8003": lambda: [("8003", "0" + self.keyed(13) + r.choice(["", self.text(16)]))],
            "8004": lambda: [("8004", self.digits(6) + self.text(20))],
            "8006": lambda: [("8006", self.pieces()), ("10", self.text(20)), ("21", self.text(20))],
            "8010": lambda: [("8010", self.digits(6) + self.text(12, SET_39)), ("8011", str(r.randint(1, 10**11)))],
            "8013": lambda: [("8013", (body := self.digits(6) + self.text(12)) + check_pair(body))],
            "8017": lambda: [("8017", self.keyed(18)), ("8019", self.digits(r.randint(1, 10)))],
            "8018": lambda: [("8018", self.keyed(18))],
        }[key]()  # fmt: skip
        if key == "00" and r.random() < 0.5:
            elements = elements[:1] + [("410", self.keyed(13)), ("421", "826" + self.text(9)), ("4324", self.date() + self.time())]
        return elements

    def elements(self) -> list[tuple[str, str]]:
        return self.item() if self.random.random() < 0.8 else self.other_key()

    def identifier(self) -> str:
        return self.random.choice([*ELEMENT_STRINGS, "", ""])

    # Codes

    def element_string(self) -> str:
        text = self.identifier() + join(self.elements())
        return text + (GS if self.random.random() < 0.05 else "")

    def bracketed(self) -> str:
        return "".join(f"({ai}){value.replace('(', chr(92) + '(')}" for ai, value in self.elements())

    def link(self) -> str:
        r = self.random
        elements = dict(self.elements() if r.random() < 0.3 else self.item())
        paths = {"01": ["22", "10", "21"], "8006": ["22", "10", "21"], "414": ["254"], "8010": ["8011"], "415": ["8020"], "8017": ["8019"]}
        key = next((ai for ai in elements if ai in "00 01 253 255 401 402 414 415 417 8003 8004 8006 8010 8013 8017 8018".split()), None)
        if key is None:
            return self.element_string()
        qualifiers = ["235"] if "235" in elements else paths.get(key, [])
        path = [ai for ai in [key, *qualifiers] if ai in elements]
        stem = r.choice(["https://id.gs1.org", "https://example.com/some/path", "http://example.org:8080"])
        written = stem + "".join(f"/{ai}/{self.escaped(elements[ai])}" for ai in path)
        query = [f"{ai}={self.escaped(value)}" for ai, value in elements.items() if ai not in path]
        if r.random() < 0.2:
            query.append(r.choice(["linkType=gs1:pip", "lang=en", "utm_source=x"]))
        return r.choice(["", "", "", "]Q1", "]d1"]) + written + ("?" + "&".join(query) if query else "")

    def escaped(self, value: str) -> str:
        return "".join(c if c.isalnum() or c in "-._" else f"%{ord(c):02X}" for c in value)

    def number(self) -> str:
        """EAN, UPC and ITF-14 numbers, with and without symbology identifier."""
        length, start = self.random.choice([(13, "]E0"), (8, "]E4"), (14, "]I1"), (8, ""), (12, ""), (13, ""), (14, "")])
        number = self.keyed(length)
        return start + (number if self.random.random() < 0.8 else self.digits(length))

    def wrong_check(self) -> str:
        elements = self.elements() if self.random.random() < 0.5 else self.other_key()
        ai, value = elements[0]
        at = self.random.randrange(len(value))
        elements[0] = (ai, value[:at] + self.random.choice(DIGITS) + value[at + 1 :])
        return self.identifier() + join(elements)

    def edge_date(self) -> str:
        date = self.random.choice([
            "260229", "280229", "280230", "260431", "260631", "000229", "261301", "260001", "260132", "260100", "990200",
            "760101", "770101", "751231", self.digits(6),
        ])  # fmt: skip
        ai = self.random.choice(["11", "13", "15", "16", "17", "7003", "7006", "8008"])
        value = date + (self.random.choice(["0000", "2359", "2400", "1260"]) if ai == "7003" else "12" if ai == "8008" else "")
        return self.identifier() + join([("01", self.gtin()), (ai, value)])

    def swallowed(self) -> str:
        """A separator that is missing."""
        text = join(self.elements())
        places = [at for at, c in enumerate(text) if c == GS]
        if places:
            at = self.random.choice(places)
            text = text[:at] + text[at + 1 :]
        return self.identifier() + text

    def separators(self) -> str:
        """Leading, doubled and trailing ones, ones that are not needed, and what stands for them."""
        text = "".join(ai + value + GS * self.random.choice([1, 1, 1, 2]) for ai, value in self.elements())
        text = self.random.choice(["", GS]) + text
        return self.random.choice(ELEMENT_STRINGS) + text.replace(GS, self.random.choice([GS, "^", "{GS}"]))

    def lonely(self) -> str:
        """Elements without the key that they belong to."""
        elements = self.elements()
        del elements[self.random.randrange(len(elements))]
        return self.identifier() + join(elements or [("10", self.text(20))])

    def repeated(self) -> str:
        elements = self.elements()
        ai, value = self.random.choice(elements)
        again = value if self.random.random() < 0.5 else dict(self.item()).get(ai, value)
        elements.insert(self.random.randrange(len(elements) + 1), (ai, again))
        return self.identifier() + join(elements)

    def excluded(self) -> str:
        """Elements that must not stand together."""
        elements = self.elements()
        elements += self.random.choice([
            [("01", self.gtin())], [("21", self.text(20)), ("235", self.text(28))], [("255", self.keyed(13))],
            [("3100", self.digits(6)), ("3101", self.digits(6))], [("8006", self.pieces())],
            [("420", self.text(20)), ("421", "826" + self.text(9))], [("422", "826"), ("426", "826")],
        ])  # fmt: skip
        return self.identifier() + join(elements)

    def wrong_value(self) -> str:
        """Too long, empty, or with characters that GS1 does not have."""
        elements = self.elements()
        at = self.random.randrange(len(elements))
        ai, value = elements[at]
        value = self.random.choice([value + self.text(20), value[:-1], "", value[:1] + self.random.choice(" #$@~é\t") + value[1:]])
        elements[at] = (ai, value)
        return self.identifier() + join(elements)

    def mutated(self) -> str:
        code = self.random.choice([self.element_string, self.bracketed, self.link, self.number])()
        for _ in range(self.random.choice([1, 1, 2, 3])):
            at = self.random.randrange(len(code) + 1)
            new = self.random.choice(["", self.random.choice(SET_82), self.random.choice(DIGITS), GS])
            code = code[:at] + new + code[at + self.random.choice([0, 1]) :]
        return code
