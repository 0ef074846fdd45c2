"""Django settings. What an operator may set comes from the environment and stands in docs/settings.md."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from feedguard import databases, env
from feedguard.data_folder import read_secret_key

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend" / "dashboard"

DATA = Path(env.text("FEEDGUARD_DATA", "data")).absolute()
HOST = env.text("FEEDGUARD_HOST", "127.0.0.1")
PORT = env.whole_number("FEEDGUARD_PORT", 8765, least=1, most=65535)
ALLOWED_NETWORKS = env.words("FEEDGUARD_ALLOWED_NETWORKS")
ALLOWED_ADDRESSES = env.words("FEEDGUARD_ALLOWED_ADDRESSES")
LEASE_SECONDS = env.whole_number("FEEDGUARD_LEASE_SECONDS", 30, least=1, most=3600)
WORKER_THREADS = env.whole_number("FEEDGUARD_WORKER_THREADS", 3, least=2, most=64)
API_PER_MINUTE = env.whole_number("FEEDGUARD_API_PER_MINUTE", 600, least=1)
HOLD_MINUTES = env.whole_number("FEEDGUARD_HOLD_MINUTES", 15, least=0, most=1440)
KEEP_ITEMS_DAYS = env.whole_number("FEEDGUARD_KEEP_ITEMS_DAYS", 30, least=1, most=36_500)
KEEP_DECISIONS_DAYS = env.whole_number("FEEDGUARD_KEEP_DECISIONS_DAYS", 90, least=1, most=36_500)
FETCH_MINUTES = env.whole_number("FEEDGUARD_FETCH_MINUTES", 30, least=1, most=10_080)
LLM_MODEL = env.text("FEEDGUARD_LLM_MODEL", "")
LLM_BASE_URL = env.text("FEEDGUARD_LLM_BASE_URL", "")
LLM_KEY = env.text("FEEDGUARD_LLM_KEY", "")

SECRET_KEY = env.text("FEEDGUARD_SECRET_KEY", "") or read_secret_key(DATA)
DEBUG = env.switch("FEEDGUARD_DEBUG", False)
_BOUND = {"127.0.0.1", "localhost", "[::1]", HOST}
OWN_NAMES = env.words("FEEDGUARD_ALLOWED_HOSTS")
ALLOWED_HOSTS = [*sorted(_BOUND - {"0.0.0.0", "::"}), *OWN_NAMES]
HTTPS = env.switch("FEEDGUARD_HTTPS", False)
TRUSTED_PROXIES = list(env.words("FEEDGUARD_TRUSTED_PROXIES", "127.0.0.1"))
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "feedguard.accounts",
    "feedguard.feeds",
    "feedguard.items",
    "feedguard.decisions",
    "feedguard.preferences",
    "feedguard.readers",
    "feedguard.moderation",
    "feedguard.upkeep",
    "feedguard.evaluation",
    "feedguard.dashboard",
    "feedguard.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "feedguard.api.middleware.ApiErrors",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "feedguard.accounts.middleware.NoteSession",
    "feedguard.dashboard.middleware.PersonTimeZone",
]
ROOT_URLCONF = "feedguard.urls"
ASGI_APPLICATION = "feedguard.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FRONTEND / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "feedguard.dashboard.context.page",
            ],
        },
    }
]

DATABASES = {"default": databases.default(env.text("FEEDGUARD_DATABASE_URL", ""), DATA)}
BROKER_URL = env.text("FEEDGUARD_BROKER_URL", "memory://localhost/")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},  # counters of the API's throttle: one a person and minute
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
GRAPH_DB = DATA / "graph.db"
GRAPH_STORE = env.one_of("FEEDGUARD_GRAPH_STORE", "sqlite", ("sqlite", "neo4j"))
NEO4J_URI = env.text("FEEDGUARD_NEO4J_URI", "bolt://127.0.0.1:7687")
NEO4J_USER = env.text("FEEDGUARD_NEO4J_USER", "neo4j")
NEO4J_PASSWORD = env.text("FEEDGUARD_NEO4J_PASSWORD", "")
NEO4J_DATABASE = env.text("FEEDGUARD_NEO4J_DATABASE", "neo4j")
PICTURES = DATA / "pictures"
EXPORTS = DATA / "exports"

AUTH_USER_MODEL = "accounts.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "feed"
LOGOUT_REDIRECT_URL = "sign_in"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
"""HSTS of sub-domains and preloading bind more than FeedGuard's own name: that is the owner of the domain to decide."""
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [FRONTEND / "static", ("vendor", FRONTEND / "vendor")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("FEEDGUARD_LOG_LEVEL", "WARNING")},
}
