"""The real object store client keeps a picture in the S3 server."""

from obstore.store import S3Store

from tests.emulators.objects import bucket
from tests.emulators.pictures import picture


async def test_a_picture_that_was_put_is_got_listed_and_deleted() -> None:
    content = picture(64, 64)
    async with bucket("pictures") as place:
        store = S3Store(
            place.name,
            endpoint=place.endpoint,
            region=place.region,
            access_key_id=place.key,
            secret_access_key=place.secret,
            client_options={"allow_http": True},
        )
        await store.put_async("ab/picture.png", content)
        got = bytes(await (await store.get_async("ab/picture.png")).bytes_async())
        listed = [item["path"] for item in await store.list().collect_async()]
        await store.delete_async("ab/picture.png")
        left = await store.list().collect_async()

    assert got == content
    assert listed == ["ab/picture.png"]
    assert list(left) == []
