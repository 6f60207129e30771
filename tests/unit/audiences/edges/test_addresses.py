"""Where a request may go: the platform's host, the hosts it declares, and never into the company or this machine."""

import pytest
from audiences.delivery.uploader import uploaders
from audiences.edges.addresses import check_address, check_journey, check_number, has_stand_ins, host_of
from audiences.errors import SetupError

from local.stand_in_access import PlainSecret, secret_of

BASE = "https://api.example.com/v1/"
PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254"),
    *(
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
    ),
    *(
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
    ),
]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "",
            "http://127.0.0.1.example.com",
        ),
        *(
            "https://",
            "https://name:word@example.com",
            "https://name@example.com",
            "//example.com",
            "https://[::1",
        ),
    ],
)
def test_customer_data_goes_to_https_only(url):
    for stand_ins in (False, True):
        with pytest.raises(SetupError):
            check_address(url, stand_ins=stand_ins)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/x", "http://localhost:1", "https://[::1]:8443", "https://localhost."]
)
def test_this_machine_is_a_platform_for_the_embedded_aws_alone(url):
    assert check_address(url, stand_ins=True) == url
    with pytest.raises(SetupError):
        check_address(url)


def test_https_is_fine():
    assert check_address("https://example.com") == "https://example.com"


@pytest.mark.parametrize("number", PRIVATE)
def test_a_private_address_is_refused(number):
    with pytest.raises(SetupError, match=r"drop.example.com is no host on the public internet"):
        check_number(number, "drop.example.com")


def test_stand_ins_open_this_machine_and_nothing_else():
    check_number("127.0.0.1", "localhost", stand_ins=True)
    check_number("::1", "localhost", stand_ins=True)
    for number in PRIVATE:
        if number not in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"):
            with pytest.raises(SetupError):
                check_number(number, "x", stand_ins=True)


@pytest.mark.parametrize("number", ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8"])
def test_a_public_address_is_fine(number):
    check_number(number, "x")


def test_no_deployed_function_has_stand_ins(monkeypatch):
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API", raising=False)
    monkeypatch.delenv("AUDIENCES_STAND_INS", raising=False)
    assert not has_stand_ins()
    monkeypatch.setenv("AUDIENCES_STAND_INS", "1")
    assert has_stand_ins()
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")  # what Lambda sets in every function
    assert not has_stand_ins()


@pytest.mark.parametrize(
    ("target", "host", "goes"),
    [
        ("https://made.s3.us-east-1.amazonaws.com/k?X-Amz-Expires=3600", "*.s3.*.amazonaws.com", True),
        ("https://made.s3.us-east-1.amazonaws.com:443/k", "*.s3.*.amazonaws.com", True),
        ("https://MADE.s3.us-east-1.amazonaws.com./k", "*.s3.*.amazonaws.com", True),
        ("https://made.s3.us-east-1.amazonaws.com:8443/k", "*.s3.*.amazonaws.com", False),
        ("https://s3.us-east-1.amazonaws.com.example.org/k", "s3.*.amazonaws.com", False),
        ("https://ec2-1-2-3-4.compute-1.amazonaws.com/k", "*.s3.*.amazonaws.com", False),
        ("https://api.example.com:444/", "*.s3.*.amazonaws.com", False),
        ("http://api.example.com/", "*.s3.*.amazonaws.com", False),
        ("https://api.example.com/x", "*.s3.*.amazonaws.com", True),
    ],
)
def test_data_goes_to_declared_hosts(target, host, goes):
    if goes:
        check_journey(target, BASE, (host,), {"Content-Type": "text/plain"})
    else:
        with pytest.raises(SetupError, match="none of the platform's known hosts"):
            check_journey(target, BASE, (host,), {"Content-Type": "text/plain"})


@pytest.mark.parametrize("slug", sorted(uploaders()))
def test_each_platform_declares_where_its_tokens_come_from(slug):
    """Otherwise nothing could be delivered to it: the stand-ins' token endpoint is on the platform's own host."""
    uploader = uploaders()[slug]
    if uploader.pattern == "managed":
        return
    secret = {
        name: value
        for name, value in secret_of(slug, "https://api.example.com").items()
        if name != "token_url"
    }
    client = uploader.make(None, PlainSecret(secret), {})
    url = getattr(client.auth, "_url", uploader.base_url)
    if "://" in url:
        check_journey(url, uploader.base_url, uploader.all_hosts(client.secret), {"Content-Type": "x"})
    regional = PlainSecret({**secret, "token_url": "https://tokens.example.org/oauth"})
    assert "tokens.example.org" in uploader.all_hosts(regional)


@pytest.mark.parametrize(
    ("url", "goes"),
    [
        ("https://ttd-data.s3.us-east-1.amazonaws.com/drop?X-Amz-Expires=3600&X-Amz-Signature=ab", True),
        ("https://ttd-data.s3.amazonaws.com/drop", True),
        ("https://s3.eu-west-1.amazonaws.com/ttd-data/drop", True),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://10.0.0.7/drop", False),
        ("https://localhost/drop", False),
        ("https://s3.us-east-1.amazonaws.com.example.org/drop", False),
        ("https://ec2-1-2-3-4.compute-1.amazonaws.com/drop", False),
        ("https://drop.example.com/", False),
    ],
)
def test_the_trade_desks_drop_is_in_s3(url, goes):
    uploader = uploaders()["the_trade_desk"]
    headers = {"Content-Type": "text/plain"}
    if goes:
        check_journey(url, uploader.base_url, uploader.hosts, headers)
    else:
        with pytest.raises(SetupError, match="none of the platform's known hosts"):
            check_journey(url, uploader.base_url, uploader.hosts, headers)
    with pytest.raises(SetupError):
        check_journey(url, uploader.base_url, uploader.hosts, {**headers, "TTD-Auth": "token"})


@pytest.mark.parametrize("slug", sorted(uploaders()))
def test_no_platform_declares_everything(slug):
    for host in uploaders()[slug].hosts:
        assert not host_of(f"https://{host.replace('*', 'x')}").endswith(("example.com", ".internal"))
        assert host.rpartition("*")[2].count(".") >= (2 if "*" in host else 1), host
