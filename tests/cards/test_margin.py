"""The decimals that a record's values are meant to have."""

from harness.cards import margin


def test_decimals_are_those_of_the_longest_value_and_rounding_of_floats_is_none():
    assert margin.decimals(["0.573012385437275", "0.725"]) == 6 and margin.decimals(["0.573012385437275", "0.72"]) == 6
    assert margin.decimals(["62.958000000000006", "61.2"]) == 3 and margin.decimals(["0.30000000000000004"]) == 1
    assert margin.decimals(["0.31594", "0.3"]) == 5 and margin.decimals([]) == 6
