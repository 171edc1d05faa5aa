"""Warnings to people who may be about to lose money.

What is a person told in time, how urgently, and does it help? Receives what the platform suspects and how likely and urgent
it is. Gives a ShownWarning that holds no link, no number, no account and asks for nothing, the grade and its channels, and what
warnings achieved. Never sends one, and never says for sure that somebody is a fraudster.
"""
