"""What tests and the demo ask beside the platforms' own APIs: members, requests, trouble, reset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.platforms.trouble import SCENARIOS
from local.platforms.wire import Refusal, Request, Response, answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.platforms.base import StandIn


def handle_admin(stand_ins: Mapping[str, StandIn], request: Request) -> Response:
    """Answer `/_admin/…`.

    GET  platforms                        slug -> title and scenarios
    GET  audiences/<platform>             id, name, owner, number of members
    GET  members/<platform>/<audience>    sorted digests
    GET  requests/<platform>              method, path, sizes, names of headers; never values
    POST misbehave                        {"platform", "scenario", "times"?, "skip"?, "on"?, …}
    POST reset[/<platform>]               forget everything
    """
    parts = request.path.strip("/").split("/")[1:]
    try:
        return _answer(stand_ins, request, parts)
    except KeyError as error:
        return answer(404, {"error": f"There is no {error.args[0]}.", "platforms": sorted(stand_ins)})
    except (ValueError, TypeError, Refusal) as error:
        return answer(400, {"error": str(error), "scenarios": SCENARIOS})


def _answer(stand_ins: Mapping[str, StandIn], request: Request, parts: list[str]) -> Response:
    match (request.method, *parts):
        case ("GET", "platforms"):
            return answer(
                200,
                {
                    slug: {"title": one.title, "scenarios": sorted(one.scenarios)}
                    for slug, one in stand_ins.items()
                },
            )
        case ("GET", "audiences", slug):
            return answer(200, {"audiences": list(stand_ins[slug].list_audiences())})
        case ("GET", "members", slug, audience):
            members = stand_ins[slug].members(audience)
            return answer(200, {"count": len(members), "members": members})
        case ("GET", "requests", slug):
            return answer(200, {"requests": list(stand_ins[slug].requests)})
        case ("POST", "misbehave"):
            return _misbehave(stand_ins, request.json_object())
        case ("POST", "reset", *slugs):
            for slug in slugs or stand_ins:
                stand_ins[slug].reset()
            return answer(204)
    raise KeyError(f"{request.method} {request.path}")


def _misbehave(stand_ins: Mapping[str, StandIn], body: dict[str, Any]) -> Response:
    options = dict(body)
    stand_ins[options.pop("platform")].misbehave(options.pop("scenario"), options.pop("times", 1), **options)
    return answer(204)
