"""Packs and rules: loaded, checked, compiled.

What would the platform conclude, and why? Receives folders of packs. Gives a Catalogue in which every condition is
typed and every name known, and for each event type one compiled function over all its rules; or every problem of the
packs at once. Never sees an event's history, and never decides: the decide stage does.
"""
