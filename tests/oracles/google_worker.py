"""With build/oracles/google: [[field, value], …] on stdin, Google's answers on stdout (null: refused)."""

import importlib.util
import json
import sys
from pathlib import Path

path = Path(sys.argv[1]) / "google/ads/datamanager_util/format.py"
source = path.read_text(encoding="utf-8")
module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("google_format", path))
sys.modules["google.ads.datamanager_util.encrypt"] = type(sys)(
    "encrypt"
)  # its key service client is not installed
sys.modules["google.ads.datamanager_util.encrypt"].Encrypter = object
for parent in ("google", "google.ads", "google.ads.datamanager_util"):
    sys.modules.setdefault(parent, type(sys)(parent))
module.__spec__.loader.exec_module(module)
formatter = module.Formatter()
FORMATS = {
    "email": formatter.format_email_address,
    "first_name": formatter.format_given_name,
    "last_name": formatter.format_family_name,
    "phone": formatter.format_phone_number,
    "zip": formatter.format_postal_code,
    "country": formatter.format_region_code,
    "city": formatter.format_city,
    "state": formatter.format_administrative_area,
}


def answer(field, value):
    try:
        return FORMATS[field](value)
    except ValueError:
        return None


json.dump([answer(field, value) for field, value in json.load(sys.stdin)], sys.stdout)
