"""The page of all settings in the handbook.

Receives a model. Gives a page of Markdown in one language. Never writes a file.
"""

from tocsin.app.configuration.allowed import allowed
from tocsin.app.configuration.environment import variables_of
from tocsin.app.configuration.leaf import default_of, leaves_of
from tocsin.app.configuration.model import SettingsModel
from tocsin.app.configuration.template import meaning_of, to_toml
from tocsin.app.wording import Wording


def make_page(model: type[SettingsModel], wording: Wording) -> str:
    """The page's text."""
    say = wording.say
    variables = variables_of(model)
    rows = [
        f"| `{leaf.name}` | {meaning_of(leaf, wording)} | `{to_toml(default_of(model, leaf.path)) or '-'}` "
        f"| {allowed(leaf.field, wording)} | `{variables[leaf.path]}` |"
        for leaf in leaves_of(model)
    ]
    head = [say("setting"), say("meaning"), say("default"), say("allowed"), say("variable")]
    parts = [
        "# " + say("Settings"),
        say(
            "This page is made from the program. A setting stands in `tocsin.toml`, in a variable or behind a command;"
            " a command's option is stronger than a variable, a variable stronger than the file, the file stronger"
            " than the default."
        ),
        "```shell\n$ tocsin init settings-example\n$ tocsin config\n$ tocsin config --json\n```",
        say(
            "`tocsin config` shows every value, where it comes from, and hides secrets. Relative paths start from the"
            " folder in which a command is run. A list in a variable is written with commas or as JSON, a table as"
            " JSON. A variable with `_FILE` at its end names a file that holds the value, for secrets."
        ),
        "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *rows]),
        say(
            "Three variables are no settings: `TOCSIN_CONFIG` names the settings' file, `TOCSIN_LANG` the language"
            " (`en`, `zh`), `TOCSIN_CACHE_DIR` the folder of compiled code."
        ),
    ]
    return "\n\n".join(parts) + "\n"
