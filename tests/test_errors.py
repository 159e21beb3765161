"""The words of errors: what is suggested helps."""

from harness.errors import closest


def test_the_very_word_is_never_suggested():
    assert closest("mrr@0", ["mrr@0", "mrr@10"]) == " (did you mean 'mrr@10'?)"
    assert closest("mrr@0", ["mrr@0"]) == " (known: none)"
    assert closest(5, ["5", "ab"]) == " (known: ab)"
    assert closest("one", [f"one{i}" for i in range(2000)] + ["one"]) != " (did you mean 'one'?)"
