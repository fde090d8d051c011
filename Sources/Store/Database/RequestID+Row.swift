import Clocks
import Foundation
import Policy

extension RequestID {
    /// The id as the ledger stores it: 16 bytes, big-endian.
    var data: Data { withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) } }

    /// Reads an id from the ledger. Returns nil unless `data` has 16 bytes.
    init?(data: Data) {
        guard data.count == 16 else { return nil }
        func word(_ bytes: Data) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(data.prefix(8)), low: word(data.suffix(8)))
    }

    /// The number of the request's row, or the start of the search for a free number.
    ///
    /// It has 42 bits of the id's milliseconds (until the year 2109) and 21 of its random bits. Two requests of one
    /// millisecond share a number once in two million cases.
    var rowNumber: Int64 {
        let milliseconds = high >> 16 & 0x3FF_FFFF_FFFF
        return Int64(milliseconds << 21 | (high & 0xFFF) << 9 | low >> 53 & 0x1FF)
    }

    /// The lowest row number of requests made at `moment`, to the millisecond; one above all for a moment that no number has.
    static func firstRowNumber(at moment: Timestamp) -> Int64 {
        guard moment.microseconds / 1000 <= 0x3FF_FFFF_FFFF else { return .max }
        return RequestID(at: moment, random: (0, 0)).rowNumber
    }
}
