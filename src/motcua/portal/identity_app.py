"""The connector to the national identity app (OpenID Connect: code flow with state, nonce and PKCE)."""

import logging
from functools import lru_cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth, OAuthError
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from motcua.kernel.errors import Conflict, NotAllowed, Transient

PATIENCE = 8  # seconds that we wait for the app
FAILURES = (requests.RequestException, AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError)
log = logging.getLogger(__name__)


@lru_cache(maxsize=4)
def provider(url: str) -> DjangoOAuth2App:
    """Our client of the identity app; it keeps what the app publishes of itself."""
    made = OAuth().register(
        "identity",
        server_metadata_url=f"{url}/.well-known/openid-configuration",
        client_id=settings.IDENTITY_CLIENT,
        client_secret=settings.IDENTITY_SECRET,
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": PATIENCE},
    )
    assert isinstance(made, DjangoOAuth2App)
    return made


def off_to_the_app(request: HttpRequest, there: str) -> HttpResponse:
    """Off to the app, with a state, a nonce and a PKCE challenge that only this browser has; Transient if it's away."""
    try:
        answer: HttpResponse = provider(settings.IDENTITY_URL).authorize_redirect(request, there)
    except FAILURES as error:
        raise _away(error) from error
    return answer


def told(request: HttpRequest) -> dict[str, Any]:
    """Who the app says it is that came back with a code.

    Conflict for a sign-in that was used or is too old, NotAllowed where the person said no, Transient for all else.
    """
    try:
        app = provider(settings.IDENTITY_URL)
        if str(app.load_server_metadata().get("issuer", "")).rstrip("/") != settings.IDENTITY_URL:
            raise OAuthError("issuer_differs")
        token: dict[str, Any] = app.authorize_access_token(request)
        if not token.get("userinfo"):
            raise OAuthError("id_token_missing")
        said: dict[str, Any] = app.userinfo(token=token)
        if said.get("sub") not in (None, token["userinfo"]["sub"]):
            raise OAuthError("sub_differs")
    except MismatchingStateError as error:
        raise Conflict("sign-in-stale", "Lượt đăng nhập này đã cũ.") from error
    except OAuthError as error:
        if error.error == "access_denied":
            raise NotAllowed("sign-in-declined", "Người dùng chưa đồng ý đăng nhập.") from error
        raise _away(error) from error
    except FAILURES as error:
        raise _away(error) from error
    return said


def _away(error: Exception) -> Transient:
    # The words of an error may quote what the app said of a person.
    log.warning("sign-in failed: %s %s", type(error).__name__, getattr(error, "error", ""))
    provider.cache_clear()
    return Transient("identity-away", "Ứng dụng định danh đang không trả lời.")
