"""All mutants there are, by their groups, and the servers that are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from . import (
    authentication,
    concurrency,
    custom_data,
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
