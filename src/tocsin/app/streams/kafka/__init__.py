"""Kafka as a transport: one member of a consumer group, one idempotent producer.

Receives the names of topics and of a group. Gives their messages in the order of each partition. Never makes a topic
that nobody asked for, and never commits an offset by itself.
"""
