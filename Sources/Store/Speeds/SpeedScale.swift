/// Buckets for values of any size: exact below 32, then 16 for each doubling.
///
/// The middle of a bucket is off by at most 1/32 of a value in it, 3.2 %. Ledgers keep the numbers of buckets, so they never change.
enum SpeedScale {
    /// The number of buckets: values up to 2^35, a year in milliseconds. The last one has all above.
    static let count = 512
    /// Buckets of each doubling.
    private static let steps = 16

    /// Returns the bucket of `value`; a negative one counts as zero.
    static func bucket(of value: Int64) -> Int {
        let value = max(0, value)
        guard value >= steps else { return Int(clamping: value) }
        // The highest bit and the four after it tell the bucket.
        let shift = 59 - value.leadingZeroBitCount
        return min(count - 1, shift * steps + Int(clamping: value >> Int64(shift)))
    }

    /// Returns the middle of the values in `bucket`.
    static func middle(of bucket: Int) -> Int64 {
        guard bucket >= 2 * steps else { return Int64(bucket) }
        let shift = Int64(bucket / steps - 1)
        let width = Int64(1) << shift
        return Int64(steps + bucket % steps) * width + (width - 1) / 2
    }
}
