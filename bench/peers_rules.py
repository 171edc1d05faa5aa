"""The 20 rules in the languages of other engines. Each peer takes the parsed event and gives the names of the rules
that hold."""

import re
from collections.abc import Callable
from typing import Any

import business_rules
import business_rules.engine
import business_rules.variables
import cel
import rule_engine
import zen

Wire = dict[str, Any]
Peer = Callable[[Wire], list[str]]

C_LIKE = {
    "r01": "type == 'transfer' && amount > 5000.0",
    "r02": "type == 'transfer' && amount > 1000.0 && user.age_days < 7",
    "r03": "user.kyc == 0 && amount > 500.0",
    "r04": "device.emulator || device.rooted",
    "r05": "ip.country != user.country",
    "r06": "ip.country in ['MM', 'KH', 'PH']",
    "r07": "ip.vpn && user.age_days < 30",
    "r08": "type == 'message' && urls > 0 && user.age_days < 30",
    "r09": "type == 'message' && text.contains('guarantee') && text.contains('profit')",
    "r10": "text.contains('refund') && !counterparty.known",
    "r11": "text.matches('(verify|code|account).*http')",
    "r12": "counterparty.age_days < 3 && amount > 300.0",
    "r13": "hour in [0, 1, 2, 3, 4, 5] && amount > 800.0",
    "r14": "user.reports >= 3",
    "r15": "user.role == 'merchant' && user.reports > 0 && amount < 50.0 && type == 'transfer'",
    "r16": "!user.phone_verified && (urls > 0 || amount > 1000.0)",
    "r17": "device.os == 'win' && channel == 'api'",
    "r18": "text.contains('police') && (text.contains('transfer') || text.contains('account'))",
    "r19": "amount > 200.0 * (double(user.age_days) + 1.0)",
    "r20": "(ip.asn >= 1380 || ip.vpn) && !counterparty.known && type == 'transfer'",
}


def _worded(text: str) -> str:
    """The same with words for operators, as zen-engine and rule-engine write them."""
    return text.replace("&&", "and").replace("||", "or").replace("!=", "<>").replace("!", "not ").replace("<>", "!=")


def _zen_text(text: str) -> str:
    for name in ("contains", "matches"):
        text = text.replace(f"text.{name}(", f"{name}(text, ")
    return _worded(text).replace("double(user.age_days)", "user.age_days")


def _rule_engine_text(text: str) -> str:
    text = re.sub(r"text\.contains\('(\w+)'\)", r"'\1' in text", text)
    text = text.replace("text.matches('(verify|code|account).*http')", "text =~~ '(verify|code|account).*http'")
    return _worded(text).replace("double(user.age_days)", "user.age_days")


def by_zen() -> Peer:
    rules = [(name, zen.compile_expression(_zen_text(text))) for name, text in C_LIKE.items()]
    return lambda e: [name for name, rule in rules if rule.evaluate(e)]


def by_cel() -> Peer:
    rules = [(name, cel.compile(text)) for name, text in C_LIKE.items()]
    return lambda e: [name for name, rule in rules if rule.execute(e)]


def by_rule_engine() -> Peer:
    rules = [(name, rule_engine.Rule(_rule_engine_text(text))) for name, text in C_LIKE.items()]
    return lambda e: [name for name, rule in rules if rule.matches(e)]


class EventVariables(business_rules.variables.BaseVariables):
    """business-rules reads each value through a variable, and combines them with `all` and `any`."""

    def __init__(self, event: Wire) -> None:
        self.event = event


def _number(path: tuple[str, ...]) -> Any:
    def read(self: EventVariables) -> Any:
        value: Any = self.event
        for key in path:
            value = value[key]
        return value

    return read


PATHS = {
    "numeric": [("amount",), ("urls",), ("hour",), ("user", "age_days"), ("user", "kyc"), ("user", "reports"),
                ("counterparty", "age_days"), ("ip", "asn")],
    "string": [("type",), ("channel",), ("text",), ("user", "role"), ("device", "os"), ("ip", "country")],
    "boolean": [("device", "emulator"), ("device", "rooted"), ("ip", "vpn"), ("counterparty", "known"), ("user", "phone_verified")],
}  # fmt: skip
for kind, paths in PATHS.items():
    wrap = getattr(business_rules.variables, f"{kind}_rule_variable")
    for path in paths:
        reader = _number(path)
        reader.__name__ = "_".join(path)
        setattr(EventVariables, reader.__name__, wrap()(reader))


def _same_country(self: EventVariables) -> bool:
    return bool(self.event["ip"]["country"] == self.event["user"]["country"])


def _rate(self: EventVariables) -> float:
    return float(self.event["amount"]) - 200.0 * (self.event["user"]["age_days"] + 1)


_same_country.__name__, _rate.__name__ = "same_country", "rate"
EventVariables.same_country = business_rules.variables.boolean_rule_variable()(_same_country)
EventVariables.rate = business_rules.variables.numeric_rule_variable()(_rate)


def _is(name: str, operator: str, value: Any = True) -> Wire:
    return {"name": name, "operator": operator, "value": value}


def _more(name: str, value: float) -> Wire:
    return _is(name, "greater_than", value)


def _less(name: str, value: float) -> Wire:
    return _is(name, "less_than", value)


def _text(name: str, value: str) -> Wire:
    return _is(name, "equal_to", value)


def _true(name: str) -> Wire:
    return _is(name, "is_true")


def _false(name: str) -> Wire:
    return _is(name, "is_false")


def _one_of(name: str, operator: str, values: list[Any]) -> Wire:
    return {"any": [_is(name, operator, value) for value in values]}


HAS = "contains"
TREES: dict[str, Wire] = {
    "r01": {"all": [_text("type", "transfer"), _more("amount", 5000)]},
    "r02": {"all": [_text("type", "transfer"), _more("amount", 1000), _less("user_age_days", 7)]},
    "r03": {"all": [_is("user_kyc", "equal_to", 0), _more("amount", 500)]},
    "r04": {"any": [_true("device_emulator"), _true("device_rooted")]},
    "r05": {"all": [_false("same_country")]},
    "r06": _one_of("ip_country", "equal_to", ["MM", "KH", "PH"]),
    "r07": {"all": [_true("ip_vpn"), _less("user_age_days", 30)]},
    "r08": {"all": [_text("type", "message"), _more("urls", 0), _less("user_age_days", 30)]},
    "r09": {"all": [_text("type", "message"), _is("text", HAS, "guarantee"), _is("text", HAS, "profit")]},
    "r10": {"all": [_is("text", HAS, "refund"), _false("counterparty_known")]},
    "r11": {"all": [_is("text", "matches_regex", ".*(verify|code|account).*http")]},
    "r12": {"all": [_less("counterparty_age_days", 3), _more("amount", 300)]},
    "r13": {"all": [_one_of("hour", "equal_to", [0, 1, 2, 3, 4, 5]), _more("amount", 800)]},
    "r14": {"all": [_is("user_reports", "greater_than_or_equal_to", 3)]},
    "r15": {"all": [_text("user_role", "merchant"), _more("user_reports", 0), _less("amount", 50), _text("type", "transfer")]},
    "r16": {"all": [_false("user_phone_verified"), {"any": [_more("urls", 0), _more("amount", 1000)]}]},
    "r17": {"all": [_text("device_os", "win"), _text("channel", "api")]},
    "r18": {"all": [_is("text", HAS, "police"), {"any": [_is("text", HAS, "transfer"), _is("text", HAS, "account")]}]},
    "r19": {"all": [_more("rate", 0)]},
    "r20": {"all": [{"any": [_is("ip_asn", "greater_than_or_equal_to", 1380), _true("ip_vpn")]}, _false("counterparty_known"),
                    _text("type", "transfer")]},
}  # fmt: skip


def by_business_rules() -> Peer:
    check = business_rules.engine.check_conditions_recursively

    def hits(e: Wire) -> list[str]:
        variables = EventVariables(e)
        return [name for name, tree in TREES.items() if check(tree, variables)]

    return hits


PEERS: dict[str, Callable[[], Peer]] = {
    "zen-engine": by_zen,
    "common-expression-language": by_cel,
    "business-rules": by_business_rules,
    "rule-engine": by_rule_engine,
}
