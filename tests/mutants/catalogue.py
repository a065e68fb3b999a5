"""All mutants there are, by their groups, and the servers that are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from . import (
    authentication,
    concurrency,
    custom_data,
    drawn,
    encodings,
    envelope,
    headers,
    identifiers,
    measures,
    members,
    merge,
    parameters,
    persistence,
    sharing,
    strictness,
    timestamps,
    validation,
    variants,
)
from ._mutant import Mutant

GROUPS: Mapping[str, Sequence[Mutant]] = {
    "validation": validation.MUTANTS,
    "authentication": authentication.MUTANTS,
    "merge": [*merge.MUTANTS, *members.MUTANTS, *sharing.MUTANTS, *custom_data.MUTANTS],
    "persistence": persistence.MUTANTS,
    "timestamps": timestamps.MUTANTS,
    "envelope": envelope.MUTANTS,
    "headers": [*headers.MUTANTS, *parameters.MUTANTS],
    "JSON strictness": [*strictness.MUTANTS, *measures.MUTANTS],
    "encodings": [*encodings.MUTANTS, *identifiers.MUTANTS],
    "concurrency": concurrency.MUTANTS,
}
MUTANTS = {one.name: replace(one, group=group) for group, mutants in GROUPS.items() for one in mutants}
VARIANTS = {one.name: replace(one, group="variants") for one in variants.VARIANTS}
"""Servers that keep the contract, in another way than the sandbox."""
SERVERS = MUTANTS | VARIANTS


def is_mutant(name: str) -> bool:
    """Whether a name is that of a server with a defect: one of the catalogue's, or one that is drawn."""
    return name in MUTANTS or drawn.PATTERN.fullmatch(name) is not None


def named(name: str) -> Mutant:
    """Return the server of a name; KeyError for one that there is not."""
    return drawn.drawn(name) if drawn.PATTERN.fullmatch(name) else SERVERS[name]
