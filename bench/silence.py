"""Servers in a scenario's own process log as little as `gossamer serve` does on its standard error."""

import logging

import structlog


def silence() -> None:
    """Warnings only: a terminal would be what is measured."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
