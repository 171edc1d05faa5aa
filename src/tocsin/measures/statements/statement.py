"""A statement of reasons as the Transparency Database takes it.

Receives nothing. Gives the struct, whose fields are named as the database names them, so that its JSON is what is sent.
Never validates itself: `check_statement` does.
"""

from msgspec import Struct


class Statement(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement of reasons. Dates are `YYYY-MM-DD`; an end that is None lasts until it is lifted.

    What is None or empty is left out of the JSON, as the database asks.
    """

    decision_visibility: tuple[str, ...] = ()
    decision_visibility_other: str | None = None
    end_date_visibility_restriction: str | None = None
    decision_monetary: str | None = None
    decision_monetary_other: str | None = None
    end_date_monetary_restriction: str | None = None
    decision_provision: str | None = None
    end_date_service_restriction: str | None = None
    decision_account: str | None = None
    end_date_account_restriction: str | None = None
    account_type: str | None = None
    decision_ground: str
    decision_ground_reference_url: str | None = None
    illegal_content_legal_ground: str | None = None
    illegal_content_explanation: str | None = None
    incompatible_content_ground: str | None = None
    incompatible_content_explanation: str | None = None
    incompatible_content_illegal: str | None = None
    content_type: tuple[str, ...]
    content_type_other: str | None = None
    category: str
    category_addition: tuple[str, ...] = ()
    category_specification: tuple[str, ...] = ()
    category_specification_other: str | None = None
    territorial_scope: tuple[str, ...]
    content_language: str | None = None
    content_id: dict[str, str] | None = None
    content_date: str
    application_date: str
    decision_facts: str
    source_type: str
    source_identity: str | None = None
    automated_detection: str
    automated_decision: str
    puid: str
