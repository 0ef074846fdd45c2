from django.urls import path

from feedguard.dashboard.views import account, feed, jobs, rules, sources, why, wishes

urlpatterns = [
    path("", feed.feed, name="feed"),
    path("items/<uuid:item_id>/card", feed.card, name="card"),
    path("items/<uuid:item_id>/undo", feed.undo_decision, name="undo_decision"),
    path("items/<uuid:item_id>/wrong", feed.appeal, name="appeal"),
    path("items/<uuid:item_id>/decide-again", feed.decide_again, name="decide_again"),
    path("items/read", feed.mark_read, name="mark_read"),
    path("show-everything", feed.show_everything, name="show_everything"),
    path("demo/remove", feed.demo_remove, name="demo_remove"),
    path("pictures/<uuid:picture_id>", feed.picture, name="picture"),
    path("why/<uuid:item_id>", why.why, name="why"),
    path("log", why.log, name="log"),
    path("wishes", wishes.wishes, name="wishes"),
    path("wishes/say", wishes.say, name="say"),
    path("wishes/<str:entity_id>/status", wishes.set_status, name="set_status"),
    path("wishes/<str:entity_id>/action", wishes.set_action, name="set_action"),
    path("history/<str:delta_id>/undo", wishes.undo, name="undo"),
    path("proposals/<str:proposal_id>", wishes.proposal, name="proposal"),
    path("proposals/<str:proposal_id>/accept", wishes.accept, name="accept"),
    path("proposals/<str:proposal_id>/reject", wishes.reject, name="reject"),
    path("rules", rules.rules, name="rules"),
    path("guards/add", rules.add_guard, name="add_guard"),
    path("sources", sources.sources, name="sources"),
    path("sources/add", sources.add, name="add_source"),
    path("sources/opml", sources.opml, name="opml"),
    path("sources/<uuid:subscription_id>", sources.change, name="change_source"),
    path("jobs/<uuid:job_id>", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/strip", jobs.job_strip, name="job_strip"),
    path("settings", account.settings, name="settings"),
]
