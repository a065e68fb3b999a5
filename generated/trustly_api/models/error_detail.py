# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 6afd54eade40b7149135d1a93c01a1e9beeea66323c5cf1ba6ab0a3e6b08302b. Do not edit.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..redaction import redacted
from ..types import UNSET, Unset

T = TypeVar("T", bound="ErrorDetail")


@_attrs_define
class ErrorDetail:
    """One error.

    Attributes:
        domain (str): The part of the provider's system that reports the error.
        code (int): The provider's number for the kind of error. New numbers may appear.
        message (str): The error in words. It may repeat what was sent, personal data included.
        location (str | Unset): Where the error was found.
        occurred_at (int | Unset): When the error occurred, in milliseconds since the UNIX epoch.
    """

    domain: str
    code: int
    message: str = _attrs_field(repr=redacted)
    location: str | Unset = _attrs_field(default=UNSET, repr=redacted)
    occurred_at: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=redacted)

    def to_dict(self) -> dict[str, Any]:
        domain = self.domain

        code = self.code

        message = self.message

        location = self.location

        occurred_at = self.occurred_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "domain": domain,
                "code": code,
                "message": message,
            }
        )
        if location is not UNSET:
            field_dict["location"] = location
        if occurred_at is not UNSET:
            field_dict["occurredAt"] = occurred_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        domain = d.pop("domain")

        code = d.pop("code")

        message = d.pop("message")

        location = d.pop("location", UNSET)

        occurred_at = d.pop("occurredAt", UNSET)

        error_detail = cls(
            domain=domain,
            code=code,
            message=message,
            location=location,
            occurred_at=occurred_at,
        )

        error_detail.additional_properties = d
        return error_detail

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
