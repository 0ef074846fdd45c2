"""The settings of the product, with the yardstick's addresses."""

from feedguard.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.api_site"
