"""Transcription, speech and images with the OpenAI SDK."""

import base64
import io
import struct

import pytest


def wave(seconds):
    """A WAV file of silence, 8 kHz, one channel of 16 bits."""
    size = seconds * 16_000
    return (
        b"RIFF"
        + struct.pack("<I4s4sIHHIIHH4sI", size + 36, b"WAVE", b"fmt ", 16, 1, 1, 8000, 16_000, 2, 16, b"data", size)
        + bytes(size)
    )


class Zeros(io.RawIOBase):
    """A file of zeros that takes no memory."""

    def __init__(self, size):
        self._size, self._position = size, 0

    name = "long.mp3"

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=io.SEEK_SET):
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    def tell(self):
        return self._position

    def readinto(self, buffer):
        count = min(len(buffer), self._size - self._position)
        buffer[:count] = bytes(count)
        self._position += count
        return count


def test_transcription(client):
    answer = client.audio.transcriptions.create(
        model="voxtral",
        file=("speech.wav", wave(25)),
        language="fr",
        response_format="verbose_json",
        extra_body={"initial_prompt": "PROMPT-MARKER", "task": "transcribe"},
    )
    assert answer.duration == 25 and answer.language == "fr"
    assert [(segment.start, segment.end) for segment in answer.segments] == [(0, 10), (10, 20), (20, 25)]


@pytest.mark.parametrize("form", ["text", "srt", "vtt"])
def test_transcription_as_text(client, form):
    answer = client.audio.transcriptions.create(model="voxtral", file=("a.wav", wave(3)), response_format=form)
    assert isinstance(answer, str) and len(answer) > 10


def test_streamed_transcription(client):
    events = list(client.audio.transcriptions.create(model="voxtral", file=("a.wav", wave(5)), stream=True))
    assert [event.type for event in events] == ["transcript.text.delta"] * 10 + ["transcript.text.done"]
    assert "".join(event.delta for event in events[:-1]).strip() == events[-1].text


@pytest.mark.filterwarnings("ignore:deprecated")
def test_translation(client):
    assert client.audio.translations.create(model="voxtral", file=("a.wav", wave(3))).text


def test_transcription_of_100_megabytes(gateway, fresh_key):
    identifier, key = fresh_key
    size = 100 << 20
    answer = gateway.openai(key, timeout=60).audio.transcriptions.create(
        model="voxtral", file=io.BufferedReader(Zeros(size), 1 << 20)
    )
    assert answer.model_extra["duration"] == size // 16 / 1000
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint="audio/transcriptions")
    assert row["other_units"]["audio_minutes"] == -(-size // (16_000 * 60))


def test_transcription_without_model(gateway):
    """Some clients send no model. The SDK requires one, so the form is written by hand, with its file first."""
    import httpx

    answer = httpx.post(
        f"{gateway.url}/v1/audio/transcriptions",
        headers={"Authorization": f"Bearer {gateway.key}"},
        files={"file": ("a.wav", wave(2))},
        data={"language": "de"},
    )
    assert answer.status_code == 200 and answer.json()["text"]


def test_speech_streamed_to_a_file(client, tmp_path):
    target = tmp_path / "speech.wav"
    with client.audio.speech.with_streaming_response.create(
        model="sandbox:size=3MiB", input="PROMPT-MARKER", voice="alloy", response_format="wav"
    ) as answer:
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["id"] and answer.headers["backend"] and answer.headers["x-request-id"]
        answer.stream_to_file(target)
    assert target.stat().st_size == 3 << 20
    assert target.read_bytes()[:4] == b"RIFF"


def test_cut_speech_is_an_error(client, tmp_path):
    with pytest.raises(Exception, match="(?i)incomplete|closed|peer|error"):
        with client.audio.speech.with_streaming_response.create(
            model="sandbox:size=3MiB,fault=cut", input="x", voice="alloy"
        ) as answer:
            answer.stream_to_file(tmp_path / "cut.wav")


def test_images(client):
    answer = client.images.generate(model="z-image:16b", prompt="PROMPT-MARKER a door", n=2, size="640x480")
    for image in answer.data:
        data = base64.b64decode(image.b64_json)
        assert data.startswith(b"\x89PNG") and struct.unpack(">II", data[16:24]) == (640, 480)


def test_images_of_several_megabytes(client):
    raw = client.images.with_raw_response.generate(model="sandbox:size=5MiB", prompt="a wall", n=2)
    assert [len(base64.b64decode(image.b64_json)) for image in raw.parse().data] == [5 << 20] * 2
    assert raw.headers["id"].startswith("img-")
