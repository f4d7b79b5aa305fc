"""Every protocol that the core needs from outside, one file per idea."""

from core.ports.conversation import Delivery, History, Inbox, Message, Outbox
from core.ports.database import Database, Room, UnitOfWork
from core.ports.images import Finished, Finishing, ImageStore
from core.ports.money import Access, Budgets, Ledger, Prices
from core.ports.orders import Callbacks, Jobs, Pictures
from core.ports.platforms import Messenger, Pace
from core.ports.providers import Callback, Health, Made, Order, PriceList, Provider, Step

__all__ = [
    "Access",
    "Budgets",
    "Callback",
    "Callbacks",
    "Database",
    "Delivery",
    "Finished",
    "Finishing",
    "Health",
    "History",
    "ImageStore",
    "Inbox",
    "Jobs",
    "Ledger",
    "Made",
    "Message",
    "Messenger",
    "Order",
    "Outbox",
    "Pace",
    "Pictures",
    "PriceList",
    "Prices",
    "Provider",
    "Room",
    "Step",
    "UnitOfWork",
]
