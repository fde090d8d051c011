/// `POST /v1/audio/transcriptions` and `…/translations`.
///
/// The transcript has two words a second. A WAV file states its length; other files have 16,000 bytes a second.
extension SandboxUpstream {
    func transcription(_ call: Call) throws(SandboxError) -> SandboxResponse {
        try transcribe(call, isTranslation: false)
    }

    func translation(_ call: Call) throws(SandboxError) -> SandboxResponse { try transcribe(call, isTranslation: true) }

    private func transcribe(_ call: Call, isTranslation: Bool) throws(SandboxError) -> SandboxResponse {
        let form = try MultipartForm(call.request)
        guard let file = form.file else { throw .missing("file") }
        let name = form.value("model") ?? "voxtral"
        let streams = form.value("stream") == "true"
        let (_, behaviour) = try model(name, streams: streams)
        let milliseconds = WaveFile.milliseconds(
            head: Array(call.request.body[file.range].prefix(4096)), size: file.range.count)
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
        let response: SandboxResponse
        switch form.value("response_format") ?? "json" {
        case "json":
            response = deliver(json(transcript, id, behaviour, isVerbose: false), id: id, behaviour, to: call)
        case "verbose_json":
            response = deliver(json(transcript, id, behaviour, isVerbose: true), id: id, behaviour, to: call)
        case "text":
            response = deliver(
                Array((transcript.text + "\n").utf8), type: "text/plain; charset=utf-8", id: id, behaviour, to: call)
        case "srt":
            response = deliver(
                Array(transcript.subRip.utf8), type: "text/plain; charset=utf-8", id: id, behaviour, to: call)
        case "vtt":
            response = deliver(
                Array(transcript.webVTT.utf8), type: "text/vtt; charset=utf-8", id: id, behaviour, to: call)
        default:
            throw .invalid(
                "Invalid parameter 'response_format': must be json, verbose_json, text, srt or vtt",
                param: "response_format")
        }
        bill(usage, call, model: name, behaviour)
        return response
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
}
