"""report.html in a real browser: search, filters, addresses, keyboard, a narrow window, dark, print, and no network."""

import io
import shutil

import pytest
from pypdf import PdfReader

from harness import config as settings
from harness import render, table
from harness.audits import finding
from harness.audits.finding import Finding
from harness.errors import InputError
from harness.pages import report_page, verdict_rows
from harness.studies import study
from harness.text import write_sealed
from harness.verdicts import join, judging
from tests.pages.browser import CHROMIUM, Browser

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")
NASTY = "<img src=x onerror=alert(1)> & 'quoted' \"twice\" </script>"
LONG = "hits_of_a_metric_with_a_very_long_name_that_has_no_blank_in_it"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The tests' paper, judged and rendered, with words that would run as script were they not escaped."""
    from tests.conftest import ROOT, Workspace

    place = Workspace(tmp_path_factory.mktemp("page"))
    place.take("config.yaml")
    shutil.copytree(ROOT / "tests/workspace", place.folder, dirs_exist_ok=True)
    ledger = place.folder / "replications/paper/claims.yaml"
    text = ledger.read_text().replace('"shared words help"', "'" + NASTY.replace("'", "''") + "'")
    ledger.write_text(text.replace("hits: {metric: hits, unit", f"hits: {{label: {LONG}, metric: hits, unit"))
    values = {"mrr@10": [0.75, 1, 1, 0.25], "hit_rate@1": [2 / 3, 1, 1, 0]}
    rows = [("paper", "shared", 0, "letters", metric, query, value, None, "original", "none", "none")
            for metric, given in values.items() for query, value in zip([None, "q1", "q2", "q3"], given, strict=True)]  # fmt: skip
    place.scores("paper/shared/0", rows)
    config = settings.load(place.folder)
    found = [Finding("bounds", "inconsistent", "paper", ("paper:above_one",), (), NASTY, "1.2 > 1", 0.0)]
    finding.save(found, config.folder / "findings.csv")
    for one in study.select(config):
        judged = judging.judge(one, join.load([one.name], config), found, config.judgement)
        verdict_rows.write(config.folder / one.name / "verdicts.csv", judged, config)
        write_sealed(config.folder / one.name / "agreement.json", "[]\n")
        table.write(one, found, config)
    render.render(study.select(config), found, config)
    return config.folder / "report.html"


@pytest.fixture(scope="module")
def running():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(running):
    """The browser; what went wrong in a page, and every address beyond the disk, fails the test."""
    running.errors.clear()
    yield running
    assert running.errors == []


SHOWN = "[...document.querySelectorAll('#table-rows tr')].map(row => row.dataset.key)"


def test_the_search_finds_by_words_numbers_and_places(browser, page):
    browser.open(page)
    assert browser.run("document.getElementById('found').textContent") == "7 of 7 claims"
    for words, keys in (("0.333", ["paper:t1.hits.shared"]), ("section 4", ["paper:above_one"]), ("nothing like it", [])):
        browser.run(f"(q.value = {words!r}, q.dispatchEvent(new Event('input', {{bubbles: true}})), 0)")
        assert browser.run(f"{SHOWN}.filter(Boolean)") == keys
    assert "nothing+like+it" in browser.run("location.hash")  # a search can be sent to somebody


def test_filters_narrow_and_clear(browser, page):
    browser.open(page)
    select = "document.getElementById('f-{}')"
    choose = "(({0}).value = {1!r}, ({0}).dispatchEvent(new Event('input', {{bubbles: true}})), 0)"
    browser.run(choose.format(select.format("verdict"), "contradicted"))
    assert browser.run(SHOWN) == ["paper:t1.hits.shared"]
    browser.run(choose.format(select.format("metric"), "mrr"))
    assert browser.run("document.getElementById('found').textContent") == "0 of 7 claims"
    browser.run("(document.querySelector('#filters button').click(), 0)")
    browser.wait("document.getElementById('found').textContent === '7 of 7 claims'")
    browser.run(choose.format(select.format("fidelity"), "original evaluation data"))
    assert "paper:t1.mrr.shared" in browser.run(SHOWN) and "paper:words" not in browser.run(SHOWN)


def test_a_count_leads_to_its_claims(browser, page):
    browser.open(page)
    browser.run("([...document.querySelectorAll('.sums a')].find(a => a.textContent.includes('confirmed')).click(), 0)")
    browser.wait("document.getElementById('found').textContent === '1 of 7 claims'")
    assert browser.run(SHOWN) == ["paper:t1.mrr.shared"]
    assert (
        browser.run("document.getElementById('f-verdict').selectedOptions[0].textContent")
        == "exact or equivalent or direction only"
    )


@pytest.mark.parametrize("address", ["#?study=paper&verdict=contradicted", "#?q=0.333"])
def test_a_search_opens_by_its_address(browser, page, address):
    browser.open(page, address)
    assert browser.run(SHOWN) == ["paper:t1.hits.shared"]


def test_a_claim_opens_by_its_address_with_all_that_is_known(browser, page):
    browser.open(page, "#paper:t1.mrr.shared")
    browser.wait("panel.open")
    words = browser.run("panel.innerText")
    for part in ("mrr, shared", "0.750", "Table 1, row mrr", "arXiv 0000.00000", "exact", "our mean rounds", "What would change it",
                 "make tables FIDELITY=embedded STUDIES=paper", "mean reciprocal rank at 10", "Worst queries", "q3: 0.25", "3 queries", "1 seed"):  # fmt: skip
        assert part in words, part
    told = browser.run("panel.querySelector('svg').getAttribute('aria-label')")
    assert told.startswith("Here 0.75") and "printed 0.750" in told
    browser.open(page, "#paper:above_one")
    browser.wait("panel.open")
    words = browser.run("panel.innerText")
    assert "1.2 > 1" in words and "False alarm: none" in words and NASTY in words  # as words, not as elements
    assert browser.run("panel.querySelectorAll('img').length") == 0


@pytest.mark.parametrize("address", ["#no:such.claim", "#%E0%A4%A", "#?verdict=nonsense&x=1", "#__proto__", "#constructor", "#"])
def test_an_address_of_nothing_does_no_harm(browser, page, address):
    browser.open(page, address)
    assert browser.run("panel.open") is False


def test_the_keyboard_alone_opens_steps_and_closes(browser, page):
    browser.open(page)
    browser.run("(document.querySelector('#table-rows a').focus(), 0)")
    browser.press("Enter", 13)
    browser.wait("panel.open && panel.contains(document.activeElement)")
    first = browser.run("location.hash")
    browser.run("(panel.querySelector('.next').focus(), 0)")
    browser.press("Enter", 13)
    browser.wait(f"location.hash !== {first!r} && panel.open")
    browser.press("Escape", 27)
    browser.wait("!panel.open && location.hash === '#claims'")
    header = "document.querySelector('#table thead th:nth-child(6)')"
    assert browser.run(f"!!{header}.querySelector('[tabindex=\"0\"], button') || {header}.tabIndex === 0")


def test_columns_sort(browser, page):
    browser.open(page)
    click = "(document.querySelector('#table thead th:nth-child(4)').click(), 0)"
    browser.run(click)
    up = browser.run("[...document.querySelectorAll('#table-rows td:nth-child(4)')].map(cell => cell.textContent)")
    browser.run(click)
    down = browser.run("[...document.querySelectorAll('#table-rows td:nth-child(4)')].map(cell => cell.textContent)")
    assert up == down[::-1] or (sorted(up) == sorted(down) and up != down)
    assert browser.run("document.querySelector('#table thead th:nth-child(4)').ariaSort") == "descending"


@pytest.mark.parametrize("width", [320, 400, 760, 1400])
def test_the_verdict_is_seen_at_every_width(browser, page, width):
    browser.open(page, width=width)
    assert browser.run("document.documentElement.scrollWidth") <= width
    ends = browser.run("[...document.querySelectorAll('#table-rows .word')].map(one => one.getBoundingClientRect().right)")
    assert len(ends) == 7 and 0 < max(ends) <= width
    browser.open(page, "#paper:t1.hits.shared", width=width)
    browser.wait("panel.open")
    assert browser.run("panel.getBoundingClientRect().right") <= width and browser.run("panel.scrollWidth <= panel.clientWidth")


def test_labels_name_every_field_and_picture(browser, page):
    browser.open(page)
    assert (
        browser.run(
            "[...document.querySelectorAll('input,select')].filter(field => !field.labels.length).map(field => field.outerHTML)"
        )
        == []
    )
    assert browser.run("[...document.querySelectorAll('img')].filter(one => !one.alt).length") == 0
    assert browser.run("document.documentElement.lang") == "en"
    levels = browser.run("[...document.querySelectorAll('main h2, main h3, h1')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:], strict=False))
    assert browser.run(
        "document.querySelectorAll('[id]').length === new Set([...document.querySelectorAll('[id]')].map(one => one.id)).size"
    )


CONTRAST = """(() => {
  const light = words => { const [r, g, b] = words.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const page = light(getComputedStyle(document.body).backgroundColor);
  return Math.min(...['body', '#table small', '.word.contradicted', '.word.exact', '#table-rows a'].map(one => {
    const ink = light(getComputedStyle(document.querySelector(one)).color); return (Math.max(ink, page) + .05) / (Math.min(ink, page) + .05); }));
})()"""


def test_light_and_dark_can_be_read(browser, page):
    grounds = []
    for dark in (False, True):
        browser.open(page, dark=dark)
        grounds.append(browser.run("getComputedStyle(document.body).backgroundColor"))
        assert browser.run(CONTRAST) >= 4.5  # WCAG AA
    assert grounds[0] != grounds[1]


def test_print_has_every_claim_and_no_cut_column(browser, page):
    browser.open(page)
    reader = PdfReader(io.BytesIO(browser.pdf()))
    words = " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).split())
    for part in ("made with", "original evaluation data", "contradicted", "not run", LONG[:20], "0.333", "section 4"):
        assert part in words, part
    assert "Search" not in words and reader.pages[0].mediabox.width < reader.pages[0].mediabox.height
    browser.run("(location.hash = 'paper:t1.hits.shared', 0)")
    browser.wait("panel.open")
    alone = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(browser.pdf())).pages).split())
    assert "What would change it" in alone and "All claims" not in alone


def test_without_scripts_every_claim_is_there(browser, page):
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(page)
        assert browser.run("document.querySelectorAll('#table-rows tr').length") == 7
        assert browser.run("document.getElementById('filters').hidden")
    finally:
        browser.ask("Emulation.setScriptExecutionDisabled", value=False)


def test_the_table_library_is_the_pinned_file_with_its_notice(page, tmp_path, monkeypatch):
    text = page.read_text()
    assert "The MIT License (MIT)" in text and "Copyright SpryMedia Limited" in text
    other = tmp_path / "dataTables.min.js"
    other.write_text(report_page.LIBRARY.read_text() + ";")
    (tmp_path / "dataTables.LICENSE.txt").write_text("MIT")
    monkeypatch.setattr(report_page, "LIBRARY", other)
    with pytest.raises(InputError, match=r"dataTables\.min\.js: its sha256 is .*take the pinned file again"):
        report_page.inlined()
