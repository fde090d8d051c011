import Clocks
import Foundation
import Policy

extension RequestID {
    /// The id as it stands in the ledger, 16 bytes.
    var data: Data { withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) } }

    /// The id that stands in the ledger; nil where it is not 16 bytes long.
    init?(data: Data) {
        guard data.count == 16 else { return nil }
        func word(_ bytes: Data) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: word(data.prefix(8)), low: word(data.suffix(8)))
    }

    /// The number of the request's row, or the one at which the search for a free number begins: the id's milliseconds, 42 bits (until
    /// the year 2109), and 21 of its random bits. Two requests of one millisecond have the same one time in two million.
    var rowNumber: Int64 {
        let milliseconds = high >> 16 & 0x3FF_FFFF_FFFF
        return Int64(milliseconds << 21 | (high & 0xFFF) << 9 | low >> 53 & 0x1FF)
    }

    /// The lowest number of a row whose request was made at `moment`, to the millisecond.
    static func firstRowNumber(at moment: Timestamp) -> Int64 {
        RequestID(at: moment, random: (0, 0)).rowNumber
    }
}
