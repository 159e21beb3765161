"""Statements changed by rule: what a catalogue's search meets besides quoted titles. Courses and judgements stay as they are."""

import random
import re
from collections import Counter

from harness.errors import InputError

OPENING = "hi there, i am in my third year and still a bit lost about my options, so any advice helps. "
SPOKEN = [
    ("i am interested in", "im into"), ("i enjoy studying", "im kinda into"), ("i enjoy", "i rlly like"), ("i am", "im"),
    ("courses like", "stuff like"), ("areas such as", "stuff like"), ("courses", "classes"), ("would like to", "wanna"),
    ("do not", "dont"), ("less interested in", "not that into"), ("and", "n"),
]  # fmt: skip
CLOSING = " thank you so much in advance, and have a nice day"


def build(settings, files, sources):
    """Return the source's courses with statements changed as `kind` says; raise InputError where a rule changes none."""
    source, chance = sources[settings["source"]], random.Random(settings["seed"])
    rule = {
        "misspelt": _misspelt,
        "title_free": _title_free,
        "negated": _negated,
        "informal": _informal,
        "padded": _padded,
        "shortened": _shortened,
    }
    changed = rule[settings["kind"]](source, chance)
    if changed == source.queries:
        raise InputError(f"{source.name}: the rule '{settings['kind']}' changes no statement")
    kept = ("document_ids", "titles", "texts", "query_ids", "qrels", "labels")
    return {**{name: getattr(source, name) for name in kept}, "queries": changed}


def titles(source):
    """Return course id -> title in lower case: the collection's own, or what stands before the text's first full stop."""
    rows = zip(source.document_ids, source.titles, source.texts, strict=True)
    return {name: re.sub(r"\s+", " ", title or text.split(".")[0]).strip().lower() for name, title, text in rows}


def _misspelt(source, chance):
    """Two neighbouring letters change places in two words of five letters and more, where there are two."""
    changed = []
    for query in source.queries:
        words = query.split()
        # within the word, where the two letters differ
        spots = {
            i: [at for at in range(1, len(word) - 2) if word[at] != word[at + 1]] for i, word in enumerate(words) if len(word) > 4
        }
        for i in chance.sample(usable := [i for i in spots if spots[i]], min(2, len(usable))):
            at = chance.choice(spots[i])
            words[i] = words[i][:at] + words[i][at + 1] + words[i][at] + words[i][at + 2 :]
        changed.append(" ".join(words))
    return changed


def _title_free(source, chance):
    """Every quoted title gives way to the three words of its course's text that stand in the fewest courses, titles' words aside."""
    title, texts = titles(source), dict(zip(source.document_ids, source.texts, strict=True))
    bags = {name: set(re.findall(r"[a-z]{4,}", text.lower())) for name, text in texts.items()}
    spread = Counter(word for bag in bags.values() for word in bag)
    changed = []
    for name, query in zip(source.query_ids, source.queries, strict=True):
        for course in sorted(source.qrels[name], key=lambda course: -len(title[course])):
            rare = sorted(bags[course] - set(re.findall(r"[a-z]+", title[course])), key=lambda word: (spread[word], word))
            query = query.replace(title[course], " ".join(rare[:3]))
        changed.append(query)
    return changed


def _negated(source, chance):
    """A title of a faculty that the statement does not like is declined."""
    title, faculties = titles(source), source.labels["Faculty"]
    changed = []
    for name, query in zip(source.query_ids, source.queries, strict=True):
        liked = {faculties[course] for course in source.qrels[name]}
        away = chance.choice([course for course in source.document_ids if faculties[course] not in liked])
        changed.append(f"{query.rstrip('. ')}, but i am not interested in {title[away]}")
    return changed


def _informal(source, chance):
    """The register of a message: contractions, abbreviations and fillers in place of the written forms, no final stop."""
    changed = []
    for query in source.queries:
        for written, spoken in SPOKEN:
            query = re.sub(rf"\b{written}\b", spoken, query)
        changed.append(f"{chance.choice(('hey so', 'ok so', 'yo'))} {query.rstrip('. ')} lol")
    return changed


def _padded(source, chance):
    return [OPENING + query + CLOSING for query in source.queries]


def _shortened(source, chance):
    """Of the statement only the quoted titles stay."""
    title, changed = titles(source), []
    for name, query in zip(source.query_ids, source.queries, strict=True):
        quoted = [title[course] for course in source.qrels[name] if title[course] in query]
        changed.append(" ".join(quoted) or query)
    return changed
