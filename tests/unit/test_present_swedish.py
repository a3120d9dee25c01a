"""The framework's own sentences have Swedish ones, also the one that nobody hopes to see."""

import re

from streamlit.elements.exception import _GENERIC_UNCAUGHT_EXCEPTION_TEXT

from metrics.present.swedish import PATTERNS


def test_an_error_nobody_foresaw_is_said_in_swedish() -> None:
    said = [swedish for pattern, swedish in PATTERNS if re.match(pattern, _GENERIC_UNCAUGHT_EXCEPTION_TEXT)]
    assert len(said) == 1
    assert said[0].startswith("Något gick fel på sidan")
