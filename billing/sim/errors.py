from __future__ import annotations

from typing import Any


class ApiError(Exception):
    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "type": kind}
        if code:
            self.body["code"] = code
        if param:
            self.body["param"] = param
        self.body |= extra


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, message, code=code, param=param)


def missing_object(what: str, ident: str, *, param: str = "id", status: int = 400) -> ApiError:
    return ApiError(status, f"No such {what}: '{ident}'", code="resource_missing", param=param)


def missing_param(name: str) -> ApiError:
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)


def declined(message: str = "Your card was declined.") -> ApiError:
    return ApiError(
        402, message, kind="card_error", code="card_declined", decline_code="generic_decline"
    )
