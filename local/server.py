"""Starts the embedded AWS in this process: sets MiniStack's environment, patches it, serves until stopped."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import socket
import tempfile
from pathlib import Path
from typing import Any

log = logging.getLogger("local")
ACCOUNT = "000000000000"


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _set_environment(port: int) -> None:
    """MiniStack reads its settings when imported."""
    state = tempfile.mkdtemp(prefix="state-")
    os.environ.update(
        {
            "AUDIENCES_STAND_INS": "1",  # functions may deliver to the stand-ins on this machine
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
            "MINISTACK_REGION": os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "STATE_DIR": state,
            "S3_DATA_DIR": state + "/s3",
            # One minute of waiting in a workflow lasts 0.12 s here.
            "SFN_WAIT_SCALE": os.environ.get("SFN_WAIT_SCALE", "0.002"),
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": os.environ.get("LAMBDA_ASYNC_RETRY_BASE_SECONDS", "0.2"),
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        }
    )
    os.environ.pop("AWS_SESSION_TOKEN", None)
    os.environ.pop("AWS_PROFILE", None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # functions start faster from compiled modules


def build(port: int) -> Any:
    """Return the patched ASGI application."""
    _set_environment(port)
    from ministack import app

    from local import ministack_patches as patches
    from local.appflow import AppFlow
    from local.appflow.cloudformation import handlers as appflow_types
    from local.cloud import Cloud, time_scale
    from local.customer_profiles import CustomerProfiles
    from local.customer_profiles.cloudformation import handlers as profiles_types
    from local.key_use import KeyUse
    from local.personalize import Personalize
    from local.pinpoint import Pinpoint
    from local.pinpoint.cloudformation import handlers as pinpoint_types
    from local.transfer_connector.cloudformation import handlers as transfer_types
    from local.transfer_server import TransferFamily
    from local.transfer_server.cloudformation import handlers as transfer_server_types

    cloud = Cloud(f"http://127.0.0.1:{port}", time_scale())
    personalize, pinpoint, profiles = Personalize(cloud), Pinpoint(cloud), CustomerProfiles(cloud)
    appflow, transfer = AppFlow(cloud), TransferFamily(cloud)
    stand_ins = {s.signing_name: s for s in (personalize, pinpoint, profiles, appflow, transfer)}
    for stand_in in stand_ins.values():
        patches.add_service(stand_in)
    patches.authorise_stand_ins(stand_ins)
    patches.treat_loopback_as_tls()
    patches.name_lambda_errors()
    patches.add_version_ids()
    patches.refuse_long_keys()
    patches.give_expressions_time()
    patches.hold_workflows_to_what_aws_allows()
    patches.scale_queue_delays(float(os.environ["SFN_WAIT_SCALE"]))
    patches.share_unpacked_code(Path(tempfile.gettempdir()))
    patches.run_state_machines_as_their_role(cloud)
    patches.require_trust(cloud)
    patches.deliver_events_asynchronously()
    patches.run_glue_jobs(cloud)
    patches.expand_nested_templates()
    cloud.keys = KeyUse(cloud)
    patches.ask_for_customer_keys(cloud.keys)
    patches.add_resource_types(
        {
            **patches.archive_handlers(),
            **patches.glue_security_handlers(),
            **patches.secret_handlers(),
            **patches.queue_source_handlers(),
            **pinpoint_types(pinpoint),
            **profiles_types(profiles),
            **appflow_types(appflow),
            **transfer_types(transfer),
            **transfer_server_types(transfer),
        }
    )
    mailbox: list[dict[str, str]] = []
    patches.capture_mail(mailbox)

    async def mail(method: str, *_: Any) -> tuple[int, dict[str, str], bytes]:
        if method == "DELETE":
            mailbox.clear()
        return 200, {"Content-Type": "application/json"}, json.dumps(mailbox).encode()

    async def reset(*_: Any) -> tuple[int, dict[str, str], bytes]:
        mailbox.clear()
        for stand_in in stand_ins.values():
            with stand_in.lock:
                stand_in.reset()
        await asyncio.to_thread(app._reset_all_state)
        return 200, {"Content-Type": "application/json"}, b'{"reset": "ok"}'

    patches.serve_private_paths(
        {
            "/_local/customer-profiles/uploads/": profiles.handle_upload,
            "/_local/salesforce/": appflow.handle_records,
            "/_local/sftp/": transfer.handle_address,
            "/_local/mail": mail,
            "/_local/reset": reset,
        }
    )
    return app.app


def main() -> None:
    """Serve on loopback until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local", description="Run the embedded AWS on loopback.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    port = parser.parse_args().port or free_port()
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "WARNING"))
    # Every worker process of every function unpacks its code below TMPDIR: together they are gigabytes.
    with tempfile.TemporaryDirectory(prefix="audience-relay-local-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        _serve(build(port), port)


def _serve(application: Any, port: int) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    print(
        f"The embedded AWS listens on http://127.0.0.1:{port} (account {ACCOUNT}, keys test/test).",
        flush=True,
    )

    async def run() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await serve(application, config, shutdown_trigger=stop.wait)

    asyncio.run(run())
