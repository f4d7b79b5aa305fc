"""Prices: what the provider said last goes before the catalogue."""

from collections.abc import Mapping
from dataclasses import replace

from core.budget import Price
from core.catalogue import Catalogue, ModelSpec
from core.ports import PriceList, Provider, UnitOfWork
from core.work import Task


async def priced(tx: UnitOfWork, spec: ModelSpec, task: Task) -> ModelSpec:
    """Put the newest known price of a task on a model."""
    endpoint = spec.endpoints.get(task)
    price = None if endpoint is None else await tx.prices.get(endpoint.path)
    if price is None:
        return spec
    if price.unit == "image":
        return replace(spec, price_per_image=price.amount, price_per_megapixel=None)
    return replace(spec, price_per_image=None, price_per_megapixel=price.amount)


async def ask_for_prices(
    providers: Mapping[str, Provider], catalogue: Catalogue
) -> tuple[Price, ...]:
    """Ask every provider that tells its prices about its models; the calls are free."""
    found: list[Price] = []
    for name, provider in providers.items():
        if isinstance(provider, PriceList):
            models = [model for model in catalogue.models if model.provider == name]
            paths = {one.path for model in models for one in model.endpoints.values()}
            found += await provider.prices(sorted(paths))
    return tuple(found)
