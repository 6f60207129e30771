"""Names what people upload in place of a table, by its first bytes: endings lie."""

from __future__ import annotations

import re

_SAVE = "Open it and choose File, Save as, 'CSV UTF-8 (Comma delimited)'."
_COLUMNAR = "Upload it without gzip, with the ending .parquet: gunzip {0}"
# First bytes, what the file is then, and what mends it; {0} is the file's name.
# https://www.garykessler.net/library/file_sigs.html and each format's own specification.
_KNOWN = (
    (b"PK\x03\x04", "a zip archive: a spreadsheet (.xlsx, .ods) under another name, or packed files",
     f"{_SAVE} If it is packed: unzip {{0}}"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old spreadsheet (.xls)", _SAVE),
    (b"%PDF", "a PDF document", "Export the table itself as CSV."),
    (rb"{\rtf", "a text document (RTF)", "Export the table itself as CSV."),
    (b"BZh", "packed with bzip2", "Unpack it, or pack it with gzip: bzcat {0} | gzip > new.csv.gz"),
    (b"\xfd7zXZ\0", "packed with xz", "Unpack it, or pack it with gzip: xzcat {0} | gzip > new.csv.gz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "Unpack it, or pack it with gzip: zstdcat {0} | gzip > new.csv.gz"),
    (b"\x04\x22\x4d\x18", "packed with lz4", "Unpack it, or pack it with gzip: lz4cat {0} | gzip > new.csv.gz"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it: 7z x {0}"),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it: unrar x {0}"),
    (b"\x1f\x8b", "packed with gzip twice", "Unpack it once: gunzip {0}"),
    (b"PAR1", "Parquet inside gzip", _COLUMNAR),
    (b"ORC", "an ORC file", "Write it as Parquet, CSV or JSON lines."),
    (b"Obj\x01", "an Avro file", "Write it as Parquet, CSV or JSON lines."),
    (b"SQLite format 3\0", "a database (SQLite)", "Export the table: sqlite3 -header -csv {0} 'SELECT …' > new.csv"),
    (b"-----BEGIN PGP", "encrypted with PGP", "Decrypt it: gpg --decrypt {0} > new.csv"),
)  # fmt: skip
_MARKUP = re.compile(rb"\s*<[!?a-zA-Z]").match
_JSON_LIST = re.compile(rb"\s*\[\s*\{").match
_JSON_OBJECT = re.compile(r'\s*\{\s*"').match


def name_other(head: bytes) -> tuple[str, str] | None:
    """Return what a file is whose first bytes are `head`, and what mends it; None for what may be a table.

    `{0}` stands for the file's name.
    """
    for first, what, fix in _KNOWN:
        if head.startswith(first) and (first != b"ORC" or b"\0" in head[:64]):
            return what, fix
    if head[257:262] == b"ustar":
        return "a tar archive", "Unpack it: tar xf {0}"
    if _MARKUP(head):
        return "a web page or XML, as some 'Excel' exports (.xls) are", _SAVE
    if _JSON_LIST(head):
        return "a JSON list", "Write an object a line: jq -c '.[]' {0} > new.jsonl"
    return None


def is_json(line: str) -> bool:
    """Tell whether a first line begins a JSON object: no table of separated values does."""
    return _JSON_OBJECT(line) is not None


def utf16(head: bytes) -> str:
    """Return the codec of UTF-16 text, with or without its mark, and "" for any other.

    Without the mark it is certain where every second byte of the first letters is zero: no other text has zeros.
    """
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return ""  # UTF-32
    if head.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if head.startswith(b"\xfe\xff"):
        return "utf-16-be"
    start = head[:16]
    even, odd = start[::2], start[1::2]
    if len(start) >= 4 and len(start) % 2 == 0:
        if not any(odd) and all(even):
            return "utf-16-le"
        if not any(even) and all(odd):
            return "utf-16-be"
    return ""
