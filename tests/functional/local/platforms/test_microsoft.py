"""Microsoft: partial errors in HTTP 200, a Replace that holds one call only, fault details."""

import pytest

from tests.functional.local.platforms.drivers import hashes

SLUG = "microsoft"


def fault(response):
    body = response.json()
    return (body.get("Errors") or body["OperationErrors"])[0]["ErrorCode"]


def test_http_200_names_refused_items(ad):
    answered = ad.add([hashes(1)[0], "shoe"])
    assert answered.status == 200
    assert [(one["Index"], one["ErrorCode"]) for one in answered.json()["PartialErrors"]] == [
        (1, "CustomerListItemInvalid")
    ]
    ad.ad.misbehave("row_rejects")
    assert [one["Index"] for one in ad.add(hashes(2, 5)).json()["PartialErrors"]] == [0]
    assert ad.members() == sorted([hashes(1)[0], hashes(2, 5)[1]])


def test_replace_leaves_one_call_only(ad):
    ad.add(hashes(3))
    ad.apply("Replace", hashes(2, 10))
    ad.apply("Replace", hashes(2, 12))
    assert ad.members() == ad.shown(hashes(2, 12))


@pytest.mark.parametrize("kind", ["CRM", "Phone"])
def test_only_addresses_are_taken(ad, kind):
    """Both are in the API and "not currently supported": customerlistitemsubtype of Microsoft's documentation."""
    assert ad.apply("Add", hashes(1), kind=kind).status == 400
    assert ad.members() == []
    assert fault(ad.apply("Add", ["someone@example.com"])) == "CustomerListItemNotHashed"


def test_the_terms_are_accepted_with_an_upload_or_in_the_web_interface(ad):
    def apply(**more):
        data = {
            "AudienceId": ad.audience, "ActionType": "Add", "CustomerListItemSubType": "Email",
            "CustomerListItems": hashes(1), **more,
        }  # fmt: skip
        return ad.call("POST", f"{ad.api}/CustomerListUserData/Apply", {"CustomerListUserData": data})

    refused = apply(AcceptCustomerMatchTerm=False)
    assert (fault(refused), refused.json()["OperationErrors"][0]["Code"]) == (
        "CustomerListTermsAndConditionsNotAccepted", 8003,
    )  # fmt: skip
    ad.ad.misbehave("terms_not_accepted", times=9)
    assert apply().status == 400
    assert apply(AcceptCustomerMatchTerm=True).status == 200
    assert apply(AcceptCustomerMatchTerm="yes").status == 400


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("token_expired", "AuthenticationTokenExpired"),
        ("rate_limited", "CallRateExceeded"),
        ("forbidden", "UserIsNotAuthorized"),
        ("terms_not_accepted", "CustomerListTermsAndConditionsNotAccepted"),
    ],
)
def test_faults_have_microsofts_names(ad, scenario, expected):
    ad.ad.misbehave(scenario)
    assert fault(ad.add(hashes(1))) == expected


def test_requests_are_checked(ad):
    assert ad.apply("Merge", hashes(1)).status == 400
    assert ad.apply("Add", hashes(1), kind="Shoe").status == 400
    assert fault(ad.call("POST", f"{ad.api}/Audiences", {}, DeveloperToken="x")) == "InvalidCredentials"
    assert ad.call("POST", f"{ad.api}/Audiences", {}, CustomerId="").status == 400
    row = {"Type": "Shoe", "Name": "A", "ParentId": "2", "Scope": "Account"}
    assert ad.call("POST", f"{ad.api}/Audiences", {"Audiences": [row]}).status == 400


def test_lists_are_queried_and_deleted(ad):
    def query(ids):
        return ad.call("POST", f"{ad.api}/Audiences/QueryByIds", {"AudienceIds": ids, "Type": "CustomerList"})

    assert query([]).status == 400, "null asks for all, an empty list is refused"
    assert [one["Id"] for one in query(None).json()["Audiences"]] == [ad.audience]
    assert ad.call("DELETE", f"{ad.api}/Audiences", {"AudienceIds": [ad.audience]}).status == 200
    assert fault(query([ad.audience])) == "AudienceIdInvalid"
