"""Routes of reviews: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.reviews.api import views as api
from apps.reviews.views import campaigns, finishing, items

READ, OPEN, DECIDE = powers.READ_REVIEWS, powers.OPEN_REVIEW, powers.DECIDE_REVIEW
ONE = "reviews/<uuid:campaign_id>/"
ITEM = f"{ONE}items/<uuid:item_id>/"
API = "api/v1/reviews/"
API_ONE = f"{API}campaigns/<uuid:campaign_id>/"
API_ITEM = f"{API}items/<uuid:item_id>/"

app_name = "reviews"
urlpatterns = [
    route("reviews/", campaigns.campaigns, name="campaigns", policy=READ),
    route("reviews/open/", campaigns.open_form, name="open", policy=OPEN),
    route(ONE, campaigns.campaign, name="campaign", policy=READ),
    route(f"{ONE}progress/", campaigns.progress, name="progress", policy=READ),
    route(f"{ONE}start/", campaigns.start, name="start", policy=OPEN),
    route(f"{ONE}end/", campaigns.end, name="end", policy=OPEN),
    route(f"{ONE}keep-unchanged/", campaigns.keep_unchanged, name="keep-unchanged", policy=DECIDE),
    route(f"{ONE}finish/", finishing.finish, name="finish", policy=DECIDE),
    route(ITEM, items.item, name="item", policy={"GET": READ, "POST": DECIDE}),
    route(f"{ITEM}retry/", items.retry, name="retry", policy=DECIDE),
    route(
        f"{API}campaigns/",
        api.CampaignList.as_view(),
        name="api-campaigns",
        policy={"GET": READ, "POST": OPEN},
    ),
    route(API_ONE, api.CampaignDetail.as_view(), name="api-campaign", policy=READ),
    route(f"{API_ONE}start/", api.Start.as_view(), name="api-start", policy=OPEN),
    route(f"{API_ONE}cancel/", api.Cancel.as_view(), name="api-cancel", policy=OPEN),
    route(
        f"{API_ONE}keep-unchanged/",
        api.KeepUnchanged.as_view(),
        name="api-keep-unchanged",
        policy=DECIDE,
    ),
    route(f"{API_ONE}items/", api.ItemList.as_view(), name="api-items", policy=READ),
    route(
        f"{API_ONE}finish/",
        api.Finish.as_view(),
        name="api-finish",
        policy={"GET": READ, "POST": DECIDE},
    ),
    route(f"{API_ONE}close/", api.Close.as_view(), name="api-close", policy=OPEN),
    route(API_ITEM, api.ItemDetail.as_view(), name="api-item", policy=READ),
    route(f"{API_ITEM}decide/", api.Decide.as_view(), name="api-decide", policy=DECIDE),
    route(f"{API_ITEM}retry/", api.Retry.as_view(), name="api-retry", policy=DECIDE),
]
