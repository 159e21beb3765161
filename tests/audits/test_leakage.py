"""The overlap audit on files as they come, and the stage as a user starts it."""

import json
import subprocess
import sys

import pytest

from harness.audits import finding, leakage
from harness.config import ROOT
from harness.errors import InputError
from harness.ledger.claims import Ledger, TextSet


def outcomes(findings):
    return [f.outcome for f in findings]


def overlap(test, train, sha256=()):
    files = {"test.csv": test, "train.jsonl": train}
    one = {"sha256": list(sha256)} if sha256 else {"asset": "d", "file": "test.csv", "columns": ["t"]}
    texts = {
        "test": TextSet(role="evaluation", **one),
        "train": TextSet(role="training", asset="d", file="train.jsonl", columns=["t"]),
    }
    return [
        f
        for f in leakage.find(
            [Ledger(study="s", title="t", documents={}, metrics={}, claims=[], texts=texts)], lambda _, name: files[name]
        )
        if "repeat" not in f.statement
    ]


@pytest.mark.parametrize(
    ("test", "train", "outcome"),
    [
        (b"\xef\xbb\xbft\none\n", b'{"t": "ONE "}\n', "caution"),  # a byte order mark
        (b"t\none\n", '{"t": "a\u2028b"}\n{"t": "one"}'.encode(), "caution"),  # a line separator inside a string
        (b't\n""\ntwo\n', b'{"t": ""}\n', "consistent"),  # two empty cells are no leak
    ],
)
def test_texts_are_read_as_they_are(test, train, outcome):
    assert outcomes(overlap(test, train)) == [outcome]


@pytest.mark.parametrize(
    ("test", "train", "words"),
    [
        (b"t\none\n", b"", "train.jsonl: holds no rows"), (b"t\n", b'{"t": "one"}', "test.csv: holds no rows"),
        (b"u\none\n", b'{"t": "one"}', r"no text in column 't' \(columns: u\)"), (b"t\none\n", b'{"t": "x"}\n{"u": "one"}', "row 2: no text"),
        (b"t\n\xe9\n", b'{"t": "one"}', "test.csv: not UTF-8 at byte 2"), (b"t\none\n", b'{"t": "on', "train.jsonl: malformed"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(test, train, words):
    with pytest.raises(InputError, match=words):
        overlap(test, train)


def test_digests_are_checked_before_they_clear_anybody():
    leaked = leakage.digest("one")
    for given in (leaked, leaked.upper()):
        assert outcomes(overlap(b"", b'{"t": "one"}', [given])) == ["caution"]
    assert outcomes(overlap(b"", b'{"t": "two"}', [leaked])) == ["consistent"]
    with pytest.raises(InputError, match="is no sha256 digest"):
        overlap(b"", b'{"t": "one"}', [leaked[:-1]])
    with pytest.raises(InputError, match="columns: missing"):
        leakage.digests(TextSet(role="training", asset="d", file="x.csv"), lambda *_: b"t\none\n")


def test_the_stage_writes_anywhere_without_heavy_imports(tmp_path):
    code = f"import sys; sys.argv[1:] = ['--output', {json.dumps(str(tmp_path / 'f.csv'))}]; from harness import audit; audit.main(); "
    code += "sys.exit(', '.join(m for m in ('torch', 'pandas', 'transformers') if m in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert finding.load(tmp_path / "f.csv") and str(tmp_path / "f.csv") in done.stdout


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café au lait", "Cafe\u0301 au lait"), ("red fox", "red  fox"), ("red fox", "red\u00a0fox"), ("red fox", "red\tfox\n"),
        ('say "no"', "say \u201cno\u201d"), ("it's", "it\u2019s"), ("a-b", "a\u2013b"), ("a-b", "a\u2011b"), ("a - b", "a \u2014 b"),
        ("a--b", "a\u2014b"), ("file", "\ufb01le"), ("naive", "na\u00adive"), ("fox", "\ufefffox"), ("x2", "x\u00b2"), ("ｆｕｌｌ", "full"),
        ("straße", "STRASSE"), ("it`s", "it\u00b4s"), ("5 − 3", "5 - 3"), ("\u0130x", "i\u0307x"), ("wait...", "wait\u2026"),
    ],
)  # fmt: skip
def test_what_copying_changes_hides_no_leak(one, other):
    for test, train in ((one, other), (other, one)):
        row = '"' + test.replace('"', '""') + '"'
        (found,) = overlap(f"t\n{row}\n".encode(), json.dumps({"t": train}).encode())
        assert found.outcome == "caution", (test, train)
        alone = leakage.digest(test) == leakage.digest(train)
        assert ("stand word for word" in found.statement) == alone and ("none of them word for word" in found.statement) != alone
        if not alone:
            assert found.arithmetic.startswith("1 of 1 after levelling")
            assert "; 0 after strip and case-folding alone" in found.arithmetic


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("red fox", "redfox"),
        ("cafe", "café"),
        ("a-b", "ab"),
        ("its", "it's"),
        ("fox", "fox."),
        ("\u200b", ""),
        ("\u200b", "\u200b"),
    ],
)
def test_other_words_are_no_leak(one, other):
    (found,) = overlap(f't\n"{one}"\n'.encode(), json.dumps({"t": other}).encode())
    assert found.outcome == "consistent"


def test_matches_word_for_word_are_told_apart_and_repeats_too():
    (found,) = overlap("t\nred fox\nblue\u00a0hen\nnone\n".encode(), b'{"t": "Red fox"}\n{"t": "blue hen"}\n')
    assert (
        found.statement == "2 of the 3 texts of 'test' stand in the training set 'train', 1 of them word for word, "
        "the others but for spacing, quotes, dashes or Unicode form"
    )
    rows = leakage.digests(
        TextSet(role="training", asset="d", file="x.csv", columns=["t"]), lambda *_: "t\na b\nA b\na\u00a0b\n".encode()
    )
    ledger = Ledger(study="s", title="t", documents={}, metrics={}, claims=[])
    (found,) = leakage._duplicates(ledger, "x", rows)
    assert (
        found.statement == "'x' holds 2 rows that repeat an earlier one"
        and found.arithmetic == "3 rows, 1 distinct; 1 repeat it word for word"
    )


def test_digests_of_either_form_are_found():
    import hashlib

    text = "Say \u201cno\u201d "
    for given in (leakage.digest(text), hashlib.sha256(leakage.normal(text).encode()).hexdigest()):
        assert outcomes(overlap(b"", json.dumps({"t": text}).encode(), [given])) == ["caution"]
    assert leakage.normal(leakage.normal(text)) == leakage.normal(text) == 'say "no"'
