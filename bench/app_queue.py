"""Asterisk's own queue, beside the engine on the same Asterisk, for the same phone.

Nothing of it is in the product's configuration: it is put into a center that runs already. The
reason for each option is in bench/README.md.
"""

from __future__ import annotations

import aiohttp

from engine.asterisk.process import PrivateAsterisk

BEST_NUMBER, DEFAULTS_NUMBER = "7001", "7002"
"""What a caller dials to wait in app_queue: as fast as it can be, and as it comes."""

_QUEUES = """\
[general]
persistentmembers = no

[best]
strategy = leastrecent
ringinuse = no
autofill = yes
timeout = 15
retry = 1
wrapuptime = 0
memberdelay = 0
musicclass = default
member => PJSIP/{extension}

[defaults]
musicclass = default
member => PJSIP/{extension}
"""

_EXTENSIONS = f"""
[from-trunk](+)
exten => {BEST_NUMBER},1,Answer()
 same => n,Queue(best)
exten => {DEFAULTS_NUMBER},1,Answer()
 same => n,Queue(defaults)
"""


async def load(asterisk: PrivateAsterisk, extension: str) -> None:
    """Give a running Asterisk two queues, whose one member is the phone ``extension``."""
    etc = asterisk.run_dir / "etc"
    (etc / "queues.conf").write_text(_QUEUES.format(extension=extension))
    with (etc / "extensions.conf").open("a") as extensions:
        extensions.write(_EXTENSIONS)
    login = aiohttp.encode_basic_auth(asterisk.ari_user, asterisk.ari_password)
    async with aiohttp.ClientSession(headers={"Authorization": login}) as http:
        modules = f"{asterisk.ari_url}/asterisk/modules"
        for method, module in (("POST", "app_queue.so"), ("PUT", "pbx_config.so")):
            async with http.request(method, f"{modules}/{module}") as answer:
                answer.raise_for_status()
