"""What counts as nothing at the ends of a cell, for values, user ids and lists alike.

Python's blanks, and U+FEFF: the byte order mark that joined files leave inside (https://www.unicode.org/faq/utf_bom).
Use it as `text.strip(BLANKS)`.
"""

from typing import Final

BLANKS: Final = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\ufeff"
