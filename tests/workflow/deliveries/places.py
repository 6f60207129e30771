"""What the platforms hold and what was sent to them, each asked in its own way."""

import csv
import hashlib
import json
import threading
import urllib.request
from base64 import b64decode

from audiences.preparation.keys import audience_key

from local.platforms.wire import ConnectionCut

from . import people

BY_FILE, BY_FLOW = "liveramp", "salesforce"


class Wire:
    """Listens to the requests that reach a stand-in, and may hold answers back."""

    def __init__(self, stand_in):
        self.heard, self._holds, self._lock = [], [], threading.Lock()
        self._handle = stand_in.handle
        stand_in.handle = self._listen

    def _listen(self, request):
        answer = self._handle(request)
        with self._lock:
            self.heard.append(
                f"{request.method} {request.path} {dict(request.query)}\n".encode() + request.body
            )
            held = next((one for one in self._holds if one[0](request)), None)
            if held:
                self._holds.remove(held)
        if held:
            _, gone, struck = held
            struck.set()
            gone.wait()
            raise ConnectionCut
        return answer

    def hold(self, matches, gone):
        """Carry out the first request that `matches`, and give no answer before the event `gone`.

        Returns an event that is set when this has happened.
        """
        struck = threading.Event()
        self._holds.append((matches, gone, struck))
        return struck

    def cut(self, matches):
        """Carry out the first request that `matches`, and close the connection; returns as `hold`."""
        gone = threading.Event()
        gone.set()
        return self.hold(matches, gone)

    def told_of(self, since=0):
        """The people in the requests from the `since`th on."""
        return people.told_of(b"\n".join(self.heard[since:]))

    def count(self, members):
        """How many requests brought exactly these people."""
        return sum(people.told_of(request) == set(members) for request in self.heard)


class Places:
    """The stand-ins of ten platforms, the SFTP server's folder and the Salesforce org."""

    def __init__(self, ads, aws):
        self.stand_ins, self._folder, self._aws = ads.stand_ins, ads.folder, aws
        self.wires = {slug: Wire(one) for slug, one in self.stand_ins.items()}

    def members(self, platform, audience):
        """Digests (SHA-256 in hex) of the addresses that a platform has in an audience."""
        if platform == BY_FILE:
            return self._of_file(audience)
        if platform == BY_FLOW:
            return self._of_org(audience)
        stand_in = self.stand_ins[platform]
        found = [one["id"] for one in stand_in.list_audiences() if one["name"] == audience]
        if not found:
            return set()
        (one,) = found
        return {_as_hex(member) for member in stand_in.members(one)}

    def files(self, audience):
        return sorted((self._folder / "uploads" / audience_key(audience)).iterdir())

    def _of_file(self, audience):
        """The last whole list; a name has its run, and runs sort by time."""
        files = self.files(audience)
        if not files:
            return set()
        with files[-1].open(newline="") as file:
            return {row["email"] for row in csv.DictReader(file)}

    def _of_org(self, audience):
        with urllib.request.urlopen(f"{self._aws.endpoint}/_local/salesforce/Audience_Member__c") as answer:
            records = [one for one in json.load(answer) if one["Audience__c"] == audience]
        here = [one["Email__c"] for one in records if one["Status__c"] == "Member"]
        return {hashlib.sha256(mail.encode()).hexdigest() for mail in here}


def _as_hex(member):
    return b64decode(member).hex() if len(member) == 44 else member
