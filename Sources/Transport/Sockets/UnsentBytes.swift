/// Bytes that a stream has accepted and the system has not. Holds no memory while it is empty.
struct UnsentBytes {
    private var bytes: [UInt8] = []
    /// The index of the first byte that the system has not accepted.
    private var start = 0

    /// The number of bytes.
    var count: Int { bytes.count - start }

    /// Appends the bytes of `source` from `offset` on; none if `offset` is at or after its end.
    mutating func append(_ source: UnsafeRawBufferPointer, from offset: Int = 0) {
        if offset < source.count { bytes.append(contentsOf: source[offset...]) }
    }

    /// Calls `transmit` with all bytes, and removes as many of the first bytes as it returns.
    mutating func drain<Failure: Error>(
        _ transmit: (UnsafeRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        let pending = bytes
        start += try pending.span.withUnsafeBytes { all throws(Failure) -> Int in
            try transmit(UnsafeRawBufferPointer(rebasing: all[start...]))
        }
        guard count == 0 else { return }
        bytes = []
        start = 0
    }
}
