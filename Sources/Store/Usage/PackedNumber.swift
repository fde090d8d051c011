/// Numbers of any size in few bytes: zigzag-coded, seven bits a byte, the lowest bits first.
enum PackedNumber {
    /// Appends `number`.
    static func append(_ number: Int128, to bytes: inout [UInt8]) {
        // Nearly every number fits 63 bits, which are much cheaper.
        if let narrow = Int64(exactly: number), (narrow << 1) >> 1 == narrow {
            append(UInt64(bitPattern: (narrow << 1) ^ (narrow >> 63)), to: &bytes)
        } else {
            append(UInt128(bitPattern: (number << 1) ^ (number >> 127)), to: &bytes)
        }
    }

    private static func append(_ number: some FixedWidthInteger & UnsignedInteger, to bytes: inout [UInt8]) {
        var number = number
        while number >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    /// Returns the number at `position`, which moves past it; nil for bytes that are not of `append`.
    @inline(__always)
    static func read(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Int128? {
        // As above: nine bytes are 63 bits. Reports read millions.
        var low: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 63 {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            low |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int128(Int64(bitPattern: low >> 1) ^ -Int64(bitPattern: low & 1)) }
            shift += 7
        }
        return readWide(bytes, at: &position, after: low)
    }

    /// Returns the number whose lowest 63 bits are `low`.
    private static func readWide(_ bytes: UnsafeRawBufferPointer, at position: inout Int, after low: UInt64) -> Int128?
    {
        var number = UInt128(low)
        for shift in stride(from: UInt128(63), to: 128, by: 7) {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            number |= UInt128(byte & 0x7F) << shift
            if byte < 0x80 { return Int128(bitPattern: number >> 1) ^ -Int128(bitPattern: number & 1) }
        }
        return nil
    }
}
