"""The measured rates: invented papers of twenty shapes raise nothing, and errors of each kind are found."""

from benchmarks import audit_tables


def test_clean_papers_raise_nothing(tmp_path):
    assert audit_tables.clean(1, tmp_path).lines == []


def test_planted_errors_are_found(tmp_path):
    rates = audit_tables.planted(1, tmp_path)
    assert {kind: rate.hit / rate.tried for kind, rate in rates.items() if rate.hit < 0.7 * rate.tried} == {}
