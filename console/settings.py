"""Every setting, read from the environment once. Production refuses to start half-configured.

`DJANGO_ENV=production` turns the strict set on; `BAILIWICK_ROLE` connects as another role than the
serving one: `owner` and `migrator` for migrations, `sequencer` and `retention` for the ledger's own
commands.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF

from console import api_description, appearance, schedule

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = env("DJANGO_ENV", default="development") == "production"
DEBUG = False
SECRET_KEY = env("SECRET_KEY") if PRODUCTION else env("SECRET_KEY", default="only-for-checks-" * 4)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

VAR = Path(env("BAILIWICK_VAR", default=str(BASE_DIR / "var")))
KEYRING = Path(env("BAILIWICK_KEYRING", default=str(VAR / "keyring.json")))
# Key providers as `name` or `name=kind`, in the order in which opening tries them; each one's
# options are CUSTODY_<NAME>_<OPTION> (apps/custody/README.md).
CUSTODY_PROVIDERS = env.list("CUSTODY_PROVIDERS", default=["local"])
CUSTODY_EMERGENCY_PROVIDERS = env.list("CUSTODY_EMERGENCY_PROVIDERS", default=["emergency=local"])
CUSTODY_OPTIONS = {name: os.environ[name] for name in os.environ if name.startswith("CUSTODY_")}
CUSTODY_ALLOW_KEYRING_FILE = env.bool("CUSTODY_ALLOW_KEYRING_FILE", default=not PRODUCTION)
# The PKCS #11 provider inside which the key that seals packs is made; wrapped here when empty.
CUSTODY_SEAL_PROVIDER = env("CUSTODY_SEAL_PROVIDER", default="")

INSTALLED_APPS = [
    "apps.common",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "apps.common.admin_config.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "guardian",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "apps.ledger",
    "apps.accounts",
    "apps.tenancy",
    "apps.custody",
    "apps.residency",
    "apps.crm",
    "apps.llm",
    "apps.posture",
    "apps.changes",
    "apps.sync",
    "apps.breakglass",
    "apps.reviews",
    "apps.evidence",
    "apps.dashboard",
    "apps.demo",
    "apps.sandbox",
]

MIDDLEWARE = [
    "apps.common.request_ids.RequestIdMiddleware",
    "apps.common.proxies.CallerAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "apps.tenancy.middleware.ScopeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "apps.tenancy.middleware.GateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# --- data ---------------------------------------------------------------------------------------
DATABASE_APP_ROLE = env("DATABASE_APP_ROLE", default="console_app")
DATABASE_SEQUENCER_ROLE = env("DATABASE_SEQUENCER_ROLE", default="console_sequencer")
_database = {
    "app": "DATABASE_URL",
    "owner": "DATABASE_OWNER_URL",
    "migrator": "DATABASE_MIGRATOR_URL",
    "sequencer": "DATABASE_SEQUENCER_URL",
    "retention": "DATABASE_RETENTION_URL",
}[env("BAILIWICK_ROLE", default="app")]
DATABASES: dict[str, Any] = {
    "default": {
        **env.db_url_config(env(_database, default="postgres://console_app@localhost/bailiwick")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # The owner creates and migrates the test database; every test then runs as the app's role.
        "TEST": {
            "NAME": env("TEST_DATABASE_NAME", default="test_bailiwick"),
            "TEMPLATE": env("TEST_DATABASE_TEMPLATE", default=None),
        },
    }
}
# The ledger's logs are known to the world by this name; it stays the same for as long as they do.
LEDGER_ORIGIN = env("LEDGER_ORIGIN", default="bailiwick.localhost")
# How long making a pack waits for the ledger to position its events.
EVIDENCE_WAIT_S = env.float("EVIDENCE_WAIT_S", default=10.0)
# Packs are sealed with custody's key ("custody") or the local authority's own ("local").
EVIDENCE_SEAL_KEY = env("EVIDENCE_SEAL_KEY", default="custody")
# Any RFC 3161 service in place of the local one; its roots, certificates and CRLs in one PEM file.
EVIDENCE_TSA_URL = env("EVIDENCE_TSA_URL", default="")
EVIDENCE_TSA_CERTIFICATES = env("EVIDENCE_TSA_CERTIFICATES", default="")
LEDGER_CADENCE_MS = env.int("LEDGER_CADENCE_MS", default=100)
DATABASE_SEQUENCER_URL = env("DATABASE_SEQUENCER_URL", default="")
DATABASE_RETENTION_URL = env("DATABASE_RETENTION_URL", default="")  # for ledger_prune alone
REDIS_URL = env("REDIS_URL", default="redis://localhost:6379/0")
CACHE_URL = env("CACHE_URL", default=REDIS_URL.replace("redis+socket://", "unix://"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "bailiwick",
        # Django would pickle: whoever writes to Valkey would then run code in the console.
        "OPTIONS": {"serializer": "apps.common.cached.JSONSerializer"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- jobs: killed workers' tasks come back, nothing is acknowledged before it is done -----------
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "bailiwick"
CELERY_TASK_TIME_LIMIT = 3600
# In production the visibility timeout exceeds the longest task; a laptop wants a killed worker's
# task back in seconds, and every task bears being delivered twice. kombu looks every
# `unacked_restore_interval` seconds, but acts only on every `unacked_restore_throttle`-th look, so
# both are set.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": env.int("CELERY_VISIBILITY_TIMEOUT", default=3700 if PRODUCTION else 15),
    "unacked_restore_interval": 10 if PRODUCTION else 1,
    "unacked_restore_throttle": 1,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = schedule.EVERY_TASK

# Files that people upload stay in memory, never in a temporary file: what they hold may be secret.
# A request that is larger than this brings no file, and the page says so.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 32 * 2**20

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "apps.accounts.backends.PasswordBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = "/"
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_USER_OBJ_PERMS_MODEL = "tenancy.UserGrant"
GUARDIAN_GROUP_OBJ_PERMS_MODEL = "tenancy.GroupGrant"
OTP_TOTP_ISSUER = "Bailiwick"
OTP_TOTP_SYNC = False
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "email"
AXES_LOCKOUT_CALLABLE = "apps.accounts.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "bailiwick"
CSRF_COOKIE_HTTPONLY = False
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- the wire -----------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        # Unfold and Alpine set style attributes (widths, x-show); no style element or sheet may.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.bool("STATIC_MANIFEST", default=PRODUCTION)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.tenancy.api.authentication.ScopeAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.tenancy.api.permissions.RoutePolicy"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.common.api.parsers.BoundedJSON"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.common.api.problems.handle",
    "DEFAULT_PAGINATION_CLASS": "apps.common.api.pagination.KeysetPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = api_description.SETTINGS

# Networks of reverse proxies whose X-Forwarded-For is believed; without any, nobody's is.
PROXIES = env.list("BAILIWICK_PROXIES", default=[])

# --- the spool: where acts of an emergency are kept while the ledger cannot be written ------------
# A directory of this host, on a disk that survives a restart; empty for none.
LEDGER_SPOOL = env("LEDGER_SPOOL", default=str(VAR / "spool"))
LEDGER_SPOOL_MAX_BYTES = env.int("LEDGER_SPOOL_MAX_BYTES", default=16 * 1024 * 1024)

# --- anchors of the ledger: each is optional, see apps/ledger/anchoring/README.md -----------------
# What was anchored last, kept away from the database and its backups.
LEDGER_ANCHOR_FILE = env("LEDGER_ANCHOR_FILE", default=str(VAR / "anchors" / "last.json"))
LEDGER_ANCHOR_SECONDS = env.int("LEDGER_ANCHOR_SECONDS", default=60)
# Services of RFC 3161, and a PEM file with the roots that their certificates lead to.
LEDGER_TIMESTAMP_URLS = env.list("LEDGER_TIMESTAMP_URLS", default=[])
LEDGER_TIMESTAMP_ROOTS = env("LEDGER_TIMESTAMP_ROOTS", default="")
# Witnesses of C2SP tlog-witness: a submission URL, a space, and the witness's verifier key each.
LEDGER_WITNESSES = env.list("LEDGER_WITNESSES", default=[])
# A bucket made with Object Lock; credentials come from the environment as boto3 reads it.
LEDGER_BUCKET = env("LEDGER_BUCKET", default="")
LEDGER_BUCKET_PREFIX = env("LEDGER_BUCKET_PREFIX", default="ledger/")
LEDGER_BUCKET_DAYS = env.int("LEDGER_BUCKET_DAYS", default=3650)
LEDGER_BUCKET_ENDPOINT = env("LEDGER_BUCKET_ENDPOINT", default="")
LEDGER_BUCKET_REGION = env("LEDGER_BUCKET_REGION", default="")

# --- outside ------------------------------------------------------------------------------------
# Certificates that outgoing calls trust beside the system's own (the sandbox org's local CA).
EXTRA_CA_FILE = env("BAILIWICK_EXTRA_CA", default="")
# Hosts of orgs outside My Domain that a connection may name; the demo's sandbox orgs.
EXTRA_ORG_HOSTS = env.list("BAILIWICK_EXTRA_ORG_HOSTS", default=[])
# host:port of model endpoints that may be reached by plain HTTP or on loopback; the demo's.
EXTRA_ENDPOINT_HOSTS = env.list("BAILIWICK_EXTRA_ENDPOINT_HOSTS", default=[])
UNFOLD = appearance.SHELL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"links": {"()": "apps.common.log_secrets.HideLinks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["links"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {"apps": {"level": env("LOG_LEVEL", default="INFO")}},
}
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",
]
