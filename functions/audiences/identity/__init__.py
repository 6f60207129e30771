"""Identity: turn what a customer file says about a person into what a platform matches on, or say why not.

Pure Python and `phonenumberslite` only. Vectorised string engines disagree with Python, and with each other,
on case and blanks outside plain ASCII, so one function serves Lambda, Spark, the command line and the tests.
"""

from audiences.identity.batch import Outcome, compile_field
from audiences.identity.identifier import Digest, Identifier
from audiences.identity.reasons import REASONS, Unusable
from audiences.identity.rows import Prepared, compile_rows

__all__ = [
    "REASONS",
    "Digest",
    "Identifier",
    "Outcome",
    "Prepared",
    "Unusable",
    "compile_field",
    "compile_rows",
]
