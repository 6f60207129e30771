"""One platform's stand-in, prepared audiences, and deliveries of them that never really sleep."""

import base64
import copy
import dataclasses
import hashlib
import importlib
import io
import json
from pathlib import Path

from audiences.delivery import Delivery, Patience, find_uploader
from audiences.delivery.in_force import Base, choose_base
from audiences.identity import compile_field
from audiences.platforms import find
from audiences.preparation.consent import ConsentRule
from audiences.preparation.plan import Inputs
from audiences.preparation.prepare import prepare
from audiences.preparation.request import Request
from audiences.preparation.shape import find_shape
from audiences.preparation.sources import Source

from local.folder_store import FolderLists, FolderStore, read_folder
from local.stand_in_access import InProcessHttp, PlainSecret, secret_of
from tests.contract.scenarios import STAND_IN_OF

PEOPLE = 40
_HEADER = "user_id,email,phone,consent_ads,country\n"


class Recording(InProcessHttp):
    """Keeps each request with its answer, None where the connection was cut."""

    def __init__(self, stand_in):
        super().__init__(stand_in)
        self.answered = []

    def send(self, method, url, **options):
        self.answered.append(None)
        answer = self.answered[-1] = super().send(method, url, **options)
        return answer


class World:
    """Time passes only while a delivery waits; `runs` counts preparations."""

    def __init__(self, slug, folder):
        self.slug, self.folder = slug, folder
        self.now = 1_790_000_000.0
        self.stand_in = STAND_IN_OF[slug](clock=lambda: self.now)
        self.http = Recording(self.stand_in)
        self.secret = PlainSecret(secret_of(slug, self.http.BASE))
        self.runs = 0
        self.destination = {}

    @property
    def shape(self):
        return find_shape(self.slug)

    def sleep(self, seconds):
        self.now += seconds

    def prepare(self, people, mode="mirror", *, ledger=True, customers="", optouts=(), **guards):
        """Prepare a segment of people by number; guards: minimum, fuse and the like, else none.

        customers: rows of the identities file before the usual; optouts: numbers on the suppression list.
        """
        self.runs += 1
        folder = self.folder / f"run{self.runs}"
        users = "".join(f"u{n}\n" for n in people)
        usual = max([200, *(n + 1 for n in people)])
        rows = customers + "".join(f"{row(n)}\n" for n in range(usual) if f"u{n}," not in customers)
        segment = Source("s.csv", lambda: io.BytesIO(b"user_id\n" + users.encode()))
        identities = Source("i.csv", lambda: io.BytesIO((_HEADER + rows).encode()))
        listed = "user_id\n" + "".join(f"u{n}\n" for n in optouts)
        consent = self.shape.consent
        request = Request(
            platform=self.slug,
            audience="Lovers",
            mode=mode,
            identifiers=tuple(name for name in ("email", "phone") if name in self.shape.names),
            country="US",
            consent=ConsentRule(required_in=consent.required_in if consent else ()),
            destination=dict(self.destination),
            day=int(self.now // 86_400),
            **{"fuse": 0, "minimum": 0, **guards},
        )
        base = self.base(request) if ledger else Base()
        if base.problem:
            raise base.problem
        inputs = Inputs(
            segments=[segment],
            identities=[identities],
            suppressions=[Source("o.csv", lambda: io.BytesIO(listed.encode()))] if optouts else [],
            ledger=Source.of(Path(base.where)) if base.where else None,
            ledger_sha256=base.sha256,
            before=base.before,
            notes=base.notes,
        )
        prepare(request, inputs, folder)
        return folder

    def base(self, request):
        """Return what a preparation compares with."""
        lists = FolderLists(self.folder / "home", self.folder, f"{self.slug}/{request.key}")
        return choose_base(lists, request, find_uploader(self.slug).replace, whole=self.shape.whole)

    def delivery(self, folder, **changes):
        self.now += 1
        number = folder.name.removeprefix("run")
        at = f"2026-11-21T10:{int(number) if number.isdigit() else self.runs:02d}:00.000+00:00"
        prepared = read_folder(folder, prepared_at=at)
        uploader = dataclasses.replace(find_uploader(self.slug), parallel=1, poll_seconds=1)
        client = uploader.make(self.http, self.secret, self.destination)
        if hasattr(client, "clock"):
            client.clock = lambda: self.now
        patience = Patience(
            clock=lambda: self.now, sleep=self.sleep, jitter=lambda: 0.5, **{"longest": 120, **changes}
        )
        store = FolderStore(self.folder / "home", folder, prepared)
        return Delivery(prepared, uploader, self.shape, client, store, patience)

    def deliver(self, people, mode="mirror", **options):
        """Prepare and deliver; returns the receipt."""
        return self.delivery(self.prepare(people, mode, **options)).run().receipt

    def limit(self, monkeypatch, **limits):
        """Let a request take less, so that a few people are several of them."""
        shape = copy.copy(self.shape)
        for name, value in limits.items():  # also less than a Shape may declare
            object.__setattr__(shape, name, value)
        module = importlib.import_module(f"audiences.platforms.{self.slug}.shape")
        monkeypatch.setattr(module, "SHAPE", shape)

    def members(self):
        """Return the digests in the only audience that has any."""
        filled = [one for one in self.stand_in.list_audiences() if one["members"]] or [{"id": None}]
        (one,) = filled
        return sorted(map(as_hex, self.stand_in.members(one["id"]))) if one["id"] else []

    def holds(self, people):
        """Tell whether exactly these people are members."""
        return set(self.members()) == members_of(self.slug, people)

    def audiences(self):
        return len(list(self.stand_in.list_audiences()))

    def uploads(self):
        return [one for one in self.http.sent if len(one.body) > 500]

    def taken(self):
        """Return the bodies that changed an audience, or are to: a file alone changes none."""
        pairs = zip(self.http.sent, self.http.answered, strict=True)
        return [
            request.body
            for request, answer in pairs
            if len(request.body) > 500
            and "/file/upload" not in request.path
            and answer
            and answer.status < 300
            and not answer.fields.get("code")
        ]


def row(number, *, consent="yes", country="US"):
    """Return an invented person's row of an identities file."""
    return f"u{number},Person{number}@Example.com,+1650{5550000 + number % 10_000},{consent},{country}"


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def digests(world, people):
    """Return every digest the people may be known by on the platform, from the platform's own rules."""
    identifiers = find(world.slug).identifiers
    found = set()
    for name, at in (("email", 1), ("phone", 2)):
        values = [row(n).split(",")[at] for n in people]
        if name in identifiers:
            for value in compile_field(identifiers[name])(values, "US").digests:
                found.add(_shown(value, plain=identifiers[name].digest == "none"))
    return found


def members_of(slug, people):
    """Return what the stand-in lists for these people: each address and phone, or the strongest of a person."""
    identifiers, names = find(slug).identifiers, find_shape(slug).names
    found = set()
    for name, at in (("email", 1), ("phone", 2)):
        if name in names and not (found and slug in ONE_KEY):
            values = [row(n).split(",")[at] for n in people]
            plain = identifiers[name].digest == "none"
            found |= {_shown(v, plain=plain) for v in compile_field(identifiers[name])(values, "US").digests}
    return found


ONE_KEY = {"amazon", "klaviyo"}  # a person is one record there, known by the address


def _shown(value, *, plain):
    return hashlib.sha256(value.encode()).hexdigest() if plain else as_hex(value)


def as_hex(value):
    return base64.b64decode(value).hex() if len(value) == 44 else value
