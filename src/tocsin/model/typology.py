"""The classes of fraud.

Receives nothing. Gives the codes that rules, labels and cases share. Maps to other taxonomies are data of packs.
"""

TYPOLOGIES = frozenset(
    {
        *("BRUSH", "INVEST", "SHOP", "LOAN", "LEADER", "MILITARY", "SEXT", "REMOTE", "JOB", "AIDING", "OTHER"),
        *("ROMANCE", "ROMINV", "CSREF", "CREDIT", "POLICE", "GAME", "PHISH", "PRIZE", "RECOV", "CARDS"),
    }
)
"""Codes such as BRUSH (paid likes and rebate tasks) or POLICE (false police); docs/concepts.md explains each."""
