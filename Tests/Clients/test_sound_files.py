"""Audio whose duration the upstream does not state: the header of the file has it."""

import array
import io
import math

import av
import pytest

SECONDS = 75.3  # two started minutes; by their sizes these files would be one, or up to five


def sound(container, codec, rate, **options):
    """A tone of `SECONDS`, written by FFmpeg."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "mono"
        for name, value in options.items():
            setattr(stream, name, value)
        total, done = int(SECONDS * rate), 0
        while done < total:
            count = min(1024, total - done)
            frame = av.AudioFrame(format="s16", layout="mono", samples=count)
            frame.sample_rate, frame.pts = rate, done
            samples = array.array("h", (int(9000 * math.sin((done + index) * 0.05)) for index in range(count)))
            plane = frame.planes[0]
            plane.update(samples.tobytes().ljust(plane.buffer_size, b"\0"))
            for packet in stream.encode(frame):
                output.mux(packet)
            done += count
        for packet in stream.encode(None):
            output.mux(packet)
    return target.getvalue()


@pytest.mark.parametrize(
    "container, codec, rate, options",
    [
        ("wav", "pcm_s16le", 16_000, {}),
        ("flac", "flac", 44_100, {}),
        ("mp3", "libmp3lame", 44_100, {"bit_rate": 32_000}),
        ("mp3", "libmp3lame", 22_050, {"bit_rate": 64_000}),
        ("ogg", "libopus", 48_000, {"bit_rate": 16_000}),
        ("ipod", "aac", 44_100, {"bit_rate": 48_000}),
    ],
)
def test_minutes_from_the_header_of_the_file(gateway, container, codec, rate, options):
    identifier, key = gateway.create_key(f"{container}-{rate}")
    answer = gateway.openai(key).audio.transcriptions.create(
        model="voxtral", file=(f"sound.{container}", sound(container, codec, rate, **options)), response_format="text"
    )
    assert answer
    (row,) = gateway.usage("key,endpoint", requests=1, key=identifier, endpoint="audio/transcriptions")
    assert row["other_units"]["audio_minutes"] == 2
    assert row["estimated_requests"] == 1
