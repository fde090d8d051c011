/// Writes bounded texts one after the other: a byte with the length, then UTF-8.
///
/// Sound: the caller passes memory with room for the sum of all bounds and a byte for each text.
struct TextWriter {
    private static let none: UInt8 = 255

    private var position: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) { position = start }

    /// Appends `text`, cut after the last whole character within `bound` bytes. `bound` is at most 254.
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

    /// Returns the length of the whole characters (Unicode scalars) within the first `bound` bytes.
    private static func length(of bytes: UnsafeBufferPointer<UInt8>, atMost bound: Int) -> Int {
        guard bytes.count > bound else { return bytes.count }
        var end = bound
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

/// Reads texts of `TextWriter`.
///
/// Sound: no length beyond its bound is followed, so that the reader stays within the memory of the writer.
struct TextReader {
    private var position: UnsafeMutableRawPointer
    /// Is true while all lengths are within their bounds.
    private(set) var isSound = true

    init(_ start: UnsafeMutableRawPointer) { position = start }

    /// Reads the next text, of at most `bound` bytes. Returns nil for an absent text and after an unsound length.
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
