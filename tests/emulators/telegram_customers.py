"""The people who pay with Stars and who type the bot's name in any chat."""

from tests.emulators.telegram_people import People
from tests.emulators.telegram_rules import Json


class Customers(People):
    """Adds payments and inline queries to what people do."""

    async def ask_inline(self, user: int, text: str) -> str:
        """Type the bot's name and a question in some chat, and return the id of the query."""
        query = self.world.open_query()
        asker = self.world.users[user]
        await self.push({"inline_query": {"id": query, "from": asker, "query": text, "offset": ""}})
        return query

    async def checkout(self, user: int, message_id: int, chat: int) -> str:
        """Press the pay button of an invoice and return the id of the pre-checkout query."""
        query = self.world.open_query()
        order = self._order(message_id, chat)
        await self.push(
            {"pre_checkout_query": {"id": query, "from": self.world.users[user], **order}}
        )
        return query

    async def pay(self, user: int, message_id: int, chat: int) -> str:
        """Finish a payment that the bot agreed to, and return the charge id."""
        charge = f"stars{self.world.serial():08d}"
        self.world.charges[charge] = user
        paid = {
            **self._order(message_id, chat),
            "telegram_payment_charge_id": charge,
            "provider_payment_charge_id": "",
        }
        there = self.world.chats[chat]
        await self.tell(
            self.world.write(there, self.world.users[user], {"successful_payment": paid})
        )
        return charge

    def _order(self, message_id: int, chat: int) -> Json:
        invoice: Json = self.world.chats[chat].messages[message_id]["invoice"]
        return {
            "currency": invoice["currency"],
            "total_amount": invoice["total_amount"],
            "invoice_payload": self.world.invoices[chat, message_id],
        }
