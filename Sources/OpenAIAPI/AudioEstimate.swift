/// How long a sound is where nobody states it.
enum AudioEstimate {
    /// Bytes a second of compressed speech: 128 kbit/s, what recorders mostly write. Most files have less, so that their
    /// duration is taken for shorter than it is; music has more.
    static let compressedRate = 16_000

    /// Milliseconds of the file of `size` bytes that begins with `head`: for a WAV file by the byte rate in its header
    /// (RIFF, `fmt ` chunk), for every other by `compressedRate`.
    static func milliseconds(head: Span<UInt8>, size: Int) -> Int64 {
        let rate = wavRate(head) ?? compressedRate
        return (Int64(size) * 1000 + Int64(rate) - 1) / Int64(rate)
    }

    /// `nAvgBytesPerSec` of the `fmt ` chunk; nil where `head` is that of no WAV file, or an absurd one.
    private static func wavRate(_ head: Span<UInt8>) -> Int? {
        guard head.count >= 44, head.hasPrefix("RIFF"), head.extracting(8..<12).equals("WAVE") else { return nil }
        var position = 12
        while position + 20 <= head.count {
            if head.extracting(position..<position + 4).equals("fmt ") {
                let rate = number(head, at: position + 16)
                return (1000...10_000_000).contains(rate) ? rate : nil
            }
            position += 8 + number(head, at: position + 4)
        }
        return nil
    }

    private static func number(_ bytes: Span<UInt8>, at index: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[index + $1]) << (8 * $1) }
    }
}
