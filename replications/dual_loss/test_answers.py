"""Answer matching and cutting, on the awkward cases that the stand-in syllabi hold, written anew."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError
from replications.dual_loss import asked, extract
from replications.dual_loss.answers import credits_in, label, states
from replications.dual_loss.chunks import fixed, structured


@pytest.mark.parametrize(
    ("category", "answer", "text"),
    [
        ("course", "3", "**Credit Hours:** 3"),
        ("course", "3", "Students who take the course for less than 3 credits should contact me"),
        ("course", "3", "Three semester credit hours"),
        ("course", "3", "3 semester hours of credit"),
        ("course", "4", "**CREDIT HOURS:**\n4 hours"),
        ("course", "4", "MIS 1 (4 Credit Hrs)"),
        ("course", "4", "4 semester hours credit"),
        ("course", "1", "This 1-credit seminar course"),
        ("course", "1", "**Credit Hours: 1 hrs. (Didactic Only)**"),
        ("course", "3", "Credit:\n:    3 units"),
        ("course", "3", "Credits: 3.0"),
        ("faculty", "Alma Makris", "Dr. Makris\n\nOffice: ED1"),
        ("faculty", "Palmer", "PALMER, FALL, 1999"),
        ("faculty", "Gerd J. Kaufmann", "Gerd J. Kaufmann PE"),
        ("faculty", "Pedro B. Sundberg", "Dr. Pedro Sundberg"),
        ("faculty", "Tom Graph", "| Instructor    | Tom Graph        |"),
        ("faculty", "Sam Usian", "[**SAM USIAN**]"),
        ("faculty", "Mary J. Norr", "M. J. Norr, office 4"),
        ("ta", "Jay Kumar (JK) Nath", "TA: Jay Kumar (JK) Nath"),
        ("ta", "Ann Lee;Carrie Briese", "Mo 10:10, TA: Carrie Briese"),
        ("course", "3", "Units: 3"),
        ("course", "3", "3 units"),
        ("course", "3", "| Units | 3 |"),
        ("course", "3", "| Credits |\n|---|\n| 3 |"),
        ("course", "3", "Credit units 3"),
        ("course", "3", "Credits: 3\nPoints: 100"),
        ("course", "3", "Credits ..... 3"),
        ("course", "3", "Extra credit\n\nUnits: 3"),
        ("course", "0", "zero credits"),
    ],
)
def test_the_answer_stands_there(category, answer, text):
    assert states(text, category, answer)


@pytest.mark.parametrize(
    ("category", "answer", "text"),
    [
        ("course", "3", "Office hours: 3 to 4"),
        ("course", "3", "13 credits"),
        ("course", "3", "Credits: 30"),
        ("course", "3", "Credit: 3.5 hours"),
        ("course", "4", "Chapter 4. Credit risk"),
        ("faculty", "Alma Makris", "Makris, Alma. In search of excellence. 1998."),
        ("faculty", "Alma Makris", "Makrison teaches"),
        ("ta", "Ann Ali", "to globalization of everything"),
        ("ta", "EMPTY", "Teaching assistant: none"),
        ("course", "3", "Unit 3: Photosynthesis"),
        ("course", "3", "Unit - 3 - Photosynthesis"),
        ("course", "3", "Units 3 and 4 are about plants"),
        ("course", "2", "each unit (2 weeks) ends with a test"),
        ("course", "3", "Extra credit: 3 points"),
        ("course", "3", "Homework credit: 3 points"),
        ("course", "5", "extra credit (5%)"),
        ("course", "5", "extra credit (5)"),
        ("course", "5", "Participation credit: 5 %"),
        ("course", "3", "Late work gets no credit. 3 absences are one too many"),
        ("course", "3", "Late work gets no credit\n\n3\\. Absences"),
        ("course", "0", "Late work gets zero credit"),
        ("course", "3", "There are three unit exams"),
        ("course", "4", "| Week 4 | 4 | Credit markets |"),
        ("course", "3", "Unit 3 credit and banking"),
        ("course", "2", "3½ credits"),
    ],
)
def test_what_only_looks_like_the_answer(category, answer, text):
    assert not states(text, category, answer)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("José Müller", "Instructor: José Müller"),
        ("Pat O'Brien", "Dr. O’Brien"),
        ("Pat O’Brien", "P. O'Brien"),
        ("Pat O'Brien", "Pat Oʼbrien"),
        ("Ann Griffith", "Ann Griﬃth"),
    ],
)
def test_a_name_is_found_however_its_characters_are_written(form, names, text):
    assert states(unicodedata.normalize(form, text), "faculty", names)
    assert states(text, "faculty", unicodedata.normalize(form, names))


def test_the_mark_of_a_footnote_is_no_part_of_a_number_or_a_name():
    assert states("Ada Brandt¹", "faculty", "Ada Brandt")
    assert credits_in("Credits: 3¹") == credits_in("3 credits²") == ["3"]


@pytest.mark.parametrize("words", ["(TBA)", ";", " ; ", "-", "Ada Brandt;(TBA)", "EMPTY;Ada Brandt"])
def test_words_that_are_no_names_are_refused(words):
    with pytest.raises(InputError, match="is no name"):
        states("any text", "faculty", words)


def test_a_number_of_credits_is_compared_in_one_way():
    assert [label("course", words) for words in ("3", " 3.0", "03", "1.50", "empty ")] == ["3", "3", "3", "1.5", "EMPTY"]
    assert states("Credits: 3.00", "course", "3.0") and extract.answer("course", "three credits") == "3"
    for words in ("³", "three", "3-4", "-1", "3 credits", "120"):
        with pytest.raises(InputError, match=f"'{words}' is no number of credits"):
            label("course", words)


@pytest.mark.parametrize(
    ("category", "text", "expected"),
    [
        ("course", "Three semester credit hours", "3"),
        ("course", "Office hours: 3 to 4", "EMPTY"),
        ("faculty", "**Instructor:** Dr. Ada Castellan, room 4", "Ada Castellan"),
        ("ta", "Teaching Assistant: Jo Burton, M.A.", "Jo Burton"),
        ("ta", "The instructor is Ada Castellan.", "EMPTY"),
        ("course", "Unit 5: Plants. Extra credit: 4 points. Units: 3", "3"),
        ("faculty", unicodedata.normalize("NFD", "Instructor: Ada Müller, room 4"), "Ada Müller"),
        ("faculty", "Instructor: Ada O’Brien, room 4", "Ada O'Brien"),
    ],
)
def test_the_extractive_answerer(category, text, expected):
    assert extract.answer(category, text) == expected
    assert extract.right(category, expected, expected) and not extract.right(
        category, expected, "17" if category == "course" else "Zoe Zed"
    )


LINES = st.lists(
    st.sampled_from(
        ["", "# A heading", "**Bold:**", "some words of text here", "- an item", "  goes on", "* item two", "| a | b |", "RULES:"]
    ),
    max_size=60,
)


@given(LINES, st.integers(1, 12), st.integers(0, 12))
def test_every_word_is_in_one_chunk_in_order_and_none_is_too_long(lines, words, least):
    text = "\n".join(lines)
    for chunks in (fixed(text, words), structured(text, words, least)):
        assert [word for chunk in chunks for word in chunk.split()] == text.split()
        assert all(0 < len(chunk.split()) <= words for chunk in chunks)


@given(st.text(alphabet="ab \n\t#-|*é\u2028", max_size=300), st.integers(1, 9), st.integers(0, 9))
def test_no_text_breaks_the_chunkers(text, words, least):
    for chunks in (fixed(text, words), structured(text, words, least)):
        assert [word for chunk in chunks for word in chunk.split()] == text.split()


def test_structured_chunks_keep_headings_lists_and_tables_whole():
    table, items = "| a | b |\n|---|---|\n| c | d |", "- one\n  more of one\n- two"
    text = f"# First\n\nsome words of text\n\n{items}\n\n# Second\n\n{table}\n\nlast words"
    chunks = structured(text, 16, 0)
    assert sum(items in chunk for chunk in chunks) == 1 and sum(table in chunk for chunk in chunks) == 1
    assert all("# Second" not in chunk or chunk.startswith("# Second") for chunk in chunks)


def test_a_heading_goes_with_what_it_is_over():
    text = "# A\n\n" + "word " * 30 + "\n\n# Teaching assistant\n\n" + "name " * 272
    first, second = structured(text, 300, 40)
    assert first.startswith("# A") and "assistant" not in first and second.startswith("# Teaching assistant\n\nname")
    nested = "intro words here\n\n# Policies\n\n## Late work\n\nit loses marks"
    assert structured(nested, 300, 3) == ["intro words here", "# Policies\n\n## Late work\n\nit loses marks"]


def test_a_list_with_blank_lines_and_a_table_without_outer_pipes_stay_whole():
    items = "\n\n".join(f"- item {i} " + "x " * 13 for i in range(10)).strip()
    chunks = structured("word " * 200 + "\n\n" + items, 300, 0)
    assert [chunk.count("- item") for chunk in chunks] == [0, 10]
    table = "role | name\n--- | ---\nTA | Jo Farrow"
    assert structured("words before\n\n" + table, 11, 0) == ["words before", table]


def test_an_underlined_line_is_a_heading_and_a_long_list_is_cut_between_items():
    text = "words of the first part\n\nTeaching assistant\n------------------\n\nJo Farrow"
    assert structured(text, 300, 2)[1].startswith("Teaching assistant\n---")
    items = "\n".join(f"- item {i} of a long list" for i in range(10))
    chunks = structured(items, 20, 0)
    assert len(chunks) == 5 and all(chunk.startswith("- item") for chunk in chunks)


def test_an_answer_across_a_border_needs_both_chunks():
    text = "a b Keith Burton c d"
    chunks = {f"s#{i:02d}": chunk for i, chunk in enumerate(fixed(text, 3))}
    assert asked.gold("s", text, chunks, "ta", "Keith Burton") == ({"s#00": 0, "s#01": 0}, "s#00\ts#01")
    assert asked.gold("s", text, chunks, "ta", "EMPTY") == ({"s#00": 0}, "")
    with pytest.raises(InputError, match="s: tas: 'Ann Lee' is nowhere in the text"):
        asked.gold("s", text, chunks, "ta", "Ann Lee")
