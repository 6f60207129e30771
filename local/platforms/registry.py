"""The platforms there are stand-ins for: a new one is a line here."""

from __future__ import annotations

from local.platforms.amazon import Amazon
from local.platforms.base import StandIn
from local.platforms.google import Google
from local.platforms.klaviyo import Klaviyo
from local.platforms.linkedin import LinkedIn
from local.platforms.meta import Meta
from local.platforms.microsoft import Microsoft
from local.platforms.pinterest import Pinterest
from local.platforms.snap import Snap
from local.platforms.the_trade_desk import TheTradeDesk
from local.platforms.tiktok import TikTok

STAND_INS: tuple[type[StandIn], ...] = (
    Meta,
    Google,
    TikTok,
    TheTradeDesk,
    Amazon,
    Snap,
    Pinterest,
    LinkedIn,
    Microsoft,
    Klaviyo,
)
