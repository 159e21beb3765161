"""What the regression check found, for hosted CI: JUnit XML, and GitHub's annotations."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from harness.text import write_text

Found = dict[str, tuple[Path, list[str]]]  # of each study: its reference, and what differs
MOST = 50  # lines of one study that are told: CI shows no more


def junit(found: Found, fidelity: str, path: Path) -> None:
    """Write a test case for each study, failed where anything differs (the form that Jenkins, GitLab and GitHub's actions read)."""
    failed = str(sum(bool(lines) for _, lines in found.values()))
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(suites, "testsuite", name=f"check at {fidelity}", tests=str(len(found)), failures=failed)
    for study, (reference, lines) in found.items():
        case = ElementTree.SubElement(suite, "testcase", classname=f"check.{fidelity}", name=study, file=str(reference))
        if lines:
            failure = ElementTree.SubElement(case, "failure", message=_printable(lines[0]))
            failure.text = _printable("\n".join(_cut(lines)))
    ElementTree.indent(suites)
    write_text(path, ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n")


def notices(found: Found) -> list[str]:
    """Return a line for each difference, as GitHub's runner reads it: it shows them at the reference's file."""
    return [
        f"::error file={_escaped(str(reference), inside=True)},title={_escaped(f'check: {study}', inside=True)}::{_escaped(line)}"
        for study, (reference, lines) in found.items()
        for line in _cut(lines)
    ]


def _cut(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST else [*lines[:MOST], f"and {len(lines) - MOST} more"]


def _printable(text: str) -> str:
    """XML knows no control signs."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)


def _escaped(text: str, *, inside: bool = False) -> str:
    """Escape what ends a command of GitHub's runner, and within its properties also what ends one of them."""
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), *(((":", "%3A"), (",", "%2C")) if inside else ())):
        text = text.replace(sign, code)
    return text
