"""An independent verifier of Lotline's custody log, written from the texts alone: RFC 6962 section 2.1 (tree hash, audit paths,
consistency proofs), C2SP signed-note and tlog-checkpoint, and RFC 8032 section 5.1.7 (Ed25519). It shares no code with Lotline and
needs nothing but Python's standard library.

Reads one JSON document from standard input and exits with 1, saying what is wrong, where anything is:

    {"vkey": "...", "checkpoints": ["signed note", ...],
     "events": [{"leaf_index": 0, "bytes": "base64"}, ...],          every event of the organisation
     "inclusion": [answers of GET /v1/log/proofs/inclusion, with "bytes" beside them],
     "consistency": [answers of GET /v1/log/proofs/consistency]}

Roots are computed from the events themselves by the recursion of the RFC, so that nothing rests on the proofs being right.
"""

import base64
import hashlib
import json
import sys

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


def checkpoint(note, vkey):
    """The size and the root of a checkpoint that the key has signed."""
    name, key_id, encoded = vkey.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    assert key[0] == 1 and len(key) == 33, "not an Ed25519 key"
    expected = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    assert key_id == expected.hex(), "the id of the key is not that of its name and bytes"
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    own = []
    for line in signatures.removesuffix("\n").split("\n"):
        dash, signer, signature = line.split(" ")
        assert dash == "\u2014", "a signature's line begins with a dash"
        signature = base64.b64decode(signature, validate=True)
        if signer == name and signature[:4] == expected:
            own.append(signature[4:])
    assert len(own) == 1 and ed25519(key[1:], text.encode(), own[0]), "not signed by the key"
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
    try:
        main()
    except (AssertionError, ValueError, KeyError, IndexError) as error:
        sys.exit(f"wrong: {error}")
