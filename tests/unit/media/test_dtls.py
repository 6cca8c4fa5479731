"""The handshake on a line that loses flights: what is not answered comes again, soon, and as it was."""

from contextlib import suppress

import pytest
from OpenSSL import SSL

from media.core.dtls import FIRST_REPEAT_S, LAST_REPEATS, LONGEST_REPEAT_S, NEVER, Dtls, Identity
from tests.unit.media.browser import START, Entropy

SERVER = Identity(START, Entropy())
CLIENT = Identity(START, Entropy())


class Client:
    """A browser's end of DTLS."""

    def __init__(self) -> None:
        context = SSL.Context(SSL.DTLS_CLIENT_METHOD)
        context.use_certificate(CLIENT.certificate)
        context.use_privatekey(CLIENT.key)
        context.set_tlsext_use_srtp(b"SRTP_AEAD_AES_128_GCM")
        self._connection = SSL.Connection(context, None)
        self._connection.set_connect_state()
        self._connection.set_ciphertext_mtu(1200)

    def take(self, datagrams: list[bytes]) -> bytes:
        """Take datagrams; return what is to be sent, empty when there is nothing to say."""
        for datagram in datagrams:
            self._connection.bio_write(datagram)
        with suppress(SSL.WantReadError):
            self._connection.do_handshake()
        try:
            return self._connection.bio_read(65_536)
        except SSL.WantReadError:
            return b""

    @property
    def done(self) -> bool:
        """Whether the keys are agreed on."""
        return self._connection.get_state_string() == b"SSL negotiation finished successfully"


@pytest.fixture
def server() -> Dtls:
    return Dtls(SERVER, {"sha-256": CLIENT.fingerprint})


def test_a_lost_flight_comes_again(server: Dtls) -> None:
    """The first answer is lost; after a tenth of a second the same bytes come, and the handshake goes on with them."""
    client = Client()
    lost = server.receive(client.take([]), START)
    assert server.repeat(START + FIRST_REPEAT_S / 2) == []
    assert server.repeat_at == START + FIRST_REPEAT_S
    again = server.repeat(server.repeat_at)
    assert lost == again
    last = server.receive(client.take(again), START + 0.2)
    assert server.state == "connected"
    client.take(last)
    assert client.done


def test_nobody_answers(server: Dtls) -> None:
    """The flight is sent again, less and less often, and never more seldom than that."""
    server.receive(Client().take([]), START)
    times = []
    for _ in range(6):
        times.append(server.repeat_at)
        assert server.repeat(server.repeat_at)
    waits = [round(after - before, 6) for before, after in zip([START, *times], times, strict=False)]
    assert waits == [FIRST_REPEAT_S, 2 * FIRST_REPEAT_S, *[LONGEST_REPEAT_S] * 4]


def test_the_last_flight_comes_a_few_times(server: Dtls) -> None:
    """It is lost at first; a copy ends the handshake, another one does no harm, and then there is silence."""
    client = Client()
    server.receive(client.take(server.receive(client.take([]), START)), START)
    assert server.state == "connected"
    for _ in range(LAST_REPEATS):
        client.take(server.repeat(server.repeat_at))
        assert client.done
    assert server.repeat_at == NEVER


def test_a_connection_that_is_over_repeats_nothing(server: Dtls) -> None:
    """Neither one that was ended, nor one whose certificate is not the one of the offer."""
    stranger = Dtls(SERVER, {"sha-256": SERVER.fingerprint})
    client = Client()
    stranger.receive(client.take(stranger.receive(client.take([]), START)), START)
    assert stranger.state == "closed"
    server.receive(Client().take([]), START)
    server.close()
    assert NEVER == stranger.repeat_at == server.repeat_at
