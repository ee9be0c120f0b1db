"""The calls batchtui makes: create, list, retrieve, cancel, delete, results. Bytes in, values out.

The SDK lends its credentials, headers and transport; answers are decoded here, so that one that
makes no sense is an error and not an object full of None.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from batchtui.api import replies, sdk
from batchtui.api.errors import no_credentials, no_key, translate
from batchtui.api.key_command import awaited_words, printed_key
from batchtui.api.owner import owner_of
from batchtui.api.redaction import without_secrets
from batchtui.api.replies import Page
from batchtui.api.request import BATCHES, Request, path_of, send
from batchtui.api.stream import ResultsStream
from batchtui.api.upload import Upload, is_unsure
from batchtui.domain.batch import Sighting
from batchtui.domain.errors import ApiError, BatchtuiError
from batchtui.settings import secrets
from batchtui.settings.accounts import CommandKey, EnvKey, KeySource
from batchtui.settings.credentials import Identity, identify

if TYPE_CHECKING:
    import anthropic
    import httpx2

CALL_SECONDS = 120.0
"""An answer is here within this (of a download: its beginning), even if it comes drop by drop.

Only an upload may take longer."""


class Api:
    """One account's Message Batches API.

    Nothing is imported, opened or sent before the first call. Every method may raise
    `CredentialsError` and the subclasses of `ApiError`; nothing is tried twice
    (`batchtui.api.retry` does that), except that an access token or a printed key that the API
    refuses is renewed once.

    Args:
        base_url: address to call instead of the one the SDK would find.
        profile: profile to use instead of the credentials the SDK would find.
        workspace: workspace id to act in; wins over `ANTHROPIC_WORKSPACE_ID` and the profile.
        api_key: key to use instead of everything; for servers of our own.
        key: where the key is found, instead of what the SDK would find. It is looked for at the
            first call; a program that prints it is run again, once, when the API refuses the key.
        name: what a person calls the account; errors name it.
        identity: who it is, if that was found out already with these.

    Raises:
        UsageError: if the base URL is not one.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        profile: str | None = None,
        workspace: str | None = None,
        api_key: str | None = None,
        key: KeySource | None = None,
        name: str = "",
        identity: Identity | None = None,
    ) -> None:
        self.identity: Identity = identity or identify(
            os.environ, base_url=base_url, profile=profile, workspace=workspace, api_key=api_key
        )
        self._owner = owner_of(name, self.identity, profile=profile, key=key)
        self._api_key = api_key
        self._source = None if api_key else key
        self._profile = None if api_key or key else profile
        self._client: anthropic.AsyncAnthropic | None = None
        self._connecting = asyncio.Lock()
        self._awaited = ""

    @property
    def awaited(self) -> str:
        """The program that is to print the key and has not yet, as a sentence; "" of none."""
        return self._awaited

    async def connect(self) -> None:
        """Import the SDK (in a thread), find the credentials, and make the client.

        Sends nothing. The other methods do this by themselves.

        Raises:
            CredentialsError: if there are none, or a profile cannot be read.
            ApiError: if the proxy or certificate settings make no sense.
        """
        await self._connected()

    async def list(
        self, *, limit: int, after_id: str | None = None, before_id: str | None = None
    ) -> Page:
        """Read a page of the list, newest first.

        Args:
            limit: 1..1000 batches.
            after_id: begin after this batch (older ones).
            before_id: end before this batch (newer ones).
        """
        params: dict[str, object] = {"limit": limit}
        params |= {"after_id": after_id} if after_id else {}
        params |= {"before_id": before_id} if before_id else {}
        return replies.read_page(
            await self._call(Request(method="GET", path=BATCHES, params=params))
        )

    async def server_time(self) -> datetime | None:
        """Read the shortest of lists, and tell what time it is there; None if it does not say."""
        request = Request(method="GET", path=BATCHES, params={"limit": 1})
        response = await self._open(request)
        replies.read_page(without_secrets(response.content, response.request.headers))
        return replies.read_date(response.headers.get("date", ""))

    async def retrieve(self, batch_id: str) -> Sighting:
        """Read one batch."""
        return replies.read_batch(await self._call(Request(method="GET", path=path_of(batch_id))))

    async def create(self, body: AsyncIterable[bytes], *, size: int) -> Sighting:
        """Create a batch; the body goes out as it comes, and never twice.

        Only a refused access token lets it begin anew, for which `body` is iterated once more: a
        request that is not let in creates nothing. The body may take as long as it takes, as long
        as the server goes on taking it. What iterating over it raises leaves as it is.

        Args:
            body: the whole JSON of the request.
            size: how many bytes it has.

        Raises:
            ApiError: if there is no telling which batch came of it. `unsure` tells whether one may
                have come of it all the same.
        """
        upload = Upload(body, size)
        request = Request(method="POST", path=BATCHES, read=sdk.CREATE_READ_SECONDS, upload=upload)
        try:
            return replies.read_batch(await self._call(request))
        except ApiError as error:
            error.unsure = upload.complete and is_unsure(error)
            raise

    async def cancel(self, batch_id: str) -> Sighting:
        """Ask for a batch to be canceled; safe to repeat."""
        request = Request(method="POST", path=f"{path_of(batch_id)}/cancel")
        return replies.read_batch(await self._call(request))

    async def delete(self, batch_id: str) -> None:
        """Delete an ended batch and its results; repeated, it ends in `NotFoundError`."""
        request = Request(method="DELETE", path=path_of(batch_id))
        replies.check_deleted(await self._call(request))

    @asynccontextmanager
    async def results(self, batch_id: str) -> AsyncIterator[ResultsStream]:
        """Open the results of an ended batch.

        They are asked for at our own base URL: `results_url` is foreign, and the key would go
        wherever it points.
        """
        response = await self._open(
            Request(
                method="GET",
                path=f"{path_of(batch_id)}/results",
                read=sdk.RESULTS_READ_SECONDS,
                stream=True,
            )
        )
        try:
            yield ResultsStream(response)
        finally:
            await response.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _connected(self) -> anthropic.AsyncAnthropic:
        async with self._connecting:
            if self._client is None:
                key = await self._find_key()
                self._client = await asyncio.to_thread(self._make_client, key)
            return self._client

    async def _find_key(self) -> str | None:
        """The key, if it is not for the SDK to find.

        Raises:
            CredentialsError: if there is none where it should be.
        """
        match self._source:
            case EnvKey(variable):
                key = os.environ.get(variable)
                if not key:
                    raise no_key(self._owner, variable)
                secrets.learn(key)
                return key
            case CommandKey(argv):
                self._awaited = awaited_words(argv, of=self._owner.of)
                try:
                    return await printed_key(argv, of=self._owner.of, mend=self._owner.mend)
                finally:
                    self._awaited = ""
            case None:
                return self._api_key

    def _make_client(self, key: str | None) -> anthropic.AsyncAnthropic:
        failure: BatchtuiError
        try:
            client = sdk.open_client(self.identity, api_key=key, profile=self._profile)
        except Exception as error:
            failure = translate(error, self._owner)
        else:
            if client.api_key or client.auth_token or client.credentials or self.identity.present:
                return client
            failure = no_credentials(self._owner)
        raise failure

    async def _renew(self, client: anthropic.AsyncAnthropic, refused: str | None) -> bool:
        """Get a new token or key for one that the API refused; False if there is none to be had.

        Raises:
            CredentialsError: if the program that prints the key fails.
        """
        if sdk.forget_token(client):
            return True
        if not isinstance(self._source, CommandKey):
            return False
        async with self._connecting:
            if client.api_key == refused:  # nobody else was faster
                client.api_key = await self._find_key()
        return client.api_key != refused

    async def _call(self, request: Request) -> bytes:
        """Send a request and have the whole body of its answer, but for what is secret."""
        response = await self._open(request)
        return without_secrets(response.content, response.request.headers)

    async def _open(self, request: Request) -> httpx2.Response:
        """Send a request and have its successful answer, renewing a refused token once."""
        client = await self._connected()
        failure: BatchtuiError
        for last in (False, True):
            key = client.api_key
            try:
                async with asyncio.timeout(None if request.upload else CALL_SECONDS):
                    return await send(client, request)
            except Exception as error:
                refused = getattr(error, "status_code", None) == 401
                own = request.upload and request.upload.failure
                failure = own or translate(error, self._owner)
            if last or not refused or not await self._renew(client, key):
                break
        # Not inside `except`: the original error holds the request, and so the key, and must not
        # hang on to this one as its context.
        raise failure
