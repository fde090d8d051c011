/// The gzip format (RFC 1952) without compression: deflate blocks of kind "stored" (RFC 1951, section 3.2.4), which every
/// reader takes and no library is needed for.
struct StoredGzip: Sendable {
    private var checksum = CRC32()
    private var size: UInt32 = 0
    private var hasBegun = false

    /// Appends `bytes` as blocks of their own, which a reader can decode at once.
    mutating func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        begin(&output)
        checksum.update(bytes)
        size &+= UInt32(truncatingIfNeeded: bytes.count)
        StoredDeflate.append(bytes, isLast: false, to: &output)
    }

    /// Appends the last block, the checksum and the length.
    mutating func finish(to output: inout [UInt8]) {
        begin(&output)
        StoredDeflate.append([], isLast: true, to: &output)
        output.appendLittleEndian(checksum.value)
        output.appendLittleEndian(size)
    }

    /// `bytes` as a whole gzip file.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 1000 + 64)
        var gzip = StoredGzip()
        gzip.append(bytes, to: &output)
        gzip.finish(to: &output)
        return output
    }

    private mutating func begin(_ output: inout [UInt8]) {
        guard !hasBegun else { return }
        hasBegun = true
        output += [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    }
}

/// Stored blocks of the deflate format.
enum StoredDeflate {
    /// Appends `bytes` in blocks of at most 65,535 bytes.
    static func append(_ bytes: [UInt8], isLast: Bool, to output: inout [UInt8]) {
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65535)
            rest = rest.dropFirst(65535)
            output.append(isLast && rest.isEmpty ? 1 : 0)
            output.appendLittleEndian(UInt16(block.count))
            output.appendLittleEndian(~UInt16(block.count))
            output += block
        } while !rest.isEmpty
    }
}

/// The checksum of gzip and PNG (ISO 3309; PNG specification, annex D).
struct CRC32: Sendable {
    private var register: UInt32 = 0xFFFF_FFFF

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    var value: UInt32 { ~register }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        let table = Self.table
        var register = register
        for byte in bytes { register = table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] ^ register >> 8 }
        self.register = register
    }
}

extension [UInt8] {
    mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
