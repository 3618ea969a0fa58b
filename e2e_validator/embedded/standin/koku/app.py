"""The application: every path under ``/api/cost-management/v1/``; what is not here is 404 (cloud reports among it)."""

from __future__ import annotations

import redis
from starlette.applications import Starlette
from starlette.routing import Route

from e2e_validator.embedded.standin.clock import Clock
from e2e_validator.embedded.standin.config import StandinConfig
from e2e_validator.embedded.standin.database import Pool
from e2e_validator.embedded.standin.koku import (
    cost_groups,
    cost_models,
    plain_views,
    price_lists,
    resource_types,
    sources,
    tag_settings,
    tags,
)
from e2e_validator.embedded.standin.koku.page_cache import Family, PageCache
from e2e_validator.embedded.standin.koku.report_kinds import REPORTS
from e2e_validator.embedded.standin.koku.report_view import report_view
from e2e_validator.embedded.standin.koku.services import Services
from e2e_validator.embedded.standin.koku.views import View, endpoint, missing_page, server_error

PREFIX = "/api/cost-management/v1"


def build_app(config: StandinConfig, clock: Clock, pool: Pool, valkey: redis.Redis) -> Starlette:
    """The public API on these collaborators.

    Args:
        config: tenant and organisation served.
        clock: "today" of default ranges, allowed dates and new rows.
        pool: connections whose search path starts with the tenant's schema.
        valkey: the page cache; GETs also work without it.
    """
    services = Services(config, clock, pool, valkey, PageCache.beside(valkey))

    def route(path: str, view: View, method: str = "GET", cache: Family | None = None) -> Route:
        return Route(f"{PREFIX}/{path}", endpoint(services, view, cache), methods=[method])

    routes = [
        Route(f"{PREFIX}/status/", plain_views.status),
        Route(f"{PREFIX}/openapi.json", plain_views.openapi),
        Route(f"{PREFIX}/source_types", plain_views.source_types),
        Route(f"{PREFIX}/application_types", plain_views.application_types),
        *(
            route(f"reports/openshift/{name}/", report_view(kind), cache="openshift-view")
            for name, kind in REPORTS.items()
        ),
        route("tags/openshift/", tags.list_tags, cache="openshift-view"),
        route("tags/openshift/{key}/", tags.tag_values, cache="openshift-view"),
        *(
            route(f"resource-types/openshift-{name}/", resource_types.list_resources(name))
            for name in resource_types.NAMES
        ),
        route("settings/tags/", tag_settings.list_tag_settings),
        route("settings/tags/enable/", tag_settings.set_tags(enabled=True), "PUT"),
        route("settings/tags/disable/", tag_settings.set_tags(enabled=False), "PUT"),
        route("settings/cost-groups/", cost_groups.list_cost_groups),
        route("settings/cost-groups/add/", cost_groups.change_cost_groups(add=True), "PUT"),
        route("settings/cost-groups/remove/", cost_groups.change_cost_groups(add=False), "PUT"),
        route("sources/", sources.list_sources, cache="sources"),
        route("sources/", sources.create_source, "POST"),
        route("sources/{source}/", sources.source_detail),
        route("sources/{source}/", sources.change_source, "PATCH"),
        route("sources/{source}/", sources.delete_source, "DELETE"),
        route("sources/{source}/stats/", sources.source_stats),
        route("cost-models/", cost_models.list_cost_models),
        route("cost-models/", cost_models.create_cost_model, "POST"),
        route("cost-models/{key}/", cost_models.cost_model_detail),
        route("cost-models/{key}/", cost_models.replace_cost_model, "PUT"),
        route("cost-models/{key}/", cost_models.remove_cost_model, "DELETE"),
        route("price-lists/", price_lists.list_price_lists),
        route("price-lists/{key}/", price_lists.price_list_detail),
        route("price-lists/{key}/", price_lists.change_price_list, "PUT"),
        route("price-lists/{key}/", price_lists.remove_price_list, "DELETE"),
    ]
    if config.classic is not None:
        # Loaded where it is needed only.
        from e2e_validator.embedded.standin.classic.api.routes import classic_views

        routes += [route(path, view, method, cache) for path, view, method, cache in classic_views()]
    return Starlette(routes=routes, exception_handlers={404: missing_page, 500: server_error})
