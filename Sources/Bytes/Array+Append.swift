/// Appending of spans, ranges of spans, literals and numbers, for which `Array` has no methods.
extension [UInt8] {
    /// Copies `range` of `span`.
    @inlinable
    package init(_ range: Range<Int>, of span: Span<UInt8>) {
        self = span.extracting(range).withUnsafeBufferPointer { [UInt8]($0) }
    }

    /// Appends all of `span`.
    @inlinable @inline(__always)
    package mutating func append(_ span: Span<UInt8>) {
        span.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Appends `range` of `span`.
    @inlinable @inline(__always)
    package mutating func append(_ range: Range<Int>, of span: Span<UInt8>) {
        span.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Replaces the bytes from `start` on with `span`, which must not reach beyond the end.
    @inlinable @inline(__always)
    package mutating func replace(from start: Int, with span: Span<UInt8>) {
        precondition(start >= 0 && span.count <= count - start)
        // Sound: the range is within both buffers, which are distinct since this array is accessed exclusively.
        withUnsafeMutableBytes { target in
            span.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: target[start..<start + $0.count]).copyMemory(from: $0)
            }
        }
    }

    /// Appends the bytes of a literal.
    @inlinable @inline(__always)
    package mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends `number` in decimal, padded with zeros to `digits` digits.
    @inlinable
    package mutating func appendDecimal(_ number: some FixedWidthInteger, digits: Int = 1) {
        if number < 0 { append(ASCII.hyphen) }
        let start = count
        var rest = number.magnitude
        while rest > 0 || count - start < digits {
            append(ASCII.zero + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        // In place: `self[start...].reverse()` copies the digits to the heap and back.
        var (left, right) = (start, count - 1)
        while left < right {
            swapAt(left, right)
            left += 1
            right -= 1
        }
    }

    /// Appends the 16 lower-case hexadecimal digits of `word`.
    package mutating func appendHexadecimal(_ word: UInt64) {
        for shift in stride(from: 60, through: 0, by: -4) {
            append(Hexadecimal.digit(UInt8(truncatingIfNeeded: word >> UInt64(shift))))
        }
    }
}

extension String {
    /// `number` in decimal, padded with zeros to `digits` digits.
    package init(padding number: some FixedWidthInteger, toDigits digits: Int) {
        var bytes: [UInt8] = []
        bytes.appendDecimal(number, digits: digits)
        self.init(decoding: bytes, as: UTF8.self)
    }
}
