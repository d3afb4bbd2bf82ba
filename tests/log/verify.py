"""An independent verifier of Lotline's custody log and its evidence bundles, written from the texts alone: RFC 6962 section 2.1 (tree
hash, audit paths, consistency proofs), C2SP signed-note and tlog-checkpoint, RFC 8032 section 5.1.7 (Ed25519), RFC 8439
(ChaCha20-Poly1305), and docs/custody-log.md for the form of a bundle. It shares no code with Lotline and needs nothing but Python's
standard library.

    verify.py --bundle FILE... [--key VKEY]

checks evidence bundles, and says of each what is wrong with it, if anything. Without arguments it reads one JSON document from standard input and exits with 1, saying what is wrong, where anything is:

    {"vkey": "...", "checkpoints": ["signed note", ...],
     "events": [{"leaf_index": 0, "bytes": "base64"}, ...],          every event of the organisation
     "inclusion": [answers of GET /v1/log/proofs/inclusion, with "bytes" beside them],
     "consistency": [answers of GET /v1/log/proofs/consistency]}

Roots are computed from the events themselves by the recursion of the RFC, so that nothing rests on the proofs being right.
"""

import base64
import hashlib
import json
import re
import struct
import sys
import zlib

# --- RFC 8032: Ed25519, verification only -------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, p)
        p, s = add(p, p), s >> 1
    return q


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    assert y < P, "a point beyond the field"
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P != 0:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - xx) % P == 0, "no point of the curve"
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = point(BASE_Y.to_bytes(32, "little"))


def ed25519(key, message, signature):
    assert len(key) == 32 and len(signature) == 64, "lengths of a key or a signature"
    a, r, s = point(key), signature[:32], int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER
    return same(times(s, BASE), add(point(r), times(h, a)))


# --- C2SP signed-note and tlog-checkpoint -------------------------------------------------------------------------------------


def verifier(vkey):
    """The name of a key, its id, and its bytes with their kind before them."""
    name, key_id, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    assert len(key) == 33 and key[0] == 1, "not an Ed25519 key"
    assert base64.b64encode(key).decode() == encoded, "base64 that is written otherwise than others write it"
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    assert key_id == expected.hex(), "the id of the key is not that of its name and bytes"
    return name, expected, key


def signed(note, vkey):
    """The text of a note that the key has signed."""
    name, expected, key = verifier(vkey)
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    own = []
    assert signatures.endswith("\n"), "a note ends its last line"
    for line in signatures.removesuffix("\n").split("\n"):
        dash, signer, signature = line.split(" ")
        assert dash == "\u2014", "a signature's line begins with a dash"
        encoded, signature = signature, base64.b64decode(signature, validate=True)
        assert base64.b64encode(signature).decode() == encoded, "base64 that is written otherwise than others write it"
        if signer == name and signature[:4] == expected:
            own.append(signature[4:])
    assert len(own) == 1 and ed25519(key[1:], text.encode(), own[0]), "not signed by the key"
    return text


def checkpoint(note, vkey):
    """The size and the root of a checkpoint that the key has signed."""
    name, _, _ = verifier(vkey)
    text = signed(note, vkey)
    origin, size, root = text.split("\n")[:3]
    assert origin == name, "the origin is the name of the key"
    return int(size), base64.b64decode(root, validate=True)


# --- RFC 6962 section 2.1 -----------------------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).digest()


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


class Log:
    """Leaves, and the hashes of subtrees that were asked for."""

    def __init__(self, leaves):
        self.leaves, self.known = leaves, {}

    def mth(self, start, end):
        n = end - start
        if n == 0:
            return sha256(b"")
        if n == 1:
            return sha256(b"\x00" + self.leaves[start])
        if (start, end) not in self.known:
            k = start + split(n)
            self.known[start, end] = sha256(b"\x01" + self.mth(start, k) + self.mth(k, end))
        return self.known[start, end]

    def path(self, m, start, end):
        n = end - start
        if n == 1:
            return []
        k = split(n)
        if m < k:
            return self.path(m, start, start + k) + [self.mth(start + k, end)]
        return self.path(m - k, start + k, end) + [self.mth(start, start + k)]

    def proof(self, m, n):
        return self.subproof(m, 0, n, True)

    def subproof(self, m, start, end, b):
        n = end - start
        if m == n:
            return [] if b else [self.mth(start, end)]
        k = split(n)
        if m <= k:
            return self.subproof(m, start, start + k, b) + [self.mth(start + k, end)]
        return self.subproof(m - k, start + k, end, False) + [self.mth(start, start + k)]


def decoded(hashes):
    return [base64.b64decode(hash, validate=True) for hash in hashes]


# --- RFC 8439: ChaCha20-Poly1305, decryption only -----------------------------------------------------------------------------


def chacha20_block(key, counter, nonce):
    def rotate(x, n):
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF

    start = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    s = list(start)
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            s[a] = (s[a] + s[b]) & 0xFFFFFFFF
            s[d] = rotate(s[d] ^ s[a], 16)
            s[c] = (s[c] + s[d]) & 0xFFFFFFFF
            s[b] = rotate(s[b] ^ s[c], 12)
            s[a] = (s[a] + s[b]) & 0xFFFFFFFF
            s[d] = rotate(s[d] ^ s[a], 8)
            s[c] = (s[c] + s[d]) & 0xFFFFFFFF
            s[b] = rotate(s[b] ^ s[c], 7)
    return struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(s, start)))


def opened(key, nonce, sealed, about):
    """What was encrypted, with its tag behind it."""
    assert len(key) == 32 and len(nonce) == 12 and len(sealed) >= 16, "lengths of a key, a nonce or a ciphertext"
    text, tag = sealed[:-16], sealed[-16:]
    once = chacha20_block(key, 0, nonce)
    r, s = int.from_bytes(once[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF, int.from_bytes(once[16:32], "little")
    padded = b"".join(part + bytes(-len(part) % 16) for part in (about, text))
    message, total = padded + struct.pack("<QQ", len(about), len(text)), 0
    for at in range(0, len(message), 16):
        total = (total + int.from_bytes(message[at : at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    assert (total + s) % 2**128 == int.from_bytes(tag, "little"), "the key does not open it"
    stream = b"".join(chacha20_block(key, 1 + at, nonce) for at in range(-(-len(text) // 64)))
    return bytes(a ^ b for a, b in zip(text, stream))


# --- Evidence bundles: docs/custody-log.md ------------------------------------------------------------------------------------

PART_MAX = 32 * 1024 * 1024


class Wrong(Exception):
    """What is wrong with a bundle: its part, and why."""


def local(name, content):
    """What stands before a part."""
    numbers = (0x04034B50, 10, 0, 0, 0, 0x21, zlib.crc32(content), len(content), len(content), len(name), 0)
    return struct.pack("<I5H3I2H", *numbers) + name.encode()


def central(name, content, offset):
    """What the directory says of a part."""
    wide = offset >= 0xFFFFFFFF
    version, extra = (45, struct.pack("<HHQ", 1, 8, offset)) if wide else (10, b"")
    numbers = (0x02014B50, version, version, 0, 0, 0, 0x21, *content)
    rest = (len(name), len(extra), 0, 0, 0, 0, min(offset, 0xFFFFFFFF))
    return struct.pack("<I6H3I5H2I", *numbers, *rest) + name.encode() + extra


def ending(lines, count, offset):
    """What stands behind the directory."""
    end = b""
    if offset >= 0xFFFFFFFF or count >= 0xFFFF:
        end += struct.pack("<IQ2H2I4Q", 0x06064B50, 44, 45, 45, 0, 0, count, count, lines, offset)
        end += struct.pack("<2IQI", 0x07064B50, 0, offset + lines, 1)
    few = min(count, 0xFFFF)
    return end + struct.pack("<I4H2IH", 0x06054B50, 0, 0, few, few, lines, min(offset, 0xFFFFFFFF), 0)


def parts(file):
    """The parts of a file in their order: the only ZIP file that has them is this one."""
    offset, directory, count = 0, b"", 0
    while True:
        place = f"part {count + 1}"
        start = file.read(4)
        if start in (struct.pack("<I", 0x02014B50), struct.pack("<I", 0x06054B50)):
            expected = directory + ending(len(directory), count, offset)
            if start + file.read() != expected:
                raise Wrong("directory", "it does not say what is in the file, or something follows on it")
            return
        head = start + file.read(26)
        if len(head) < 30:
            raise Wrong(place, "the file ends in it")
        size, length = struct.unpack_from("<I", head, 18)[0], struct.unpack_from("<H", head, 26)[0]
        if size > PART_MAX or length > 64:
            raise Wrong(place, "no part is as large")
        name, content = file.read(length).decode("ascii", "replace"), file.read(size)
        if not re.fullmatch(r"[A-Za-z0-9.-]+", name):
            raise Wrong(place, "it has no name that a part can have")
        if head + name.encode() != local(name, content):
            raise Wrong(name, "its size or its checksum is not what stands before it")
        directory += central(name, (zlib.crc32(content), size, size), offset)
        offset, count = offset + 30 + length + size, count + 1
        yield name, content


def canonical(content):
    """What JSON says that is written as RFC 8785 says, with integers only."""

    def refuse(text):
        raise ValueError(f"{text} is no integer")

    value = json.loads(content.decode(), parse_float=refuse, parse_constant=refuse)

    def written(value):
        if isinstance(value, dict):
            members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
            return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + written(v) for k, v in members) + "}"
        if isinstance(value, list):
            return "[" + ",".join(written(item) for item in value) + "]"
        assert not isinstance(value, int) or abs(value) < 2**53, "an integer of more than 53 bits"
        return json.dumps(value, ensure_ascii=False)

    assert written(value).encode() == content, "not written as RFC 8785 says"
    return value


def of_form(value, *names):
    assert isinstance(value, dict) and sorted(value) == sorted(names), f"its fields are not {names}"
    return value


def between(start, end):
    """The heights of the whole subtrees that the leaves from `start` to before `end` divide into."""
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        yield height
        start += 1 << height


def root_over(size, leaves, hashes):
    """The root of a tree, from some of its leaves and the subtrees between them."""
    stack, hashes = [], list(hashes)

    def push(height, digest):
        while stack and stack[-1][0] == height:
            height, digest = height + 1, sha256(b"\x01" + stack.pop()[1] + digest)
        stack.append((height, digest))

    start = 0
    for index, leaf in sorted(leaves) + [(size, None)]:
        assert start <= index and (leaf is None or index < size), "leaves twice, or beyond the tree"
        for height in between(start, index):
            push(height, hashes.pop(0))
        if leaf is not None:
            push(0, leaf)
            start = index + 1
    assert not hashes, "more hashes than it takes"
    root = stack.pop()[1] if stack else sha256(b"")
    while stack:
        root = sha256(b"\x01" + stack.pop()[1] + root)
    return root


def resolve(value, pointer):
    """RFC 6901."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value


TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


class Bundle:
    """A file, and how far it was read. `part` is what is looked at: what is wrong, it is."""

    def __init__(self, file, key):
        self.rest, self.key, self.read, self.part = parts(file), key, [], "part 1"
        self.last, self.events, self.opened, self.photographs = None, 0, 0, 0
        self.pictures, self.told = [], 0

    def next(self):
        self.part = f"part {len(self.read) + 1}"
        found = next(self.rest, None)
        if found is None:
            raise Wrong("directory", "it comes before the last part")
        self.part, content = found
        self.read.append({"bytes": len(content), "name": self.part, "sha256": base64.b64encode(sha256(content)).decode()})
        return self.part, content

    def expect(self, name):
        found, content = self.next()
        assert found == name, f"it stands where {name} should"
        return content

    def check(self):
        about = of_form(
            canonical(self.expect("about.json")),
            *("format", "version", "organisation_id", "subject", "made_at", "made_for", "tree_size"),
        )
        assert (about["format"], about["version"]) == ("lotline-evidence-bundle", 1), "another form"
        self.organisation, self.size = about["organisation_id"], about["tree_size"]
        ((self.subject, self.of),) = about["subject"].items()
        assert self.subject in ("lot_id", "patient_ids", "period"), "about something else"
        vkey = self.expect("key.txt").decode()
        assert vkey.endswith("\n"), "it does not end its line"
        vkey = vkey[:-1]
        name, _, _ = verifier(vkey)
        assert self.key in (None, vkey), f"it is another key than the one that was given: {name}"
        if name.rsplit("/", 1)[-1] != self.organisation:
            raise Wrong("about.json", "the key is of another organisation")
        size, self.root = checkpoint(self.expect("checkpoint.txt").decode(), vkey)
        assert size == self.size, "it has another number of entries than about.json says"
        name, content = self.next()
        number = 1
        while name == f"events-{number:05}.ndjson" and number < 100000:
            events = self.take(content, number)
            name, content = self.next()
            if name == f"opened-{number:05}.ndjson":
                self.open(content, events)
                name, content = self.next()
            if name == f"report-{number:05}.html":
                name, content = self.next()
            while name.startswith("photograph-"):
                assert told_before(self.pictures, name) == sha256(content).hex(), "it is not the picture that was recorded"
                self.photographs += 1
                name, content = self.next()
            number += 1
        assert name == "report.html", "it stands where report.html should"
        before = list(self.read)
        content = self.expect("index.json")
        index = of_form(canonical(content), "events", "opened", "withheld", "parts")
        for said, found in zip(index["parts"], before):
            if said != found:
                raise Wrong(found["name"], "it is not what the index says of it")
        assert len(index["parts"]) == len(before), "it lists more parts, or fewer"
        assert (index["events"], index["opened"]) == (self.events, self.opened), "it counts otherwise"
        text = "lotline-evidence-bundle/v1\n" + base64.b64encode(sha256(content)).decode() + "\n"
        assert signed(self.expect("signature.txt").decode(), vkey) == text, "it is of another index"
        self.part = "directory"
        more = next(self.rest, None)
        if more is not None:
            raise Wrong(more[0], "it is no part of a bundle")

    def take(self, content, number):
        lines = content.split(b"\n")
        assert lines.pop() == b"", "it does not end its last line"
        part = self.part
        proof = of_form(canonical(self.expect(f"proof-{number:05}.json")), "events", "hashes")
        assert len(proof["events"]) == len(lines), "it lists more events than are there, or fewer"
        leaves, events = [], {}
        for at, (line, listed) in enumerate(zip(lines, proof["events"])):
            self.part = part
            event = canonical(line)
            times = [event[field] for field in ("occurred_at", "recorded_at")]
            assert all(TIME.fullmatch(time) for time in times), "it is no event"
            assert event["organisation_id"] == self.organisation, "it is of another organisation"
            if self.subject == "period":
                # Six decimals and a Z always, so that times are in the order of their texts.
                assert self.of["from"] <= times[1] < self.of["to"], "it was recorded outside the period"
            place = (times[1 if self.subject == "period" else 0], event["id"])
            assert self.last is None or self.last < place, "it does not come after the event before it"
            self.last = place
            self.part = f"proof-{number:05}.json"
            of_form(listed, "id", "kind", "leaf_index")
            assert (listed["id"], listed["kind"]) == (event["id"], event["kind"]), "it lists another event"
            leaves.append((listed["leaf_index"], sha256(b"\x00" + line)))
            events[event["id"]] = at, event
        hashes = decoded(proof["hashes"])
        assert all(len(digest) == 32 for digest in hashes), "it has a hash that is none"
        assert root_over(self.size, leaves, hashes) == self.root, "it does not lead to the checkpoint"
        self.events += len(lines)
        return events

    def open(self, content, events):
        lines = content.split(b"\n")
        assert lines.pop() == b"" and lines, "it does not end its last line"
        last = None
        for line in lines:
            said = of_form(canonical(line), "event_id", "pointer", "key", "text")
            at, event = events[said["event_id"]]
            assert last is None or last < (at, said["pointer"]), "it does not come after the one before it"
            last = at, said["pointer"]
            patient, sealed = resolve(event, said["pointer"]).split(".", 1)
            assert self.subject == "patient_ids" and patient in self.of, "it is of somebody else"
            sealed = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            key = base64.b64decode(said["key"], validate=True)
            clear = opened(key, bytes(4) + sealed[16:24], sealed[24:], f"{self.organisation} {patient}".encode())
            assert clear == said["text"].encode(), "it is not what is sealed in the event"
            self.opened += 1
            picture = json.loads(clear).get("photograph") if clear.startswith(b"{") else None
            picture = picture.get("photograph", picture) if isinstance(picture, dict) else None
            if picture and "sealed_sha256" in picture:
                self.told += 1
                ending = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}[picture["media_type"]]
                self.pictures.append((f"photograph-{self.told:05}.{ending}", picture["sha256"]))


def told_before(pictures, name):
    """The digest of the next photograph of that name; those before it are missing."""
    while pictures:
        told, digest = pictures.pop(0)
        if told == name:
            return digest
    raise Wrong(name, "nothing that was opened tells of it, or it stands in another place")


def check_bundles(files, key):
    """Says of each file what is wrong with it, if anything; whether nothing is."""
    good = True
    for path in files:
        with open(path, "rb") as file:
            bundle = Bundle(file, key)
            try:
                bundle.check()
                print(f"{path}: {bundle.events} events, {bundle.opened} opened, {bundle.photographs} photographs: everything agrees")
                continue
            except Wrong as wrong:
                part, why = wrong.args
            except (AssertionError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
                part, why = bundle.part, repr(error)
        print(f"{path}: {part}: {why}")
        good = False
    return good


def main():
    said = json.load(sys.stdin)
    events = sorted(said["events"], key=lambda event: event["leaf_index"])
    indices = [event["leaf_index"] for event in events]
    assert indices == list(range(len(events))), "the indices of the leaves have a gap"
    log = Log([base64.b64decode(event["bytes"], validate=True) for event in events])
    for note in said["checkpoints"]:
        size, root = checkpoint(note, said["vkey"])
        assert size <= len(events), f"{size} entries are signed, {len(events)} are there"
        assert log.mth(0, size) == root, f"the root of {size} entries is another one"
    for proof in said["inclusion"]:
        index, size = proof["leaf_index"], proof["tree_size"]
        leaf = sha256(b"\x00" + base64.b64decode(proof["bytes"], validate=True))
        assert base64.b64decode(proof["leaf_hash"], validate=True) == leaf, f"the hash of leaf {index}"
        assert checkpoint(proof["checkpoint"], said["vkey"]) == (size, log.mth(0, size)), "the checkpoint of a proof"
        assert log.mth(index, index + 1) == leaf, f"leaf {index} is another event"
        assert decoded(proof["hashes"]) == log.path(index, 0, size), f"the proof of leaf {index} in {size}"
    for proof in said["consistency"]:
        expected = log.proof(proof["from"], proof["to"])
        assert decoded(proof["hashes"]) == expected, f"the proof from {proof['from']} to {proof['to']}"
    counts = [len(said[what]) for what in ("events", "checkpoints", "inclusion", "consistency")]
    print("{} events, {} checkpoints, {} proofs of inclusion and {} of consistency agree".format(*counts))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bundle"]:
        files, key = sys.argv[2:], None
        if "--key" in files:
            at = files.index("--key")
            files, key = files[:at] + files[at + 2 :], files[at + 1]
        sys.exit(0 if check_bundles(files, key) else 1)
    try:
        main()
    except (AssertionError, ValueError, KeyError, IndexError) as error:
        sys.exit(f"wrong: {error}")
