"""Malformed files of every kind, read as the stages read them: a clear refusal, or what the valid file gives; never anything else.

`WORKBENCH_FUZZ=2000` tries more drawn examples by hand; `python -m tests.fuzz` prints what came of the written ones.
"""

import gzip
import math
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.audits import finding
from harness.data.readers import content
from harness.errors import InputError
from harness.ledger.printed import Printed, Unreadable, ends, parse
from harness.rankings import measures
from harness.text import read_text, read_yaml, write_sealed
from tests.fuzz import kinds, mutators, outcome

EXAMPLES = int(os.environ.get("WORKBENCH_FUZZ", "60"))
drawn = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="WORKBENCH_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    made = tmp_path_factory.mktemp("fuzz").resolve()
    kinds.make(made)
    return made


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_no_malformed_file_does_more_than_be_refused(root, kind):
    found = list(outcome.all_of(kind, root))
    print(f"\n{outcome.table(found)}")
    assert len(found) > 40
    assert {one.word for one in found} & {"clear error"} and {one.word for one in found} & {"accepted, harmless"}
    assert [one for one in found if one.wrong] == [], outcome.table(found)
    assert not list(root.rglob("PWNED"))


def test_there_are_many_inputs_of_many_kinds(root):
    cases = [case for kind in kinds.KINDS for case in kind.cases(valid(root, kind))]
    assert len(cases) > 600 and len({case.group for case in cases}) > 10


def valid(root, kind):
    return (root / (kinds.shard_path(root) if kind.path.startswith("*") else kind.path)).read_bytes()


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (lambda root: 1 / 0, "traceback"),
        (lambda root: (root / "a.txt").read_bytes(), "accepted, wrongly"),
        (lambda root: _raise("no name"), "unclear message"),
        (lambda root: _raise("a.txt: \x1b[2J"), "clear error"),  # shown as a code
        (lambda root: _raise("a.txt: " + "word " * 10_000), "clear error"),  # cut
        (lambda root: _raise("a.txt: Traceback"), "unclear message"),
    ],
    ids=range(6),
)
def test_what_may_not_be_is_seen(tmp_path, read, word):
    case = mutators.Case("g", "n", mutators.holding(b"x"), mutators.REFUSED)
    case.put(tmp_path / "a.txt")
    kind = kinds.Kind("k", "a.txt", read, lambda content: [])
    found = outcome.outcome(kind, case, tmp_path, ("a.txt",), b"valid")
    assert (found.word, bool(found.wrong)) == (word, word != "clear error")


def _raise(message):
    raise InputError(message)


def test_what_unpacks_to_far_more_than_text_does_is_refused(root, monkeypatch):
    monkeypatch.setattr(content, "UNPACKED", 10_000)
    bomb = gzip.compress(b"q1 Q0 d1 1 0.5 shared\n" * 100_000)
    for name in ("corpus.jsonl.gz", "run.trec.gz"):
        kind = next(kind for kind in kinds.KINDS if kind.name == name)
        case = mutators.Case("gzip", "a bomb", mutators.holding(bomb), mutators.REFUSED)
        path = root / kind.path
        with outcome.in_place(kind, case, path, path.read_bytes()), pytest.raises(InputError) as refused:
            kind.read(root) if name == "run.trec.gz" else list(content.json_lines(path, "_id"))
        assert path.name in str(refused.value)


def answers(read, path):
    """Call a reader; say whether it refused, and hold its message to what a message must be."""
    try:
        return False, read()
    except InputError as error:
        assert outcome.unreadable(str(error), (path.name,)) == "", str(error)
        return True, None


YAML_SIGNS = st.text(alphabet="ab:- \n\t{}[],&*!|>'\"#%@`?0123.~<=\\\u2028\ufeff", max_size=80)


@drawn
@given(
    st.one_of(
        st.binary(max_size=300),
        YAML_SIGNS.map(str.encode),
        st.text(max_size=100).map(lambda t: t.encode("utf-8", "surrogatepass")),
    )
)
@example(b"? !!omap [a: 1]")
@example(b"!!timestamp 2020-13-45")
@example(b"a: !!float x")
@example(b"!!binary '\xc3\xa9'")
@example(b"!!pairs [1]")
@example(b"&a : *a")
def test_any_bytes_as_yaml(tmp_path, raw):
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    refused, value = answers(lambda: read_yaml(path), path)
    if not refused:
        assert "\0" not in read_text(path)
        assert value is None or isinstance(value, (str, int, float, bool, list, dict, bytes, set, tuple))


@drawn
@given(st.one_of(st.binary(max_size=300), st.text(alphabet='a,"\n\r\t {}[]:1_id', max_size=120).map(str.encode)), st.booleans())
def test_any_bytes_as_lines_tables_and_json(tmp_path, raw, packed):
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    refused, found = answers(lambda: list(content.lines(path)), path)
    if not refused:  # nothing is lost and nothing added
        assert "".join(text for _, text in found).encode() == raw.removeprefix(b"\xef\xbb\xbf")
        assert [number for number, _ in found] == list(range(1, len(found) + 1))
    refused, found = answers(lambda: content.rows(path, "a"), path)
    assert refused or all("a" in row and None not in row.values() for row in found)
    refused, found = answers(lambda: list(content.fields(path, "\t", 2)), path)
    assert refused or all(len(parts) == 2 for _, parts in found)
    refused, found = answers(lambda: list(content.json_lines(path, "_id")), path)
    assert refused or all(isinstance(entry["_id"], str) for entry in found)
    refused, found = answers(lambda: content.texts_by_id(path), path)
    assert refused or all(name.strip() for name in found)


@drawn
@given(st.binary(max_size=200))
def test_any_bytes_as_a_packed_file(tmp_path, raw):
    path = tmp_path / "a.gz"
    path.write_bytes(raw)
    answers(lambda: list(content.lines(path)), path)
    path.write_bytes(gzip.compress(b"a b c\n")[: len(raw)] + raw)
    answers(lambda: list(content.lines(path)), path)


@drawn
@given(st.text(alphabet='variant,collection,metric,query_id,value\n"0.5naif-e', max_size=150))
def test_any_text_as_measures(tmp_path, text):
    path = tmp_path / "measures.csv"
    path.write_text(f"variant,collection,metric,query_id,value\n{text}", newline="")
    refused, found = answers(lambda: measures.read_measures(path), path)
    assert refused or all(math.isfinite(value) for *_, value in found)


@drawn
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), st.booleans())
def test_any_text_as_findings(tmp_path, text, headed):
    path = tmp_path / "findings.csv"
    head = "audit,outcome,study,claims,against,statement,arithmetic,false_alarm\n"
    write_sealed(path, (head if headed else "") + text)
    refused, found = answers(lambda: finding.load(path), path)
    assert refused or all(isinstance(one, finding.Finding) for one in found)


NUMBERS = st.text(alphabet="0123456789.,eE+-−–%~<>≥≤± ()*†#½٣²to", max_size=24)


@drawn
@given(st.one_of(st.text(max_size=40), NUMBERS), st.sampled_from(["nearest", "truncated", "either"]), st.integers(-4, 4))
@example("²", "nearest", 0)
@example("٣.٣", "nearest", 0)
@example("1e300", "nearest", 4)
@example("9" * 99 + "e300", "nearest", 0)
@example("5-3", "nearest", 0)
def test_any_text_as_a_printed_number(printed, rule, scale):
    for read in (lambda: parse(printed, None, rule, scale), lambda: parse(printed, 3, rule, scale)):
        try:
            found = read()
        except Unreadable as error:  # which the ledger's reader names with its file and entry
            assert len(str(error)) < 300
            continue
        assert found is None or isinstance(found, Printed)
        if found:
            assert found.low <= found.value <= found.high and not math.isnan(found.value)
            assert math.isfinite(found.value)
    try:
        both = ends(printed, rule, scale)
    except Unreadable:
        return
    assert both is None or all(isinstance(end, Printed) for end in both)
