"""English of other countries than the United States."""

import pytest

from tests.support.spoken_rows import spoken_text
from tts.text.script import read_script


@pytest.mark.parametrize(
    ("tag", "written", "spoken"),
    [
        ("en-GB", "Due 05/06/2023.", "Due june fifth twenty twenty three."),
        ("en_gb", "(05/06/2023)", "june fifth twenty twenty three,"),
        ("en-IE", "on 7/8/21, then", "on august seventh twenty twenty one, then"),
        ("en-IN", "on 05.06.2023", "on june fifth twenty twenty three"),
        ("en-ZA", "on 05-06-2023", "on june fifth twenty twenty three"),
        ("en-NZ", "from 25/12/2020", "from december twenty fifth twenty twenty"),
        ("en-GB", "from 12/25/2020", "from december twenty fifth twenty twenty"),
        ("en-US", "Due 05/06/2023.", "Due may sixth twenty twenty three."),
        ("en", "Due 05/06/2023.", "Due may sixth twenty twenty three."),
    ],
)
def test_a_date_is_read_day_first_where_it_is_written_so(
    tag: str, written: str, spoken: str
) -> None:
    assert spoken_text(read_script(written, tag)) == spoken


@pytest.mark.parametrize(
    "written",
    [
        "1/2",
        "1.2.10",
        "3-4-24",
        "a 1/2 cup",
        "01/02",
        "1/2/3/4",
        "10.1.2.2023",
        "2023-05-06",
        "5/6",
    ],
)
def test_what_is_no_date_in_figures_is_read_as_everywhere(written: str) -> None:
    assert read_script(written, "en-GB").tokens == read_script(written, "en").tokens


@pytest.mark.parametrize("tag", ["de-AT", "DE_de", "xx-YY", "fr-CA"])
def test_a_region_changes_nothing_where_no_rule_asks_for_it(tag: str) -> None:
    text = "Am 3. Mai 12,50 € und 1/4 um 14:30."
    assert read_script(text, tag).tokens == read_script(text, tag[:2].lower()).tokens
