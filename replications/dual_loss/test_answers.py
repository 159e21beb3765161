"""Answer matching and cutting, on the awkward cases that the stand-in syllabi hold, written anew."""

import time
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


TITLES = ["Ms.", "Mr.", "Mrs.", "Mx.", "Miss", "Prof.", "Professor", "Dr.", "Assoc. Prof.", "Asst. Prof.", "Lecturer", "MS."]
DEGREES = ["", ", Ph.D.", " Ph.D.", " PhD", ", M.Sc.", " M.Sc.", " Ed.D.", ", Ed. D.", " MA", " M.A.", ", J.D., Ph.D.", " Jr."]
NOBODY = ["TBD", "TBA", "T.B.A.", "(tba)", "Staff", "STAFF", "Department Staff", "none", "N/A", "NA", "n.a.", "To be announced",
          "To Be Announced", "to be determined later", "-", "--", "–", "Not assigned", "Not Yet Assigned", "Unassigned", "?", "Vacant"]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_a_title_before_a_name_is_no_part_of_it_in_texts_labels_and_answers(title):
    assert states(f"Office of {title} Brandt", "faculty", "Ada Brandt")
    assert states("Ada Brandt teaches", "faculty", f"{title} Ada Brandt")
    for category, role in (("faculty", "Instructor"), ("ta", "Teaching Assistant")):
        assert extract.answer(category, f"{role}: {title} Ada Brandt, office") == "Ada Brandt"
    assert extract.answer("ta", "Instructor: Assistant Professor Ada Brandt") == "EMPTY"


@pytest.mark.parametrize("degree", DEGREES)
def test_a_degree_behind_a_name_is_no_part_of_it(degree):
    assert states("Dr. Brandt", "faculty", f"Ada Brandt{degree}")
    assert extract.answer("faculty", f"Instructor: Ada Brandt{degree}\nOffice: 4") in ("Ada Brandt", "Ada Brandt Office")


def test_a_surname_that_looks_like_a_degree_stays():
    assert states("Mr. Ma", "ta", "Jack Ma") and states("JACK MA", "ta", "JACK MA") and not states("Jack", "ta", "Jack Ma")
    assert extract.answer("ta", "TA: Na Li, room 4") == "Na Li"


@pytest.mark.parametrize("nobody", NOBODY)
def test_a_placeholder_is_neither_a_name_nor_a_number(nobody):
    assert label("course", nobody) == label("faculty", nobody) == label("ta", f" {nobody} ") == "EMPTY"
    assert label("ta", f"Jo Farrow;{nobody}") == "Jo Farrow"
    for text in (
        "Teaching Assistants:\n\n{}\n\n**Course Website:** here",
        "TA: {} Office Hours: none",
        "Teaching assistant: ({})",
    ):
        assert extract.answer("ta", text.format(nobody)) == "EMPTY"
    assert extract.answer("faculty", f"| Instructor: | {nobody} |\nCourse Website") == "EMPTY"
    assert extract.answer("faculty", f"Instructor: Professor {nobody}") == "EMPTY"
    assert extract.answer("course", f"Credits: {nobody}\n\n3 exams") == "EMPTY"


def test_words_that_begin_like_a_placeholder_are_names():
    for name in ("Ann Staff", "Nona Tban", "Nora Unger"):
        assert label("ta", name) == name and extract.answer("ta", f"TA: {name}, office") == name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Pat O'Brien", "Dr. O’Brien"), ("Ann McDonald", "Ms. MCDONALD"), ("Ana de la Cruz", "Prof. de la Cruz"),
        ("Ana de la Cruz", "Ana María de la Cruz"), ("Jan van der Berg", "Dr. van der Berg"), ("van der Berg", "Jan van der Berg"),
        ("Jan van der Berg", "J. van der Berg"), ("Gabriel García Márquez", "Dr. Garcia"), ("Gabriel García Márquez", "Gabriel García"),
        ("Maria Garcia Lopez", "Maria García-López"), ("Nguyễn Lan", "NGUYEN LAN"), ("Ann Müller", "Ann Muller"), ("Bo Sørensen", "Bo Sorensen"),
        ("Jean-Luc Picard", "Jean Luc Picard"), ("Jean Luc Picard", "J.-L. Picard"), ("Jean-Luc Picard", "Jean\u2010Luc Picard"),
        ("J. R. Smith", "J.R. Smith"), ("J. R. Smith", "J. Smith"), ("Smith, John", "John Smith"), ("Smith, John, Ph.D.", "Dr. Smith"),
        ("John Smith", "Instructor: Smith, John"), ("John Smith", "| Instructor | Smith, J. |"),
        ("Ann Lee", "Teaching Assistants: Smith, John; Lee, Ann"), ("Alma Makris", "Prof. Dr. Makris"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_compound_accented_and_inverted_names(name, text, form):
    assert states(unicodedata.normalize(form, text), "faculty", name)
    assert states(text, "faculty", unicodedata.normalize(form, name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ana de la Cruz", "Prof. de la Vega"), ("Jan van der Berg", "Dr. van der Bergen"), ("Mary J. Norr", "Dr. J. Nor"),
        ("John Smith", "as the faculty wrote. Smith, John. A book."), ("John Smith", "Instructor: Lee, Ann. Reading: Smith, John"),
    ],
)  # fmt: skip
def test_another_name_is_not_this_one(name, text):
    assert not states(text, "faculty", name)


@pytest.mark.parametrize(
    "name",
    ["Pat O'Brien", "Ann McDonald", "Ana de la Cruz", "Jan van der Berg", "Gabriel García Márquez", "Nguyễn Lan", "Jean-Luc Picard",
     "J. R. Smith", "J.-L. Picard", "Élodie Žižek", "Øyvind Łuczak"],
)  # fmt: skip
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_such_names_are_extracted_whole(name, form):
    given = extract.answer("faculty", unicodedata.normalize(form, f"Instructor: Prof. {name}, room 4"))
    assert given == name and extract.right("faculty", given, name)


def test_inverted_names_and_titled_surnames_are_extracted_where_nothing_else_is():
    assert extract.answer("faculty", "Instructor: Smith, John (office 4)") == "John Smith"
    assert extract.answer("faculty", "Instructor: Smith, J. R.") == "J. R. Smith"
    assert extract.answer("ta", "Teaching Assistant: Ms. Silva, office 4") == "Ms. Silva"
    assert extract.answer("faculty", "Prof. van der Berg, office 4") == "Prof. van der Berg"
    for text in (
        "Instructor: Brandt, Room 4",
        "Ask the instructor. Students may",
        "see the instructor. If you are late",
        "Instructor: Brandt, Ph.D.",
    ):
        assert extract.answer("faculty", text) == "EMPTY"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("3", "3 cr."), ("3", "(3 cr)"), ("3", "3 crs."), ("3", "3 cr. hrs."), ("3", "Cr. 3"), ("3", "Cr. Hrs.: 3"), ("3", "| Cr. | 3 |"),
        ("3", "3-0-3"), ("4", "BIOL 101 (3-2-4)"), ("4", "Credits: 3-2-4"), ("4", "3-2-4 credits"), ("4", "| Hours | 3-2-4 |"),
        ("3", "3 s.h."), ("3", "3 SH"), ("3", "Principles of X 241-3 S.H."), ("3", "3 sem. hrs"), ("3", "3 semester hours"), ("3", "Semester hours: 3"),
        ("3", "3 quarter hours"), ("3", "Three credits"), ("3", "three (3) credits"), ("3", "Credits (3)"), ("3", "Credit(s): 3"), ("3", "3.0 credits"),
        ("3", "Credit Value: 3"), ("3", "Credit load: 3"), ("6", "ECTS 6"), ("6", "6 ECTS"), ("6", "6 ECTS credits"), ("6", "ECTS credits: 6"),
        ("7.5", "7,5 ECTS"), ("6", "6 CP"), ("6", "CP: 6"), ("6", "6 credit points"), ("6", "Credit points: 6"),
        ("1-3", "1-3 credits"), ("1-3", "1–3 credit hours"), ("1-3", "Credits: 1-3"), ("1-3", "one to three credits"), ("3-4", "3 or 4 credits"),
    ],
)  # fmt: skip
def test_the_forms_of_credit(answer, text):
    assert credits_in(text) == [answer] and states(text, "course", answer) and extract.answer("course", text) == answer


@pytest.mark.parametrize(
    "text",
    ["credit card 3", "two credit cards", "3 credit reports", "extra credit 3 points", "Extra credit: 3 points", "3 points of extra credit",
     "Lotus 1-2-3 spreadsheets", "555-3-4", "due 1-2-9", "pages 3-4", "3 hours", "Credits: TBD. 3 exams", "CR/NC 3", "Meet 3-0-3 times"],
)  # fmt: skip
def test_what_is_no_credit(text):
    assert credits_in(text) == []


@pytest.mark.parametrize("words", ["(TBA)", ";", " ; ", "-", "Ada Brandt;(TBA)", "EMPTY;Ada Brandt"])
def test_words_that_are_no_names_are_refused(words):
    with pytest.raises(InputError, match="is no name"):
        states("any text", "faculty", words)


def test_a_number_of_credits_is_compared_in_one_way():
    assert [label("course", words) for words in ("3", " 3.0", "03", "1.50", "empty ")] == ["3", "3", "3", "1.5", "EMPTY"]
    assert states("Credits: 3.00", "course", "3.0") and extract.answer("course", "three credits") == "3"
    assert label("course", "1-3") == label("course", "1–3.0") == "1-3"
    for words in ("³", "three", "3-", "-1", "3 credits", "120"):
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


@pytest.mark.parametrize("words", ["assistant ", "Dr. ", "TA: Ab, Cd; ", "credit hours ", "3-0-3 ", "3 ", "Ab ", "-"])
def test_no_repetition_makes_the_search_endless(words):
    started = time.process_time()
    for category, gold in (("course", "3"), ("faculty", "Ana de la Cruz"), ("ta", "Jo Farrow")):
        states(words * 5_000, category, gold)
        extract.answer(category, words * 5_000)
    assert time.process_time() - started < 5


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
