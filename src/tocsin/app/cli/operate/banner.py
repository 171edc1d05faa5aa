"""What a person sees when the service starts on a terminal."""

from tocsin import __version__
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording


def make_banner(settings: Settings, address: str, wording: Wording, *, has_keys: bool) -> str:
    """Address, data folder, where to read on, and how to make the first key."""
    say = wording.say
    facts = {
        say("address"): address,
        say("data"): settings.data.absolute(),
        say("interface"): f"{address}/v1/openapi.json",
        say("health"): f"{address}/health/ready",
        say("settings"): "tocsin config, tocsin doctor",
    }
    lines = [f"Tocsin {__version__}", *(f"  {name}: {fact}" for name, fact in facts.items())]
    if not has_keys:
        lines.append(
            "  "
            + say(
                "There is no key yet, so nothing but health is answered. In another terminal: {command}",
                command="tocsin keys new first --scope admin",
            )
        )
    lines.append("  " + say("Ctrl-C stops it; everything that was acknowledged is on the disk."))
    return "\n".join(lines)
