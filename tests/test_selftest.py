"""The self-test: what it writes, and that a rate out of its band fails."""

import csv

import pytest

from harness import config, selftest
from harness.pages import rates

GOOD = {"check": "ordering: false", "cell": "20 queries", "measured": 0.05, "nominal": 0.05, "low": 0.0, "high": 0.09, "repetitions": 400}
ROWS = [{**GOOD, "ok": True}, {**GOOD, "cell": "3 seeds", "measured": 0.2, "ok": False}]


@pytest.mark.parametrize(("rows", "code"), [(ROWS[:1], 0), (ROWS, 1)])
def test_a_rate_out_of_its_band_is_named_and_fails(tmp_path, monkeypatch, capsys, rows, code):
    monkeypatch.setattr(selftest, "rows", lambda settings: iter(rows))
    monkeypatch.setattr(selftest, "parse", lambda said: (None, config.load().model_copy(update={"root": tmp_path})))
    assert selftest.main() == code
    said = capsys.readouterr().out
    assert ("OUT OF BAND: ordering: false, 3 seeds: 0.2 not in [0.0, 0.09]" in said) == bool(code)
    assert "ordering: false: 0.050 to" in said
    with (tmp_path / "paper_tables/selftest/rates.csv").open() as opened:
        assert [row["cell"] for row in csv.DictReader(opened)] == [row["cell"] for row in rows]
    assert (tmp_path / "paper_tables/selftest/rates.svg").read_text().startswith("<?xml")
    shown = rates.shown(tmp_path)
    assert shown["total"] == len(rows) and shown["rows"][0]["out"] == ("1" if code else "")


def test_every_part_can_be_measured_apart():
    """In processes of their own: what they are is found by name."""
    rules = config.load().judgement
    first = next(iter(selftest.PARTS["orders"](rules.model_copy(update={"permutations": 99}))))
    assert first.keys() >= set(selftest.COLUMNS) and 0 <= first["measured"] <= 1
