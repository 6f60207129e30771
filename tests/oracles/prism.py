"""Runs Stoplight Prism between a client and a stand-in: it holds requests and answers against a description."""

import json
import re
import shutil
import socket
import subprocess
import time
from urllib.parse import parse_qsl, urlsplit

import jsonschema
from audiences.edges.http import HttpsClient

from tests.oracles.install import install

START_SECONDS = 60
OURS = "https://stoplight.io/prism/errors#"  # the type of every answer that Prism itself gives


class Prism:
    """`with Prism(description, upstream, folder) as url:` - one process on loopback, ended by its id."""

    def __init__(self, description, upstream, folder):
        self.file, self.log, self.upstream = folder / "description.json", folder / "prism.log", upstream
        self.file.write_text(json.dumps(description))

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        program = install("prism") / "node_modules/@stoplight/prism-cli/dist/index.js"
        command = [shutil.which("node"), str(program), "proxy", str(self.file), self.upstream, "--errors"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self._wait(port)
        except BaseException:
            self.__exit__()
            raise
        return f"http://127.0.0.1:{port}"

    def _wait(self, port):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError(f"Prism did not start: {self.log.read_text()[-2000:]}")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class JudgedHttp:
    """Implements `audiences.delivery.Http` by way of Prism; `violations` keeps what it found, `seen` what went.

    Prism looks at no query parameter that the description does not have, nor at those with brackets in their
    names ("page[size]"), so these are held against the description here.
    """

    def __init__(self, url, description):
        self.http, self.description = HttpsClient(url, stand_ins=True), description
        self.seen, self.violations = [], []

    def send(self, method, url, *, headers=None, body=b""):
        answer = self.http.send(method, url, headers=headers, body=body)
        if "://" in url:  # elsewhere: a token endpoint that the description does not have
            return answer
        path = urlsplit(url).path
        kind = str(answer.fields.get("type", ""))
        if kind.startswith(OURS) or "sl-violations" in answer.headers:
            told = answer.fields.get("validation") or answer.headers.get("sl-violations") or kind
            self.violations.append((method, path, told))
        else:
            self._look_at_query(method, url)
        return answer

    def _look_at_query(self, method, url):
        parts = urlsplit(url)
        template, operation = self._operation(method, parts.path)
        self.seen.append(f"{method} {template}")
        known = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
        for name, text in parse_qsl(parts.query, keep_blank_values=True):
            if name not in known:
                self.violations.append((method, template, f"query parameter {name} is not described"))
            elif "[" in name:
                try:
                    jsonschema.validate(_read(text, known[name]), known[name])
                except jsonschema.ValidationError as error:
                    self.violations.append((method, template, f"{name}: {error.message}"))

    def _operation(self, method, path):
        fits = {
            template: operations[method.lower()]
            for template, operations in self.description["paths"].items()
            if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        }
        return min(fits.items(), key=lambda item: item[0].count("{"))


def _read(text, schema):
    if schema.get("type") == "array":
        return text.split(",")
    return int(text) if schema.get("type") == "integer" and text.lstrip("-").isdecimal() else text
