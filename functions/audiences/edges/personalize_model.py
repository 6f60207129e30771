"""The service model of Amazon Personalize, as it ships with botocore: what a request may hold. No network."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("personalize", "service-2"))


@cache
def input_shape(operation: str) -> Any:
    """Return the botocore shape of the input of an operation, e.g. `CreateSolution`."""
    return _model().operation_model(operation).input_shape
