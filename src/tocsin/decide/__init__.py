"""Signals, features and rules make a Decision.

What does the platform conclude of this event, and why? Receives Events in arrival order. Gives Decisions with every
reason. Never reads a file, a network or a clock; never carries out a measure.
"""
