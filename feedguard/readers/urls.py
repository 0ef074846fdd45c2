from django.urls import path, re_path

from feedguard.readers.views import feeds, pages

urlpatterns = [
    re_path(r"^filtered/(?P<token>[A-Za-z0-9_-]{43})\.(?P<form>rss|atom|json)$", feeds.filtered, name="filtered"),
    path("reader", pages.reader, name="reader"),
    path("reader/addresses.opml", pages.opml, name="filtered_opml"),
    path("reader/addresses/<uuid:feed_id>", pages.change, name="change_filtered"),
]
