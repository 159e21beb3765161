"""YAML that can do no harm and hides no mistake: limits on size, depth and aliases; names stay what the user wrote."""

from __future__ import annotations

from typing import Any

import yaml

LARGEST = 20_000_000  # characters of a file
DEEPEST = 60  # mappings and lists inside one another
MOST = 2_000_000  # values, those that an alias repeats counted each time: aliases of aliases grow without end
SHOWN = 20  # problems of one message
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Safe YAML in which a date is the words that were written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in _Base.yaml_implicit_resolvers.items()
}


class _Words(_Base):  # type: ignore[misc]
    """Safe YAML in which every scalar is the words that were written: 0.50 is not 0.5."""


_Words.yaml_implicit_resolvers = {}


class Malformed(Exception):
    """What is wrong with a YAML text: (line, problem) each, the line counted from 1, None where there is none."""

    def __init__(self, problems: list[tuple[int | None, str]]) -> None:
        super().__init__(problems)
        self.problems = problems[:SHOWN]


def parse(text: str, words: bool = False) -> Any:
    """Return the content of a YAML text; raise Malformed that lists all keys that cannot be meant, or the first fault.

    `words`: every scalar stays a string, letter by letter.
    """
    if len(text) > LARGEST:
        raise Malformed([(None, f"{len(text)} characters; at most {LARGEST} are read")])
    loader = None
    try:
        _refuse_boundless(text)
        loader = (_Words if words else _Loader)(text)
        node = loader.get_single_node()
        if problems := _keys(node):
            raise Malformed(problems)
        return loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = [str(word) for key in ("context", "problem") if (word := getattr(error, key, None))]
        raise Malformed([(mark.line + 1 if mark else None, ", ".join(said) or str(error))]) from None
    except (ValueError, OverflowError, RecursionError) as error:  # `!!int abc`, five thousand digits
        raise Malformed([(None, str(error) or type(error).__name__)]) from None
    finally:
        if loader is not None:
            loader.dispose()


def _refuse_boundless(text: str) -> None:
    """Go through the text once, before anything is built from it: nesting and aliases may ask for more than there is."""
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []  # anchor, and the values so far when it was opened
    total = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_nodes):
                raise Malformed([(line, f"the alias '*{event.anchor}' stands inside what it names")])
            total += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor:
                sizes[anchor] = total - before
        if len(open_nodes) > DEEPEST:
            raise Malformed([(line, f"more than {DEEPEST} lists and mappings inside one another")])
        if total > MOST:
            raise Malformed([(line, f"more than {MOST} values, aliases counted each time")])


def _keys(root: yaml.Node | None) -> list[tuple[int | None, str]]:
    """Return what is wrong with the keys: given twice, or read as something else than the words that were written."""
    problems: list[tuple[int | None, str]] = []
    seen: set[int] = set()
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            problems += _of_mapping(node)
            waiting += [value for _, value in node.value]
        else:
            waiting += node.value
    return sorted(problems, key=lambda problem: problem[0] or 0)


def _of_mapping(node: yaml.MappingNode) -> list[tuple[int | None, str]]:
    problems: list[tuple[int | None, str]] = []
    names: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.tag == "tag:yaml.org,2002:merge":
            continue
        if not isinstance(key, yaml.ScalarNode):
            problems.append((line, "a list or mapping stands where a name is expected"))
        elif key.tag != "tag:yaml.org,2002:str":
            kind = key.tag.rpartition(":")[2]
            word = key.value[:40] or "(nothing)"
            problems.append((line, f"the name {word} is read as {KINDS.get(kind, kind)}: put it in quotes"))
        elif key.value in names:
            problems.append((line, f"the key '{key.value[:40]}' is given twice"))
        else:
            names.add(key.value)
    return problems


KINDS = {"int": "a number", "float": "a number", "bool": "true or false", "null": "nothing"}
