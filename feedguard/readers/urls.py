from django.urls import path, re_path

from feedguard.readers.views import account, chat, feeds, pages

urlpatterns = [
    re_path(r"^filtered/(?P<token>[A-Za-z0-9_-]{43})\.(?P<form>rss|atom|json)$", feeds.filtered, name="filtered"),
    path("v1/chat/completions", chat.chat, name="chat"),
    path("reader", pages.reader, name="reader"),
    path("reader/key", account.key, name="reader_key"),
    path("reader/account", account.account, name="reader_account"),
    path("reader/preview/<uuid:job_id>", account.preview, name="reader_preview"),
    path("reader/addresses.opml", pages.opml, name="filtered_opml"),
    path("reader/addresses/<uuid:feed_id>", pages.change, name="change_filtered"),
]
