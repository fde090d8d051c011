/// `POST /v1/audio/speech`: a sine of 480 Hz, in pieces, a fifteenth of a second for each character.
extension SandboxUpstream {
    private static let sampleRate = 24_000
    private static let pieceSize = 16 * 1024
    private static let sizeLimit = 256 << 20

    func speech(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        let body = try jsonBody(call)
        let name = try modelName(body)
        let (_, behaviour) = try model(name)
        guard let input = body["input"]?.string, !input.isEmpty else { throw .missing("input") }
        guard body["voice"]?.string != nil else { throw .missing("voice") }
        let characters = input.unicodeScalars.count
        // There is no encoder here: all forms but the raw one come as WAV, and the content type says so.
        let isRaw = body["response_format"]?.string == "pcm"
        let headerSize = isRaw ? 0 : 44
        let asked = behaviour.size.map { max(0, $0 - headerSize) } ?? characters * Self.sampleRate / 15 * 2
        let count = min(asked, Self.sizeLimit) & ~1
        var bytes = isRaw ? [] : Self.waveHeader(count)
        Self.appendSine(count, to: &bytes)
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

    /// The header of a WAV file with one channel of 16-bit samples.
    private static func waveHeader(_ count: Int) -> [UInt8] {
        var bytes = Array("RIFF".utf8)
        bytes.appendLittleEndian(UInt32(count + 36))
        bytes += Array("WAVEfmt ".utf8)
        bytes.appendLittleEndian(UInt32(16))
        bytes.appendLittleEndian(UInt16(1))
        bytes.appendLittleEndian(UInt16(1))
        bytes.appendLittleEndian(UInt32(sampleRate))
        bytes.appendLittleEndian(UInt32(sampleRate * 2))
        bytes.appendLittleEndian(UInt16(2))
        bytes.appendLittleEndian(UInt16(16))
        bytes += Array("data".utf8)
        bytes.appendLittleEndian(UInt32(count))
        return bytes
    }

    /// One period: fifty samples, by the recurrence of the sine.
    private static let period: [UInt8] = {
        var bytes: [UInt8] = []
        var (last, present) = (-0.12533323356430426, 0.0)
        for _ in 0..<50 {
            bytes.appendLittleEndian(Int16(present * 8000))
            (last, present) = (present, 2 * 0.9921147013144779 * present - last)
        }
        return bytes
    }()

    private static func appendSine(_ count: Int, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + count)
        var remaining = count
        while remaining > 0 {
            bytes += period.prefix(remaining)
            remaining -= period.count
        }
    }
}
