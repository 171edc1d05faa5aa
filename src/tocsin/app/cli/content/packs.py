"""`tocsin packs`: check, test, show and begin packs."""

import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from tocsin.app import bootstrap
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.options import own_command
from tocsin.app.faults import FaultWords
from tocsin.app.wording import Wording
from tocsin.decide.case_check import CaseResult, check_cases
from tocsin.model.errors import OutputError, PackError
from tocsin.model.problem import Problem
from tocsin.rules.author import NAME
from tocsin.rules.catalogue import Catalogue
from tocsin.rules.folder import HEAD, find_folders
from tocsin.rules.folder import show as show_path
from tocsin.rules.pack import Rule

NEW_HEAD = """id = "{id}"
title = {{ en = "{id}", zh = "{id}" }}
version = "0.1.0"
licence = "Apache-2.0"
requires = ["core"]
"""
NEW_RULES = """features:
  {name}_payee_senders_24h:
    title: {{en: Distinct senders to this payee in 24 h, zh: 24 小时内向该收款方付款的不同人数}}
    on: payment.transfer
    by: payee
    value: count(distinct sender)
    window: 24h
rules:
  {id}-many-strangers:
    title: {{en: Payee collects from many strangers, zh: 收款方短时间内向大量陌生人收款}}
    on: payment.transfer
    when: {name}_payee_senders_24h >= 8 and amount >= 1000
    then: {{outcome: warn, score: 40, typology: AIDING}}
    because: {{en: Many strangers paid this payee within a day., zh: 一天之内有大量陌生人向该收款方付款。}}
    cases:
      - name: ninth stranger pays
        fires: true
        event: {{type: payment.transfer, sender: "account:9", payee: "account:m", amount: 2000}}
        features: {{{name}_payee_senders_24h: 8}}
      - name: a first payment
        fires: false
        event: {{type: payment.transfer, sender: "account:9", payee: "account:m", amount: 2000}}
"""


def check(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Every problem of the packs; exit code 1 where there is one."""
    say = Wording(lang).say
    catalogue, problems = _load(places)
    if catalogue is None or problems:
        if as_json:
            print(to_json({"problems": problems}))
        else:
            print(FaultWords(lang).show(PackError(problems)))
            count = len(problems)
            print("\n" + (say("{count} problems", count=count) if count > 1 else say("1 problem")))
        return 1
    found = {"packs": len(catalogue.packs), "rules": len(catalogue.rules), "features": len(catalogue.features)}
    sentence = say("{packs} packs, {rules} rules, {features} features: no problems", **found)
    print(to_json({"problems": [], **found}) if as_json else sentence)
    return 0


def test(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Runs the cases of the packs asked for; exit code 1 where one fails."""
    say = Wording(lang).say
    catalogue = bootstrap.load_packs(places)
    results = check_cases(catalogue, _asked(catalogue, places), bootstrap.make_detectors())
    failed = [result for result in results if result.fault]
    if as_json:
        print(to_json({"passed": len(results) - len(failed), "failed": [_fault(result) for result in failed]}))
        return 1 if failed else 0
    words = FaultWords(lang)
    for result in failed:
        fault = {**_fault(result), "fault": words.tell(result.fault)}
        print("{file}:{line}: {rule}: case `{case}`: {fault}".format(**fault))
    passed, rules = len(results) - len(failed), len({result.rule.id for result in results})
    print(
        say("{passed} cases passed, {failed} failed, in {rules} rules", passed=passed, failed=len(failed), rules=rules)
    )
    return 1 if failed else 0


def show(places: list[Path], lang: str, *, as_json: bool) -> int:
    """Lists packs, rules and features."""
    wording = Wording(lang)
    say = wording.say
    catalogue = bootstrap.load_packs(places)
    rules = _asked(catalogue, places)
    if as_json:
        print(to_json(_as_object(catalogue, rules)))
        return 0
    console = Console(width=None if sys.stdout.isatty() else 160)
    for pack in catalogue.packs.values():
        own = [rule for rule in rules if rule.pack == pack.id]
        title = f"{pack.id} {pack.version}  {escape(pack.title.en)} · {pack.title.zh}  [dim]{pack.hash}[/dim]"
        table = Table(
            Column(say("rule"), no_wrap=True),
            say("state"),
            say("outcome"),
            say("score"),
            say("typology"),
            say("when"),
            title=title,
            title_justify="left",
        )
        for rule in own:
            condition = escape(" ".join(rule.condition.text.split()))
            state = f"{rule.state} {rule.rollout:g} %" if rule.rollout is not None else str(rule.state)
            table.add_row(rule.id, state, rule.outcome, f"{rule.score:g}", rule.typology, condition)
        console.print(table if own else title)
    return 0


def new(folder: Path, lang: str) -> int:
    """Writes a pack with one rule that works.

    Raises:
        OutputError: the folder exists, or its name is no pack id.
    """
    name = folder.name
    if folder.exists():
        raise OutputError(f"{folder} exists; choose a new folder")
    if not NAME.fullmatch(name):
        raise OutputError(f"`{name}` is no pack id; write lower case with hyphens, such as my-bank")
    try:
        folder.mkdir(parents=True)
        (folder / HEAD).write_text(NEW_HEAD.format(id=name), encoding="utf-8")
        (folder / "rules.yaml").write_text(NEW_RULES.format(id=name, name=name.replace("-", "_")), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror}") from None
    command = f"{own_command()} packs test {folder}"
    print(Wording(lang).say("{folder} is a pack now. Try: {command}", folder=folder, command=command))
    return 0


def _load(places: list[Path]) -> tuple[Catalogue | None, list[Problem]]:
    """The catalogue, and every problem of the packs and of their duties, each once."""
    catalogue, problems = None, dict[Problem, None]()
    try:
        catalogue = bootstrap.load_packs(places)
    except PackError as error:
        problems |= dict.fromkeys(error.problems)
    try:
        bootstrap.load_duties(places or [bootstrap.shipped_packs()])
    except PackError as error:
        problems |= dict.fromkeys(error.problems)
    return catalogue, sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))


def _asked(catalogue: Catalogue, places: list[Path]) -> list[Rule]:
    """The rules of the packs that were named, not of those they require."""
    folders = {show_path(path) for path in find_folders(places or [bootstrap.shipped_packs()])}
    return catalogue.rules_of(pack.id for pack in catalogue.packs.values() if pack.folder in folders)


def _fault(result: CaseResult) -> dict[str, object]:
    rule, case = result.rule, result.case
    return {
        "file": rule.file,
        "line": case.line,
        "rule": rule.id,
        "case": case.name,
        "fault": result.fault,
        "values": result.values,
    }


def _as_object(catalogue: Catalogue, rules: list[Rule]) -> dict[str, object]:
    return {
        "packs": list(catalogue.packs.values()),
        "rules": [
            {
                "id": rule.id,
                "pack": rule.pack,
                "title": rule.title,
                "on": rule.on,
                "when": rule.condition.text,
                "outcome": rule.outcome,
                "score": rule.score,
                "typology": rule.typology,
                "state": rule.state,
                "because": rule.because,
                "features": [name for name in rule.condition.reads if name in catalogue.features],
                "cases": len(rule.cases),
            }
            for rule in rules
        ],
        "features": [
            {
                "name": name,
                "pack": catalogue.homes[name],
                "title": feature.title,
                "on": feature.on,
                "by": feature.by,
                "window_us": feature.window_us,
            }
            for name, feature in catalogue.features.items()
        ],
    }
