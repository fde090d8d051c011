/// `POST /v1/audio/speech`: a sine of 480 Hz in pieces, 1/15 s for each character.
extension SandboxUpstream {
    private static let pieceSize = 16 * 1024
    private static let sizeLimit = 256 << 20

    func speech(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let body = try JSONValue(object: call.request.body)
        let name = try body.modelName()
        let (_, behaviour) = try model(name)
        guard let input = body["input"]?.string, !input.isEmpty else { throw .missing("input") }
        guard body["voice"]?.string != nil else { throw .missing("voice") }
        let characters = input.unicodeScalars.count
        // The sandbox has no encoder: all formats but the raw one are WAV, as the content type says.
        let isRaw = body["response_format"]?.string == "pcm"
        let headerSize = isRaw ? 0 : 44
        let length = behaviour.size.map { max(0, $0 - headerSize) } ?? characters * WaveFile.sampleRate / 15 * 2
        let count = min(length, Self.sizeLimit) & ~1
        var bytes = isRaw ? [] : WaveFile.header(count)
        WaveFile.appendSine(count, to: &bytes)
        let pieces = stride(from: 0, to: bytes.count, by: Self.pieceSize).map {
            Array(bytes[$0..<min($0 + Self.pieceSize, bytes.count)])
        }
        var usage = SandboxUsage()
        usage.characters = characters
        bill(usage, call, model: name, behaviour)
        return deliver(
            pieces: pieces, type: isRaw ? "audio/pcm" : "audio/wav", id: id("speech-", call.number), behaviour, to: call
        )
    }
}
