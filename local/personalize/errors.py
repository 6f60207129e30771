"""Personalize's refusals in one place, so that every operation says them with the same code and words.

Texts follow https://docs.aws.amazon.com/personalize/latest/dg/error-messages.html where AWS publishes them.
"""

from local.modelled import ServiceError


class JobFailed(Exception):  # noqa: N818  # named for the status it leads to, CREATE FAILED
    """A background job cannot succeed; its text becomes `failureReason`."""


class QueryError(Exception):
    """One line of a batch input cannot be answered; its text becomes that line's `error`."""


def invalid_input(message: str) -> ServiceError:
    """Return the error for a request that breaks a rule beyond the service model's."""
    return ServiceError("InvalidInputException", message)


def not_found(arn: str) -> ServiceError:
    """Return the error for an ARN that names nothing."""
    return ServiceError("ResourceNotFoundException", f"Resource with ARN {arn} does not exist.")


def already_exists(arn: str) -> ServiceError:
    """Return the error for a name that is taken."""
    return ServiceError("ResourceAlreadyExistsException", f"Another resource with ARN {arn} already exists.")


def in_use(message: str) -> ServiceError:
    """Return the error for a resource that others depend on, or that is not ready yet."""
    return ServiceError("ResourceInUseException", message)


def limit_exceeded(message: str) -> ServiceError:
    """Return the error for a quota that is used up."""
    return ServiceError("LimitExceededException", message)
