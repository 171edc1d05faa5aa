"""The whole condition language in one table: which of sqlglot's trees are allowed, and who checks them."""

from sqlglot import exp

from tocsin.language.checking import arithmetic, atom, calls, logic
from tocsin.language.checking.checker import Handlers

HANDLERS: Handlers = {
    exp.Paren: logic.check_paren,
    exp.And: logic.check_chain,
    exp.Or: logic.check_chain,
    exp.Not: logic.check_not,
    **dict.fromkeys(logic.OPERATORS, logic.check_comparison),
    exp.Between: logic.check_between,
    exp.In: logic.check_in,
    exp.Like: logic.check_like,
    exp.Is: logic.check_is,
    exp.Case: logic.check_case,
    exp.Literal: atom.check_literal,
    exp.Boolean: atom.check_boolean,
    exp.Null: atom.check_null,
    exp.Column: atom.check_column,
    exp.Interval: atom.check_interval,
    **dict.fromkeys((exp.Add, exp.Sub), arithmetic.check_sum),
    exp.Mul: arithmetic.check_product,
    exp.Div: arithmetic.check_quotient,
    exp.Mod: arithmetic.check_remainder,
    exp.Neg: arithmetic.check_negative,
    exp.Anonymous: calls.check_call,
}
