"""The page is whole, safe to open and readable without colours."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from audiences.report import build_report, render_page
from audiences.report.page_parts import flow

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """Checks that tags close in order, and collects what the tests ask for."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.headings, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)
        if "style" not in self.open:
            self.text.append(data)


def outline(report):
    page = render_page(report)
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("name", ["succeeded", "partial", "failed"])
def test_the_page_is_well_formed_and_self_contained(name, request):
    parser = outline(request.getfixturevalue(name))
    tags = {tag for tag, _ in parser.tags}
    assert not tags & {"script", "link", "img", "iframe"}
    assert not any({"src", "href"} & set(attributes) for _, attributes in parser.tags)
    assert [tag for tag, _ in parser.tags].count("h1") == 1
    assert dict(parser.tags)["html"] == {"lang": "en"}
    assert [tag for tag, _ in parser.tags].count("caption") == [tag for tag, _ in parser.tags].count("table")
    ids = [attributes["id"] for _, attributes in parser.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_sections_follow_what_the_run_did(succeeded, partial, failed):
    assert outline(succeeded).headings == ["Stages", "Segments", "Deliveries", "Training"]
    assert outline(partial).headings == ["Problems", "Stages", "Segments", "Training"]
    assert outline(failed).headings == ["Problems", "Stages", "Training"]


def test_the_page_shows_counts_verdict_and_next_step(succeeded, partial):
    good = " ".join("".join(outline(succeeded).text).split())
    assert "2 segments ready, 1 audience delivered" in good
    assert "ITEMSgenresAction" in good
    assert "Customer Profiles: Succeeded, 300 in it relay-ITEMSgenresAction" in good
    assert "31 no consent; 9 no usable identifier" in good
    bad = " ".join("".join(outline(partial).text).split())
    assert "Finished with 3 problems" in bad
    assert "Set the parameter CustomerProfilesDomain to your domain and deploy again." in bad


def test_what_the_platform_refused_is_on_the_page(facts, stages):
    refused = stages.delivery(refused=2, refused_reasons={"invalid <hash>": 2})
    text = " ".join("".join(outline(build_report(facts, stages.timed([refused]))).text).split())
    assert "Refused: 2 invalid <hash>" in text


def test_the_mail_is_on_the_page(succeeded):
    report = replace(succeeded, emails=[{"subject": "2 segments ready", "body": "Nothing to do."}])
    parser = outline(report)
    assert parser.headings[-1] == "Mail"
    assert "Nothing to do." in parser.text


def test_every_text_is_escaped(succeeded, partial, failed):
    evil = '<img src=x onerror=alert(1)>"&'

    def poison(value):
        if isinstance(value, dict):
            return {key: poison(item) for key, item in value.items()}
        if isinstance(value, list):
            return [poison(item) for item in value]
        return evil if isinstance(value, str) else value

    for report in (succeeded, partial, failed):
        page = render_page(type(report)(**poison(report.as_json())))
        assert "<img" not in page
        assert "&lt;img" in page


def test_stages_stand_in_the_order_of_the_flow():
    rows = [
        {"stage": stage, "name": "n", "status": "succeeded", "seconds_after_start": at}
        for at, stage in enumerate(
            ("delivery", "new-stage", "segment-postprocessing", "personalize-training")
        )
    ]
    words = re.findall(r"<b>(.*?)</b>", flow(rows))
    assert words == ["Train the model", "Make the segments", "Deliver to ad platforms", "New stage"]
