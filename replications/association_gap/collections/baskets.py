"""Users, what they took in time order, and what they took last: the last basket, or the last part of a sequence."""

import math

from harness.data.readers.content import json_lines
from harness.errors import InputError
from replications.association_gap.reading import table


def build(settings, files, collections):
    """Read `items` (columns `text` joined) and `sequences`; a query is a user, its text that of the item taken just before.

    `last`: basket, or the share of a sequence that is asked for. Label `history`: the items before, in order. A user of one basket
    alone is asked nothing, and all items are history.
    """
    texts = items(files[settings["items"]], settings["id"], settings["text"])
    history, qrels = {}, {}
    for number, row in enumerate(json_lines(files[settings["sequences"]], "user"), start=1):
        where = f"{files[settings['sequences']]}: entry {number}, user '{row['user']}'"
        before, after = parted(row, settings["last"], where)
        if row["user"] in history:
            raise InputError(f"{where}: the user is given twice")
        if unknown := [item for item in row["items"] if item not in texts]:
            raise InputError(f"{where}: {len(unknown)} items are not in {settings['items']}, the first '{unknown[0]}'")
        history[row["user"]] = before or after
        if before:
            qrels[row["user"]] = dict.fromkeys(after, 1)
    return {
        "document_ids": list(texts), "titles": [""] * len(texts), "texts": list(texts.values()),
        "query_ids": list(qrels), "queries": [texts[history[user][-1]] for user in qrels], "qrels": qrels,
        "labels": {"history": {user: " ".join(before) for user, before in history.items()}},
    }  # fmt: skip


def items(path, key, columns):
    """Return item -> its text."""
    found = {}
    for where, row in table(path, key, *columns):
        if row[key] in found:
            raise InputError(f"{where}: the item '{row[key]}' is given twice")
        found[row[key]] = ". ".join(row[column] for column in columns)
    return found


def parted(row, last, where):
    """Return the items before and those asked for; none before where all is one basket. Raise InputError for no sequence."""
    taken, baskets = row.get("items"), row.get("basket")
    if not isinstance(taken, list) or not taken or not all(isinstance(item, str) for item in taken) or len(set(taken)) != len(taken):
        raise InputError(f"{where}: items: a list of item ids, each once and at least one, is expected")
    if last == "basket":
        if not isinstance(baskets, list) or len(baskets) != len(taken) or baskets != sorted(baskets):
            raise InputError(f"{where}: basket: a rising number for each of the {len(taken)} items is expected")
        cut = len(taken) - baskets.count(baskets[-1])
    else:
        cut = len(taken) - max(1, math.floor(last * len(taken)))
    return taken[:cut], taken[cut:]
