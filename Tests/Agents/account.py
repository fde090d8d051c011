"""A key with a model of its own, so that its rows in the ledger and its lines of the upstream's bill are those of one test."""

import itertools

CACHED, REASONING = 11, 5  # tokens that each response of a model states
_numbers = itertools.count(1)


class Account:
    def __init__(self, gateway, upstream, name, tier=None, settings=""):
        """`settings` are further ones of the sandbox's model."""
        self.gateway, self._upstream = gateway, upstream
        self.identifier, self.key = gateway.create_key(name[:60], *(["--tier", tier] if tier else []))
        # A pause of another length makes another model.
        self.model = f"sandbox:agent=shell,strict=on,cached={CACHED},reasoning={REASONING},first={next(_numbers)}us{settings}"

    @property
    def url(self):
        return f"{self.gateway.url}/v1"

    def used(self, endpoint, requests):
        """The usage that the ledger and the upstream's bill agree on, after so many requests."""
        (row,) = self.gateway.usage(
            "key,model,endpoint", requests, key=self.identifier, model=self.model, endpoint=endpoint
        )
        bill = self._upstream.billed()[self.model]
        for unit in ("requests", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens"):
            assert row[unit] == bill[unit], unit
        assert (row["cached_tokens"], row["reasoning_tokens"]) == (CACHED * requests, REASONING * requests)
        assert row["estimated_requests"] == 0
        return row
