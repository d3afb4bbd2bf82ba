"""What benches/barcode.rs compares with. Says on standard error how many seconds its loop took.

read:  reads the codes of standard input with biip
write: writes the lines of JSON of standard input again, from dicts
"""

import json
import sys
import time


def read() -> float:
    from biip import parse

    codes = sys.stdin.buffer.read().decode().split("\n")[:-1]
    began = time.perf_counter()
    results = [parse(code) for code in codes]
    seconds = time.perf_counter() - began
    assert all(result.gtin and (result.gs1_message or result.gs1_digital_link_uri) for result in results)
    return seconds


def write() -> float:
    rows = [json.loads(line) for line in sys.stdin]
    encode = json.JSONEncoder(separators=(",", ":")).encode
    out = sys.stdout.write
    began = time.perf_counter()
    for row in rows:
        out(encode(row) + "\n")
    sys.stdout.flush()
    return time.perf_counter() - began


print({"read": read, "write": write}[sys.argv[1]](), file=sys.stderr)
