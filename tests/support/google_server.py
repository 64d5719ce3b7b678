"""A gRPC server on loopback with TLS that plays Google Cloud Speech for Google's own client."""

import datetime
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.cloud import speech_v1
from google.protobuf.duration_pb2 import Duration

Spoken = tuple[str, float, float]
"""A word that the service recognises, its start and its end in milliseconds."""


@dataclass
class Server:
    """What the server answers, and the requests that it received.

    answers: one for each call, and the last one for every later call: words, a status to fail
        with, or the seconds to wait before an empty answer.
    requests, tokens: the request and the authorization of each call.
    grid_ms: the grid to which word times are rounded.
    confidence: of each word, from 0 to 1.
    bills: whether an answer has `total_billed_time`.
    """

    port: int = 0
    answers: list[list[Spoken] | grpc.StatusCode | float] = field(default_factory=list)
    requests: list[speech_v1.RecognizeRequest] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    grid_ms: int = 100
    confidence: float = 0.95
    bills: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """Remove all answers and records, and set the defaults again."""
        self.answers, self.requests, self.tokens = [], [], []
        self.grid_ms, self.confidence, self.bills = 100, 0.95, True

    @property
    def endpoint(self) -> str:
        return f"localhost:{self.port}"

    def recognize(
        self, request: speech_v1.RecognizeRequest, context: grpc.ServicerContext
    ) -> speech_v1.RecognizeResponse:
        with self.lock:
            self.requests.append(request)
            self.tokens.append(str(dict(context.invocation_metadata()).get("authorization", "")))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, grpc.StatusCode):
            context.abort(answer, "a reason with a secret host in it")
        if isinstance(answer, float):
            time.sleep(answer)
            return speech_v1.RecognizeResponse()
        return self._response(answer, len(request.audio.content) / 32_000)

    def _response(self, words: list[Spoken], seconds: float) -> speech_v1.RecognizeResponse:
        infos = [
            speech_v1.WordInfo(
                word=word,
                start_time=self._on_grid(start_ms),
                end_time=self._on_grid(end_ms),
                confidence=self.confidence,
            )
            for word, start_ms, end_ms in words
        ]
        text = " ".join(word for word, _, _ in words)
        best = speech_v1.SpeechRecognitionAlternative(transcript=text, words=infos)
        result = speech_v1.SpeechRecognitionResult(alternatives=[best] if words else [])
        billed = Duration(seconds=int(seconds) + 1) if self.bills else None
        return speech_v1.RecognizeResponse(results=[result], total_billed_time=billed)

    def _on_grid(self, ms: float) -> datetime.timedelta:
        return datetime.timedelta(milliseconds=self.grid_ms * round(ms / self.grid_ms))


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run a server; its certificate for localhost is the file `roots.pem` in the folder."""
    server = Server()
    key = rsa.generate_private_key(65537, 2048)
    certificate = _certificate(key)
    (folder / "roots.pem").write_bytes(certificate)
    grpc_server = grpc.server(ThreadPoolExecutor(4))
    recognize: Callable[..., object] = server.recognize
    handler = grpc.unary_unary_rpc_method_handler(
        recognize,
        request_deserializer=speech_v1.RecognizeRequest.deserialize,
        response_serializer=speech_v1.RecognizeResponse.serialize,
    )
    service = "google.cloud.speech.v1.Speech"
    grpc_server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {"Recognize": handler}),)
    )
    credentials = grpc.ssl_server_credentials([(_pem(key), certificate)])
    server.port = grpc_server.add_secure_port("127.0.0.1:0", credentials)
    grpc_server.start()
    try:
        yield server
    finally:
        grpc_server.stop(None).wait(10)


def key_file() -> dict[str, str]:
    """The key file of a service account that does not exist."""
    return {
        "type": "service_account",
        "project_id": "captions-test",
        "private_key_id": "1",
        "private_key": _pem(rsa.generate_private_key(65537, 2048)).decode(),
        "client_email": "worker@captions-test.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }


def key_json() -> str:
    return json.dumps(key_file())


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
