"""Regular expressions as Envoy reads them.

Source: Envoy `type.matcher.v3.RegexMatcher` (RE2); App Mesh's bootstrap, `re2.max_program_size`.
"""

from typing import Annotated, Final

import re2

from gossamer.model.rule import Characters, Obeying
from gossamer.model.spec import Violated

#: What App Mesh's bootstrap lets Envoy accept; a larger program makes Envoy refuse the whole route table.
LARGEST_PROGRAM: Final = 1000


def _compiled_once(text: str) -> str:
    """The expression as it was, if RE2 takes it."""
    # Made here and not kept, as the library would log what it refuses.
    options = re2.Options()
    options.log_errors = False
    try:
        size: int = re2.compile(text, options).programsize
    except re2.error as error:
        # RE2 names the reason, then quotes the expression; the caller knows the expression.
        reason = str(error.args[0], errors="replace") if isinstance(error.args[0], bytes) else str(error)
        raise Violated(f"must be an RE2 expression: {reason.split(':')[0]}") from error
    if size > LARGEST_PROGRAM:
        raise Violated(
            f"must compile to an RE2 program of at most {LARGEST_PROGRAM} instructions, not {size}"
        )
    return text


Regex = Annotated[str, Characters(1, 255), Obeying(_compiled_once, "must be an RE2 expression")]
