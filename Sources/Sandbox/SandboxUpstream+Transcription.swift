import Scanners

/// `POST /v1/audio/transcriptions` and `…/translations`.
///
/// Two words are heard each second. A WAV file's length is read from its header; other files have 16,000 bytes a second.
extension SandboxUpstream {
    func transcription(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        try transcribe(call, isTranslation: false)
    }

    func translation(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer { try transcribe(call, isTranslation: true) }

    private func transcribe(_ call: Call, isTranslation: Bool) throws(SandboxRefusal) -> SandboxAnswer {
        let form = try MultipartForm(call.request)
        guard let file = form.file else { throw .missing("file") }
        let name = form.value("model") ?? "voxtral"
        let streams = form.value("stream") == "true"
        let (_, behaviour) = try model(name, streams: streams)
        let milliseconds = Self.milliseconds(
            fileHead: Array(call.request.body[file.range].prefix(4096)), size: file.range.count)
        let transcript = Transcript(
            milliseconds: milliseconds, language: isTranslation ? "en" : form.value("language") ?? "fr",
            isTranslation: isTranslation)

        var usage = SandboxUsage()
        usage.audioMilliseconds = milliseconds
        let id = id("transcr-", call.number)
        if streams {
            bill(usage, call, model: name, behaviour)
            return deliver(pieces: transcript.events(behaviour), type: "text/event-stream", id: id, behaviour, to: call)
        }
        let answer: SandboxAnswer
        switch form.value("response_format") ?? "json" {
        case "json":
            answer = deliver(json(transcript, id, behaviour, isVerbose: false), id: id, behaviour, to: call)
        case "verbose_json":
            answer = deliver(json(transcript, id, behaviour, isVerbose: true), id: id, behaviour, to: call)
        case "text":
            answer = deliver(
                Array((transcript.text + "\n").utf8), type: "text/plain; charset=utf-8", id: id, behaviour, to: call)
        case "srt":
            answer = deliver(
                Array(transcript.subRip.utf8), type: "text/plain; charset=utf-8", id: id, behaviour, to: call)
        case "vtt":
            answer = deliver(
                Array(transcript.webVTT.utf8), type: "text/vtt; charset=utf-8", id: id, behaviour, to: call)
        default:
            throw .invalid(
                "Invalid parameter 'response_format': must be json, verbose_json, text, srt or vtt",
                param: "response_format")
        }
        bill(usage, call, model: name, behaviour)
        return answer
    }

    private func json(_ transcript: Transcript, _ id: String, _ behaviour: Behaviour, isVerbose: Bool) -> [UInt8] {
        var json = JSONOutput(capacity: 1024)
        json.raw("{")
        appendIdentity(id, behaviour, to: &json)
        json.raw(#""text":"#)
        json.string(transcript.text)
        if isVerbose {
            json.raw(
                transcript.isTranslation ? #","task":"translate","language":"# : #","task":"transcribe","language":"#)
            json.string(transcript.language)
        }
        if isVerbose || behaviour.usage == .standard || behaviour.usage == .everyChunk {
            json.raw(#","duration":"#)
            json.thousandths(transcript.milliseconds)
        }
        if isVerbose || behaviour.usage != .none {
            json.raw(#","segments":"#)
            transcript.appendSegments(to: &json)
        }
        json.raw("}")
        return json.bytes
    }

    /// From the header of a WAV file (RIFF; chunks `fmt ` and `data`), else from the file's size.
    static func milliseconds(fileHead head: [UInt8], size: Int) -> Int {
        func number(at offset: Int) -> Int {
            head[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        func isTag(_ tag: String, at offset: Int) -> Bool { head[offset..<offset + 4].elementsEqual(tag.utf8) }
        let byRate = max(1, size * 1000 / 16_000)
        guard head.count >= 12, isTag("RIFF", at: 0), isTag("WAVE", at: 8) else { return byRate }
        var offset = 12
        var bytesPerSecond = 0
        while offset + 8 <= head.count {
            let length = number(at: offset + 4)
            if isTag("fmt ", at: offset), offset + 20 <= head.count { bytesPerSecond = number(at: offset + 16) }
            if isTag("data", at: offset), bytesPerSecond > 0 {
                return max(1, min(length, size - offset - 8) * 1000 / bytesPerSecond)
            }
            offset += 8 + length + length & 1
        }
        return byRate
    }
}

/// What was heard.
private struct Transcript {
    let milliseconds: Int
    let language: String
    let isTranslation: Bool

    /// Of at most ten minutes: words enough to try with.
    private var wordCount: Int { max(1, min(milliseconds, 600_000) / 500) }
    var text: String { String(SandboxText.words(0..<wordCount).dropLast()) }

    /// A segment for each ten seconds begun.
    private var segments: [(start: Int, end: Int, words: Range<Int>)] {
        let count = max(1, (milliseconds + 9_999) / 10_000)
        let shown = min(count, 1000)
        return (0..<shown).map { index in
            let words = wordCount * index / shown..<wordCount * (index + 1) / shown
            // Of very long audio the last segment takes the rest, so that its end is the end.
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
            SandboxRefusal.asked(500).appendObject(to: &json)
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

    private func stamp(_ milliseconds: Int, _ separator: String) -> String {
        func digits(_ number: Int, _ count: Int) -> String {
            String(repeating: "0", count: max(0, count - String(number).count)) + String(number)
        }
        let seconds = milliseconds / 1000
        return "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
            + separator + digits(milliseconds % 1000, 3)
    }
}

/// The fields of an upload.
struct MultipartForm {
    private let parts: [MultipartPart]

    init(_ request: SandboxRequest) throws(SandboxRefusal) {
        guard let boundary = MultipartScanner.boundary(ofContentType: Array((request.contentType ?? "").utf8).span)
        else {
            throw .invalid("The body must be multipart/form-data.")
        }
        var scanner = MultipartScanner(boundary: boundary)
        do throws(MultipartError) {
            try scanner.scan(request.body.span)
            try scanner.finish()
        } catch { throw .invalid(error.message) }
        parts = scanner.parts
    }

    /// The first part with a file name.
    var file: MultipartPart? { parts.first { $0.fileName != nil } }

    /// The value of the field called `name`.
    func value(_ name: String) -> String? {
        parts.first { $0.name == name && $0.fileName == nil }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
}
