"""Numbers as papers print them: bounds, spreads, marks, signs and commas become data, and what has two readings is refused."""

from math import inf

import pytest

from harness.errors import InputError
from harness.ledger import reading
from harness.ledger.claims import Claim, Metric
from harness.ledger.printed import Unreadable, ends, parse


@pytest.mark.parametrize(
    ("text", "value", "low", "high"),
    [
        (".764", 0.764, 0.7635, 0.7645), ("5.", 5, 4.5, 5.5), ("0,764", 0.764, 0.7635, 0.7645), ("0,5", 0.5, 0.45, 0.55),
        ("12,5", 12.5, 12.45, 12.55), ("1,234", 1234, 1233.5, 1234.5), ("12,345,678.5", 12345678.5, 12345678.45, 12345678.55),
        ("<0.001", 0.001, -inf, 0.001), ("> 0.9", 0.9, 0.9, inf), ("\u2264 5", 5, -inf, 5), ("520+", 520, 520, inf),
        ("-2-4 %", 1, -2.5, 4.5), ("\u22122\u20134", 1, -2.5, 4.5), ("-4--2", -3, -4.5, -1.5), ("0.76 \u00b1 0.02", 0.76, 0.755, 0.765),
        ("\u20130.5", -0.5, -0.55, -0.45), ("2e-5", 2e-5, 1.5e-5, 2.5e-5),
    ],
)  # fmt: skip
def test_a_number_and_what_its_digits_leave_open(text, value, low, high):
    assert (parse(text).value, parse(text).low, parse(text).high) == pytest.approx((value, low, high))


def test_what_stands_beside_a_number_is_kept():
    assert parse("0.76 \u00b1 0.02").spread == parse("0.76 (0.02)").spread == 0.02
    assert parse("0.76*").marks == "*" and parse("0.76\u2020").marks == "\u2020" and parse("0.76*").exact
    assert parse("64.5%").percent and parse("64.5 \u00b1 0.3 %").percent and not parse("64.5").percent
    assert parse("<0.001").bound == "<" and parse("over 500").bound == ">" and not parse("<0.001").exact


@pytest.mark.parametrize("text", ["1,234,5", "0,764,123", "1.234,5", "1e999999999", "1e-400", "-1E5000000"])
def test_what_has_two_readings_or_no_float_is_refused(text):
    with pytest.raises(Unreadable):
        parse(text)


@pytest.mark.parametrize("text", ["better", "1.2.3", "0.031, 0.065", "768->256", "9" * 5000, "", "-"])
def test_words_are_none(text):
    assert parse(text) is None


def test_digits_cut_off_leave_another_interval_open():
    assert (parse("0.66", rule="truncated").low, parse("0.66", rule="truncated").high) == pytest.approx((0.66, 0.67))
    assert (parse("-0.66", rule="truncated").low, parse("-0.66", rule="truncated").high) == pytest.approx((-0.67, -0.66))
    assert (parse("0.66", rule="either").low, parse("0.66", rule="either").high) == pytest.approx((0.655, 0.67))
    assert (parse("64.5", scale=-2).value, parse("64.5", scale=-2).decimals) == (0.645, 3)
    assert [end.value for end in ends("-2-4 %")] == [-2, 4]


def claim(**more):
    entry = {
        "id": "a",
        "study": "s",
        "document": "P",
        "place": "p",
        "source": "primary",
        "status": "measured",
        "kind": "absolute",
    }
    return Claim.model_validate({**entry, **more})


def test_a_per_cent_sign_is_the_unit():
    assert claim(printed="64.5%").unit == "percent"
    with pytest.raises(ValueError, match="'64.5%' has a per cent sign, but the unit is 'fraction'"):
        claim(printed="64.5%", unit="fraction")
    cut = claim(printed="0.66", rounding="truncated", said={"rounding": "p. 2"}).value
    assert (cut.low, cut.high) == pytest.approx((0.66, 0.67))


@pytest.mark.parametrize("given", [[], [1, 0], [0, 0], [float("nan"), 1], [0, float("inf")], [0], [0, 0.5, 1]])
def test_a_range_is_two_finite_numbers_in_order(given):
    with pytest.raises(ValueError, match="two finite numbers"):
        Metric(definition="d", quantity="q", range=given)


def test_steps_follow_from_cut_offs():
    def grain(quantity, **more):
        return Metric(definition="d", quantity=quantity, **more).grain

    assert (grain("precision", cutoff=5), grain("mrr", cutoff=5), grain("mrr", cutoff=10)) == (5, 60, 2520)
    assert (grain("hit_rate"), grain("ndcg", cutoff=10), grain("precision"), grain("f1", step=2)) == (1, None, None, 2)
    assert grain("mrr", cutoff=5, each_rounded=True) is None
    with pytest.raises(ValueError, match="greater than 0"):
        grain("f1", step=0)


TABLE = """
title: t
documents: {P: {title: P, source: primary, locator: x}}
metrics: {m: {definition: d, quantity: q%s}}
tables: [{id: t, document: P, status: measured, metric: m, untested: no, columns: %s, rows: {%s}}]
"""


@pytest.mark.parametrize(
    ("metric", "columns", "row", "message"),
    [
        ("", "{x: {}}", "010: ['1']", "the name 010 is read as a number: put it in quotes"),
        ("", "{x: {}}", "no: ['1']", "the name no is read as true or false: put it in quotes"),
        ("", "[1]", "a: ['1']", "columns: 1 is no name; put it in quotes"),
        ("", "[x, x]", "a: ['1', '1']", "columns: 'x' stands twice"),
        ("", "{x: 3}", "a: ['1']", "column 'x': expected names"),
        (", range: [1, 0]", "{x: {}}", "a: ['1']", "entry 'metrics.m': range: needs two finite numbers"),
        (", step: 0", "{x: {}}", "a: ['1']", "entry 'metrics.m': step"),
        ("", "{x: {}}", "a: ['1e999999999']", "entry 't.a.x': '1e999999999' is beyond the numbers"),
        ("", "{x: {}}", "a: ['1,234,5']", "entry 't.a.x': '1,234,5' can be read in two ways"),
    ],
)  # fmt: skip
def test_what_a_ledger_cannot_mean_is_named(tmp_path, metric, columns, row, message):
    (tmp_path / "claims.yaml").write_text(TABLE.replace("untested: no", "untested: 'no'") % (metric, columns, row))
    with pytest.raises(InputError, match=message):
        reading.load(tmp_path)
