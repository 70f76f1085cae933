"""A scale model of the portal: deterministic, invented, and knowing the truth of every one of its pages.

portal = Portal(seed=1, articles=300)
with serve(portal) as proxy:            # set http_proxy=proxy.url and crawl the real addresses
    ...
for truth in portal.truths(): ...       # what every column of every article must be

words · bylines ─▶ story ─▶ markups ─▶ chrome ─▶ portal ─▶ proxy
                     └────▶ truth    columns · listings · switches
"""

from zjcrawl.model.portal import Portal, Response
from zjcrawl.model.proxy import Proxy, serve
from zjcrawl.model.switches import FAULTS, Fault, Switches

__all__ = ["FAULTS", "Fault", "Portal", "Proxy", "Response", "Switches", "serve"]
