import Foundation

/// The values of a span's groups with numbers of one part, packed into bytes.
///
/// For each group, by ascending numbers: the step from the number before, the length of the value, and the value as
/// `QuarterValue.encode` writes it. `PackedNumber` packs step and length.
struct PackedSpan {
    let measure: Int64
    let part: Int64
    let data: Data

    /// Packs `values` by the numbers of their groups, which are of `part`. Empty values are left out.
    init<Value: QuarterValue>(_ values: [Int64: Value], part: Int64) {
        measure = Value.measure
        self.part = part
        var bytes: [UInt8] = []
        var value: [UInt8] = []
        var last: Int64 = 0
        for (group, totals) in values.sorted(by: { $0.key < $1.key }) where !totals.isEmpty {
            value.removeAll(keepingCapacity: true)
            totals.encode(to: &value)
            PackedNumber.append(Int128(group) - Int128(last), to: &bytes)
            PackedNumber.append(Int128(value.count), to: &bytes)
            bytes.append(contentsOf: value)
            last = group
        }
        data = Data(bytes)
    }

    /// Calls `body` with each group's number and encoded value in `bytes`. `body` returns false for a damaged value.
    /// - Returns: false if the bytes are damaged.
    static func forEach(
        in bytes: UnsafeRawBufferPointer, _ body: (_ group: Int64, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) rethrows -> Bool {
        var position = 0
        var group: Int128 = 0
        while position < bytes.count {
            guard let step = PackedNumber.read(bytes, at: &position),
                let length = PackedNumber.read(bytes, at: &position)
            else { return false }
            let left = bytes.count - position
            let (next, overflows) = group.addingReportingOverflow(step)
            guard !overflows, let number = Int64(exactly: next), 0...Int128(left) ~= length else { return false }
            group = next
            let end = position + Int(length)
            guard try body(number, UnsafeRawBufferPointer(rebasing: bytes[position..<end])) else { return false }
            position = end
        }
        return true
    }
}
