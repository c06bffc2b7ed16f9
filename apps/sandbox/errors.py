"""The refusals of the platform, in the two shapes it writes them."""

from typing import Any


class ApiError(Exception):
    """A refusal of the REST API: an array of message, errorCode and perhaps fields."""

    def __init__(
        self, status: int, code: str, message: str, *, fields: list[str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def body(self) -> list[dict[str, Any]]:
        entry: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.code in {"NOT_FOUND", "METHOD_NOT_ALLOWED"}:  # these two come code first
            entry = {"errorCode": self.code, "message": self.message}
        if self.fields is not None:
            entry["fields"] = self.fields
        return [entry]


class OAuthError(Exception):
    """A refusal of an OAuth endpoint."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error
        self.description = description

    def body(self) -> dict[str, str]:
        return {"error": self.error, "error_description": self.description}


def not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def session_invalid() -> ApiError:
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def method_not_allowed(method: str, allowed: str) -> ApiError:
    message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
    return ApiError(405, "METHOD_NOT_ALLOWED", message)


def insufficient_access(message: str = "insufficient access rights on object id") -> ApiError:
    return ApiError(403, "INSUFFICIENT_ACCESS", message)
