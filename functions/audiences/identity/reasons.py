"""Why a value was refused: a short closed list, so that reports count by reason and show no value."""

from __future__ import annotations

REASONS = {
    "missing": "The value is null.",
    "empty": "The value is empty or blank.",
    "not_text": "The value is not text: read the column as text, or zeros and plus signs are lost.",
    "bad_encoding": "The value is not valid UTF-8: save the file as UTF-8.",
    "control_character": "The value holds a control character.",
    "already_hashed": "The value is a hash in a column declared as plain: declare the column as hashed.",
    "not_a_hash": "The column is declared as hashed and the value is not a hash of the kind declared.",
    "hash_of_nothing": "The value is the hash of the empty string.",
    "nothing_left": "Nothing is left after the platform's rules removed what it does not match on.",
    "email_malformed": "The value is not one mailbox@domain.",
    "phone_invalid": "No phone number of the numbering plan.",
    "spreadsheet_number": "A spreadsheet rewrote the number and may have lost digits: export the column as text.",
    "phone_no_country": "A number without + and without a country: whose it is, nobody can know. Add a country.",
    "phone_not_us": "The platform matches United States and Canada numbers only.",
    "country_unknown": "Neither an ISO 3166 code nor a country name we know.",
    "zip_malformed": "Too short for a postal code, or without a letter or digit.",
    "gender_unknown": "Neither female nor male in the words we know.",
    "date_invalid": "No day of the calendar, or in the future, or before 1900.",
    "maid_malformed": "A mobile ad id is 32 hexadecimal digits grouped 8-4-4-4-12.",
    "maid_zeros": "The all-zero id means that the person opted out of ad tracking.",
    "id_malformed": "The id has characters, or a length, that the platform refuses.",
    "second_value": "Two columns of the row have different values and one is sent: that of the first column.",
    "incomplete": "A value that the platform only matches together with others stands alone.",
    "nothing_to_send": "No identifier of the row is usable.",
}


class Unusable(Exception):  # noqa: N818 - it names a verdict on one value, it is not a failure of the program
    """Raised by a step for a value that must not be sent. `reason` is a key of `REASONS`."""

    def __init__(self, reason: str) -> None:
        """Keep the `reason`; the value itself never travels with it, so it cannot reach a log."""
        super().__init__(reason)
        self.reason = reason
