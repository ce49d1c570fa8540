"""Django's settings. What differs between installations comes from the environment or from files in var/.

MOTCUA_DATABASE_URL   any PostgreSQL 15 to 18; without it the embedded one in var/ is used
MOTCUA_VAR            the folder for the cluster, files and secrets (default: var/ of the checkout)
MOTCUA_HOSTS          host names that the pages answer to, separated by commas
MOTCUA_SITE           the address of the portal as citizens reach it; it stands in the QR code of printed slips
MOTCUA_PROXY          addresses of the reverse proxies whose X-Forwarded-For and -Proto are believed, by commas
MOTCUA_IDENTITY_URL   the national identity app as an OpenID provider; without it nobody can sign in at the portal.
                      `motcua run` sets it to its stand-in. MOTCUA_IDENTITY_CLIENT is our name there (default motcua),
                      its secret stands in var/secrets/identity-client
MOTCUA_AXIS_URL       the gateway of the national document axis; without it documents stay in the house. `motcua run`
                      sets it to its stand-in. The secret that both sign with stands in var/secrets/axis
MOTCUA_AXIS_SYSTEM    the name under which this installation is known there (default: motcua).
MOTCUA_AXIS_ORGANS    identifiers whose changes we announce there, such as H26; with commas between them.
MOTCUA_PAYMENTS_URL   the payment gateway; without it nothing is paid online. `motcua run` sets it to its stand-in; the
                      secret that both sign with stands in var/secrets/payments
MOTCUA_NODE           the name of this node in the directory of nodes; without it no envelopes go to other nodes
MOTCUA_PORTAL_URL     the national public service portal; without it nothing is told to it. `motcua run` sets it to its
                      stand-in. MOTCUA_PORTAL_ACCOUNT and MOTCUA_PORTAL_UNIT (madonvi) are ours there, the password
                      stands in var/secrets/national-portal
MOTCUA_MINISTRIES     NAME=URL;NAME=URL of ministries' systems that tell where this province's dossiers stand there; our
                      secret there stands in var/secrets/ministries
MOTCUA_ALARMS_URL     where alarms of the lines to partners are posted as CloudEvents; without it they are shown and
                      logged only. A secret to bear there may stand in var/secrets/alarms
MOTCUA_AUTHORITY      the identifier of the agency whose directory of nodes this node takes in
MOTCUA_TRUNK_COPIES   how many servers of the trunk keep what is sent to this node (default: 3). The secret with which
                      we join it stands in var/secrets/trunk: a token, or user:password
MOTCUA_REPLAY         "1" only in a server started by `motcua replay`: requests may carry their moment
"""

import os
import secrets

from motcua.config.database import settings_of
from motcua.config.places import SOURCE, VAR

REPLAY = os.environ.get("MOTCUA_REPLAY") == "1"
PROXY = os.environ.get("MOTCUA_PROXY", "")


def secret_file(name: str) -> str:
    """The secret in var/secrets/NAME, made at first use and readable by its owner only."""
    path = VAR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = os.open(path.with_suffix(".new"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(made, "w", encoding="ascii") as new:
            new.write(secrets.token_urlsafe(48))
        path.with_suffix(".new").rename(path)
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = secret_file("django")
DEBUG = False
SITE = os.environ.get("MOTCUA_SITE", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = os.environ.get("MOTCUA_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "motcua.kernel",
    "motcua.units",
    "motcua.identity",
    "motcua.signing",
    "motcua.exchange",
    "motcua.procedures",
    "motcua.dossiers",
    "motcua.documents",
    "motcua.nationalportal",
    "motcua.transfers",
    "motcua.payments",
    "motcua.slips",
    "motcua.feedback",
    "motcua.reorganisation",
    "motcua.conversion",
    "motcua.screens",
    "motcua.portal",
    "motcua.desk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "motcua.screens.middleware.safe",
    "motcua.screens.middleware.Squeezed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "motcua.screens.middleware.awake",
    "motcua.screens.middleware.spoken",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "motcua.screens.middleware.Worded",
]

ROOT_URLCONF = "motcua.config.urls"
WSGI_APPLICATION = None
AUTH_USER_MODEL = "identity.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": settings_of(os.environ.get("MOTCUA_DATABASE_URL", "postgresql:///motcua"))}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "motcua.screens.pages.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "config" / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/(motcua|portal|desk)/"  # their addresses change with their content

SESSION_COOKIE_AGE = 15 * 60  # TCVN 14423:2026: a session locks after 15 minutes at the latest
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "motcua.screens.problems.not_allowed"
SECURE_REFERRER_POLICY = "same-origin"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},  # TCVN 14423:2026: 14 without a second factor
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

IDENTITY_URL = os.environ.get("MOTCUA_IDENTITY_URL", "").rstrip("/")
IDENTITY_CLIENT = os.environ.get("MOTCUA_IDENTITY_CLIENT", "motcua")
IDENTITY_SECRET = secret_file("identity-client")

PAYMENTS_URL = os.environ.get("MOTCUA_PAYMENTS_URL", "").rstrip("/")
PAYMENTS_SECRET = secret_file("payments")

PORTAL_URL = os.environ.get("MOTCUA_PORTAL_URL", "").rstrip("/")
PORTAL_ACCOUNT = os.environ.get("MOTCUA_PORTAL_ACCOUNT", "motcua")
PORTAL_SECRET = secret_file("national-portal")
PORTAL_UNIT = os.environ.get("MOTCUA_PORTAL_UNIT", "motcua")
MINISTRIES = os.environ.get("MOTCUA_MINISTRIES", "")
MINISTRIES_SECRET = secret_file("ministries")

STORAGE = VAR / "files"
CONVERSION = VAR / "conversion"
JOURNAL_KEY = VAR / "secrets" / "journal.ed25519"
TRUSTED = VAR / "trusted"  # certificates (PEM) whose signatures on official documents are trusted
SIGNING_KEYS = VAR / "secrets" / "agencies"
NODE = os.environ.get("MOTCUA_NODE", "")
TRUNK_COPIES = int(os.environ.get("MOTCUA_TRUNK_COPIES", "3"))
TRUNK_SECRET = VAR / "secrets" / "trunk"  # none until it is put there
AUTHORITY = os.environ.get("MOTCUA_AUTHORITY", "")
ALARMS_URL = os.environ.get("MOTCUA_ALARMS_URL", "")
ALARMS_SECRET = VAR / "secrets" / "alarms"  # none until it is put there
EDXML_KEY = VAR / "secrets" / "edxml.key.pem"  # with which official documents are signed; none until it is put there
EDXML_CERTIFICATE = VAR / "secrets" / "edxml.certificate.pem"
AXIS_URL = os.environ.get("MOTCUA_AXIS_URL", "").rstrip("/")
AXIS_SYSTEM = os.environ.get("MOTCUA_AXIS_SYSTEM", "motcua")
AXIS_ORGANS = tuple(filter(None, os.environ.get("MOTCUA_AXIS_ORGANS", "").split(",")))  # H26: whose codes we announce
AXIS_SECRET = secret_file("axis")
UPLOAD_LIMIT = 50 * 1024 * 1024  # bytes; 161/2025/QĐ-UBND Ninh Bình allows attachments up to 50 MB

# psycopg warns of each refused statement in a pipeline; the action that sent it tells what matters.
LOGGING = {"version": 1, "disable_existing_loggers": False, "loggers": {"psycopg": {"level": "ERROR"}}}
