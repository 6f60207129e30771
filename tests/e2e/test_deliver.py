"""`make demo`: one audience reaches ten platforms by three patterns; every row is accounted for."""

import csv
import json
import re

from local.emulator import ROOT

PATTERNS = {"single-step", "multi-step", "managed"}


def test_one_audience_reaches_ten_platforms_by_three_patterns(demo):
    deliveries = demo.report["deliveries"]
    assert {d["audience"] for d in deliveries} == {"Bingewatch action lovers"}
    assert len({d["platform"] for d in deliveries}) == len(deliveries) >= 10
    assert {d["pattern"] for d in deliveries} == PATTERNS
    assert {d["status"] for d in deliveries} == {"succeeded"}


def test_every_row_is_accounted_for(demo):
    for one in [*demo.report["deliveries"], *demo.report["audiences"]]:
        assert one["received"] == 300
        assert one["received"] == sum(one[k] for k in ("sent", "rejected", "unchanged", "suppressed"))
        assert one["rejected"] == sum(one["reject_reasons"].values())
        assert one["suppressed"] > 0
        assert {"consent_denied", "no_identity"} & set(one["reject_reasons"]), one["reject_reasons"]
    for delivery in demo.report["deliveries"]:
        assert delivery["accepted"] == delivery["sent"]
    assert len(list((demo.output / "receipts").iterdir())) == len(demo.report["deliveries"])
    assert len(list((demo.output / "manifests").iterdir())) == len(demo.report["audiences"])


def test_no_customer_is_named_in_what_is_kept(demo):
    with (ROOT / "data/audience/identities/customers.csv").open(newline="", encoding="utf-8") as file:
        people = {row["email"].strip().lower() for row in csv.DictReader(file)} - {""}
    names = ("report.json", "report.html", "emulator.log", "deploy.log", "ad-platforms.log")
    texts = [(demo.output / name).read_text() for name in names] + [demo.said]
    texts += [
        path.read_text()
        for folder in ("emails", "receipts", "manifests")
        for path in (demo.output / folder).iterdir()
    ]
    words = set(re.findall(r"[\w.+-]+@[\w.-]+", "\n".join(texts).lower()))
    assert not words & people
    assert json.loads((demo.output / "report.json").read_text())["deliveries"]
