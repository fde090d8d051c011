import Bytes

/// The text of a transcription.
struct Transcript {
    let milliseconds: Int
    let language: String
    let isTranslation: Bool

    /// Words of at most ten minutes.
    private var wordCount: Int { max(1, min(milliseconds, 600_000) / 500) }
    var text: String { String(SandboxText.words(0..<wordCount).dropLast()) }

    /// Segments of ten seconds, at most 1,000.
    private var segments: [(start: Int, end: Int, words: Range<Int>)] {
        let count = max(1, (milliseconds + 9_999) / 10_000)
        let shown = min(count, 1000)
        return (0..<shown).map { index in
            let words = wordCount * index / shown..<wordCount * (index + 1) / shown
            // The last segment ends where the audio ends.
            return (index * 10_000, index == shown - 1 ? milliseconds : (index + 1) * 10_000, words)
        }
    }

    func appendSegments(to json: inout JSONOutput) {
        json.raw("[")
        for (index, segment) in segments.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw(#"{"id":"#)
            json.integer(index)
            json.raw(#","seek":0,"start":"#)
            json.thousandths(segment.start)
            json.raw(#","end":"#)
            json.thousandths(segment.end)
            json.raw(#","text":"#)
            json.string(SandboxText.words(segment.words))
            json.raw(
                #","tokens":[],"temperature":0.0,"avg_logprob":-0.2,"compression_ratio":1.2,"no_speech_prob":0.01}"#)
        }
        json.raw("]")
    }

    /// The events of a streamed transcription, as OpenAI's clients read them.
    func events(_ behaviour: Behaviour) -> [[UInt8]] {
        var events: [[UInt8]] = []
        if behaviour.fault == .errorEvent {
            var json = JSONOutput()
            json.raw("data: ")
            SandboxError.requested(500).appendObject(to: &json)
            json.raw("\n\n")
            return [json.bytes]
        }
        for index in 0..<wordCount {
            var json = JSONOutput()
            json.raw(#"data: {"type":"transcript.text.delta","delta":"#)
            json.string(SandboxText.words(index..<index + 1))
            json.raw("}\n\n")
            events.append(json.bytes)
        }
        var json = JSONOutput()
        json.raw(#"data: {"type":"transcript.text.done","text":"#)
        json.string(text)
        if behaviour.usage != .none {
            json.raw(#","usage":{"type":"duration","seconds":"#)
            json.thousandths(milliseconds)
            json.raw("}")
        }
        json.raw("}\n\n")
        events.append(json.bytes)
        if behaviour.fault != .noDone { events.append(Array("data: [DONE]\n\n".utf8)) }
        return events
    }

    var subRip: String {
        segments.enumerated().map { index, segment in
            "\(index + 1)\n\(stamp(segment.start, ",")) --> \(stamp(segment.end, ","))\n\(SandboxText.words(segment.words))\n\n"
        }.joined()
    }

    var webVTT: String {
        "WEBVTT\n\n"
            + segments.map { segment in
                "\(stamp(segment.start, ".")) --> \(stamp(segment.end, "."))\n\(SandboxText.words(segment.words))\n\n"
            }.joined()
    }

    /// A time as `00:01:02,345`.
    private func stamp(_ milliseconds: Int, _ separator: String) -> String {
        let seconds = milliseconds / 1000
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { String(padding: $0, toDigits: 2) }
        return parts.joined(separator: ":") + separator + String(padding: milliseconds % 1000, toDigits: 3)
    }
}
