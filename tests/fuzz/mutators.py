"""Small changes that break a valid file, each with what its reader must then do."""

import copy
import gzip
import math
import os
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REFUSED = "refused"  # an InputError
SAME = "same"  # accepted, with the value of the valid file
EITHER = "refused or same"
AS_WRITTEN = "as written"  # accepted, and the value holds the user's words unchanged
FREE = "free"  # accepted or refused: no more is asked than a clear answer
MASKED = "masked"  # accepted: nothing of it shows in the value, because the reader looks at other parts of the file


@dataclass(frozen=True)
class Case:
    """One malformed input: `put` makes it at a path, `expect` is what its reader must do, `wrote` the words it holds."""

    group: str
    name: str
    put: Callable[[Path], None]
    expect: str
    wrote: Any = None


def holding(content: bytes) -> Callable[[Path], None]:
    """Return what writes a file of this content."""
    return lambda path: path.write_bytes(content) and None


# Of every file ---------------------------------------------------------------------------------------------------------


def _good_copy(path: Path, valid: bytes) -> None:
    path.with_name(".elsewhere").write_bytes(valid)
    path.symlink_to(".elsewhere")


def places(valid: bytes, missing: str) -> list[Case]:
    """What may lie where a file should: nothing, a folder, a pipe, links."""
    put: list[tuple[str, Callable[[Path], None], str]] = [
        ("nothing", lambda path: None, missing),
        ("a folder", lambda path: path.mkdir(), REFUSED),
        ("a pipe", lambda path: os.mkfifo(path), REFUSED),
        ("a link to nothing", lambda path: path.symlink_to("nowhere"), missing),
        ("a link to itself", lambda path: path.symlink_to(path.name), missing),
        ("a link to a folder", lambda path: path.symlink_to("."), REFUSED),
        ("a link to an endless device", lambda path: path.symlink_to("/dev/zero"), REFUSED),
        ("a link to a good file", lambda path: _good_copy(path, valid), SAME),
        ("a name too long", lambda path: path.symlink_to("x" * 255), missing),
    ]
    return [Case("place", name, function, expect) for name, function, expect in put]


def noise(seed: int, size: int = 300) -> bytes:
    """Return bytes that are no text."""
    return b"\xff\x00" + random.Random(seed).randbytes(size)


def wholly_other(valid: bytes) -> list[Case]:
    """Content that is of another kind altogether."""
    contents = {
        "empty": b"",
        "blank lines": b"\n\n\n",
        "spaces": b"   ",
        "a byte order mark alone": b"\xef\xbb\xbf",
        "an HTML page": b"<!DOCTYPE html><html><body>404 not found</body></html>\n",
        "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
        "a pickle": b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.",
        "a conflict": b"<<<<<<< HEAD\n" + valid + b"=======\n>>>>>>> other\n",
        "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n",
        "zeros": b"\0" * 4096,
        "brackets": b"[" * 100_000,
        "braces": b"{" * 100_000,
        "one long line": b"x" * 1_000_000,
        "null": b"null\n",
        "a number": b"1\n",
        "a word": b"word\n",
        "a list": b"[1, 2]\n",
        "a list of lists": b"[[1], [2]]\n",
        **{f"noise {seed}": noise(seed) for seed in range(4)},
    }
    return [Case("other content", name, holding(content), REFUSED) for name, content in contents.items()]


def cuts(valid: bytes, count: int, group: str = "cut") -> list[Case]:
    """Cut short at evenly spaced places: for files that must be whole."""
    ends = sorted({len(valid) * n // count for n in range(1, count)} | {len(valid) - 1})
    return [Case(group, f"after {end} bytes", holding(valid[:end]), REFUSED) for end in ends]


def flips(valid: bytes, count: int) -> list[Case]:
    """One bit turned at evenly spaced places: for files that have a checksum."""
    found = []
    for n in range(count):
        where = len(valid) * n // count
        changed = bytearray(valid)
        changed[where] ^= 1 << (n % 8)
        found.append(Case("bit", f"at byte {where}", holding(bytes(changed)), REFUSED))
    return found


# Of text -----------------------------------------------------------------------------------------------------------------


def encodings(valid: bytes, by_hand: bool) -> list[Case]:
    """Text in other clothes: what a person's editor does is read, what damages words is refused."""
    middle = valid.index(b"\n", len(valid) // 3) if b"\n" in valid[len(valid) // 3 :] else len(valid) // 2
    cut = lambda extra: valid[:middle] + extra + valid[middle:]  # noqa: E731
    kind = SAME if by_hand else EITHER
    text = valid.decode()
    contents = [
        ("byte order mark", b"\xef\xbb\xbf" + valid, kind),
        ("Windows line ends", valid.replace(b"\n", b"\r\n"), kind),
        ("no last line end", valid.rstrip(b"\n"), kind),
        ("blank lines at the end", valid + b"\n\n", kind),
        ("UTF-16", text.encode("utf-16"), REFUSED),
        ("UTF-16 without mark", text.encode("utf-16-le"), REFUSED),
        ("UTF-32", text.encode("utf-32"), REFUSED),
        ("a latin-1 letter", cut(b"\xe9"), REFUSED),
        ("half a UTF-8 letter", cut(b"\xe2\x82"), REFUSED),
        ("a coded surrogate", cut(b"\xed\xa0\x80"), REFUSED),
        ("an overlong slash", cut(b"\xc0\xaf"), REFUSED),
        ("a NUL", cut(b"\0"), REFUSED),
        ("a NUL at the end", valid + b"\0", REFUSED),
        ("packed", gzip.compress(valid), REFUSED),
        ("twice", valid + valid, REFUSED),
    ]
    return [Case("encoding", name, holding(content), expect) for name, content, expect in contents]


# Of YAML -----------------------------------------------------------------------------------------------------------------

WRONG: dict[str, Any] = {
    "nothing": None,
    "an empty list": [],
    "a list in a list": [[1]],
    "an empty mapping": {},
    "a mapping": {"zzz": 1},
    "no words": "",
    "a blank": " ",
    "a word": "zzz",
    "a digit in quotes": "7",
    "true": True,
    "zero": 0,
    "minus one": -1,
    "a fraction": 0.5,
    "huge": 10**400,
    "infinite": math.inf,
    "minus infinite": -math.inf,
    "not a number": math.nan,
    "leaves the folder": "../../zzz",
    "absolute": "/zzz/zzz",
    "shell": "$(touch PWNED)",
    "a dash": "-rf",
    "HTML": "<script>alert(1)</script>",
    "LaTeX": "\\input{/etc/passwd}%&_#",
    "two lines": "zzz\nyyy",
    "a bell": "zzz\ayyy",
    "right to left": "zzz\u202eyyy",
    "braces": "{a.__class__} {b:9999999999} {",
    "long": "z" * 100_000,
}
WORDS = {name for name, value in WRONG.items() if isinstance(value, str) and value.strip()}
ANY_WORDS = WORDS | {"no words", "a blank"}
NUMBERS = {"zero", "minus one", "a fraction", "huge", "infinite", "minus infinite", "not a number"}

Path_ = tuple[str | int, ...]


def walk(tree: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Yield every place of a tree below its root."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield (*path, key), value
        yield from walk(value, (*path, key))


def dump(tree: Any) -> bytes:
    """Return a tree as YAML, quickly."""
    return yaml.dump(
        tree, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), sort_keys=False, allow_unicode=True, width=10**6
    ).encode()


def changed(tree: Any, path: Path_, change: Callable[[Any, Any], None]) -> bytes:
    """Return the YAML of a copy in which `change(parent, key)` was called at a place."""
    new = copy.deepcopy(tree)
    parent = new
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return dump(new)


def fits(path: Path_, pattern: str) -> bool:
    """Say whether a place is one that a pattern means, as in 'claims.*.id'; '**' at its end stands for all below."""
    words = pattern.split(".")
    if words[-1] == "**":
        words, path = words[:-1], path[: len(words) - 1]
    return len(words) == len(path) and all(word in ("*", str(part)) for word, part in zip(words, path, strict=True))


@dataclass(frozen=True)
class Schema:
    """What a reader of YAML may accept: the file's own contract, written down once more by hand.

    `accepts`: place → names of WRONG that are right there. `optional`: places whose key may be gone. `names`: mappings whose
    keys are the user's. `free`: places of which no more is asked than a clear answer. `masked`: keys that are accepted and
    show nowhere in the value that is read.
    """

    accepts: dict[str, set[str]]
    optional: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()

    def expect(self, path: Path_, wrong: str) -> str:
        """Return what must come of a wrong value at a place."""
        if any(fits(path, pattern) for pattern in self.free):
            return FREE
        right = any(fits(path, pattern) and wrong in names for pattern, names in self.accepts.items())
        return (MASKED if any(fits(path, one) for one in self.masked) else AS_WRITTEN) if right else REFUSED


def one_wrong_value(tree: Any, schema: Schema) -> Iterator[Case]:
    """Yield a case for every place of a tree and every wrong value."""

    def put(value: Any) -> Callable[[Any, Any], None]:
        return lambda parent, key: parent.__setitem__(key, value)

    for path, was in walk(tree):
        where = ".".join(map(str, path))
        for name, value in WRONG.items():
            if value != was or type(value) is not type(was):
                content = changed(tree, path, put(value))
                yield Case("wrong value", f"{where}: {name}", holding(content), schema.expect(path, name), value)


def keys(tree: Any, schema: Schema) -> Iterator[Case]:
    """Yield the cases of keys: gone, unknown, of a hostile name, given twice."""
    for path, value in walk(tree):
        where = ".".join(map(str, path))
        if isinstance(path[-1], str):
            gone = next((FREE for pattern in schema.optional if fits(path, pattern)), REFUSED)
            yield Case("missing key", where, holding(changed(tree, path, lambda parent, key: parent.__delitem__(key))), gone)
        elif isinstance(value, dict):
            twice = changed(tree, path, lambda parent, key: parent.append(copy.deepcopy(parent[key])))
            yield Case("twice in a list", where, holding(twice), REFUSED)
    places = [((), tree), *walk(tree)]
    for path, value in places:
        if isinstance(value, dict) and not any(fits(path, pattern) for pattern in schema.names):
            where = ".".join(map(str, path))
            content = dump(_with(tree, path, "zzz"))
            yield Case("unknown key", where or "(top)", holding(content), REFUSED)


def _with(tree: Any, path: Path_, key: str) -> Any:
    new = copy.deepcopy(tree)
    inside = new
    for step in path:
        inside = inside[step]
    inside[key] = 1
    return new


BOMB = b"bomb: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"b%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 12)
)


def yaml_text(valid: bytes) -> list[Case]:
    """What only YAML can do wrong."""
    tops = re.findall(rb"^([a-z_]+):", valid, re.MULTILINE)
    found = [(f"the key {top.decode()} twice", valid + b"\n" + top + b": again\n", REFUSED) for top in tops]
    found += [(f"cut in a bracket, {n}", valid[: match.end()], REFUSED) for n, match in enumerate(re.finditer(rb"[\[{]", valid))]
    found += [
        ("an alias bomb", valid + b"\n" + BOMB, REFUSED),
        ("an alias of itself", valid + b"\nzzz: &a [*a]\n", REFUSED),
        ("an alias of nothing", valid + b"\nzzz: *nowhere\n", REFUSED),
        ("61 deep", valid + b"\nzzz: " + b"[" * 61 + b"]" * 61 + b"\n", REFUSED),
        ("a python object", valid + b"\nzzz: !!python/object/apply:os.system [touch PWNED]\n", REFUSED),
        ("an unknown tag", valid + b"\nzzz: !zzz 1\n", REFUSED),
        ("a tag that lies", valid + b"\nzzz: !!int abc\n", REFUSED),
        ("five thousand digits", valid + b"\nzzz: " + b"9" * 5000 + b"\n", REFUSED),
        ("a second document", valid + b"\n---\nzzz: 1\n", REFUSED),
        ("tabs", re.sub(rb"^  ", b"\t", valid, flags=re.MULTILINE) + b"\nzzz:\n\ta: 1\n", REFUSED),
        ("a key that is a list", valid + b"\n? [a]\n: 1\n", REFUSED),
        ("merged from a number", valid + b"\n<<: 1\n", REFUSED),
        ("a lone surrogate", valid + b'\nzzz: "\\ud800"\n', REFUSED),
        ("a control sign", valid + b"\nzzz: a\x07b\n", REFUSED),
        ("a set", valid + b"\nzzz: !!set {a, b}\n", FREE),
        ("a colon too many", valid + b"\nzzz: a: b\n", REFUSED),
        *(
            (f"the key {word}", valid + f"\n{word}: 1\n".encode(), REFUSED)
            for word in ("no", "on", "~", "010", "1:30", ".inf", "=", "<<")
        ),
    ]
    return [Case("YAML", name, holding(content), expect) for name, content, expect in found]


def yaml_cases(valid: bytes, schema: Schema) -> list[Case]:
    """All cases of a YAML file that a person writes."""
    tree = yaml.safe_load(valid)
    plain = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True).encode()
    dressed = [
        Case("harmless", "written otherwise", holding(plain), SAME),
        Case("harmless", "comments", holding(b"# a\n" + valid + b"# b\n"), SAME),
    ]
    return [*dressed, *yaml_text(valid), *one_wrong_value(tree, schema), *keys(tree, schema)]


# Of lines ----------------------------------------------------------------------------------------------------------------


def named(group: str, contents: Iterable[tuple[str, bytes, str]]) -> list[Case]:
    """Cases of contents that are written out."""
    return [Case(group, name, holding(content), expect) for name, content, expect in contents]


def line_cases(valid: bytes) -> list[Case]:
    """Lines lost, doubled and mixed up, in a file whose counts are pinned and whose ids stand once."""
    rows = valid.splitlines(keepends=True)
    found = [(f"without line {n + 1}", b"".join(rows[:n] + rows[n + 1 :]), REFUSED) for n in range(len(rows))]
    found += [(f"line {n + 1} twice", b"".join([*rows[: n + 1], *rows[n:]]), REFUSED) for n in range(len(rows))]
    found += [(f"cut in line {n + 1}", b"".join(rows[:n]) + rows[n][: len(rows[n]) // 2], REFUSED) for n in range(len(rows))]
    found += [(f"a blank line before {n + 1}", b"".join([*rows[:n], b"\n", *rows[n:]]), EITHER) for n in range(len(rows))]
    return named("lines", found)
