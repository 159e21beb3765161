"""The longest title in the query wins."""

from types import SimpleNamespace

from harness.config import ROOT
from harness.data.collection import Collection
from harness.studies.method import load

method = load(ROOT / "baselines" / "title")
INPUTS = SimpleNamespace(config=SimpleNamespace(depth=10))


def test_the_longest_contained_title_comes_first_and_case_counts_only_if_told():
    collection = Collection(
        name="c", split="test", document_ids=["a", "b", "c"], titles=["Heat", "Heat  transfer", "Optics"], texts=["", "", ""],
        query_ids=["q"], queries=["i like heat transfer"], qrels={"q": {"b": 1}}, candidates=None, labels={}, made=True,
    )  # fmt: skip
    ranked = method.rank(collection, method.Settings(lower=True), 0, INPUTS).run["q"]
    assert ranked == [("b", 13.0), ("a", 4.0), ("c", 0.0)]
    assert {s for _, s in method.rank(collection, method.Settings(lower=False), 0, INPUTS).run["q"]} == {0.0}
