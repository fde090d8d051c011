import Policy

/// Writes bounded texts one after the other: a byte with the length, then UTF-8.
struct TextWriter {
    private static let none: UInt8 = 255

    private var position: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) { position = start }

    /// Appends `text`, cut to at most `bound` bytes where a character ends.
    mutating func append(_ text: String, _ bound: Int) {
        var text = text
        position = text.withUTF8 { bytes in
            let count = Self.length(of: bytes, atMost: bound)
            position.storeBytes(of: UInt8(count), as: UInt8.self)
            if count > 0, let start = bytes.baseAddress { (position + 1).copyMemory(from: start, byteCount: count) }
            return position + 1 + count
        }
    }

    mutating func append(_ text: String?, _ bound: Int) {
        if let text {
            append(text, bound)
        } else {
            position.storeBytes(of: Self.none, as: UInt8.self)
            position += 1
        }
    }

    /// How many of the first `bound` bytes are whole characters (Unicode scalars).
    private static func length(of bytes: UnsafeBufferPointer<UInt8>, atMost bound: Int) -> Int {
        guard bytes.count > bound else { return bytes.count }
        var end = bound
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

/// Reads what `TextWriter` has written.
struct TextReader {
    private var position: UnsafeMutableRawPointer
    /// Whether all lengths were within their bounds.
    private(set) var isSound = true

    init(_ start: UnsafeMutableRawPointer) { position = start }

    /// The next text, which has at most `bound` bytes.
    mutating func next(_ bound: Int) -> String? {
        let count = Int(position.load(as: UInt8.self))
        guard isSound, count <= bound else {
            isSound = isSound && count == 255
            position += 1
            return nil
        }
        let bytes = UnsafeRawBufferPointer(start: position + 1, count: count)
        position += 1 + count
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Exactness {
    /// How the journal writes it. Never changed: another version may read it.
    var code: UInt8 {
        switch self {
        case .exact: 1
        case .estimated: 2
        case .interrupted: 3
        }
    }
}

extension Ending {
    /// How the journal writes it. Never changed: another version may read it.
    var code: UInt8 {
        switch self {
        case .complete: 1
        case .refused: 2
        case .clientGone: 3
        case .upstreamFailed: 4
        case .upstreamInterrupted: 5
        case .upstreamTimeout: 6
        case .drained: 7
        case .gatewayDied: 8
        case .overrun: 9
        }
    }
}
