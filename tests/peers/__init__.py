"""Protocol peers: servers of our own that speak a service's protocol over loopback HTTP, for the real clients.

`serving` serves any peer in a thread and keeps a log of what was asked; `faults` says what can go wrong with a request
and when; `proxy` stands before a peer, ours or another's, and lets it go wrong. A peer is any object with
`async def answer(asked: Asked) -> Answer`: it sees no sockets, and can be asked without any.

    with served(Peer()) as peer, proxied(peer.url, Rule(Status(503), path="/v1/", times=2)) as proxy:
        ...  # a real client talks to proxy.url
    assert [exchange.status for exchange in proxy.log] == [503, 503, 200]
"""
